/** What a log holds from a place on: entry by entry, what was not taken yet, and where that is. Pure. */
import type { Place } from './log-cursor.ts';
import type { LogEntry } from './log-entries.ts';
import { createMixedSkipper } from './log-mixture.ts';
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
  /** The last lines that were taken: live ones, and of two streams in one also those of a former daemon. */
  readonly last: LastLines;
}

const newline = 10;
/** So many entries may be told again; up to seven have been seen. */
const mostToldAgain = 256;

export function createContinuation({ place, from, byTime, merged, last }: ContinuationOptions): Continuation {
  const turns = createTurns();
  const skipper = merged ? createMixedSkipper(place, last.stdout) : createSkipper(place, last);
  /** How often the clock had been set back before what stands before the place. */
  const turnsBefore = { stdout: 0, stderr: 0 };
  let here: LogPosition = {
    stdout: beginningOf(place.stdout.since),
    stderr: beginningOf(place.stderr.since),
  };
  let ordinal = 0;
  /** The last whole lines, oldest first. */
  const recent = new Set<string>();

  /**
   * Who follows a log over its rotation is told the last entries of the old file twice by Engine 20.10 (docs/findings.md). A whole line with
   * the channel, the time and the length of one that has just gone by is that one.
   */
  function isToldAgain({ channel, stamp, data }: LogEntry): boolean {
    if (data.at(-1) !== newline) return false;
    const name = `${channel} ${stamp} ${String(data.byteLength)}`;
    if (recent.has(name)) return true;
    recent.add(name);
    if (recent.size > mostToldAgain) for (const oldest of recent) if (recent.delete(oldest)) break;
    return false;
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
      const fresh = skipper.take(channel, data);
      const isPlace = fresh.byteLength === 0 && skipper.isThrough(into);
      return { into, data: fresh, place: { position: here, isBoth }, isPlace };
    },
  };
}
