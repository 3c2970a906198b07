/**
 * The whole fleet under each manager, one after the other, in rounds: brought up, left at rest for a while, stopped. Memory, CPU at rest
 * and the two times come from the same passes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../integration/support/until.ts';
import { numbered, programsFor, ticking } from '../containers.ts';
import { cpuSecondsOf, memoryOf, treeOf } from '../proc.ts';
import type { Memory } from '../proc.ts';
import type { Figure, Row } from '../row.ts';
import { stackOf, stacks } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import type { Managed, Stage } from '../stage.ts';
import { cpuRows } from './cpu-rows.ts';
import { memoryRows } from './memory-rows.ts';
import { timeRows } from './time-rows.ts';

export interface Pass {
  /** From `start all` to the last container's StartedAt. */
  readonly upMs: number;
  /** null: this pass had no window. */
  readonly rest: Rest | null;
  /** From `stop all` to the last container's FinishedAt. */
  readonly endedMs: number;
  /** From `stop all` until supervisorctl was back, and the Engine had answered for each that it does not run. */
  readonly verifiedMs: number;
  readonly leftRunning: number;
}

export interface Rest {
  readonly memory: Memory;
  readonly managerMb: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
}

export interface FleetResult {
  readonly passes: ReadonlyMap<Stack['name'], readonly Pass[]>;
  /** Of the manager alone with a tenth of the containers, over the Engine's socket. */
  readonly smallMb: number;
  readonly containers: number;
  readonly few: number;
}

/** Samples of memory within a window; the median counts, for a heap breathes. */
const memorySamples = 5;

export const fleet: Figure = {
  name: 'fleet',
  answersTo: ['fleet', 'memory', 'cpu'],
  async measure(stage, options): Promise<readonly Row[]> {
    const names = numbered('fleet', options.containers);
    const few = names.slice(0, Math.max(1, Math.round(options.containers / 10)));
    await stage.create(names, ticking);
    const passes = new Map<Stack['name'], Pass[]>(stacks.map(({ name }) => [name, []]));
    const times = { settleMs: options.settleMs, windowMs: options.windowMs };
    for (let round = 0; round < options.rounds; round++) {
      for (const stack of stacks) {
        const made = await pass(stage, stack, names, round < options.windows ? times : null);
        passes.get(stack.name)?.push(made);
        stage.say(`  round ${String(round + 1)}, ${stack.label}: ${JSON.stringify(made)}`);
      }
    }
    const small = await pass(stage, stackOf('api'), few, {
      ...times,
      windowMs: Math.min(times.windowMs, 5000),
    });
    const result: FleetResult = {
      passes,
      smallMb: small.rest?.managerMb ?? 0,
      containers: names.length,
      few: few.length,
    };
    return [...memoryRows(result), ...cpuRows(result), ...timeRows(result)];
  },
};

async function pass(
  stage: Stage,
  stack: Stack,
  names: readonly string[],
  times: { readonly settleMs: number; readonly windowMs: number } | null,
): Promise<Pass> {
  const managed = await stage.manage(stack, programsFor(stack, names, ['autostart=false']));
  try {
    const upMs = await bringUp(stage, managed, names);
    const rest = times === null ? null : await restOf(managed, times);
    return { upMs, rest, ...(await stopAll(stage, managed, names)) };
  } finally {
    await managed.end();
    await endAll(stage);
  }
}

/** What a manager has left running, and what is ending still: the next one would find it running, adopt it, and see it end. */
async function endAll(stage: Stage): Promise<void> {
  const left = await stage.running();
  if (left.length === 0) return;
  await stage.docker.run('kill', ...left).catch(() => '');
  await until(`${left.join(', ')} ended`, stage.limitMs, async () =>
    (await stage.running()).length === 0 ? true : null,
  );
}

async function bringUp(stage: Stage, managed: Managed, names: readonly string[]): Promise<number> {
  const from = Date.now();
  // Not waited for: supervisord would come back when its clients are up, and that says nothing of the containers.
  managed.call('supervisor.startAllProcesses', [false]).catch(() => undefined);
  await until(`all ${String(names.length)} run under ${managed.manager.kind}`, stage.limitMs, async () =>
    (await stage.running()).length === names.length ? true : null,
  );
  const started = (await stage.inspectAll(names)).map(({ startedAt }) => Date.parse(startedAt));
  return Math.max(...started) - from;
}

async function restOf(
  managed: Managed,
  times: { readonly settleMs: number; readonly windowMs: number },
): Promise<Rest> {
  await sleep(times.settleMs);
  const tree = treeOf(managed.pid);
  const from = performance.now();
  const before = cpuSecondsOf(tree);
  const samples: { readonly memory: Memory; readonly managerMb: number }[] = [];
  for (let sample = 0; sample < memorySamples; sample++) {
    await sleep(times.windowMs / memorySamples);
    samples.push({ memory: memoryOf(tree), managerMb: memoryOf([managed.pid]).rssMb });
  }
  const cpuSeconds = cpuSecondsOf(tree) - before;
  const seconds = (performance.now() - from) / 1000;
  const middle = samples.sort((a, b) => a.memory.rssMb - b.memory.rssMb)[Math.floor(memorySamples / 2)];
  if (middle === undefined) throw new Error('memory was not sampled');
  return { ...middle, cpuSeconds, seconds };
}

async function stopAll(
  stage: Stage,
  managed: Managed,
  names: readonly string[],
): Promise<Pick<Pass, 'endedMs' | 'verifiedMs' | 'leftRunning'>> {
  const from = Date.now();
  await managed.manager.ctl('stop', 'all');
  const after = await stage.inspectAll(names);
  const verifiedMs = Date.now() - from;
  const left = after.filter(({ status }) => status !== 'exited');
  const ends = after.map(({ finishedAt }) => Date.parse(finishedAt));
  return { endedMs: Math.max(...ends) - from, verifiedMs, leftRunning: left.length };
}
