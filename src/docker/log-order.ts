/**
 * Where a place is in a log whose times do not tell it. After the clock was set back, entries of before bear later times than those that
 * come after them, and "from this time on" means neither. Their order does not lie, and a time to the nanosecond is as good as the name of an
 * entry: the place is found by it. Pure.
 */
import { channels, earlierOf, isFarBehind, isOfEntry, latest, otherOf } from './log-position.ts';
import type { Channel, LogPosition } from './log-position.ts';

/** Entry by entry, in the order of the log. Channels are those that the container wrote to. */
export interface Turns {
  /** Whether this is the first of its channel since the clock was set back. */
  take(channel: Channel, stamp: string): boolean;
  /** How often it was. */
  count(): number;
}

/** Within one channel times rise; of two, one may stand a little behind what is younger. */
export function createTurns(): Turns {
  const last = { stdout: '', stderr: '' };
  const seen = { stdout: 0, stderr: 0 };
  let count = 0;
  let youngest = '';
  return {
    take(channel, stamp) {
      // The parts of a long line all have the time of the first one, however late they come.
      const isPart = stamp === last[channel];
      if (stamp < last[channel] || (!isPart && stamp < youngest && isFarBehind({ since: stamp }, youngest))) {
        count++;
        youngest = '';
        last[otherOf(channel)] = '';
      }
      if (stamp > youngest) youngest = stamp;
      last[channel] = stamp;
      const isFirst = seen[channel] !== count;
      seen[channel] = count;
      return isFirst;
    },
    count: () => count,
  };
}

/** Of each channel the number of the first entry, from 0, that does not stand before its place. */
export type Ordinals = Readonly<Record<Channel, number>>;

export interface PlaceFinder {
  /** All entries of a log, one by one. */
  take(channel: Channel, stamp: string): void;
  /** null: no entry is known by its time; the log was rotated, or there never was one. */
  found(): Ordinals | null;
  /** Whether an entry bears the time of the place. */
  hasSeen(channel: Channel): boolean;
  /** From where on the clock was not set back any more. 0: it never was. */
  afterLastTurn(): number;
}

/**
 * A channel that was silent for long has a place by a time that no entry bears: it is a little before the other one's, as far back as times
 * rise from there.
 */
export function createPlaceFinder({ stdout, stderr }: LogPosition): PlaceFinder {
  const turns = createTurns();
  const sinces = { stdout: stdout.since, stderr: stderr.since };
  const exact: Record<Channel, number | null> = { stdout: null, stderr: null };
  const near: Record<Channel, number | null> = { stdout: null, stderr: null };
  /** Since when there was none that is older than the place. */
  const rising: Record<Channel, number | null> = { stdout: null, stderr: null };
  let afterLastTurn = 0;
  let next = 0;
  for (const channel of channels) if (sinces[channel] === '') exact[channel] = 0;
  return {
    take(channel, stamp) {
      const ordinal = next++;
      const before = turns.count();
      turns.take(channel, stamp);
      if (turns.count() > before) {
        afterLastTurn = ordinal;
        rising.stdout = null;
        rising.stderr = null;
      }
      for (const each of channels) {
        if (stamp < sinces[each]) rising[each] = null;
        else rising[each] ??= ordinal;
      }
      for (const each of channels) {
        // The first of its time: the parts of a long line share one.
        const isKnown = exact[each] !== null && exact[each] >= afterLastTurn;
        if (stamp !== sinces[each] || isKnown) continue;
        exact[each] = ordinal;
        const other = otherOf(each);
        near[other] = rising[other] ?? ordinal;
      }
    },
    found() {
      const [out, err] = [exact.stdout ?? near.stdout, exact.stderr ?? near.stderr];
      return out === null || err === null ? null : { stdout: out, stderr: err };
    },
    hasSeen: (channel) => exact[channel] !== null,
    afterLastTurn: () => afterLastTurn,
  };
}

/**
 * Looks at the entries from a place on, as the Engine gives them by time: the entry whose time it bears comes before all that is younger.
 * Returns whether this one shows that it is not there, or that times do not tell the order.
 */
export function watchPlace(position: LogPosition): (stamp: string) => boolean {
  const [late, early] = [latest(position), earlierOf(position)];
  let isLateThere = late === '';
  // It may be gone where the later one is there still.
  let isEarlyThere = !isOfEntry(early);
  return (stamp) => {
    if (!isLateThere && stamp > late) return true;
    isLateThere ||= stamp === late;
    isEarlyThere ||= stamp === early.since;
    return !isEarlyThere;
  };
}
