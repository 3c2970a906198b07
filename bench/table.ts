/** The table as markdown, with everything that a reader needs to judge it. */
import type { BenchOptions } from './options.ts';
import type { Row } from './row.ts';

export interface TableHead {
  readonly options: BenchOptions;
  readonly machine: readonly string[];
  readonly startedAt: Date;
  readonly loadBefore: string;
  readonly loadAfter: string;
}

export function tableOf(rows: readonly Row[], head: TableHead): string {
  const { options } = head;
  const judged = rows.filter(({ reached }) => reached !== null);
  const missed = judged.filter(({ reached }) => reached === false);
  return [
    `Measured ${head.startedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${String(options.containers)} containers that print a line a second${options.quick ? '; **`--quick`: this shows that the bench works, and no figure**' : ''}. Everything side by side in one run on one private Engine; compare within a row, not across machines. Medians; lowest to highest in brackets.`,
    '',
    ...head.machine.map((line) => `- ${line}`),
    `- load average before ${head.loadBefore}, after ${head.loadAfter}`,
    `- goals reached: ${String(judged.length - missed.length)} of ${String(judged.length)}${missed.length === 0 ? '' : `; missed: ${missed.map(({ figure }) => figure).join('; ')}`}`,
    '',
    '| Figure | Beside | dockvisor | Ratio | To reach | Reached | Repetitions |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${cellsOf(row).map(cell).join(' | ')} |`),
  ].join('\n');
}

const cellsOf = (row: Row): readonly string[] => [
  row.figure,
  row.beside,
  row.ours,
  row.ratio,
  row.goal,
  row.reached === null ? '' : row.reached ? 'yes' : '**no**',
  row.repetitions,
];

const cell = (text: string): string => text.replaceAll('|', '\\|');
