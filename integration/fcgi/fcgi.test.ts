/** FastCGI programs under our daemon: whose clients wait, whose are refused, and what is left behind. */
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { startPlainDaemon } from '../daemon/plain-daemon.ts';
import type { PlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { ask } from './client.ts';

const acceptor = `command=python3 -u ${join(import.meta.dirname, 'acceptor.py')}`;
const pool = `[fcgi-program:pool]
${acceptor}
process_name=%(program_name)s_%(process_num)d
numprocs=2
socket=unix://%DIR%/pool.sock
`;
const threads = (d: PlainDaemon): number => readdirSync(`/proc/${String(d.pid)}/task`).length;
const openSockets = (d: PlainDaemon): readonly string[] =>
  readdirSync(`/proc/${String(d.pid)}/fd`)
    .map((fd) => {
      try {
        return readlinkSync(`/proc/${String(d.pid)}/fd/${fd}`);
      } catch {
        // Closed meanwhile.
        return '';
      }
    })
    .filter((link) => link.startsWith('socket:'));
const socketLines = (d: PlainDaemon): readonly string[] =>
  [...d.log().matchAll(/(?:Creating|Closing) socket \S+/g)].map(([line]) => line.replaceAll(d.directory, ''));

describe.skipIf(engineSkipped)('a FastCGI program', () => {
  let daemon: PlainDaemon | null = null;
  afterEach(async () => {
    await daemon?.destroy();
    daemon = null;
  });
  const start = async (sections: string): Promise<PlainDaemon> => {
    daemon = await startPlainDaemon(inject('dockvisord'), sections);
    return daemon;
  };
  const isUp = async (d: PlainDaemon, ...names: readonly string[]): Promise<void> => {
    for (const name of names) await d.untilState(name, 'RUNNING');
  };

  it('loses no client, not while the pool comes up, nor while one after the other is restarted', async () => {
    const d = await start(pool);
    const address = { path: join(d.directory, 'pool.sock') };
    await until('the first client is answered', 20_000, () =>
      ask(address).then(
        () => true,
        () => null,
      ),
    );
    const served: string[] = [];
    const lost: unknown[] = [];
    let going = true;
    const clients = Array.from({ length: 4 }, async () => {
      while (going)
        await ask(address).then(
          ({ process }) => served.push(process),
          (e: unknown) => lost.push(e),
        );
    });
    for (const name of ['pool:pool_0', 'pool:pool_1', 'pool:pool_0']) {
      expect((await d.ctl('restart', name)).stdout).toContain('started');
    }
    going = false;
    await Promise.all(clients);
    expect(lost).toEqual([]);
    expect(new Set(served)).toEqual(new Set(['pool_0', 'pool_1']));
  });

  it('has its clients wait while nobody of the pool can take them', async () => {
    const d = await start(pool);
    await isUp(d, 'pool:pool_0', 'pool:pool_1');
    const address = { path: join(d.directory, 'pool.sock') };
    await d.ctl('stop', 'pool:pool_1');
    expect((await d.ctl('signal', 'STOP', 'pool:pool_0')).code).toBe(0);
    const pid = Number((await d.ctl('pid', 'pool:pool_0')).stdout);
    await until('it stands still', 10_000, () =>
      /^State:\tT/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ? true : null,
    );
    const waiting = [ask(address), ask(address)];
    await d.ctl('start', 'pool:pool_1');
    expect((await Promise.all(waiting)).map(({ process }) => process)).toEqual(['pool_1', 'pool_1']);
    await d.ctl('signal', 'CONT', 'pool:pool_0');
  });

  it('has a new socket when its only process has died, as under supervisord', async () => {
    const port = await freePort();
    const address = { host: '127.0.0.1', port };
    const d = await start(`[fcgi-program:one]\n${acceptor}\nsocket=tcp://127.0.0.1:${String(port)}\n`);
    await isUp(d, 'one');
    const first = await ask(address);
    process.kill(first.pid, 'SIGKILL');
    await until('it is spawned again', 20_000, () =>
      d.log().split("spawned: 'one'").length === 3 ? true : null,
    );
    expect(socketLines(d).slice(-2)).toEqual([
      `Closing socket tcp://127.0.0.1:${String(port)}`,
      `Creating socket tcp://127.0.0.1:${String(port)}`,
    ]);
    const second = await ask(address);
    expect([second.process, second.pid === first.pid]).toEqual(['one', false]);
  });

  it('leaves nothing behind when its pool is stopped, and goes on after a HUP', async () => {
    const d = await start(pool.replace('numprocs=2', 'numprocs=2\nautostart=false'));
    const path = join(d.directory, 'pool.sock');
    const upAndDown = async (): Promise<void> => {
      await d.ctl('start', 'pool:*');
      expect((await ask({ path })).process).toMatch(/^pool_/);
      await d.ctl('stop', 'pool:*');
      expect(existsSync(path)).toBe(false);
      await expect(ask({ path })).rejects.toThrow('ENOENT');
    };
    await upAndDown();
    // The last thread may still be on its way out: one more than stay; three more would be a leak.
    const before = [threads(d), openSockets(d).length] as const;
    for (let time = 0; time < 3; time += 1) await upAndDown();
    await until('threads and descriptors are gone', 10_000, () =>
      threads(d) <= before[0] && openSockets(d).length <= before[1] ? true : null,
    );
    await d.ctl('start', 'pool:pool_0');
    const reloads = (count: number): Promise<true> => {
      d.signal('SIGHUP');
      return until(`reload ${String(count)}\n${d.log()}`, 20_000, () =>
        d.log().split('reloaded ').length > count ? true : null,
      );
    };
    const pid = (await d.ctl('pid', 'pool:pool_0')).stdout;
    await reloads(1);
    expect((await ask({ path })).process).toBe('pool_0');
    expect((await d.ctl('pid', 'pool:pool_0')).stdout).toBe(pid);
    // Another socket is another pool: what ran runs again, on that one.
    const other = join(d.directory, 'other.sock');
    d.write(
      'd.conf',
      pool.replace('numprocs=2', 'numprocs=2\nautostart=false').replace('pool.sock', 'other.sock'),
    );
    await reloads(2);
    await d.untilState('pool:pool_0', 'RUNNING');
    expect((await ask({ path: other })).process).toBe('pool_0');
    expect(existsSync(path)).toBe(false);
    d.signal('SIGTERM');
    await until('the daemon ends', 20_000, () => d.exitCode());
    expect([d.exitCode(), existsSync(other)]).toEqual([0, false]);
  });

  it('on a port that is taken is tried again, says why, and comes up when the port is free', async () => {
    const port = await freePort();
    const taker = createServer().listen(port, '127.0.0.1');
    await once(taker, 'listening');
    const url = `tcp://127.0.0.1:${String(port)}`;
    const d = await start(`[fcgi-program:one]\n${acceptor}\nsocket=${url}\nstartretries=30\n`);
    const why = `Could not create FastCGI socket ${url}: listen EADDRINUSE: address already in use`;
    await d.untilState('one', `BACKOFF +${why}`);
    expect(d.log()).toContain(`ERRO ${why}`);
    expect(d.log()).toContain(`INFO spawnerr: ${why}`);
    taker.close();
    await once(taker, 'close');
    await isUp(d, 'one');
    expect((await ask({ host: '127.0.0.1', port })).process).toBe('one');
  });

  it('has a socket of its user, and runs as it', async () => {
    // In one line, because its user cannot read this folder.
    const line =
      "import os,socket; s=socket.socket(fileno=0); [(c.sendall(b'one 1 '+str(os.getuid()).encode()),c.close()) for c,_ in iter(s.accept,0)]";
    const d = await start(
      `[fcgi-program:one]\ncommand=/usr/bin/python3 -c "${line}"\nuser=nobody\nsocket=unix://%DIR%/one.sock\n`,
    );
    await isUp(d, 'one');
    const path = join(d.directory, 'one.sock');
    const { uid, gid, mode } = statSync(path);
    expect([uid, gid, mode & 0o777]).toEqual([65534, 65534, 0o700]);
    expect((await ask({ path })).uid).toBe(65534);
  });

  it('has its socket in a group too', async () => {
    const d = await start(`${pool}[program:cat]\ncommand=cat\n[group:both]\nprograms=cat,pool\n`);
    await isUp(d, 'both:cat', 'both:pool_0', 'both:pool_1');
    expect((await ask({ path: join(d.directory, 'pool.sock') })).process).toMatch(/^pool_/);
    expect((await d.ctl('avail')).stdout).not.toMatch(/^pool/m);
  });
});
