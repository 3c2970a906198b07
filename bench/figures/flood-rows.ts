import type { BenchOptions } from '../options.ts';
import { ratioOf } from '../row.ts';
import type { Row } from '../row.ts';
import { median, spread } from '../statistics.ts';
import { stackOf } from '../stacks.ts';
import { drivers } from './flood.ts';
import type { Contender, Driver, Flood } from './flood.ts';

const boundMb = 64;
const oursNames = ['api', 'cli'] as const;

export function floodRows(
  of: (name: Contender, driver: Driver) => readonly Flood[],
  options: BenchOptions,
): readonly Row[] {
  const values = (name: Contender, driver: Driver, key: keyof Flood): readonly number[] =>
    of(name, driver).map((one) => one[key]);
  const total = (name: Contender, key: keyof Flood): number =>
    drivers.reduce((sum, driver) => sum + values(name, driver, key).reduce((a, b) => a + b, 0), 0);
  const size = `${String(options.floodBytes / 1e6)} MB`;
  const beside = stackOf('classic-20').label;
  const repetitions = String(options.floods);
  const rows: Row[] = [];
  for (const driver of drivers) {
    for (const name of oursNames) {
      const [speed, theirSpeed] = [
        values(name, driver, 'mbPerSecond'),
        values('classic-20', driver, 'mbPerSecond'),
      ];
      const [cpu, theirCpu] = [
        values(name, driver, 'cpuSeconds'),
        values('classic-20', driver, 'cpuSeconds'),
      ];
      const lost = values(name, driver, 'lostBytes').reduce((a, b) => a + b, 0);
      rows.push(
        {
          figure: `log throughput, ${size} of 100-byte lines, log driver \`${driver}\`, \`docker_attach=${name}\``,
          beside: `${beside}: ${spread(theirSpeed, 0, 'MB/s')}`,
          ours: `${spread(speed, 0, 'MB/s')}, ${lost === 0 ? 'nothing lost' : `**${String(lost)} bytes lost**`}`,
          ratio: ratioOf(median(speed), median(theirSpeed)),
          goal: 'no slower, nothing lost',
          reached: median(speed) >= median(theirSpeed) && lost === 0,
          repetitions,
        },
        {
          figure: `CPU of manager and proxy for that, \`${driver}\`, \`${name}\``,
          beside: spread(theirCpu, 2, 's'),
          ours: spread(cpu, 2, 's'),
          ratio: ratioOf(median(cpu), median(theirCpu)),
          goal: 'no more',
          reached: median(cpu) <= median(theirCpu),
          repetitions,
        },
      );
    }
  }
  const peak = (name: Contender): number =>
    Math.max(...drivers.flatMap((driver) => values(name, driver, 'peakAboveRestMb')));
  for (const name of oursNames)
    rows.push({
      figure: `highest memory of the manager in a flood, above its rest, \`docker_attach=${name}\``,
      beside: `${peak('classic-20').toFixed(1)} MB (lost: ${String(total('classic-20', 'lostBytes'))} bytes)`,
      ours: `${peak(name).toFixed(1)} MB`,
      ratio: '-',
      goal: `under ${String(boundMb)} MB`,
      reached: peak(name) < boundMb,
      repetitions,
    });
  return rows;
}
