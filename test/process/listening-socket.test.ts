/** A socket that listens and is accepted from by nobody: on the Node that runs this, with its private corner that we lean on. */
import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync, fstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openListeningSocket } from '../../src/process/listening-socket.ts';
import { waitUntil } from '../../src/system/wait-until.ts';
import { freePort } from '../support/free-port.ts';

// Threads are counted: libuv makes its own with the first name that is looked up.
beforeAll(() => lookup('localhost'));
const directory = mkdtempSync(join(tmpdir(), 'dockvisor-listen-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});
const path = join(directory, 'f.sock');

async function connected(where: { path: string } | { host: string; port: number }): Promise<Socket> {
  const socket = connect(where);
  await once(socket, 'connect');
  return socket;
}

/** A child that says on its stdout how its fd 0 is set, then answers one client by a blocking accept. */
const accepting = `
import fcntl, os, socket, sys
print(bool(fcntl.fcntl(0, fcntl.F_GETFL) & os.O_NONBLOCK), flush=True)
client, _ = socket.socket(fileno=0).accept()
client.sendall(b'from the child')
client.close()
`;

const threads = (): number => readdirSync('/proc/self/task').length;

const until = (what: string, look: () => boolean): Promise<true> =>
  waitUntil(
    () => what,
    10_000,
    () => (look() ? true : null),
  );

// Threads and interpreters are started: slow on a busy machine.
describe('a listening socket', { timeout: 60_000 }, () => {
  test('leaves who connects in the queue, for a child that accepts on its stdin', async () => {
    const port = await freePort();
    for (const where of [{ path }, { host: '127.0.0.1', port }]) {
      const socket = openListeningSocket(where, 16);
      const client = await connected(where);
      const answer: Buffer[] = [];
      client.on('data', (data: Buffer) => answer.push(data));
      // As many turns of our loop as it would take to accept it.
      for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(client.destroyed).toBe(false);
      const child = spawn('python3', ['-c', accepting], { stdio: [socket.fd, 'pipe', 'inherit'] });
      const said: Buffer[] = [];
      child.stdout?.on('data', (data: Buffer) => said.push(data));
      await Promise.all([once(client, 'close'), once(child, 'close')]);
      expect(Buffer.concat(answer).toString()).toBe('from the child');
      expect(Buffer.concat(said).toString()).toBe('False\n');
      socket.close();
    }
  });

  test('is gone when it is closed: the address, the descriptor, the thread', async () => {
    const before = threads();
    const socket = openListeningSocket({ path }, 1);
    expect([fstatSync(socket.fd).isSocket(), socket.isOpen(), existsSync(path)]).toEqual([true, true, true]);
    expect(readFileSync(`/proc/self/fdinfo/${String(socket.fd)}`, 'utf8')).toMatch(/^flags:\s+02\d+$/m);
    socket.close();
    expect([socket.isOpen(), existsSync(path)]).toEqual([false, false]);
    // Nobody is waited for who has gone already.
    socket.close();
    openListeningSocket({ path }, 1).close();
    await until('the threads have ended', () => threads() <= before);
  });

  test('that cannot be had says why, and leaves no thread', async () => {
    const before = threads();
    const socket = openListeningSocket({ path }, 1);
    expect(() => openListeningSocket({ path }, 1)).toThrow(/EADDRINUSE: address already in use/);
    expect(() => openListeningSocket({ host: 'no.such.host.invalid', port: 1 }, 1)).toThrow(/no\.such\.host/);
    socket.close();
    await until('the threads have ended', () => threads() <= before);
  });

  test('has the queue that was asked for, and no connection is lost while it is being made', async () => {
    const port = await freePort();
    // Somebody who tries all the time, from another process: our own loop stands still meanwhile.
    const script = `
import socket, sys, time
while True:
    try:
        client = socket.create_connection(('127.0.0.1', ${String(port)}))
        break
    except OSError:
        pass
print('connected', flush=True)
client.settimeout(10)
print(client.recv(100).decode(), flush=True)
`;
    const eager = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(eager, 'spawn');
    const said: Buffer[] = [];
    eager.stdout.on('data', (data: Buffer) => said.push(data));
    const socket = openListeningSocket({ host: 'localhost', port }, 3);
    await until('it is connected', () => said.join('').includes('connected'));
    const listing = spawn('ss', ['-tlnH', 'sport', '=', `:${String(port)}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: Buffer[] = [];
    listing.stdout.on('data', (data: Buffer) => lines.push(data));
    await once(listing, 'close');
    expect(lines.join('')).toMatch(/^LISTEN\s+1\s+3\s+127\.0\.0\.1:/);
    spawn('python3', ['-c', accepting], { stdio: [socket.fd, 'ignore', 'inherit'] });
    await once(eager, 'close');
    expect(said.join('')).toBe('connected\nfrom the child\n');
    socket.close();
  });
});
