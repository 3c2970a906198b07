/** Who holds the socket of a FastCGI program, from when to when, and how it looks on the disk. */
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SocketSpec } from '../../src/core/config/model.ts';
import { createPipeMaker } from '../../src/process/pipes.ts';
import { createProcessRunner } from '../../src/process/process-runner.ts';
import { createSharedSockets } from '../../src/process/shared-sockets.ts';
import type { SharedSockets } from '../../src/process/shared-sockets.ts';
import type { RunnerReport } from '../../src/supervisor/runner.ts';
import { systemClock } from '../../src/system/clock.ts';
import { freePort } from '../support/free-port.ts';
import { specWith } from '../support/specs.ts';

describe('the socket of a FastCGI program', { timeout: 60_000 }, () => {
  let directory: string;
  let path: string;
  let said: string[];
  let sockets: SharedSockets;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'dockvisor-shared-'));
    path = join(directory, 'f.sock');
    said = [];
    sockets = createSharedSockets((message) => said.push(message.replace(directory, '')));
  });
  afterEach(() => {
    sockets.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const unix = (change: object = {}): SocketSpec => ({
    kind: 'unix',
    url: `unix://${path}`,
    path,
    mode: 0o700,
    owner: null,
    backlog: null,
    ...change,
  });
  const created = 'Creating socket unix:///f.sock';
  const closed = 'Closing socket unix:///f.sock';

  test('is made for the first, and closed behind the last', () => {
    const first = sockets.of(unix()).claim();
    const second = sockets.of(unix()).claim();
    expect([second.fd, said]).toEqual([first.fd, [created]]);
    first.release();
    expect([existsSync(path), said]).toEqual([true, [created]]);
    second.release();
    expect([existsSync(path), said]).toEqual([false, [created, closed]]);
    sockets.of(unix()).claim().release();
    expect(said).toEqual([created, closed, created, closed]);
  });

  test('is closed at the end of the house, whoever has it', () => {
    sockets.of(unix()).claim();
    sockets.close();
    expect([existsSync(path), said]).toEqual([false, [created, closed]]);
  });

  test('has its mode, whatever the umask, and the umask stays', () => {
    const umask = (): unknown => /^Umask:.*/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[0];
    const before = umask();
    sockets.of(unix({ mode: 0o777 })).claim();
    expect(statSync(path).mode & 0o777).toBe(0o777);
    expect(umask()).toBe(before);
  });

  test.skipIf(process.getuid?.() !== 0)('has its owner, and keeps the group that is not named', () => {
    sockets.of(unix({ owner: { uid: 65534, gid: null } })).claim();
    expect(statSync(path)).toMatchObject({ uid: 65534, gid: process.getgid?.() });
  });

  test('takes the place of one that is still there, also of one that somebody listens on', async () => {
    const other = createServer().listen(path);
    await once(other, 'listening');
    const before = statSync(path).ino;
    sockets.of(unix()).claim();
    expect(statSync(path).ino).not.toBe(before);
    other.close();
  });

  test('does not take the place of anything else', () => {
    writeFileSync(path, 'precious');
    const wanted = `Could not create FastCGI socket unix://${path}: ${path} exists and is not a socket`;
    expect(() => sockets.of(unix()).claim()).toThrow(wanted);
    rmSync(path);
    mkdirSync(join(directory, 'd'));
    symlinkSync('d', path);
    expect(() => sockets.of(unix()).claim()).toThrow(wanted);
    rmSync(path);
    sockets.of(unix()).claim().release();
    expect(said).toEqual([created, created, created, closed]);
  });

  test('whose directory is not there says so', () => {
    const nowhere = unix({ path: `${directory}/no/f.sock` });
    expect(() => sockets.of(nowhere).claim()).toThrow(/ENOENT: no such file or directory/);
  });

  test('is not left behind when its owner cannot be had', () => {
    // There is no such number of a user.
    const claim = (): unknown => sockets.of(unix({ owner: { uid: -2, gid: 0 } })).claim();
    expect(claim).toThrow(/Could not create .*: Could not change ownership of socket file: /);
    expect(existsSync(path)).toBe(false);
  });

  test('on a port that is taken is a failed start, which says so, and a later one that works', async () => {
    const port = await freePort();
    const taker = createServer().listen(port, '127.0.0.1');
    await once(taker, 'listening');
    const url = `tcp://127.0.0.1:${String(port)}`;
    const socket = sockets.of({ kind: 'inet', url, host: '127.0.0.1', port, backlog: null });
    const pipes = createPipeMaker();
    const runner = createProcessRunner(specWith({ name: 'f', command: 'cat' }), {
      clock: systemClock,
      pipes,
      environment: () => ({ PATH: process.env['PATH'] ?? '' }),
      socket,
    });
    const attempt = (): Promise<RunnerReport> => new Promise((resolve) => runner.launch(resolve));
    const report = await attempt();
    expect(report).toMatchObject({ type: 'spawnFailed' });
    expect(JSON.stringify(report)).toContain(`Could not create FastCGI socket ${url}: listen EADDRINUSE`);
    taker.close();
    await once(taker, 'close');
    expect(await attempt()).toMatchObject({ type: 'spawned' });
    pipes.close();
  });

  test('is given to a child as its stdin, which takes no input, and is let go of when the child has ended', async () => {
    const pipes = createPipeMaker();
    const runner = (command: string) =>
      createProcessRunner(specWith({ name: 'f', command }), {
        clock: systemClock,
        pipes,
        environment: () => ({ PATH: process.env['PATH'] ?? '' }),
        socket: sockets.of(unix()),
      });
    const reports: RunnerReport[] = [];
    await new Promise<void>((resolve) => {
      const run = runner('sh -c "test -S /dev/stdin; exit $?"').launch((report) => {
        reports.push(report);
        said.push(report.type);
        if (report.type === 'exited') resolve();
      });
      void run.write(new Uint8Array(1)).then((answer) => said.push(answer));
    });
    expect(reports.at(-1)).toMatchObject({ exit: { kind: 'code', code: 0 } });
    expect(said).toEqual([created, 'spawned', 'closed', 'exited', closed]);
    said.length = 0;
    await new Promise<void>((resolve) => {
      runner('/no/such').launch((report) => {
        said.push(report.type);
        setImmediate(resolve);
      });
    });
    expect(said).toEqual([created, 'spawnFailed', closed]);
    pipes.close();
  });
});
