/** Seeds beyond the 2,000 that found something once. What they play changes with the simulation; where it can be had, what they found has a test of its own. */
import { expect, it } from 'vitest';
import { playSeed } from './play.ts';

const limitMs = 60_000;

it.each([
  4386, 4672, 7430, 19027, 19913, 28424, 30540, 34138, 36565, 44091, 51322, 82621, 84467, 84515, 87201, 11473,
  51449, 59857, 3725,
])(
  'seed %i: nothing to complain of',
  async (seed) => {
    expect((await playSeed(seed)).complaint).toBeNull();
  },
  limitMs,
);
