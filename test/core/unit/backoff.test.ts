import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pauseAfter, supervisordBackoff } from '../../../src/core/unit/backoff.ts';
import type { BackoffPolicy } from '../../../src/core/unit/backoff.ts';

const pauses = (change: Partial<BackoffPolicy>, count = 6): readonly number[] =>
  Array.from({ length: count }, (_, index) =>
    pauseAfter(index + 1, { ...supervisordBackoff, seed: 'g:a', ...change }),
  );

describe('the pause', () => {
  test('grows as supervisord lets it grow, if nothing else is said', () => {
    expect(pauses({})).toEqual([1000, 2000, 3000, 4000, 5000, 6000]);
  });
  test('doubles', () => {
    expect(pauses({ kind: 'exponential', initialMs: 500 })).toEqual([500, 1000, 2000, 4000, 8000, 16_000]);
  });
  test('has a limit', () => {
    expect(pauses({ kind: 'exponential', maxMs: 3000 })).toEqual([1000, 2000, 3000, 3000, 3000, 3000]);
  });
  test.each<Partial<BackoffPolicy>>([
    { initialMs: 0 },
    { kind: 'exponential', initialMs: 0 },
    { maxMs: 1 },
    { initialMs: 1, kind: 'linear', jitter: 1 },
  ])('is never so short that trying is all that the machine does: %o', (change) => {
    expect(pauses(change)).toEqual([100, 100, 100, 100, 100, 100]);
  });
  test('is shaken by a part of itself, each unit in its own way, and always alike', () => {
    const one = pauses({ jitter: 0.2 });
    expect(one).toEqual(pauses({ jitter: 0.2 }));
    expect(one).not.toEqual(pauses({ jitter: 0.2, seed: 'g:b' }));
    expect(one).not.toEqual(pauses({}));
  });
});

test('it stays within its part, and below its limit, for any number of failures', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.constantFrom('linear' as const, 'exponential' as const),
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 0, max: 600_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.string(),
      (failures, kind, initialMs, maxMs, jitter, seed) => {
        const policy = { kind, initialMs, maxMs, jitter, resetAfterMs: 0, seed };
        const pause = pauseAfter(failures, policy);
        const plain = pauseAfter(failures, { ...policy, jitter: 0 });
        expect(Number.isSafeInteger(pause)).toBe(true);
        expect(pause).toBeGreaterThanOrEqual(Math.max(100, Math.floor(plain * (1 - jitter))));
        expect(pause).toBeLessThanOrEqual(Math.ceil(plain * (1 + jitter)));
        if (maxMs > 0) expect(pause).toBeLessThanOrEqual(Math.max(100, maxMs));
      },
    ),
  );
});
