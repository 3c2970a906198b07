/** A front before the real Engine, on a unix socket or with TLS on a port of loopback: passes bytes on, as badly as it is told to. */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { until } from '../support/until.ts';

export interface Front {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** The first byte of each answer to who connects from now on comes so much later, in ms. */
  delay(ms: number): void;
  /** Lines among the events of whoever listens to them now. Resolves when they have been passed on. */
  tellEvents(lines: readonly string[]): Promise<void>;
  /** How many calls so far have it in their first line. */
  asked(pattern: RegExp): number;
  close(): void;
}

export interface SecureFront extends Front {
  /** Shows another certificate to who connects from now on. */
  show(certificate: Certificate): void;
}

export type Certificate = 'server' | 'expired';

/** `ca.pem`, and `cert.pem` and `key.pem` for the client. Valid until 2120, but for `expired.pem`. */
export const certificates = join(import.meta.dirname, 'tls');
const limitMs = 10_000;

export async function startFront(upstream: string, socket: string): Promise<Front> {
  const pipes = createPipes(upstream);
  const server = createServer(pipes.accept);
  await listens(server, { path: socket });
  return { ...pipes.acts, host: `unix://${socket}`, close: pipes.closing(server) };
}

export async function startSecureFront(upstream: string): Promise<SecureFront> {
  const pipes = createPipes(upstream);
  const context = (name: Certificate) => ({ ca: pem('ca'), cert: pem(name), key: pem('server-key') });
  const server = createTlsServer(
    { ...context('server'), requestCert: true, rejectUnauthorized: true },
    pipes.accept,
  );
  await listens(server, { port: 0, host: '127.0.0.1' });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the front has no port');
  return {
    ...pipes.acts,
    host: `tcp://127.0.0.1:${String(address.port)}`,
    show(certificate) {
      server.setSecureContext(context(certificate));
    },
    close: pipes.closing(server),
  };
}

const pem = (name: string): string => readFileSync(join(certificates, `${name}.pem`), 'utf8');

function listens(server: Server, where: { path: string } | { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, resolve);
  });
}

interface Listener {
  readonly socket: Socket;
  /** Whether all that was passed on ends with a whole chunk of HTTP: between two of them there is room for ours. */
  isBetween: boolean;
}

function createPipes(upstream: string) {
  const sockets = new Set<Socket>();
  const listeners = new Set<Listener>();
  const calls: string[] = [];
  let delayMs = 0;

  const hold = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };

  function accept(client: Socket): void {
    const engine = connect(upstream);
    hold(client);
    hold(engine);
    client.once('close', () => engine.destroy());
    engine.once('close', () => client.end());
    client.once('data', (first: Buffer) => {
      engine.write(first);
      client.pipe(engine);
      const [call = ''] = first.toString('latin1').split('\r\n', 1);
      calls.push(call);
      if (/^GET [^ ]*\/events/.test(call)) listen(client, engine);
    });
    const timer = setTimeout(() => engine.pipe(client), delayMs);
    client.once('close', () => {
      clearTimeout(timer);
    });
  }

  function listen(socket: Socket, engine: Socket): void {
    const listener: Listener = { socket, isBetween: false };
    listeners.add(listener);
    engine.on('data', (chunk: Buffer) => {
      listener.isBetween = chunk.subarray(-2).toString('latin1') === '\r\n';
    });
    socket.once('close', () => listeners.delete(listener));
  }

  return {
    accept,
    acts: {
      delay(ms: number): void {
        delayMs = ms;
      },
      asked: (pattern: RegExp): number => calls.filter((call) => pattern.test(call)).length,
      async tellEvents(lines: readonly string[]): Promise<void> {
        const text = lines.map((line) => `${line}\n`).join('');
        const chunk = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
        await until('somebody listens to the events', limitMs, () => {
          const all = [...listeners];
          return all.length > 0 && all.every(({ isBetween }) => isBetween) ? true : null;
        });
        await Promise.all(
          [...listeners].map(({ socket }) => new Promise((resolve) => socket.write(chunk, resolve))),
        );
      },
    },
    closing: (server: Server) => (): void => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
