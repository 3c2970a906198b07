/** `docker_notify=true`: containers of a real Engine that say themselves when they are ready, with the real systemd-notify inside. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { systemdSkipped } from '../support/engine-skipped.ts';
import { createManager } from '../support/manager.ts';
import type { Manager } from '../support/manager.ts';
import type { ProcessInfo } from '../support/rpc.ts';
import { until } from '../support/until.ts';

const waitMs = 30_000;
/** systemd-notify and its libraries are this machine's. */
const mounts = '-v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro';

describe.skipIf(systemdSkipped)('docker_notify', () => {
  let engine: PrivateEngine;
  let docker: Docker;
  let manager: Manager;
  let steps: string;

  /** Goes on from one step to the next when the test makes the file of its name. */
  const script =
    'until [ -e /steps/$NAME.status ]; do sleep 0.1; done; /usr/bin/systemd-notify --status=loading; ' +
    'until [ -e /steps/$NAME.ready ]; do sleep 0.1; done; /usr/bin/systemd-notify --ready --status=serving; exec sleep 1000';
  const program = (name: string, options: string, ...lines: string[]): string =>
    `[program:${name}]\ncommand=docker run ${options} --name ${name} -e NAME=${name} -v ${steps}:/steps ${mounts} ${engine.image} sh -c '${script}'
docker_notify=true\nstopwaitsecs=1\n${lines.join('\n')}\n`;

  beforeAll(async () => {
    engine = await startPrivateEngine(['--live-restore']);
    docker = createDocker(engine);
    steps = join(engine.directory, 'steps');
    mkdirSync(steps);
    manager = createManager({
      kind: 'cli',
      dockvisord: inject('dockvisord'),
      dockerHost: engine.host,
      programs: [
        program('says', '--rm', 'startsecs=0'),
        // Without --rm: Engine 20.10 removes the others when it comes back, live-restore or not.
        program('keeps', '-q'),
        `[program:never]\ncommand=docker run --rm --name never ${engine.image} sh -c 'exit 3'\ndocker_notify=true\nstartretries=0\n`,
        `[program:hangs]\ncommand=docker run --rm --name hangs ${mounts} ${engine.image} sh -c 'systemd=/usr/bin/systemd-notify;$systemd --ready;sleep 1;$systemd WATCHDOG=1;sleep 1;$systemd WATCHDOG=1;echo $WATCHDOG_USEC;exec sleep 1000'\ndocker_notify=true\ndocker_notify_watchdog=4\nautorestart=false\nstopwaitsecs=1\n`,
      ].join(''),
    });
    await manager.start();
  });
  afterAll(async () => {
    await manager?.destroy();
    docker?.close();
    await engine?.destroy();
  });

  const find = async (name: string): Promise<ProcessInfo | undefined> =>
    (await manager.processes()).find((one) => one.name === name);
  const untilShown = (name: string, state: string, description: RegExp): Promise<ProcessInfo> =>
    until(
      () => `${name} is ${state} ${String(description)}\n${manager.log()}`,
      waitMs,
      async () => {
        const one = await find(name);
        return one?.state === state && description.test(one.description) ? one : null;
      },
    );
  const allow = (step: string): void => {
    writeFileSync(join(steps, step), '');
  };

  it('is STARTING while the container runs and is not ready, and shows what it says; RUNNING when it says READY=1', async () => {
    const starting = await untilShown('says', 'STARTING', /container says, not ready yet$/);
    expect((await docker.inspect('says'))?.pid).toBe(starting.pid);
    allow('says.status');
    await untilShown('says', 'STARTING', /not ready yet: loading$/);
    allow('says.ready');
    await untilShown('says', 'RUNNING', /^pid \d+, uptime .*, container says, serving$/);
  });

  it('an exit before READY=1 is a failed start', async () => {
    const { spawnError } = await untilShown('never', 'FATAL', /ready/);
    expect(spawnError).toContain('Exited before it was ready');
  });

  it('an Engine that goes and comes back (live-restore) makes nobody less ready', async () => {
    allow('keeps.status');
    allow('keeps.ready');
    await untilShown('keeps', 'RUNNING', /serving$/);
    const before = (await docker.inspect('keeps'))?.startedAt;
    await engine.down();
    await untilShown('keeps', 'UNKNOWN', /./);
    await engine.up();
    await untilShown('keeps', 'RUNNING', /serving$/);
    expect((await docker.inspect('keeps'))?.startedAt).toBe(before);
  });

  it('stop and start: what it said is forgotten, and its next life is heard over the same socket', async () => {
    await untilShown('says', 'RUNNING', /serving$/);
    await manager.ctl('stop', 'says');
    rmSync(join(steps, 'says.ready'));
    const starting = manager.ctl('start', 'says');
    await untilShown('says', 'STARTING', /not ready yet: loading$/);
    allow('says.ready');
    expect((await starting).stdout).toBe('says: started\n');
  });

  it('a container that outlived its daemon is adopted as ready', async () => {
    const { pid } = await untilShown('keeps', 'RUNNING', /serving$/);
    await manager.end('SIGKILL');
    await manager.start();
    expect((await untilShown('keeps', 'RUNNING', /container keeps$/)).pid).toBe(pid);
  });

  it('one that is not heard any more is killed, first by ABRT, then by KILL, and told as an exit like any other', async () => {
    // Its Engine had taken it away, and the daemon was killed since: what has ended is not started by the next one.
    await manager.ctl('start', 'hangs');
    await untilShown('hangs', 'EXITED', /./);
    const log = manager.log();
    expect(log).toContain('hangs: watchdog: not heard for 4 s, killing its container with SIGABRT');
    // The shell is the container's first process, and that hears only what it has asked for.
    expect(log).toContain('killing its container with SIGKILL');
    expect(log).toMatch(/exited: hangs \(exit status 137; not expected\)/);
    expect(readFileSync((await find('hangs'))?.stdoutLogfile ?? '', 'utf8')).toBe('4000000\n');
  });

  it('a stop before it is ready is a stop', async () => {
    await manager.ctl('stop', 'says');
    rmSync(join(steps, 'says.ready'));
    const starting = manager.ctl('start', 'says');
    await untilShown('says', 'STARTING', /not ready yet/);
    await manager.ctl('stop', 'says');
    await untilShown('says', 'STOPPED', /./);
    await starting;
    expect(await docker.inspect('says')).toBeNull();
  });

  it('a container that was not removed is started again, and is heard over the same socket', async () => {
    await manager.ctl('stop', 'keeps');
    rmSync(join(steps, 'keeps.ready'));
    const { id } = (await docker.inspect('keeps'))!;
    const starting = manager.ctl('start', 'keeps');
    await untilShown('keeps', 'STARTING', /not ready yet: loading$/);
    allow('keeps.ready');
    await untilShown('keeps', 'RUNNING', /serving$/);
    await starting;
    expect((await docker.inspect('keeps'))?.id).toBe(id);
  });
});
