/** The Engine lives, and cannot be asked: its containers are UNKNOWN with the reason, run on, and are taken up again. */
import { linkSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import type { Manager } from '../support/manager.ts';
import { until } from '../support/until.ts';
import { certificates, startFront, startSecureFront } from './front.ts';
import { container, createStage, expectLaunches, infoOf, logOf, sleeps, untilState } from './stage.ts';
import type { Stage } from './stage.ts';

describe.skipIf(engineSkipped)('an Engine', () => {
  let engine: PrivateEngine;
  let stage: Stage;
  beforeAll(async () => {
    engine = await startPrivateEngine(['--live-restore']);
    stage = createStage(engine, inject('dockvisord'));
  });
  afterAll(async () => {
    stage?.close();
    await engine?.destroy();
  });

  interface Case {
    /** Of its containers: one that runs with a client, one without, and one that is started while the Engine is ill. */
    readonly prefix: string;
    readonly dockerHost: string;
    readonly lines?: readonly string[];
    readonly reason: RegExp;
    readonly fallIll: () => void;
    readonly recover: () => void;
  }

  async function isSurvived({
    prefix,
    dockerHost,
    lines = [],
    reason,
    fallIll,
    recover,
  }: Case): Promise<void> {
    const [cli, api, late] = [`${prefix}-cli`, `${prefix}-api`, `${prefix}-late`];
    for (const name of [cli, api, late]) await stage.create(name, sleeps);
    const programs = [
      container(cli, ...lines).replace('docker_attach=api\n', ''),
      container(api, ...lines),
      container(late, ...lines, 'autostart=false'),
    ].join('');
    await stage.withManager({ programs, dockerHost }, async (manager) => {
      for (const name of [cli, api]) await untilState(manager, name, 'RUNNING');
      const before = await Promise.all([cli, api].map(stage.startedAt));
      fallIll();
      for (const name of [cli, api])
        expect((await untilState(manager, name, 'UNKNOWN')).description).toMatch(reason);
      void manager.ctl('start', late);
      expect((await untilState(manager, late, 'UNKNOWN')).description).toMatch(reason);
      recover();
      for (const name of [cli, api, late]) await untilState(manager, name, 'RUNNING');
      expect(await Promise.all([cli, api].map(stage.startedAt))).toEqual(before);
      for (const name of [cli, api, late]) expectLaunches(manager, name, 1);
      expect((await manager.ctl('stop', 'all')).code, manager.log()).toBe(0);
      for (const name of [cli, api, late]) expect((await stage.docker.inspect(name))?.status).toBe('exited');
    });
  }

  it.concurrent('that takes 30 s for each answer', async () => {
    const front = await startFront(engine.socket, join(engine.directory, 'slow.sock'));
    try {
      await isSurvived({
        prefix: 'slow',
        dockerHost: front.host,
        reason: /slow\.sock does not answer/,
        fallIll: () => {
          front.delay(30_000);
        },
        recover: () => {
          front.delay(0);
        },
      });
    } finally {
      front.close();
    }
  });

  it.concurrent('whose socket is removed, and put back', async () => {
    // Another name of the real socket.
    const socket = join(engine.directory, 'removed.sock');
    linkSync(engine.socket, socket);
    await isSurvived({
      prefix: 'removed',
      dockerHost: `unix://${socket}`,
      reason: /removed\.sock: there is no such socket/,
      fallIll: () => {
        unlinkSync(socket);
      },
      recover: () => {
        linkSync(engine.socket, socket);
      },
    });
  });

  it.concurrent('whose certificate expires, and is renewed', async () => {
    const front = await startSecureFront(engine.socket);
    try {
      await isSurvived({
        prefix: 'tls',
        dockerHost: front.host,
        lines: [`docker_host=${front.host}`, `docker_cert_path=${certificates}`],
        reason: /cannot reach tcp:.*certificate has expired/,
        fallIll: () => {
          front.show('expired');
        },
        recover: () => {
          front.show('server');
        },
      });
    } finally {
      front.close();
    }
  });

  /** Needs a second to save its work, and says whether it could. */
  const saves = ['sh', '-c', 'trap "sleep 1; echo saved; exit 0" TERM; while :; do usleep 50000; done'];
  const saved = (manager: Manager, name: string): string =>
    readFileSync(join(manager.directory, `${name}.out`), 'utf8');

  describe('that stands still', () => {
    let still: number | null = null;
    const standStill = async (): Promise<void> => {
      still = engine.pid();
      process.kill(still, 'SIGSTOP');
      await until('it stands still', 10_000, () =>
        /^State:\s+T/m.test(readFileSync(`/proc/${String(still)}/status`, 'utf8')) ? true : null,
      );
    };
    const goOn = (): void => {
      if (still !== null) process.kill(still, 'SIGCONT');
      still = null;
    };

    it('is no reason to restart anything, and a stop ends the main process with all its grace', async () => {
      const names = ['still-runs', 'still-saves', 'still-deaf'];
      await stage.create('still-runs', sleeps);
      await stage.create('still-saves', saves);
      await stage.create('still-deaf', ['sh', '-c', 'trap "" TERM; while :; do usleep 50000; done']);
      const programs =
        container('still-runs') +
        container('still-saves', 'stopwaitsecs=5', 'stdout_logfile=%DIR%/still-saves.out') +
        container('still-deaf', 'stopwaitsecs=2');
      await stage.withManager({ programs }, async (manager) => {
        try {
          for (const name of names) await untilState(manager, name, 'RUNNING');
          const before = await stage.startedAt('still-runs');
          const pid = (await infoOf(manager, 'still-saves')).pid;
          await standStill();
          // Ordered before anybody knows.
          const stopped = manager.ctl('stop', 'still-saves');
          expect((await untilState(manager, 'still-runs', 'UNKNOWN')).description).toMatch(/does not answer/);
          expect((await stopped).stdout).toBe('still-saves: stopped\n');
          expect(logOf(manager)).toContain(`sending TERM to main process ${String(pid)} of still-saves`);
          // Ordered when it is known.
          expect((await manager.ctl('stop', 'still-deaf')).stdout).toBe('still-deaf: stopped\n');
          expect(logOf(manager)).toMatch(/killing main process \d+ of still-deaf with SIGKILL/);
          goOn();
          await untilState(manager, 'still-runs', 'RUNNING');
          expect(await stage.startedAt('still-runs')).toBe(before);
          expectLaunches(manager, 'still-runs', 1);
          const ends = await Promise.all(names.map(stage.docker.inspect));
          expect(ends.map((end) => [end?.status, end?.exitCode])).toEqual([
            ['running', 0],
            ['exited', 0],
            ['exited', 137],
          ]);
          for (const name of names.slice(1)) expect((await infoOf(manager, name)).state).toBe('STOPPED');
        } finally {
          goOn();
        }
      });
      expect(await stage.docker.run('logs', 'still-saves')).toBe('saved');
    });

    it('for longer than a grace, and then hears of the stop: the container has its grace all the same', async () => {
      await stage.create('late-saves', saves);
      const programs = container('late-saves', 'stopwaitsecs=3', 'stdout_logfile=%DIR%/late-saves.out');
      await stage.withManager({ programs }, async (manager) => {
        try {
          await untilState(manager, 'late-saves', 'RUNNING');
          await standStill();
          const stopped = manager.ctl('stop', 'late-saves');
          // Its grace is over when the daemon says that it kills.
          await until(
            () => `the grace is over\n${manager.log()}`,
            20_000,
            () => (/killing 'late-saves' .* with SIGKILL/.test(logOf(manager)) ? true : null),
          );
          goOn();
          expect((await stopped).stdout).toBe('late-saves: stopped\n');
          expect(saved(manager, 'late-saves')).toBe('saved\n');
          expect(await stage.docker.inspect('late-saves')).toMatchObject({ status: 'exited', exitCode: 0 });
        } finally {
          goOn();
        }
      });
    });
  });
});
