/** One line of the table, and what a figure is. */
import type { BenchOptions } from './options.ts';
import type { Stage } from './stage.ts';

export interface Row {
  readonly figure: string;
  /** What it is compared with, as measured in the same run. */
  readonly beside: string;
  readonly ours: string;
  /** Ours divided by what it is compared with, or what else the goal is about. */
  readonly ratio: string;
  readonly goal: string;
  /** null: nothing to reach, only told. */
  readonly reached: boolean | null;
  readonly repetitions: string;
}

export interface Figure {
  readonly name: string;
  /** Whether one of these names of `--only` asks for it. */
  readonly answersTo: readonly string[];
  measure(stage: Stage, options: BenchOptions): Promise<readonly Row[]>;
}

export const ratioOf = (ours: number, beside: number): string =>
  beside === 0 ? '-' : (ours / beside).toFixed(ours / beside < 0.1 ? 3 : 2);

/** A figure that could not be taken is a line that says so: it is never left out. */
export const failedRow = (figure: string, error: unknown): Row => ({
  figure,
  beside: '-',
  ours: '-',
  ratio: '-',
  goal: `not measured: ${(error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''}`,
  reached: false,
  repetitions: '0',
});
