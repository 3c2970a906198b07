/** Plays every other of the first 2,000 seeds: two files of tests share them, and so two cores. */
import { playSeed } from './play.ts';

export interface ShareResult {
  readonly complaints: readonly string[];
  readonly visited: ReadonlyMap<string, number>;
}

const seeds = 2000;

export async function playShare(first: 1 | 2): Promise<ShareResult> {
  const complaints: string[] = [];
  const visited = new Map<string, number>();
  for (let seed = first; seed <= seeds; seed += 2) {
    const played = await playSeed(seed);
    for (const [what, times] of played.visited) visited.set(what, (visited.get(what) ?? 0) + times);
    if (played.complaint !== null)
      complaints.push(`${played.complaint}; replay: npm run simulate -- --seed ${seed}`);
  }
  return { complaints, visited };
}
