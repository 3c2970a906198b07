/** How long the next launch waits after failures in a row. Pure: the jitter of one try is always the same. */

export interface BackoffPolicy {
  /** `linear`: n times the first pause after the n-th failure, as supervisord waits. `exponential`: twice the pause before. */
  readonly kind: 'linear' | 'exponential';
  /** Pause after the first failure, in ms. */
  readonly initialMs: number;
  /** No pause is longer, in ms; 0: no limit. */
  readonly maxMs: number;
  /** By which part of itself a pause may be longer or shorter, 0 to 1: many programs that failed together need not come back together. */
  readonly jitter: number;
  /** How long a run must be up for the failures before it to be forgotten, in ms; 0: they are as soon as it is up, as supervisord does. */
  readonly resetAfterMs: number;
  /** What tells the jitter of one unit from another's. */
  readonly seed: string;
}

/** supervisord's arithmetic. */
export const supervisordBackoff: Omit<BackoffPolicy, 'seed'> = {
  kind: 'linear',
  initialMs: 1000,
  maxMs: 0,
  jitter: 0,
  resetAfterMs: 0,
};

/** Shorter than any pause that means something, in ms: what fails at once and for ever (`startretries=-1`) must leave the machine to others. */
const shortestMs = 100;

/** Longer than any pause that means something, in ms: a power of two must not grow beyond what a clock can hold. */
const longestMs = 365 * 24 * 3600 * 1000;

/** 0 ms doubled for ever would be no number. */
const mostDoublings = 64;

/** `failures` in a row, 1 or more. In whole ms, never less than 100, whatever the policy says. */
export function pauseAfter(failures: number, policy: BackoffPolicy): number {
  const { kind, initialMs, jitter, seed } = policy;
  const limit = policy.maxMs === 0 ? longestMs : policy.maxMs;
  const plain =
    kind === 'linear' ? initialMs * failures : initialMs * 2 ** Math.min(failures - 1, mostDoublings);
  const shaken = Math.min(plain, limit) * (1 + jitter * (2 * fraction(`${seed} ${String(failures)}`) - 1));
  return Math.max(shortestMs, Math.round(Math.min(shaken, limit)));
}

/** 0 to 1, evenly spread over texts (FNV-1a). */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  // The last bits of one round are too regular: mixed once more.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
