/** A containerd-shim is killed, and its container with it: the Engine tells of the end before it is in its books. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { container, count, useStage, infoOf, sleeps, untilState } from './stage.ts';

describe.skipIf(engineSkipped)('a containerd-shim', () => {
  const stage = useStage();

  it('is killed: the end of its container is told once, and judged by its policy', async () => {
    for (const name of ['shim-again', 'shim-once']) await stage.create(name, sleeps);
    const programs =
      container('shim-again', 'autorestart=true') + container('shim-once', 'autorestart=false');
    await stage.withManager({ programs }, async (manager) => {
      const again = await untilState(manager, 'shim-again', 'RUNNING');
      const once = await untilState(manager, 'shim-once', 'RUNNING');
      const before = await stage.startedAt('shim-again');
      for (const { pid } of [again, once]) process.kill(shimOf(pid), 'SIGKILL');
      await until(
        () => `the Engine and the daemon have done with both ends\n${manager.log()}`,
        30_000,
        async () => {
          const [now, ended] = [await infoOf(manager, 'shim-again'), await infoOf(manager, 'shim-once')];
          const isAnother = now.state === 'RUNNING' && now.pid !== again.pid;
          return isAnother && ended.container?.state === 'exited' ? true : null;
        },
      );
      expect((await infoOf(manager, 'shim-once')).state, manager.log()).toBe('EXITED');
      expect((await stage.docker.inspect('shim-once'))?.status).toBe('exited');
      expect(await stage.startedAt('shim-again')).not.toBe(before);
      expect(count(manager, /spawned: 'shim-once'/), manager.log()).toBe(1);
      expect(count(manager, /spawned: 'shim-again'/), manager.log()).toBe(2);
      expect(count(manager, /exited: shim-/), manager.log()).toBe(2);
    });
  });

  /** The parent of a container's main process. */
  function shimOf(pid: number): number {
    const shim = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]);
    expect(readFileSync(`/proc/${String(shim)}/cmdline`, 'utf8')).toContain('containerd-shim');
    return shim;
  }
});
