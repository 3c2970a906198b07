/** The table as found, in markdown: the managers side by side. */
import type { ManagerKind } from '../support/manager.ts';
import type { CaseResult } from './run-case.ts';
import type { Sample, ToldLie } from './sampler.ts';

export type Cell = CaseResult | { readonly notRun: string };

export function markdownTable(
  situations: readonly string[],
  cell: (situation: string, kind: ManagerKind) => Cell | null,
): string {
  const rows = situations.map((situation) => {
    const supervisord = cell(situation, 'supervisord');
    const plugin = cell(situation, 'plugin');
    const cli = cell(situation, 'cli');
    const api = cell(situation, 'api');
    return `| ${[situation, engineText(cli, supervisord), ...[supervisord, plugin, cli, api].map(cellText)].join(' | ')} |`;
  });
  return [
    '| situation | Engine at rest | supervisord 4.2.5 says | supervisord 4.2.5 with the plug-in says | dockvisord says (cli) | dockvisord says (api) |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** What is so under each manager may differ: one undoes what another leaves. */
function engineText(ours: Cell | null, theirs: Cell | null): string {
  const our = ours === null || 'notRun' in ours ? '' : truthText(ours.end);
  const their = theirs === null || 'notRun' in theirs ? '' : truthText(theirs.end);
  return our === their || their === '' ? our : `${our} (under supervisord: ${their})`;
}

function truthText({ truth }: Sample): string {
  const health = truth.health === 'none' ? '' : ` (${truth.health})`;
  const code = truth.exitCode === null ? '' : ` ${String(truth.exitCode)}`;
  return `${truth.status}${code}${health}${truth.oomKilled ? ' (OOM killed)' : ''}`;
}

function cellText(cell: Cell | null): string {
  if (cell === null) return 'not run';
  if ('notRun' in cell) return cell.notRun;
  const { says } = cell.end;
  return [says.state, ...(cell.lies.length === 0 ? ['truth'] : worstOf(cell.lies).map(lieText))].join('; ');
}

/** One of each kind, the longest, those that never end first. */
function worstOf(lies: readonly ToldLie[]): readonly ToldLie[] {
  const sorted = [...lies].sort((a, b) => Number(b.atRest) - Number(a.atRest) || b.ms - a.ms);
  return sorted.filter((lie, index) => sorted.findIndex(({ kind }) => kind === lie.kind) === index);
}

export function lieText(lie: ToldLie): string {
  const seconds = `${(lie.ms / 1000).toFixed(1)} s`;
  return `**LIE**: says ${lie.says}, ${lie.truth}, ${lie.atRest ? `for ${seconds} and on` : `for ${seconds}`}`;
}
