/** `dockvisor listen` under the real supervisord 4.2.5, on a real Engine. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTicksOf } from '../../src/docker/kernel.ts';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import type { ManagerOptions } from '../support/manager.ts';
import { until } from '../support/until.ts';
import { behaving, deaf, isDown, isUp, setStage } from './stage.ts';
import type { Stage } from './stage.ts';

const program = (name: string, ...lines: readonly string[]): string =>
  [
    `[program:${name}]`,
    `command=docker start -a ${name}`,
    'startsecs=1',
    'stopwaitsecs=2',
    ...lines,
    '',
  ].join('\n');

describe.skipIf(engineSkipped)('the plug-in under a supervisord that stays', () => {
  let engine: PrivateEngine;
  beforeAll(async () => {
    engine = await startPrivateEngine();
  });
  afterAll(async () => {
    await engine.destroy();
  });

  async function withStage(
    programs: string,
    play: (stage: Stage) => Promise<void>,
    more: Partial<ManagerOptions> = {},
  ): Promise<void> {
    const stage = setStage(engine, programs, more);
    try {
      await play(stage);
    } finally {
      await stage.destroy();
    }
  }

  test.concurrent('a stop of a container that ignores TERM leaves nothing running', async () => {
    await withStage(program('deaf'), async (stage) => {
      await stage.create('deaf', deaf);
      await stage.begin('deaf');
      await stage.manager.ctl('stop', 'deaf');
      const after = await stage.untilContainer('deaf', 'down', isDown);
      expect(after?.exitCode).toBe(137);
      expect(await stage.stateOf('deaf')).toBe('STOPPED');
    });
  });

  test.concurrent('a restart ends with a new life that runs on', async () => {
    await withStage(program('again'), async (stage) => {
      await stage.create('again', behaving);
      await stage.begin('again');
      const before = await stage.untilContainer('again', 'up', isUp);
      for (let round = 0; round < 3; round++) await stage.manager.ctl('restart', 'again');
      await stage.untilState('again', 'RUNNING');
      const after = await stage.untilContainer(
        'again',
        'up in another life',
        (facts) => isUp(facts) && facts?.startedAt !== before?.startedAt,
      );
      // Two comparisons later it is still that life.
      const ticks = stage.pluginLog().length;
      await until('two ticks', 20_000, async () => ((await secondsUp(stage, 'again')) > 11 ? true : null));
      expect((await stage.docker.inspect('again'))?.startedAt, stage.pluginLog().slice(ticks)).toBe(
        after?.startedAt,
      );
    });
  });

  test.concurrent('groups and numbered processes are its programs too', async () => {
    const text = `[program:worker]
command=docker start -a worker-%(process_num)d
process_name=worker-%(process_num)d
numprocs=2
startsecs=1
stopwaitsecs=2
[group:pool]
programs=worker
`;
    await withStage(text, async (stage) => {
      await stage.create('worker-0', deaf);
      await stage.create('worker-1', deaf);
      await stage.begin('worker-0', 'worker-1');
      await stage.manager.ctl('stop', 'pool:*');
      for (const name of ['worker-0', 'worker-1']) await stage.untilContainer(name, 'down', isDown);
    });
  });

  test.concurrent('a program that `update` adds is its program from then on', async () => {
    await withStage(program('first'), async (stage) => {
      await stage.create('first', behaving);
      await stage.create('late', deaf);
      await stage.begin('first');
      const file = join(stage.manager.directory, 'supervisord.conf');
      writeFileSync(file, readFileSync(file, 'utf8') + program('late'));
      await stage.manager.ctl('update');
      await stage.untilState('late', 'RUNNING');
      await stage.manager.ctl('stop', 'late');
      await stage.untilContainer('late', 'down', isDown);
    });
  });

  test.concurrent(
    'a file that was changed without an update is not believed against the live proxy',
    async () => {
      await withStage(program('old'), async (stage) => {
        await stage.create('old', deaf);
        await stage.create('other', behaving);
        await stage.begin('old');
        await stage.docker.run('start', 'other');
        const file = join(stage.manager.directory, 'supervisord.conf');
        writeFileSync(file, readFileSync(file, 'utf8').replace('start -a old', 'start -a other'));
        await stage.manager.ctl('stop', 'old');
        await stage.untilContainer('old', 'down', isDown);
        expect((await stage.docker.inspect('other'))?.status).toBe('running');
      });
    },
  );

  test.concurrent('a plug-in that was killed during a stop finishes it when it is back', async () => {
    await withStage(program('held'), async (stage) => {
      await stage.create('held', deaf);
      await stage.begin('held');
      await stage.untilContainer('held', 'up', isUp);
      // Nobody is there when the stop comes: the proxy is gone, the container is not.
      const pid = await stage.pluginPid();
      process.kill(pid, 'SIGSTOP');
      await stage.manager.ctl('stop', 'held');
      expect((await stage.docker.inspect('held'))?.status).toBe('running');
      process.kill(pid, 'SIGKILL');
      await stage.untilContainer('held', 'down', isDown);
      expect(await stage.stateOf('held')).toBe('STOPPED');
    });
  });

  test.concurrent('`stop all`, which stops the plug-in too, leaves nothing running', async () => {
    await withStage(program('one') + program('two'), async (stage) => {
      await stage.create('one', deaf);
      await stage.create('two', deaf);
      await stage.begin('one', 'two');
      await stage.manager.ctl('stop', 'all');
      expect(await stage.stateOf('dockvisor')).toBe('STOPPED');
      for (const name of ['one', 'two']) await stage.untilContainer(name, 'down', isDown);
    });
  });

  test.concurrent(
    'when the supervisord ends, every container of its programs is stopped by its own grace',
    async () => {
      const slow = ['sh', '-c', 'trap "sleep 3; exit 7" TERM; while :; do sleep 3600 & wait $!; done'];
      const programs =
        program('slow', 'stopwaitsecs=20') + program('mute') + program('given-up', 'autorestart=false');
      await withStage(programs, async (stage) => {
        await stage.create('slow', slow);
        await stage.create('mute', deaf);
        await stage.create('given-up', behaving);
        await stage.begin('slow', 'mute', 'given-up');
        await stage.manager.end('SIGTERM');
        // It has ended: nothing of it is left, and nothing runs any more.
        const [slowAfter, muteAfter, thirdAfter] = await Promise.all(
          ['slow', 'mute', 'given-up'].map((name) => stage.docker.inspect(name)),
        );
        expect([slowAfter?.status, slowAfter?.exitCode]).toEqual(['exited', 7]);
        expect([muteAfter?.status, muteAfter?.exitCode]).toEqual(['exited', 137]);
        expect(thirdAfter?.status).toBe('exited');
      });
    },
  );

  test.concurrent('events are answered at once while a long stop goes on', async () => {
    await withStage(program('long', 'stopwaitsecs=15') + program('busy'), async (stage) => {
      await stage.create('long', deaf);
      await stage.create('busy', behaving);
      await stage.begin('long', 'busy');
      await stage.rpc.stop('long', 'long', false);
      await until('the stop is under way', 20_000, () =>
        stage.pluginLog().includes('long: stopping it') ? true : null,
      );
      await stage.manager.ctl('stop', 'busy');
      await stage.untilContainer('busy', 'down', isDown);
      expect((await stage.docker.inspect('long'))?.status).toBe('running');
      await stage.untilContainer('long', 'down', isDown);
    });
  });

  test.concurrent('a dry run says what it would do, and does nothing', async () => {
    await withStage(
      program('dry'),
      async (stage) => {
        await stage.create('dry', deaf);
        await stage.begin('dry');
        await stage.manager.ctl('stop', 'dry');
        await until('it is said', 20_000, () =>
          stage.pluginLog().includes('dry: dry run: stopping it') ? true : null,
        );
        expect((await stage.docker.inspect('dry'))?.status).toBe('running');
      },
      { pluginOptions: '--dry-run' },
    );
  });

  test.concurrent(
    'with --name-suffix the container is found by the habit of the original patch',
    async () => {
      const text = `[program:shop]\ncommand=sh -c 'exec docker start -a "$0"' shop-docker\nstartsecs=1\nstopwaitsecs=2\n`;
      await withStage(
        text,
        async (stage) => {
          await stage.create('shop-docker', deaf);
          await stage.begin();
          await stage.untilState('shop', 'RUNNING');
          await stage.untilContainer('shop-docker', 'up', isUp);
          await stage.manager.ctl('stop', 'shop');
          await stage.untilContainer('shop-docker', 'down', isDown);
        },
        { pluginOptions: '--name-suffix=-docker' },
      );
    },
  );

  test.concurrent('what another dockvisord manages is left alone', async () => {
    await withStage(program('shared'), async (stage) => {
      await stage.create('shared', deaf);
      await stage.begin('shared');
      const id = (await stage.docker.inspect('shared'))?.id ?? '';
      const claim = { pid: process.pid, start: startTicksOf(process.pid), identifier: 'another' };
      mkdirSync('/run/dockvisor/owners', { recursive: true, mode: 0o700 });
      writeFileSync(`/run/dockvisor/owners/${id}`, JSON.stringify(claim), { mode: 0o600 });
      await stage.manager.ctl('stop', 'shared');
      await until('it is said', 20_000, () =>
        stage.pluginLog().includes('managed by dockvisord pid') ? true : null,
      );
      expect((await stage.docker.inspect('shared'))?.status).toBe('running');
    });
  });
});

async function secondsUp(stage: Stage, name: string): Promise<number> {
  const facts = await stage.docker.inspect(name);
  return (Date.now() - Date.parse(facts?.startedAt ?? '')) / 1000;
}
