/**
 * The optimising compiler for as long as output comes in a flood. At rest it is off (`small-heap.ts`), for it costs memory and brings nothing
 * in there; in a flood the few functions that each piece goes through take a third less time with it (measured, docs/bench.md).
 */
import { setFlagsFromString } from 'node:v8';
import { FloodMeter } from '../core/flood-meter.ts';

/** Returns what is to be told of all output, in bytes. `now`: monotonic, in ms. `set`: takes a flag of V8. */
export function createFloodGear(
  now: () => number = () => performance.now(),
  set: (flag: string) => void = setFlagsFromString,
): (bytes: number) => void {
  const meter = new FloodMeter(now());
  let wasFlood = false;
  return (bytes) => {
    const isFlood = meter.took(bytes, now);
    if (isFlood !== wasFlood) set(isFlood ? '--opt' : '--no-opt');
    wasFlood = isFlood;
  };
}
