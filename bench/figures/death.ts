/**
 * From the Engine's own event of a death to the moment at which an event listener is told of EXITED: what a person, or a program, can know.
 * Every container of the fleet is killed once, one after the other.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../integration/support/until.ts';
import { numbered, programsFor, ticking } from '../containers.ts';
import { listenToEngine } from '../engine-events.ts';
import { killMain } from '../proc.ts';
import { ratioOf } from '../row.ts';
import type { Figure, Row } from '../row.ts';
import { percentile, median } from '../statistics.ts';
import { stackOf } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import type { Stage } from '../stage.ts';

const goalMs = 20;
const contenders = ['classic-20', 'api', 'cli'] as const;
/** Between two deaths: far enough apart that each is told by itself, at no fixed phase of anybody's second, in ms. */
const pauseMs = (index: number): number => 60 + ((index * 37) % 90);

export const death: Figure = {
  name: 'death',
  answersTo: ['death'],
  async measure(stage, options): Promise<readonly Row[]> {
    const names = numbered('death', options.containers);
    await stage.create(names, ticking);
    const found = new Map<string, readonly number[]>();
    for (const name of contenders) {
      const delays = await delaysUnder(stage, stackOf(name), names);
      found.set(name, delays);
      stage.say(`  ${name}: ${textOf(delays)}`);
    }
    const of = (name: string): readonly number[] => found.get(name) ?? [];
    return (['api', 'cli'] as const).map((name) => ({
      figure: `death of a container to the state told, \`docker_attach=${name}\``,
      beside: `${stackOf('classic-20').label}: ${textOf(of('classic-20'))}`,
      ours: textOf(of(name)),
      ratio: `${ratioOf(percentile(of(name), 99), percentile(of('classic-20'), 99))} (p99)`,
      goal: `p99 under ${String(goalMs)} ms after the Engine's event`,
      reached: percentile(of(name), 99) < goalMs,
      repetitions: `${String(of(name).length)} deaths`,
    }));
  },
};

async function delaysUnder(stage: Stage, stack: Stack, names: readonly string[]): Promise<readonly number[]> {
  const listener = `[eventlistener:told]
command=/usr/bin/python3 ${resolve('bench/figures/told.py')} %DIR%/told
events=PROCESS_STATE
buffer_size=4096`;
  const lines = ['autorestart=false'];
  const managed = await stage.manage(stack, `${programsFor(stack, names, lines)}\n${listener}`);
  const events = await listenToEngine(stage.engine.socket);
  const told = (event: string): ReadonlyMap<string, number> =>
    toldOf(join(managed.manager.directory, 'told'), event);
  try {
    await until(`all ${String(names.length)} run, and the listener was told so`, stage.limitMs, async () =>
      // supervisord tells of its clients, which may wait for a busy Engine while it does.
      told('PROCESS_STATE_RUNNING').size >= names.length && (await stage.running()).length === names.length
        ? true
        : null,
    );
    const all = await stage.inspectAll(names);
    for (const [index, container] of all.entries()) {
      killMain(container);
      await sleep(pauseMs(index));
    }
    await until(`the listener was told of ${String(names.length)} deaths`, stage.limitMs, () =>
      names.every((name) => told('PROCESS_STATE_EXITED').has(name)) ? true : null,
    );
    const [ends, tellings] = [events.times('die'), told('PROCESS_STATE_EXITED')];
    return names.map((name) => (tellings.get(name) ?? Infinity) - (ends.get(name) ?? 0));
  } finally {
    events.close();
    await managed.end();
  }
}

/** When a listener was told of this event, by the process's name, in ms since the epoch. */
function toldOf(file: string, event: string): ReadonlyMap<string, number> {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // It has been told of nothing yet.
  }
  const words = text.split('\n').map((line) => line.split(' '));
  return new Map(
    words.flatMap(([at = '', name = '', process = '']) =>
      name === event ? [[process, Number(at) / 1e6] as const] : [],
    ),
  );
}

const textOf = (delays: readonly number[]): string =>
  `p50 ${median(delays).toFixed(1)} ms, p99 ${percentile(delays, 99).toFixed(1)}, highest ${Math.max(...delays).toFixed(1)}`;
