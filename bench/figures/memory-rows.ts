/** Resident memory of manager and proxies, as a sum of RSS; PSS beside it, because a hundred proxies share pages of one binary. */
import { ratioOf } from '../row.ts';
import type { Row } from '../row.ts';
import { median } from '../statistics.ts';
import { stackOf, stacks } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import type { FleetResult, Rest } from './fleet.ts';

const goalOfApi = 1 / 40;
const goalOfEachMb = 0.25;

export function memoryRows(result: FleetResult): readonly Row[] {
  const rests = (name: Stack['name']): readonly Rest[] =>
    (result.passes.get(name) ?? []).flatMap(({ rest }) => rest ?? []);
  const rss = (name: Stack['name']): number => median(rests(name).map(({ memory }) => memory.rssMb));
  const text = (name: Stack['name']): string =>
    `${rss(name).toFixed(1)} MB (PSS ${median(rests(name).map(({ memory }) => memory.pssMb)).toFixed(1)})`;
  const classics = stacks.filter(({ kind }) => kind === 'supervisord').map(({ name }) => name);
  const smaller = Math.min(...classics.map(rss));
  const beside = classics.map((name) => `${stackOf(name).label}: ${text(name)}`).join('; ');
  const each = (rss('api') - result.smallMb) / Math.max(1, result.containers - result.few);
  const repetitions = String(rests('api').length);
  return [
    {
      figure: 'resident memory, manager and proxies, `docker_attach=api`',
      beside,
      ours: text('api'),
      ratio: `${ratioOf(rss('api'), smaller)} of the smaller`,
      goal: `under 1/40 (${goalOfApi.toFixed(3)}) of the smaller`,
      reached: rss('api') < smaller * goalOfApi,
      repetitions,
    },
    {
      figure: 'each further container, `docker_attach=api`',
      beside: classics.map((name) => `${(rss(name) / result.containers).toFixed(1)} MB`).join('; '),
      ours: `${each.toFixed(3)} MB (${result.smallMb.toFixed(1)} MB with ${String(result.few)})`,
      ratio: '-',
      goal: `under ${String(goalOfEachMb)} MB`,
      reached: each < goalOfEachMb,
      repetitions,
    },
    {
      figure: 'resident memory, manager and proxies, `docker_attach=cli`',
      beside: `${stackOf('classic-20').label}: ${text('classic-20')}`,
      ours: `the same CLI: ${text('cli')}`,
      ratio: ratioOf(rss('cli'), rss('classic-20')),
      goal: 'no more',
      reached: rss('cli') <= rss('classic-20'),
      repetitions,
    },
  ];
}
