/** The socket that goes past Node's streams, and who reads from it, over real connections. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DirectSocket } from '../../src/process/direct-socket.ts';
import { pump } from '../../src/process/output.ts';

let directory: string;
let server: Server;
let other: Socket;
let socket: DirectSocket;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-direct-'));
  server = createServer();
  server.listen(join(directory, 'x.sock'));
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  socket = new DirectSocket({}).connect(join(directory, 'x.sock'));
  [other] = await accepted;
});

afterEach(() => {
  socket.destroy();
  other.destroy();
  server.close();
  rmSync(directory, { recursive: true });
});

const textOf = (chunk: Uint8Array): string => Buffer.from(chunk).toString('latin1');

it('is a stream like any other to who does not read directly', async () => {
  other.end('hello');
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('hello');
});

it('hands on what waited in the stream before what comes, and then the end', async () => {
  other.write('one ');
  await once(socket, 'readable');
  socket.unshift('zero ');
  let got = '';
  const reading = pump(socket, (chunk) => {
    got += textOf(chunk);
    if (got.endsWith('one ')) other.end('two');
    return null;
  });
  await reading;
  expect(got).toBe('zero one two');
  expect(socket.destroyed).toBe(true);
});

it('gives each piece for the length of the call only', async () => {
  const held: Uint8Array[] = [];
  const copies: string[] = [];
  const reading = pump(socket, (chunk) => {
    held.push(chunk);
    copies.push(textOf(chunk));
    if (copies.length === 1) other.write('bbbb');
    else other.end();
    return null;
  });
  other.write('aaaa');
  await reading;
  expect(copies).toEqual(['aaaa', 'bbbb']);
  // Why who keeps a piece has to copy it: the first one's bytes are the second one's now.
  expect(held.map(textOf)).toEqual(['bbbb', 'bbbb']);
});

it('slows the writer down while the reader is busy, and loses nothing', async () => {
  const line = Buffer.from(`${'x'.repeat(99)}\n`);
  const whole = 8 * 1024 * 1024;
  let sent = 0;
  const send = (): void => {
    while (sent < whole) {
      sent += line.byteLength * 640;
      if (!other.write(Buffer.alloc(line.byteLength * 640, line))) return;
    }
    other.end();
  };
  other.on('drain', send);
  let received = 0;
  let isBusy = false;
  let sentWhileBusy = 0;
  const reading = pump(socket, (chunk) => {
    expect(isBusy).toBe(false);
    received += chunk.byteLength;
    isBusy = true;
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        sentWhileBusy = Math.max(sentWhileBusy, sent - received);
        isBusy = false;
        resolve();
      });
    });
  });
  send();
  await reading;
  expect(received).toBe(sent);
  expect(sentWhileBusy).toBeLessThan(whole / 2);
});

it('tells an error of who takes, and lets go of the socket', async () => {
  other.write('x');
  await expect(
    pump(socket, () => {
      throw new Error('no room');
    }),
  ).rejects.toThrow('no room');
  expect(socket.destroyed).toBe(true);
});
