/** How long the reader of a flood rests, by who writes. */
import { expect, it } from 'vitest';
import { FloodPace } from '../../src/process/flood-pace.ts';

const pipeBytes = 65_536;

/** A writer of so many bytes in a ms, and a pipe; what there is when the reader comes (0.02 ms after the last time, and its rest), for 2,000 pieces. */
function play(bytesPerMs: number): {
  readonly meanBytes: number;
  readonly restMs: number;
  readonly ms: number;
} {
  const pace = new FloodPace();
  let ms = 0;
  let restMs = 0;
  let bytes = 0;
  let rest = 0;
  for (let piece = 0; piece < 2000; piece++) {
    const took = 0.02 + rest;
    const came = Math.min(pipeBytes, Math.max(4096, bytesPerMs * took));
    ms += took;
    restMs += rest;
    bytes += came;
    rest = pace.restAfter(came);
  }
  return { meanBytes: bytes / 2000, restMs, ms };
}

it('what comes slowly is read in pieces of as much as half a millisecond brings', () => {
  const { meanBytes, restMs, ms } = play(40_000);
  expect(meanBytes).toBeGreaterThan(18_000);
  expect(restMs / ms).toBeGreaterThan(0.9);
});

it('what fills the pipe within the rest is read as often as it fills it', () => {
  const { meanBytes, ms } = play(250_000);
  expect(meanBytes).toBeGreaterThan(30_000);
  // Of the writer's speed, which no reader can be above.
  expect((meanBytes * 2000) / ms).toBeGreaterThan(125_000);
});

it('who is faster than the shortest rest is hardly ever waited for', () => {
  const { restMs, ms } = play(2_000_000);
  expect(restMs / ms).toBeLessThan(0.05);
});

it('a rest is never longer than half a millisecond, and comes only where there is room', () => {
  const pace = new FloodPace();
  for (let piece = 0; piece < 100; piece++) expect(pace.restAfter(4096)).toBeLessThanOrEqual(0.5);
  expect(pace.restAfter(pipeBytes)).toBe(0);
});
