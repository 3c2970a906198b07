/**
 * Two streams in one (`redirect_stderr`). Of lines that come at nearly the same time the Engine may pass on those of one stream in another order
 * than it writes them to its log (seen where the machine is busy), so that a count is off by one just there: one line would be lost, and its
 * neighbour doubled. What was taken last tells which. Pure.
 */
import { createLineMatcher } from './line-matcher.ts';
import type { LineMatcher, Match } from './line-matcher.ts';
import { createSkipper, isLine, lineOf } from './log-position.ts';
import type { Channel, LogPosition, Skipper } from './log-position.ts';

/** So far out of its order a line may be, in lines. */
const disorder = 8;

/** Of `these` what is not among `those`, as often as it is not. */
function beyond<T>(these: readonly T[], those: readonly string[], textOf: (one: T) => string): T[] {
  const left = [...those];
  return these.filter((one) => {
    const index = left.indexOf(textOf(one));
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

interface Line {
  readonly channel: Channel;
  readonly data: Uint8Array;
  readonly text: string;
}

/**
 * By count, and where a line that was taken stands behind the place, the one that it came before is not taken to have been: as soon as the
 * first is there, the second is passed on in its stead. `known`: what was taken last, oldest first; of the first line its end is enough.
 * `take` is told the channel that a line was written to.
 */
export function createMixedSkipper(position: LogPosition, known: readonly string[]): Skipper {
  const counted = createSkipper(position);
  const taken = known.slice(1);
  const span = Math.min(disorder, Math.floor(taken.length / 2));
  /** Whole lines that the count went by last. */
  const passed: Line[] = [];
  let untaken: Line[] = [];
  let toCome: string[] = [];

  function compare(): void {
    const near = Math.min(span, passed.length);
    if (near === 0) return;
    const strange = beyond(passed.slice(-near), taken, ({ text }) => text);
    const missing = beyond(
      taken.slice(-near),
      passed.map(({ text }) => text),
      (text) => text,
    );
    if (strange.length === missing.length) [untaken, toCome] = [strange, missing];
  }

  function goBy(line: Line, isWhole: boolean): void {
    if (isWhole) passed.push(line);
    // A long line that comes in parts: the count alone tells.
    else passed.length = 0;
    if (passed.length > taken.length) passed.shift();
    if (counted.isThrough('stdout')) compare();
  }

  return {
    take(channel, data) {
      const isBefore = !counted.isThrough('stdout');
      const fresh = counted.take('stdout', data);
      const [first] = untaken;
      if (!isBefore && first === undefined) return fresh;
      const line = { channel, data: Buffer.from(data), text: lineOf(data.subarray(0, data.byteLength - 1)) };
      if (isBefore) {
        goBy(line, isLine(data) && fresh.byteLength === 0);
        return fresh;
      }
      const index = toCome.indexOf(line.text);
      if (first !== undefined && index !== -1 && first.channel !== channel) {
        toCome.splice(index, 1);
        untaken.shift();
        return first.data;
      }
      // Each stream keeps its own order: with this one the other comes too late.
      if (untaken.some((each) => each.channel === channel)) untaken = [];
      return fresh;
    },
    isThrough: (channel) => counted.isThrough(channel),
  };
}

/** A match needs so many lines. */
const sure = 3;
/** Others that may stand between those that are looked for, in lines. */
const between = 4;

/** In the log the lines may stand in another order, with others between them: where they do not stand as they were taken. */
export function createMixedMatcher(all: readonly string[], limit = ''): LineMatcher {
  const inOrder = createLineMatcher(all, limit);
  // Of the first one only the end may be known.
  const taken = all.slice(1).map((text) => Buffer.from(text).toString('latin1'));
  const known = taken.slice(-disorder);
  /** These may stand among them, too. */
  const older = taken.slice(0, -disorder).slice(-between);
  const words = new Set(known);
  const passed: (Match & { readonly text: string })[] = [];
  let time = { since: '', first: 0, lines: 0 };
  const [ever, early] = [
    { places: 0, start: -1, match: null as Match | null },
    { places: 0, start: -1, match: null as Match | null },
  ];

  /** The latest of the lines that have passed from which on all that are known are there, and what was taken from it on; null: they are not. */
  function find(): { readonly start: Match; readonly count: number } | null {
    const left = [...known];
    const others: string[] = [];
    for (const line of passed.toReversed()) {
      const index = left.indexOf(line.text);
      if (index === -1) others.push(line.text);
      else left.splice(index, 1);
      if (left.length > 0) continue;
      const strange = beyond(others, older, (text) => text);
      return { start: line, count: known.length + others.length - strange.length };
    }
    return null;
  }

  function pass(text: string, index: number): void {
    passed.push({ ...time, index, text });
    if (passed.length > known.length + between) passed.shift();
    if (!words.has(text)) return;
    const here = find();
    if (here === null) return;
    const { start, count } = here;
    const match = { ...start, lines: start.lines + count, index: start.index + count };
    for (const seen of time.since <= limit ? [ever, early] : [ever]) {
      if (seen.start !== start.index) seen.places++;
      Object.assign(seen, { start: start.index, match });
    }
  }

  return {
    ...inOrder,
    take(ordinal, stamp, data) {
      if (stamp !== time.since) time = { since: stamp, first: ordinal, lines: 0 };
      const before = inOrder.lines();
      inOrder.take(ordinal, stamp, data);
      if (known.length < sure) return;
      if (isLine(data)) {
        const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength - 1).toString('latin1');
        pass(text, before);
      } else passed.length = 0;
      time = { ...time, lines: time.lines + inOrder.lines() - before };
    },
    found(inTime = false) {
      if (inOrder.places(inTime) > 0) return inOrder.found(inTime);
      const { places, match } = inTime ? early : ever;
      return places === 1 ? match : null;
    },
  };
}
