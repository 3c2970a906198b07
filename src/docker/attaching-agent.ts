/** Connects for `attach`: what becomes of the connection after its upgrade is a socket that many small pieces cost little on. */
import { Agent } from 'node:http';
import type { NetConnectOpts } from 'node:net';
import { inspect } from 'node:util';
import { DirectSocket } from '../process/direct-socket.ts';
import type { Endpoint } from './endpoint.ts';

class AttachingAgent extends Agent {
  override createConnection(options: NetConnectOpts): DirectSocket {
    return new DirectSocket({}).connect(options);
  }

  /** docker-modem writes its options out for each call, the agent and all its sockets included. */
  [inspect.custom](): string {
    return 'AttachingAgent';
  }
}

/** null: this endpoint's connections are made by others (TLS, ssh). */
export function attachingAgent(endpoint: Endpoint): Agent | null {
  const isPlain = endpoint.kind === 'unix' || (endpoint.kind === 'tcp' && endpoint.tls === null);
  return isPlain ? new AttachingAgent() : null;
}
