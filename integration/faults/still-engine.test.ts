/** The Engine stands still, as a hung one does: it accepts, and never answers. A stop ends the main process, with all its grace. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import type { Manager } from '../support/manager.ts';
import { until } from '../support/until.ts';
import { container, useStage, expectLaunches, infoOf, logOf, sleeps, untilState } from './stage.ts';

describe.skipIf(engineSkipped)('an Engine that stands still', () => {
  const stage = useStage(['--live-restore']);

  /** Needs a second to save its work, and says whether it could. */
  const saves = ['sh', '-c', 'trap "sleep 1; echo saved; exit 0" TERM; while :; do usleep 50000; done'];
  const saved = (manager: Manager, name: string): string =>
    readFileSync(join(manager.directory, `${name}.out`), 'utf8');

  let still: number | null = null;
  const standStill = async (): Promise<void> => {
    still = stage.engine.pid();
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
        // Its books are closed a moment after it goes on; until then it says of what is dead that it runs.
        for (const [name, exitCode] of [
          ['still-saves', 0],
          ['still-deaf', 137],
        ] as const) {
          await until(`the Engine has seen the end of ${name}`, 20_000, async () =>
            (await infoOf(manager, name)).container?.state === 'exited' ? true : null,
          );
          expect(await stage.docker.inspect(name)).toMatchObject({ status: 'exited', exitCode });
        }
        for (const name of names.slice(1)) {
          expect((await infoOf(manager, name)).state).toBe('STOPPED');
          expectLaunches(manager, name, 1);
        }
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
