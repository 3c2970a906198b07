/** What a log holds from a place on: entry by entry, what was not taken yet, and where that is. Pure. */
import type { Place } from './log-cursor.ts';
import type { LogEntry } from './log-entries.ts';
import { createTurns } from './log-order.ts';
import type { Ordinals } from './log-order.ts';
import { advanceTo, beginningOf, createSkipper } from './log-position.ts';
import type { Channel, LastLines, LogPosition } from './log-position.ts';

export interface Continuation {
  /** null: it stands before the place. Its data may be empty: that was taken. */
  take(entry: LogEntry): { readonly into: Channel; readonly data: Uint8Array; readonly place: Place } | null;
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
  return {
    take({ channel, stamp, data }) {
      const into = merged ? 'stdout' : channel;
      const isTurn = turns.take(channel, stamp);
      if (ordinal++ < from[into]) {
        turnsBefore[into] = turns.count();
        return null;
      }
      if (byTime && stamp < place[into].since && turns.count() === turnsBefore[into]) return null;
      here = advanceTo(here, into, { stamp, data, isTurn });
      const isBoth = skipper.isThrough('stdout') && skipper.isThrough('stderr');
      return { into, data: skipper.take(into, data), place: { position: here, isBoth } };
    },
  };
}
