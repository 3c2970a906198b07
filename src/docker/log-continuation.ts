/** What a log holds from a place on: entry by entry, what was not taken yet, and where that is. Pure. */
import type { Place } from './log-cursor.ts';
import type { LogEntry } from './log-entries.ts';
import { createTurns } from './log-order.ts';
import type { Ordinals } from './log-order.ts';
import { advanceTo, beginningOf, createSkipper, moved, otherOf } from './log-position.ts';
import type { Channel, LastLines, LogPosition } from './log-position.ts';

export interface Continuation {
  /** null: it stands before the place. */
  take(entry: LogEntry): Continued | null;
  /** Whether the clock was set back within what has gone by. */
  isTurned(): boolean;
}

export interface Continued {
  readonly into: Channel;
  /** What is new of it. Empty: it was taken before. */
  readonly data: Uint8Array;
  readonly place: Place;
  /** Whether this entry is the place: all that was taken of its channel has gone by, and this was the last of it. */
  readonly isPlace: boolean;
}

export interface ContinuationOptions {
  readonly place: LogPosition;
  /** From which entry on each channel goes on. */
  readonly from: Ordinals;
  /** Of these, what is older than the place stands before it, too: until the clock was set back. */
  readonly byTime: boolean;
  /** Both channels go into `stdout`. */
  readonly merged: boolean;
  readonly last: LastLines;
}

const newline = 10;

export function createContinuation({ place, from, byTime, merged, last }: ContinuationOptions): Continuation {
  const turns = createTurns();
  // Of two streams in one, which the log may hold in another order, no line has a place of its own.
  const skipper = createSkipper(place, merged ? undefined : last);
  /** How often the clock had been set back before what stands before the place. */
  const turnsBefore = { stdout: 0, stderr: 0 };
  let here: LogPosition = {
    stdout: beginningOf(place.stdout.since),
    stderr: beginningOf(place.stderr.since),
  };
  let ordinal = 0;
  let former: LogEntry | null = null;

  /** Engine 20.10 tells the last entry of a file that was rotated twice to who follows it (docs/findings.md). */
  function isToldAgain(entry: LogEntry): boolean {
    const [before, { channel, stamp, data }] = [former, entry];
    former = entry;
    return (
      before?.stamp === stamp &&
      before.channel === channel &&
      data.at(-1) === newline &&
      Buffer.compare(before.data, data) === 0
    );
  }

  return {
    isTurned: () => turns.count() > 0,
    take(entry) {
      if (isToldAgain(entry)) return null;
      const { channel, stamp, data } = entry;
      const into = merged ? 'stdout' : channel;
      const isTurn = turns.take(channel, stamp);
      if (ordinal++ < from[into]) {
        turnsBefore[into] = turns.count();
        return null;
      }
      if (byTime && stamp < place[into].since && turns.count() === turnsBefore[into]) return null;
      const next = advanceTo(here, into, { stamp, data, isTurn });
      // The other channel is not left behind by what stands before its place.
      here = ordinal <= from[otherOf(into)] ? moved(here, into, next[into]) : next;
      const isBoth = skipper.isThrough('stdout') && skipper.isThrough('stderr');
      const fresh = skipper.take(into, data);
      const isPlace = fresh.byteLength === 0 && skipper.isThrough(into);
      return { into, data: fresh, place: { position: here, isBoth }, isPlace };
    },
  };
}
