/**
 * The optimising compiler for as long as output comes in a flood. At rest it is off (`small-heap.ts`), for it costs memory and brings nothing
 * in there; in a flood the few functions that each piece goes through take a third less time with it (measured, docs/bench.md).
 */
import { setFlagsFromString } from 'node:v8';

/** The clock is looked at once for so many bytes. */
const partBytes = 1024 * 1024;
/** What comes faster than a part in so many ms (5 MB/s) is a flood. */
const floodMs = 200;

/** Returns what is to be told of all output, in bytes. `now`: monotonic, in ms. `set`: takes a flag of V8. */
export function createFloodGear(
  now: () => number = () => performance.now(),
  set: (flag: string) => void = setFlagsFromString,
): (bytes: number) => void {
  let part = 0;
  let since = now();
  let isFlood = false;
  return (bytes) => {
    part += bytes;
    if (part < partBytes) return;
    const at = now();
    const isFast = (at - since) * partBytes < floodMs * part;
    part = 0;
    since = at;
    if (isFast !== isFlood) set(isFast ? '--opt' : '--no-opt');
    isFlood = isFast;
  };
}
