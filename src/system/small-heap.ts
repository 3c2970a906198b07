/**
 * V8 as a daemon wants it: one that rests nearly always, has a few megabytes of its own, and is to be forgotten by the machine's memory.
 * V8's own choices are for a program that computes: at rest they cost a daemon of a hundred containers 40 MB (measured, docs/bench.md).
 */
import { setFlagsFromString } from 'node:v8';

const flags = [
  // New objects live in 2 x 1 MB for good. By itself V8 doubles that with each busy moment, up to 32 MB, and gives it back late or never.
  '--semi-space-growth-factor=1',
  // What a busy moment left is collected 2 s after it, also in a heap so small that V8 would not bother.
  '--memory-reducer-for-small-heaps',
  '--gc-memory-reducer-start-delay-ms=2000',
  // Nothing here computes for long; the optimising compiler costs more, in its own pages and in time, than it ever brings in.
  '--no-opt',
];

/** To be called before the rest of the program is loaded. V8 says on stderr what it does not know, and goes on. */
export function keepHeapSmall(): void {
  for (const flag of flags) setFlagsFromString(flag);
}
