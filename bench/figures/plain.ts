/** A thousand plain programs that do nothing: what the manager costs for them, beyond what it costs for one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../integration/support/until.ts';
import { cpuSecondsOf, memoryOf } from '../proc.ts';
import type { BenchOptions } from '../options.ts';
import { ratioOf } from '../row.ts';
import type { Figure, Row } from '../row.ts';
import { median } from '../statistics.ts';
import { stackOf } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import type { Stage } from '../stage.ts';

const contenders = ['classic-20', 'api'] as const;
const memorySamples = 3;

interface Cost {
  readonly rssMb: number;
  readonly cpuPercent: number;
}

export const plain: Figure = {
  name: 'plain',
  answersTo: ['plain'],
  async measure(stage, options): Promise<readonly Row[]> {
    const found = new Map<string, Cost>();
    for (const programs of [1, options.programs]) {
      for (const name of contenders) {
        const cost = await costOf(stage, stackOf(name), programs, options);
        found.set(`${name} ${String(programs)}`, cost);
        stage.say(`  ${name}, ${String(programs)}: ${JSON.stringify(cost)}`);
      }
    }
    const of = (name: (typeof contenders)[number], programs: number): Cost => {
      const cost = found.get(`${name} ${String(programs)}`);
      if (cost === undefined) throw new Error(`${name} was not measured`);
      return cost;
    };
    const many = options.programs;
    const more = (name: (typeof contenders)[number], key: keyof Cost): number =>
      of(name, many)[key] - of(name, 1)[key];
    const text = (name: (typeof contenders)[number], key: keyof Cost, digits: number, unit: string): string =>
      `${more(name, key).toFixed(digits)} ${unit} (${of(name, many)[key].toFixed(digits)} in all, with one program ${of(name, 1)[key].toFixed(digits)})`;
    const row = (what: string, key: keyof Cost, digits: number, unit: string): Row => ({
      figure: `${what}, ${String(many)} plain programs, beyond a fixed base`,
      beside: `supervisord: ${text('classic-20', key, digits, unit)}`,
      ours: text('api', key, digits, unit),
      ratio: ratioOf(more('api', key), more('classic-20', key)),
      goal: 'no more',
      reached: more('api', key) <= more('classic-20', key),
      repetitions: '1',
    });
    return [row('memory of the manager', 'rssMb', 1, 'MB'), row('CPU at rest', 'cpuPercent', 2, '%')];
  },
};

async function costOf(stage: Stage, stack: Stack, programs: number, options: BenchOptions): Promise<Cost> {
  const section = `[program:idle]
command=/bin/busybox sleep 1000000
process_name=%(program_name)s_%(process_num)04d
numprocs=${String(programs)}`;
  const managed = await stage.manage(stack, section, 24 + 6 * Math.max(programs, 200));
  try {
    await until(`${String(programs)} programs are RUNNING under ${stack.kind}`, stage.limitMs, async () => {
      const all = await managed.manager.processes();
      if (all.every(({ state }) => state === 'RUNNING') && all.length === programs) return true;
      await sleep(500);
      return null;
    });
    await sleep(options.settleMs);
    const from = performance.now();
    const before = cpuSecondsOf([managed.pid]);
    const samples: number[] = [];
    for (let sample = 0; sample < memorySamples; sample++) {
      await sleep(options.idleMs / memorySamples);
      samples.push(memoryOf([managed.pid]).rssMb);
    }
    const seconds = (performance.now() - from) / 1000;
    const cpuPercent = (100 * (cpuSecondsOf([managed.pid]) - before)) / seconds;
    return { rssMb: median(samples), cpuPercent };
  } finally {
    await managed.end();
  }
}
