/** One life of a container, by itself. */
import { expect, it } from 'vitest';
import { createContainerRun } from '../../src/docker/container-run.ts';
import type { ContainerFacts } from '../../src/docker/facts.ts';
import type { EngineLink } from '../../src/docker/link.ts';
import { createLogCursor } from '../../src/docker/log-cursor.ts';
import type { ContainerWatch } from '../../src/docker/watch.ts';
import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/system/clock.ts';
import type { RunnerReport } from '../../src/supervisor/runner.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { quietLog } from '../support/quiet-log.ts';

/** In no container: what stands in our control group does for its id. */
const ownGroup = readFileSync('/proc/self/cgroup', 'utf8').trim();

async function launching(local: boolean) {
  const engine = createFakeEngine();
  engine.create('web', { kind: 'well-behaved' });
  const found = await engine.inspect('web');
  if (found === null) throw new Error('it was made');
  const former: ContainerFacts = { ...found, id: ownGroup, startedAt: '2026-11-30T02:26:09.000000000Z' };
  const told: RunnerReport[] = [];
  const run = createContainerRun((report) => told.push(report), {
    clock: systemClock,
    log: quietLog,
    link: { engine: { ...engine, local }, status: () => ({ up: false }) } as unknown as EngineLink,
    watch: { pin: () => undefined, look: () => Promise.resolve(null) } as unknown as ContainerWatch,
    program: 'web',
    redirectStderr: false,
    saysReady: false,
    attach: () => Promise.reject(new Error('not here')),
    cursor: createLogCursor({ now: () => Date.now(), setBacks: () => 0, latestBefore: () => 0 }, null),
    readRest: () => Promise.resolve(),
    isStartedByClient: true,
    onUp: () => undefined,
    onGoneByKernel: () => undefined,
    onOver: () => undefined,
  });
  run.launched(former.startedAt);
  return { run, told, former };
}

it('is up when its process is there, also with the StartedAt of the former life, which an Engine may give it', async () => {
  const { run, told, former } = await launching(true);
  run.facts({ ...former, state: 'running', alive: true, pid: process.pid });
  expect(told).toMatchObject([{ type: 'spawned', pid: process.pid }]);
  expect(run.phase()).toBe('up');
  run.facts(null);
});

it("is not up by the books of the former life, whose process is gone, or another machine's", async () => {
  for (const [local, pid] of [
    [true, 2 ** 22 + 1],
    [false, process.pid],
  ] as const) {
    const { run, told, former } = await launching(local);
    run.facts({ ...former, state: 'running', alive: true, pid });
    expect([told, run.phase()]).toEqual([[], 'launching']);
    run.failed('away');
  }
});
