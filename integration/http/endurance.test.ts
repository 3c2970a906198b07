/** Many clients, clients that vanish and clients that never read: the daemon neither starves, nor leaks, nor grows. */
import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { startPlainDaemon, type PlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { callText, openWire, type Door } from './wire.ts';

const MiB = 1024 * 1024;

describe.skipIf(engineSkipped)('a daemon with many clients', () => {
  let daemon: PlainDaemon;
  let doors: readonly [Door, Door];
  const sockets: Socket[] = [];
  let atRest = 0;
  beforeAll(async () => {
    const port = await freePort();
    daemon = await startPlainDaemon(
      inject('dockvisord'),
      `
[inet_http_server]
port=127.0.0.1:${String(port)}
[program:cat]
command=sh -c "echo here I am; exec sleep 1000"
stdout_logfile=%DIR%/cat.log
stdout_logfile_maxbytes=0
`,
    );
    doors = [{ path: join(daemon.directory, 'sock') }, { host: '127.0.0.1', port }];
    await until('the log is there', 10_000, () => (daemon.file('cat.log') === '' ? null : true));
    await daemon.untilState('cat', 'RUNNING');
    // It has forgotten supervisorctl's connection when it answers on one that was made after that had gone.
    const wire = await openWire(doors[0], []);
    wire.send(callText('supervisor.getState'));
    await wire.untilGot(/<\/methodResponse>/);
    atRest = descriptors() - 1;
    wire.socket.destroy();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await until('all connections are forgotten', 10_000, () => (descriptors() === atRest ? true : null));
  });
  afterAll(() => daemon.destroy());

  const descriptors = (): number => readdirSync(`/proc/${String(daemon.pid)}/fd`).length;
  const residentBytes = (): number =>
    1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(daemon.pid)}/status`, 'utf8'))?.[1]);
  const follow = 'GET /logtail/cat HTTP/1.1\r\nHost: x\r\n\r\n';

  it('answers supervisorctl while 500 connections lie idle, and forgets them', async () => {
    const wires = [];
    for (let at = 0; at < 500; at += 1) wires.push(await openWire(doors[at % 2 === 0 ? 0 : 1], sockets));
    for (const wire of wires) wire.send(callText('supervisor.getState'));
    for (const wire of wires) await wire.untilGot(/<\/methodResponse>/);
    const open = descriptors();
    expect((await daemon.ctl('status')).stdout).toMatch(/^cat +RUNNING/);
    for (const socket of sockets) expect(socket.destroyed).toBe(false);
    for (const socket of sockets.splice(0)) socket.destroy();
    // Not by what there was before: a connection of the former test may have been among it.
    await until('they are forgotten', 10_000, () => (descriptors() === open - 500 ? true : null));
  });

  it('keeps nothing of those who followed a log and vanished', async () => {
    const before = descriptors();
    for (let round = 0; round < 5; round += 1) {
      const followers = [];
      for (let at = 0; at < 20; at += 1) followers.push(await openWire(doors[at % 2 === 0 ? 0 : 1], sockets));
      for (const wire of followers) wire.send(follow);
      for (const wire of followers) await wire.untilGot(/here I am/);
      // Each has its connection, and its own open log.
      expect(descriptors()).toBe(before + 40);
      for (const { socket } of followers) socket.destroy();
      await until('all are forgotten', 10_000, () => (descriptors() === before ? true : null));
    }
  });

  it('does not grow for one who follows a log and never reads', async () => {
    const deaf = await openWire(doors[1], sockets);
    deaf.send(follow);
    await deaf.untilGot(/here I am/);
    deaf.socket.pause();
    const listening = await openWire(doors[1], sockets);
    let heard = 0;
    listening.socket.on('data', (chunk: Buffer) => (heard += chunk.byteLength));
    listening.send(follow);
    await listening.untilGot(/here I am/);
    const before = residentBytes();
    truncateSync(join(daemon.directory, 'cat.log'), 300 * MiB);
    await until('the other has all of it', 60_000, () => (heard > 300 * MiB ? true : null));
    expect(residentBytes() - before).toBeLessThan(64 * MiB);
    expect(deaf.socket.bytesRead).toBeLessThan(32 * MiB);
  });

  it('makes one answer at a time for one who asks for many and never reads', async () => {
    const before = residentBytes();
    const deaf = await openWire(doors[1], sockets);
    deaf.socket.pause();
    deaf.send(callText('supervisor.readProcessStdoutLog', ['cat', 0, 0]).repeat(100));
    // The log is nothing but zeros, which an answer has as U+FFFD: 16 MiB become 48. Others are answered meanwhile.
    const other = await openWire(doors[0], sockets);
    for (let calls = 0; calls < 20; calls += 1) {
      other.send(callText('supervisor.getState'));
      await other.untilGot(new RegExp(`(</methodResponse>[^]*){${String(calls + 1)}}`));
    }
    expect(residentBytes() - before).toBeLessThan(300 * MiB);
  });
});
