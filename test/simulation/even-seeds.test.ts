import { expect, it } from 'vitest';
import { neverVisited } from './coverage.ts';
import { playShare } from './play-share.ts';

it('the even ones of 2,000 seeds: nothing to complain of, and everything that can happen did', async () => {
  const { complaints, visited } = await playShare(2);
  expect(complaints).toEqual([]);
  expect(neverVisited(visited)).toEqual([]);
}, 900_000);
