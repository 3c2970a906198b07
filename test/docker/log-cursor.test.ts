/** When times in a log do not tell where its reader is, and when they do again. */
import { expect, it } from 'vitest';
import { createLogCursor } from '../../src/docker/log-cursor.ts';
import type { LogCursor } from '../../src/docker/log-cursor.ts';
import { beginningOf, stampOf } from '../../src/docker/log-position.ts';
import type { LogPosition } from '../../src/docker/log-position.ts';

const start = Date.UTC(2026, 10, 30, 12);
const hourMs = 3_600_000;
const at = (ms: number): string => stampOf(start + ms);
const both = (since: string): LogPosition => ({ stdout: beginningOf(since), stderr: beginningOf(since) });

/** A clock that is moved by hand. */
function byHand() {
  let now = start;
  let setBacks = 0;
  let latest = 0;
  return {
    now: () => now,
    setBacks: () => setBacks,
    latestBefore: () => latest,
    move(ms: number) {
      if (ms < 0) {
        setBacks++;
        latest = Math.max(latest, now);
      }
      now += ms;
    },
  };
}

const unordered = (cursor: LogCursor): string | undefined => cursor.of('c')?.unordered;
const line = Buffer.from('x\n');

it('from the clock being set back until its reader is behind what was stamped before', () => {
  const clock = byHand();
  const cursor = createLogCursor(clock, null);
  cursor.begin('c', both(at(-1000)));
  expect(unordered(cursor)).toBe('');
  clock.move(-hourMs);
  expect(unordered(cursor)).toBe(at(0));
  cursor.settle('c', both(at(-hourMs + 5)));
  expect(unordered(cursor)).toBe(at(0));
  clock.move(2 * hourMs);
  cursor.settle('c', both(at(1)));
  expect(unordered(cursor)).toBe('');
});

it('where the log itself says that the clock was set back, and nobody has looked', () => {
  const cursor = createLogCursor(byHand(), null);
  cursor.begin('c', both(at(0)));
  cursor.taken('stdout', line, { position: both(at(-hourMs)), isBoth: true });
  expect(unordered(cursor)).toBe(at(0));
});

it('where the place that was left is still to come: it was set back while nobody was there; an Engine elsewhere may be ahead a little', () => {
  const saved = { container: 'c', position: both(at(30_000)), at: 0, unordered: '' };
  expect(unordered(createLogCursor(byHand(), saved))).toBe(at(30_000));
  expect(unordered(createLogCursor(byHand(), saved, 60_000))).toBe('');
});

it('is left to the next daemon, and holds for one container: another has a log of its own', () => {
  const saved = { container: 'c', position: both(at(-hourMs)), at: 0, unordered: at(-5) };
  const cursor = createLogCursor(byHand(), saved);
  expect(cursor.save()?.unordered).toBe(at(-5));
  cursor.begin('c', both(at(-hourMs)));
  expect(cursor.save()?.unordered).toBe(at(-5));
  cursor.begin('d', both(at(-hourMs)));
  expect(cursor.save()?.unordered).toBe('');
});
