/** Finds lines that are known in a log, also where nothing else tells how far it has been taken. Pure. */
import { lineOf } from './log-position.ts';

/** Where the last of the known lines stands. */
export interface Match {
  /** Time of the entry that ends it, and how many whole lines the log has of that time, up to this one. */
  readonly since: string;
  readonly lines: number;
  /** Number of the first entry of that time. */
  readonly first: number;
  /** How many whole lines there are up to this one. */
  readonly index: number;
}

export interface LineMatcher {
  /** Entries of one channel, by their numbers in the log. */
  take(ordinal: number, stamp: string, data: Uint8Array): void;
  /** null: the lines stand nowhere, or in more than one place, or too few of them are left to be sure. */
  found(): Match | null;
  /** Whole lines so far. */
  lines(): number;
}

const newline = 10;
/** So many lines in their order are no chance; where fewer are known, all of them. */
const sure = 3;
/** More are not asked for: two streams in one may stand in another order in the log. */
const enough = 8;

/** `all`: those that are known, oldest first; of the first one its end is enough. */
export function createLineMatcher(all: readonly string[]): LineMatcher {
  const known = all.slice(-enough);
  const last = known.at(-1);
  const passed: string[] = [];
  let pieces: Uint8Array[] = [];
  let index = 0;
  let time = { since: '', lines: 0, first: 0 };
  let match: Match | null = null;
  let matches = 0;

  /** How many of the known lines are the last ones that have passed; 0: they are others. */
  function inOrder(): number {
    const length = Math.min(passed.length, known.length);
    for (let back = 1; back <= length; back++) {
      const [one, other] = [known[known.length - back], passed[passed.length - back]];
      const isSame = back === all.length ? other?.endsWith(one ?? '') : other === one;
      if (isSame !== true) return 0;
    }
    return length;
  }

  function pass(text: string): void {
    passed.push(text);
    if (passed.length > known.length) passed.shift();
    const count = inOrder();
    if (count === 0) return;
    matches++;
    match = count >= Math.min(sure, known.length) ? { ...time, index } : null;
  }

  return {
    take(ordinal, stamp, data) {
      if (stamp !== time.since) time = { since: stamp, lines: 0, first: ordinal };
      let at = 0;
      for (let end = data.indexOf(newline); end !== -1; end = data.indexOf(newline, at)) {
        index++;
        time = { ...time, lines: time.lines + 1 };
        if (last !== undefined) pass(lineOf(Buffer.concat([...pieces, data.subarray(at, end)])));
        pieces = [];
        at = end + 1;
      }
      if (at < data.byteLength && last !== undefined) pieces.push(data.subarray(at));
    },
    found: () => (matches === 1 ? match : null),
    lines: () => index,
  };
}
