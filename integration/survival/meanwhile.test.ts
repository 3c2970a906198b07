/** What others do while no daemon is there, or while the Engine is away: the next daemon finds it as it is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { untilLeft } from '../support/until-left.ts';
import { container, infoOf, logOf, sleeps, untilState, useStage } from '../faults/stage.ts';
import { counts, tally } from './counting.ts';

describe.skipIf(engineSkipped)('the daemon is not there, and', () => {
  const stage = useStage(['--live-restore']);

  it('a container is renamed: it is taken over all the same, and stopped when that is ordered', async () => {
    await stage.create('m-named', sleeps);
    await stage.withManager({ programs: container('m-named') }, async (manager) => {
      await untilState(manager, 'm-named', 'RUNNING');
      const before = await stage.startedAt('m-named');
      await untilLeft(manager, new RegExp(`"life": "${before}"`));
      await manager.end('SIGKILL');
      await stage.docker.run('rename', 'm-named', 'm-other');
      await manager.start();
      const { pid } = await untilState(manager, 'm-named', 'RUNNING');
      expect(String(pid)).toBe(await stage.docker.run('inspect', '-f', '{{.State.Pid}}', 'm-other'));
      expect(await stage.startedAt('m-other')).toBe(before);
      await manager.ctl('stop', 'm-named');
      expect((await stage.docker.inspect('m-other'))?.status).toBe('exited');
      expect((await infoOf(manager, 'm-named')).state).toBe('STOPPED');
    });
    await stage.docker.removeAll(['m-other']);
  });

  it('was shut down while the Engine hung: what it could not read any more is in the log after the next start', async () => {
    await stage.create('m-hung', counts(5));
    const lines = ['stopwaitsecs=2', 'stdout_logfile=%DIR%/hung.out', 'stderr_logfile=%DIR%/hung.err'];
    await stage.withManager({ programs: container('m-hung', ...lines) }, async (manager) => {
      const text = (channel: 'out' | 'err'): string =>
        readFileSync(join(manager.directory, `hung.${channel}`), 'utf8');
      const last = (): number => tally(text('out'), 'out', 1, 1).last;
      await untilState(manager, 'm-hung', 'RUNNING');
      await until('it has printed', 20_000, () => Promise.resolve(last() > 50 ? true : null));
      process.kill(stage.engine.pid(), 'SIGSTOP');
      try {
        manager.signal('SIGTERM');
        await manager.untilEnded();
      } finally {
        process.kill(stage.engine.pid(), 'SIGCONT');
      }
      expect(logOf(manager)).toMatch(
        /m-hung: what m-hung printed last could not be read, for the Engine was away/,
      );
      await until('it has ended', 20_000, async () =>
        (await stage.docker.inspect('m-hung'))?.status === 'exited' ? true : null,
      );
      const cut = last();
      await manager.start();
      await untilState(manager, 'm-hung', 'RUNNING');
      await manager.ctl('stop', 'm-hung');
      // Two lives, each from its first line to its last.
      expect(tally(text('out'), 'out', 1, 2)).toMatchObject({ faults: [] });
      expect(tally(text('err'), 'err', 3, 2)).toMatchObject({ faults: [] });
      expect(text('out')).toContain(`out ${String(cut + 1)}\n`);
    });
    await stage.docker.removeAll(['m-hung']);
  });
});
