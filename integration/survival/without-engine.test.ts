/** The daemon is killed while the Engine is away: the next one knows of what runs by what was left, and by the kernel. */
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { untilLeft } from '../support/until-left.ts';
import { container, logOf, sleeps, untilState, useStage } from '../faults/stage.ts';

describe.skipIf(engineSkipped)('the daemon is killed, and the Engine is away', () => {
  const stage = useStage(['--live-restore']);

  it('what runs is stopped by its main process when that is ordered, and is taken over when it is not: by the daemon after the next, too', async () => {
    await stage.create('w-stop', sleeps);
    await stage.create('w-stay', sleeps);
    const run = `docker run --name w-run ${stage.engine.image} sleep 3600`;
    const programs = [
      container('w-stop'),
      container('w-stay'),
      ['[program:w-run]', `command=${run}`, 'docker_attach=api', 'stopwaitsecs=1', ''].join('\n'),
    ].join('');
    await stage.withManager({ programs }, async (manager) => {
      const names = ['w-stop', 'w-stay', 'w-run'];
      for (const name of names) await untilState(manager, name, 'RUNNING');
      const before = new Map<string, string>();
      for (const name of names) {
        before.set(name, await stage.startedAt(name));
        await untilLeft(manager, new RegExp(`"life": "${String(before.get(name))}"`));
      }
      const pid = Number(await stage.docker.run('inspect', '-f', '{{.State.Pid}}', 'w-stop'));
      await stage.engine.kill();
      for (const _round of [1, 2]) {
        await manager.end('SIGKILL');
        await manager.start();
        for (const name of names) await untilState(manager, name, 'UNKNOWN');
        await untilLeft(manager, new RegExp(`"life": "${String(before.get('w-run'))}"`));
      }
      expect((await manager.ctl('stop', 'w-stop')).stdout).toContain('w-stop: stopped');
      await untilState(manager, 'w-stop', 'STOPPED');
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      expect(logOf(manager)).toMatch(/cannot be asked: sending TERM to main process \d+ of w-stop/);
      await stage.engine.up();
      for (const name of ['w-stay', 'w-run']) {
        await untilState(manager, name, 'RUNNING');
        expect(await stage.startedAt(name)).toBe(before.get(name));
      }
      await until('the Engine knows', 20_000, async () =>
        (await stage.docker.inspect('w-stop'))?.status === 'exited' ? true : null,
      );
      await untilState(manager, 'w-stop', 'STOPPED');
      expect(await stage.startedAt('w-stop')).toBe(before.get('w-stop'));
    });
    await stage.docker.removeAll(['w-stop', 'w-stay', 'w-run']);
  });

  it('a stop that was under way is finished by the next one, by the main process', async () => {
    await stage.create('w-deaf', ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done']);
    await stage.withManager({ programs: container('w-deaf', 'stopwaitsecs=4') }, async (manager) => {
      await untilState(manager, 'w-deaf', 'RUNNING');
      await untilLeft(manager, /"startTicks": "\d+"/);
      const pid = Number(await stage.docker.run('inspect', '-f', '{{.State.Pid}}', 'w-deaf'));
      await stage.engine.kill();
      await untilState(manager, 'w-deaf', 'UNKNOWN');
      void manager.ctl('stop', 'w-deaf');
      await untilLeft(manager, /"wish": "down"/);
      await manager.end('SIGKILL');
      await manager.start();
      await untilState(manager, 'w-deaf', 'STOPPED');
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      await stage.engine.up();
    });
    await stage.docker.removeAll(['w-deaf']);
  });
});
