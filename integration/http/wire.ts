/** HTTP by hand: one connection, and bytes as they are. What the doors do is looked at without a client's help. */
import { connect, type Socket } from 'node:net';
import { buildCall, type XmlRpcValue } from '../../src/rpc/xml.ts';
import { until } from '../support/until.ts';

export type Door = { readonly path: string } | { readonly host: '127.0.0.1'; readonly port: number };

export interface Wire {
  readonly socket: Socket;
  send(text: string | Uint8Array): void;
  /** All that has come, a character for each byte. */
  got(): string;
  /** Resolves with all that has come once it fits. */
  untilGot(pattern: RegExp): Promise<string>;
  /** Resolves with all that has come once the other end has closed. */
  untilClosed(): Promise<string>;
}

const limitMs = 30_000;

/** `before` keeps the connections to be ended after the test. */
export function openWire(door: Door, before: Socket[]): Promise<Wire> {
  const socket = connect(door);
  before.push(socket);
  let text = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('close', () => (closed = true));
  socket.on('error', () => undefined);
  const wire: Wire = {
    socket,
    send: (what) => void socket.write(what),
    got: () => text,
    untilGot: (pattern) =>
      until(
        () => `${String(pattern)} in ${text.slice(-2000)}`,
        limitMs,
        () => (pattern.test(text) ? text : null),
      ),
    untilClosed: () => until('the connection is closed', limitMs, () => (closed ? text : null)),
  };
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      resolve(wire);
    });
    socket.once('error', reject);
  });
}

/** A whole request for one XML-RPC call. */
export function callText(
  method: string,
  params: readonly XmlRpcValue[] = [],
  headers: readonly string[] = [],
  version = '1.1',
): string {
  return postText(buildCall(method, params), headers, version);
}

export function postText(body: string, headers: readonly string[] = [], version = '1.1'): string {
  const length = `Content-Length: ${String(Buffer.byteLength(body))}`;
  return [`POST /RPC2 HTTP/${version}`, 'Host: localhost', length, ...headers, '', body].join('\r\n');
}

export const login = (user: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
