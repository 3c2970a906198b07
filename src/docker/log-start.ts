/**
 * From which entry on a log goes on that has to be read from its beginning: by the time that names the place, by the lines that were taken
 * last where that is not in it any more (it was rotated), and by the clock where they are not either. Pure.
 */
import { createLineMatcher } from './line-matcher.ts';
import type { LogEntry } from './log-entries.ts';
import { createMixedMatcher } from './log-mixture.ts';
import { createPlaceFinder } from './log-order.ts';
import type { Ordinals } from './log-order.ts';
import { beginningOf, channels, isOfEntry, otherOf, stampOf } from './log-position.ts';
import type { Channel, ChannelPosition, LastLines, LogPosition } from './log-position.ts';
import { sameClockMs } from './wall-clock.ts';

export interface Start {
  readonly from: Ordinals;
  /** The place that was looked for, or what is as good. */
  readonly place: LogPosition;
  /** false: lines about `at` may be lost or doubled. */
  readonly isExact: boolean;
  /** Time of the first entry that there was; `''`: none. Entries are counted from it. */
  readonly first: string;
}

export interface StartFinder {
  /** All entries of a log, one by one. */
  take(entry: LogEntry): void;
  start(): Start;
}

export interface StartOptions {
  readonly place: LogPosition;
  /** Whether the place is known by more than the clock. */
  readonly isKnown: boolean;
  /** The last lines that were taken; of the first one its end is enough. */
  readonly known: LastLines;
  /** About when they were taken, in ms of wall time. */
  readonly at: number;
  /** Both channels go into `stdout`. */
  readonly merged: boolean;
  /** How far the Engine's clock may be ahead of ours, in ms. */
  readonly aheadMs?: number;
  /** The clock was not set back of late: times tell the order. */
  readonly isOrdered?: boolean;
}

export function createStartFinder({
  place,
  isKnown,
  known,
  at,
  merged,
  aheadMs = sameClockMs,
  isOrdered = true,
}: StartOptions): StartFinder {
  const finder = createPlaceFinder(place);
  const limit = stampOf(at + aheadMs);
  const matchers = {
    stdout: (merged ? createMixedMatcher : createLineMatcher)(known.stdout, limit),
    stderr: createLineMatcher(known.stderr, limit),
  };
  const stamp = stampOf(at);
  let next = 0;
  let first = '';
  /** The first entry that is not older than `at`, since the clock was set back last. */
  let byClock: number | null = null;

  /** What is later than the last line that was taken is not that line, though it may say the same: while times tell the order. */
  const inTime = (): boolean => isOrdered && finder.afterLastTurn() === 0;

  /** Of what is counted from the beginning of the log: a log that was rotated has another one. */
  function isCounted(channel: Channel): boolean {
    const { since, lines } = place[channel];
    if (since !== '' || lines === 0) return true;
    const match = matchers[channel].found(inTime());
    // An Engine that was killed may not have logged what it passed on last: then the clock tells what came after.
    return match === null
      ? matchers[channel].lines(inTime() && known[channel].length > 0) >= lines
      : match.index === lines;
  }

  /** Whether the entry that a channel is counted from is there, or none is needed. */
  const isThere = (channel: Channel): boolean => !isOfEntry(place[channel]) || finder.hasSeen(channel);

  function bySight(channel: Channel): { from: number; place: ChannelPosition } | null {
    const { bytes, lines } = place[channel];
    const match = matchers[channel].found(inTime());
    if (match !== null)
      return { from: match.first, place: { since: match.since, lines: match.lines, bytes } };
    // One that has said nothing of late has nothing in the log that stands after what the other one said last; nor has one whose last words
    // are all gone. What was written to where it cannot be read again is not known to be silent.
    const isSilent = known[channel].length === 0 ? lines === 0 : matchers[channel].isGone();
    const other = isSilent ? matchers[otherOf(channel)].found(inTime()) : null;
    return other === null ? null : { from: other.first, place: { since: other.since, lines: 0, bytes } };
  }

  return {
    take({ channel, stamp: time, data }) {
      if (next === 0) first = time;
      const turns = finder.afterLastTurn();
      finder.take(channel, time);
      if (finder.afterLastTurn() !== turns) byClock = null;
      if (time >= stamp) byClock ??= next;
      matchers[merged ? 'stdout' : channel].take(next, time, data);
      next++;
    },
    start() {
      const byTime = isKnown && channels.every(isCounted) ? finder.found() : null;
      if (byTime !== null && channels.every(isThere)) return { from: byTime, place, isExact: true, first };
      if (byTime !== null) {
        // Of the channel whose entry is gone all that is left came after it.
        const gone = isThere('stdout') ? 'stderr' : 'stdout';
        const sight = bySight(gone);
        const start = sight ?? { from: 0, place: beginningOf(place[gone].since) };
        return {
          from: { ...byTime, [gone]: start.from },
          place: { ...place, [gone]: start.place },
          isExact: place[gone].lines <= 1 || sight !== null,
          first,
        };
      }
      const clock = { from: byClock ?? next, place: beginningOf(stamp) };
      const out = bySight('stdout');
      const err = merged ? out : bySight('stderr');
      const [stdout, stderr] = [out ?? clock, err ?? clock];
      return {
        from: { stdout: stdout.from, stderr: stderr.from },
        place: { stdout: stdout.place, stderr: stderr.place },
        isExact: out !== null && err !== null,
        first,
      };
    },
  };
}
