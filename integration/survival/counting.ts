/** Containers that number their lines, and what a log must hold of them: each line once, in order. */

/** On stdout each line, on stderr each third; ends at once on TERM. */
export const counts = (pauseMs: number): readonly string[] => [
  'sh',
  '-c',
  `trap "exit 0" TERM; i=0; while :; do i=$((i+1)); echo "out $i"; [ $((i%3)) = 0 ] && echo "err $i" >&2; usleep ${String(pauseMs * 1000)}; done`,
];

export interface Tally {
  /** The last number; 0: there is none. */
  readonly last: number;
  /** What is wrong, in words; empty: each line is there once, in order. */
  readonly faults: readonly string[];
}

/** `step`: from one number to the next. `lives`: how often it may begin anew. */
export function tally(text: string, word: 'out' | 'err', step: number, lives = 1): Tally {
  const faults: string[] = [];
  let last = 0;
  let life = 1;
  for (const line of text.split('\n')) {
    const number = Number(new RegExp(`(?:^|[| ])${word} (\\d+)$`).exec(line)?.[1] ?? 'NaN');
    if (Number.isNaN(number)) continue;
    if (number === step && last > 0 && life < lives) life++;
    else if (number !== last + step) faults.push(`${word} ${String(number)} after ${word} ${String(last)}`);
    last = number;
  }
  return { last, faults };
}
