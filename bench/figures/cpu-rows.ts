/** CPU time of manager and proxies over a window in which nothing happens but that each container prints its line a second. */
import { ratioOf } from '../row.ts';
import type { Row } from '../row.ts';
import { median } from '../statistics.ts';
import { stackOf, stacks } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import type { FleetResult } from './fleet.ts';

const goalOfApi = 1 / 4;

export function cpuRows(result: FleetResult): readonly Row[] {
  const rests = (name: Stack['name']) => (result.passes.get(name) ?? []).flatMap(({ rest }) => rest ?? []);
  /** Of one core. */
  const percent = (name: Stack['name']): number =>
    median(rests(name).map(({ cpuSeconds, seconds }) => (100 * cpuSeconds) / seconds));
  const text = (name: Stack['name']): string => `${percent(name).toFixed(2)} %`;
  const classics = stacks.filter(({ kind }) => kind === 'supervisord').map(({ name }) => name);
  const smaller = Math.min(...classics.map(percent));
  const seconds = Math.round(rests('api')[0]?.seconds ?? 0);
  const repetitions = String(rests('api').length);
  return [
    {
      figure: `CPU at rest over ${String(seconds)} s (of one core), \`docker_attach=api\``,
      beside: classics.map((name) => `${stackOf(name).label}: ${text(name)}`).join('; '),
      ours: text('api'),
      ratio: `${ratioOf(percent('api'), smaller)} of the smaller`,
      goal: 'under 1/4 of the classic stack',
      reached: percent('api') < smaller * goalOfApi,
      repetitions,
    },
    {
      figure: 'the same, `docker_attach=cli`',
      beside: `${stackOf('classic-20').label}: ${text('classic-20')}`,
      ours: `the same CLI: ${text('cli')}`,
      ratio: ratioOf(percent('cli'), percent('classic-20')),
      goal: '(told)',
      reached: null,
      repetitions,
    },
  ];
}
