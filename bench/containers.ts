/** What runs in the containers, and how a manager is told of them. */
import type { Stack } from './stacks.ts';

/** A line a second, without a child process for each (`sleep` would be one), and its end at once on TERM. */
export const ticking: readonly string[] = [
  'sh',
  '-c',
  'trap "exit 0" TERM; mkfifo /tick || :; exec 3<>/tick; while :; do echo "a line a second, as most programs are"; read -t 1 -u 3 never; done',
];

export const numbered = (prefix: string, howMany: number): readonly string[] =>
  Array.from({ length: howMany }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);

/** One program for each container of these names. */
export function programsFor(stack: Stack, names: readonly string[], lines: readonly string[] = []): string {
  return names
    .map((name) =>
      [
        `[program:${name}]`,
        `command=${stack.client} start -a ${name}`,
        'startsecs=1',
        ...(stack.kind === 'api' ? ['docker_attach=api'] : []),
        ...lines,
      ].join('\n'),
    )
    .join('\n');
}
