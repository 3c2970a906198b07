/**
 * What every fuzz test is: many random inputs to one reader, each within its time, and nothing left in memory after all of them. 500 inputs
 * each here; `npm run fuzz` plays 100,000. The seed is in the name of the test, and played again with DOCKVISOR_SEED.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext, Script } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';

export const inputs = Number(process.env['DOCKVISOR_FUZZ'] ?? 500);
export const seed = Number(process.env['DOCKVISOR_SEED'] ?? 20261128);
/** For one input, of the processor's time: on a busy machine a moment may take as long by the clock. */
const longestMs = 2000;
/** By the clock. What takes longer hangs, and is ended. */
const endlessMs = 60_000;
/** What may be left after all inputs: compiled code and caches of the runtime, but no more of it after a hundred times as many inputs. */
const mostLeftBytes = 8 * 1024 ** 2;

setFlagsFromString('--expose-gc');
// The flag counts for contexts that are made from now on.
const collectGarbage = runInNewContext('gc') as () => void;

function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Only a script can be interrupted in the midst of a loop that never ends: it finds what it is to run in this place. */
const place = globalThis as { fuzzedNow?: () => void };
const script = new Script('fuzzedNow()');

function withinTime(check: () => void): void {
  place.fuzzedNow = check;
  const before = process.cpuUsage();
  script.runInThisContext({ timeout: endlessMs });
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  if (ms > longestMs) throw new Error(`one input took ${ms.toFixed()} ms`);
}

/** Registers a test: `check` throws for an input that shows a fault. */
export function fuzz<T>(what: string, from: fc.Arbitrary<T>, check: (input: T) => void): void {
  test(
    `${what}: ${String(inputs)} inputs, seed ${String(seed)}`,
    () => {
      const warm = Math.floor(inputs / 5);
      let played = 0;
      let before = 0;
      fc.assert(
        fc.property(from, (input) => {
          if (played === warm) before = heapInUse();
          played += 1;
          withinTime(() => check(input));
        }),
        { numRuns: inputs, seed },
      );
      expect(heapInUse() - before, 'bytes that are left').toBeLessThan(mostLeftBytes);
    },
    60_000 + inputs * 20,
  );
}
