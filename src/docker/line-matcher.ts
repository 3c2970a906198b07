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
  /** null: the lines stand nowhere, or in more than one place, or too few of them are left to be sure. `inTime`: what is later than the limit is no match. */
  found(inTime?: boolean): Match | null;
  /** In how many places they stand. */
  places(inTime?: boolean): number;
  /** Whole lines so far; `inTime`: that are not later than the limit. */
  lines(inTime?: boolean): number;
  /** Whether none of the known lines has been seen. */
  isGone(): boolean;
}

const newline = 10;
/** So many lines in their order are no chance; where fewer are known, all of them. */
const sure = 3;
/** More are not asked for: two streams in one may stand in another order in the log. */
const enough = 8;
/** Of a line without an end so much is kept: known lines are shorter, in bytes. */
const longest = 16 * 1024;

/** What has been seen so far. */
interface Seen {
  lines: number;
  matches: number;
  match: Match | null;
}

const nothingSeen = (): Seen => ({ lines: 0, matches: 0, match: null });

/**
 * `all`: those that are known, oldest first; of the first one its end is enough. `limit`: what is later than this cannot be what was taken.
 */
export function createLineMatcher(all: readonly string[], limit = ''): LineMatcher {
  const known = all.slice(-enough);
  const last = known.at(-1);
  const passed: string[] = [];
  /** In bytes, because nearly every line of a log is another one, and to make text of it takes ten times as long. */
  const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');
  const words = new Set(known.map(bytesOf));
  /** Of plain ASCII, and known from its beginning: then its bytes are it. */
  const plainLast = last !== undefined && all.length > 1 && /^[\x00-\x7f]*$/.test(last) ? last : null;
  let pieces: Uint8Array[] = [];
  let held = 0;
  let hasSeen = false;
  let time = { since: '', lines: 0, first: 0 };
  const [ever, early] = [nothingSeen(), nothingSeen()];
  const both = [ever, early];
  const onlyEver = [ever];

  /** How many of the known lines are the last ones that have passed; 0: they are others. */
  function inOrder(): number {
    const length = Math.min(passed.length, known.length);
    for (let back = 1; back <= length; back++) {
      const [one, raw] = [known[known.length - back], passed[passed.length - back]];
      const other = raw === undefined ? undefined : lineOf(Buffer.from(raw, 'latin1'));
      const isSame = back === all.length ? other?.endsWith(one ?? '') : other === one;
      if (isSame !== true) return 0;
    }
    return length;
  }

  function pass(bytes: string): void {
    hasSeen ||= words.has(bytes);
    passed.push(bytes);
    if (passed.length > known.length) passed.shift();
    if (plainLast !== null && bytes !== plainLast) return;
    const count = inOrder();
    if (count === 0) return;
    const match = count >= Math.min(sure, known.length) ? { ...time, index: ever.lines } : null;
    for (const seen of time.since <= limit ? both : onlyEver) {
      seen.matches++;
      seen.match = match;
    }
  }

  function bytesIn(data: Uint8Array, from: number, to: number): string {
    const line =
      pieces.length === 0 ? data.subarray(from, to) : Buffer.concat([...pieces, data.subarray(from, to)]);
    return Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1');
  }

  return {
    take(ordinal, stamp, data) {
      if (stamp !== time.since) time = { since: stamp, lines: 0, first: ordinal };
      let at = 0;
      for (let end = data.indexOf(newline); end !== -1; end = data.indexOf(newline, at)) {
        for (const seen of stamp <= limit ? both : onlyEver) seen.lines++;
        time = { ...time, lines: time.lines + 1 };
        if (last !== undefined) pass(bytesIn(data, at, end));
        pieces = [];
        held = 0;
        at = end + 1;
      }
      if (at === data.byteLength || last === undefined) return;
      pieces.push(data.subarray(at));
      held += data.byteLength - at;
      while (held - (pieces[0]?.byteLength ?? 0) > longest) held -= pieces.shift()?.byteLength ?? 0;
    },
    found(inTime = false) {
      const { matches, match } = inTime ? early : ever;
      return matches === 1 ? match : null;
    },
    places: (inTime = false) => (inTime ? early : ever).matches,
    lines: (inTime = false) => (inTime ? early : ever).lines,
    isGone: () => !hasSeen,
  };
}
