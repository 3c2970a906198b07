/** How all programs are, in a few words: `3 running, 1 FATAL`. */
import type { WireStateName } from './unit/states.ts';

/** In this order; what needs somebody's eye is written as it is in `status`. */
const words: readonly (readonly [WireStateName, string])[] = [
  ['RUNNING', 'running'],
  ['STARTING', 'starting'],
  ['STOPPING', 'stopping'],
  ['STOPPED', 'stopped'],
  ['EXITED', 'exited'],
  ['BACKOFF', 'BACKOFF'],
  ['FATAL', 'FATAL'],
  ['UNKNOWN', 'UNKNOWN'],
];

export function summarize(views: readonly { readonly state: WireStateName }[]): string {
  const parts = words.flatMap(([state, word]) => {
    const count = views.filter((view) => view.state === state).length;
    return count === 0 ? [] : [`${String(count)} ${word}`];
  });
  return parts.length === 0 ? 'no programs' : parts.join(', ');
}
