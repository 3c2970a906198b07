/** The HTTP servers of a configuration. Going over to another opens and closes only what differs: the rest keeps its connections. */
import { isDeepStrictEqual } from 'node:util';
import type { ServerSpec } from '../core/config/model.ts';
import { openHttpServer } from '../http/server.ts';
import type { HttpServer, HttpServerOptions } from '../http/server.ts';

export interface Doors {
  /**
   * Those of `specs` are open afterwards, and no others. Rejects with ListenError when an address cannot be had: what is no longer wanted
   * is closed by then, and what could be opened is open.
   */
  open(specs: readonly ServerSpec[]): Promise<void>;
  close(): Promise<void>;
}

export function createDoors(options: HttpServerOptions): Doors {
  let servers: readonly HttpServer[] = [];

  async function closeBut(specs: readonly ServerSpec[]): Promise<void> {
    const going = servers.filter((server) => !specs.some((spec) => isDeepStrictEqual(spec, server.spec)));
    servers = servers.filter((server) => !going.includes(server));
    await Promise.all(going.map((server) => server.close()));
  }

  return {
    async open(specs) {
      await closeBut(specs);
      for (const spec of specs) {
        if (servers.some((server) => isDeepStrictEqual(spec, server.spec))) continue;
        servers = [...servers, await openHttpServer(spec, options)];
        options.log('info', "RPC interface 'supervisor' initialized");
        if (spec.credentials === null) {
          options.log(
            'critical',
            `Server '${spec.section}' running without any HTTP authentication checking`,
          );
        }
      }
    },
    close: () => closeBut([]),
  };
}
