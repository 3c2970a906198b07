/**
 * npm run simulate [-- --seeds NUMBER] [--from SEED]: so many seeds (100000) of the simulation on all cores; fails when one does, or when
 * something that can happen never did. npm run simulate -- --seed SEED: that one, with its history.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { neverVisited } from '../test/simulation/coverage.ts';
import { playSeed } from '../test/simulation/play.ts';

interface Share {
  readonly played: number;
  readonly visited: readonly (readonly [string, number])[];
  readonly failures: readonly (readonly [number, string])[];
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100000' },
    from: { type: 'string', default: '1' },
    /** How far apart the seeds of one worker are; set for workers only. */
    stride: { type: 'string' },
  },
});
const [from, seeds] = [Number(values.from), Number(values.seeds)];
/** Seeds of a worker between two words of its. */
const shareSize = 100;
const progressMs = 10_000;
const mostShown = 20;

if (values.seed !== undefined) await playOne(Number(values.seed));
else if (values.stride !== undefined) await work(Number(values.stride));
else await playAll();

async function playOne(seed: number): Promise<void> {
  const { complaint, history } = await playSeed(seed, { keepHistory: true });
  console.log(history.join('\n'));
  console.log(complaint === null ? `seed ${seed}: nothing to complain of` : `seed ${seed}: ${complaint}`);
  process.exitCode = complaint === null ? 0 : 1;
}

async function work(stride: number): Promise<void> {
  for (let seed = from; seed < from + seeds;) {
    const visited = new Map<string, number>();
    const failures: [number, string][] = [];
    let played = 0;
    for (; played < shareSize && seed < from + seeds; played++, seed += stride) {
      const result = await playSeed(seed);
      for (const [what, times] of result.visited) visited.set(what, (visited.get(what) ?? 0) + times);
      if (result.complaint !== null) failures.push([seed, result.complaint]);
    }
    const share: Share = { played, visited: [...visited], failures };
    process.send?.(share);
  }
  process.disconnect();
}

async function playAll(): Promise<void> {
  const started = performance.now();
  const visited = new Map<string, number>();
  let [played, failed, lastWord] = [0, 0, started];
  function take(share: Share): void {
    played += share.played;
    for (const [what, times] of share.visited) visited.set(what, (visited.get(what) ?? 0) + times);
    for (const [seed, complaint] of share.failures)
      if (failed++ < mostShown)
        console.log(`seed ${seed}: ${complaint}\n  replay: npm run simulate -- --seed ${seed}`);
    if (performance.now() - lastWord < progressMs) return;
    lastWord = performance.now();
    console.log(
      `${played} of ${seeds} seeds, ${failed} failed, ${Math.round((lastWord - started) / 1000)} s`,
    );
  }
  const workers = availableParallelism();
  const ends = Array.from({ length: workers }, (_, index) => {
    const words = [
      '--from',
      String(from + index),
      '--seeds',
      String(seeds - index),
      '--stride',
      String(workers),
    ];
    const child = fork(fileURLToPath(import.meta.url), words);
    child.on('message', (share) => {
      // Only `work` above sends.
      take(share as Share);
    });
    return new Promise<number>((resolve) => {
      child.once('exit', (code) => {
        resolve(code ?? 1);
      });
    });
  });
  const broken = (await Promise.all(ends)).some((code) => code !== 0);
  for (const [what, times] of [...visited].sort()) console.log(`${String(times).padStart(10)}  ${what}`);
  const missing = neverVisited(visited);
  if (missing.length > 0) console.log(`never came about: ${missing.join(', ')}`);
  const ms = (performance.now() - started) / Math.max(1, played);
  console.log(`${played} seeds, ${failed} failed, ${ms.toFixed(1)} ms each on ${workers} cores`);
  process.exitCode = broken || failed > 0 || missing.length > 0 ? 1 : 0;
}
