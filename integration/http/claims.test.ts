/** To whom an address belongs: stale sockets, live ones, and a port that has just been left. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { startPlainDaemon, type PlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import { callText, openWire } from './wire.ts';

const inUse =
  'Error: Another program is already listening on a port that one of our HTTP servers is configured to use.  ' +
  'Shut this program down first before starting supervisord.';

describe.skipIf(engineSkipped)('an address', () => {
  let daemon: PlainDaemon | null = null;
  const again: ChildProcess[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const child of again.splice(0)) {
      child.kill('SIGTERM');
      await until('the second daemon ends', 15_000, () => child.exitCode ?? child.signalCode);
    }
    await daemon?.destroy();
    daemon = null;
  });

  /** Another daemon on the same file and folder; resolves when it answers. */
  async function startAgain(first: PlainDaemon): Promise<void> {
    const config = join(first.directory, 'd.conf');
    const child = spawn(process.execPath, [inject('dockvisord'), '-n', '-s', '-c', config], {
      stdio: 'ignore',
    });
    again.push(child);
    await until(
      () => `the second daemon answers\n${first.log()}`,
      20_000,
      async () => {
        expect(child.exitCode).toBeNull();
        return (await first.ctl('pid')).stdout.trim() === String(child.pid) ? true : null;
      },
    );
  }
  const ended = (of: PlainDaemon, how: NodeJS.Signals): Promise<boolean> => {
    of.signal(how);
    return until('the first daemon ends', 15_000, () =>
      existsSync(`/proc/${String(of.pid)}`) ? null : true,
    );
  };

  it('that a killed daemon has left behind is taken over', async () => {
    daemon = await startPlainDaemon(inject('dockvisord'), '');
    await ended(daemon, 'SIGKILL');
    expect(existsSync(join(daemon.directory, 'sock'))).toBe(true);
    await startAgain(daemon);
    expect(daemon.log()).toContain(`Unlinking stale socket ${join(daemon.directory, 'sock')}`);
  });

  it('on which a live daemon listens is refused in the words of supervisord, by path and by port', async () => {
    const port = await freePort();
    daemon = await startPlainDaemon(
      inject('dockvisord'),
      `[inet_http_server]\nport=127.0.0.1:${String(port)}\n`,
    );
    const folder = mkdtempSync(join(tmpdir(), 'dockvisor-claims-'));
    try {
      for (const door of [
        `[unix_http_server]\nfile=${join(daemon.directory, 'sock')}`,
        `[inet_http_server]\nport=127.0.0.1:${String(port)}`,
      ]) {
        const config = join(folder, 'd.conf');
        writeFileSync(
          config,
          `${door}\n[supervisord]\nuser=root\nlogfile=${folder}/log\npidfile=${folder}/pid\n`,
        );
        const args = ['-n', '-s', '-c', config];
        const ours = await runCommand(process.execPath, [inject('dockvisord'), ...args]);
        const theirs = await runCommand('/usr/bin/supervisord', args);
        for (const { code, stderr } of [ours, theirs]) {
          expect([code, stderr.split('\n', 1)[0]]).toEqual([2, inUse]);
        }
      }
      expect((await daemon.ctl('pid')).stdout.trim()).toBe(String(daemon.pid));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('of TCP is there for the next daemon at once, though the last one’s connections are not forgotten', async () => {
    const port = await freePort();
    daemon = await startPlainDaemon(
      inject('dockvisord'),
      `[inet_http_server]\nport=127.0.0.1:${String(port)}\n`,
    );
    const wire = await openWire({ host: '127.0.0.1', port }, sockets);
    wire.send(callText('supervisor.getPID'));
    await wire.untilGot(/<\/methodResponse>/);
    await ended(daemon, 'SIGTERM');
    await wire.untilClosed();
    expect(statesOf(port)).toContain('TIME_WAIT');
    await startAgain(daemon);
    const next = await openWire({ host: '127.0.0.1', port }, sockets);
    next.send(callText('supervisor.getPID'));
    expect(await next.untilGot(/<\/methodResponse>/)).toContain(`<int>${String(again[0]?.pid)}</int>`);
  });
});

/** Of the connections whose our end is this port. */
function statesOf(port: number): readonly string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local]) => local?.endsWith(end))
    .map(([, , , state]) => (state === '06' ? 'TIME_WAIT' : String(state)));
}
