/** How far one program's output has been taken: kept while its containers come and go, and handed on to the next daemon. */
import {
  advance,
  channels,
  earliest,
  endBytes,
  endingsOf,
  isLeftBehind,
  latest,
  linesOf,
  moved,
  otherOf,
  stampOf,
} from './log-position.ts';
import type { Channel, LastLines, LogPosition } from './log-position.ts';
import { createTail } from './tail.ts';
import { sameClockMs } from './wall-clock.ts';
import type { WallClock } from './wall-clock.ts';

/** What another daemon needs to go on where this one was. */
export interface SavedCursor {
  /** Full id of the container. */
  readonly container: string;
  /** null: only the time is known. */
  readonly position: LogPosition | null;
  /** About when its output was taken last, in ms of wall time: when it was attached to, cut off, or, where only the time is known, of the output. */
  readonly at: number;
  /**
   * Until this time the log has entries that stand before the place although they are later, or may get such as stand after it although they
   * are older: the clock was set back. `''`: times tell the order.
   */
  readonly unordered: string;
  /** The last lines of it in the program's own log, for who comes after a daemon that was killed. Not saved. */
  readonly known?: LastLines;
}

/** Where the reader is when it has done with a piece that came from the Engine's log. */
export interface Place {
  readonly position: LogPosition;
  /** Whether this is the place in both channels: one may still be going by what was taken of it before. */
  readonly isBoth: boolean;
}

export interface LogCursor {
  /** Live output begins. `container` null: the one that is being made. `position` null: what came before is not known to have been taken. */
  begin(container: string | null, position: LogPosition | null): void;
  /** None was made. */
  abandon(): void;
  /** The container that is being made is this one. */
  name(container: string): void;
  /** This life of it (StartedAt) is the one whose output comes. */
  live(startedAt: string): void;
  /** Whether that was the last life: others, which nobody attached to, have left lines in the log that were never counted. */
  wasLast(startedAt: string): boolean;
  /** A quiet moment: all that its log holds has been taken, and this is its end. */
  settle(container: string, end: LogPosition): void;
  /** The reader has done with it. `place`: where that is in the Engine's log; null: it came live. */
  taken(channel: Channel, data: Uint8Array, place: Place | null): void;
  /** One line of the live output was the client's own, and is not in the log. */
  disown(channel: Channel): void;
  /** Returns how to come back to this place: what has been taken since was none of the container's. */
  mark(): () => void;
  /** Output of this container may have gone by, or has not been read to its end. */
  cut(): void;
  /** All of it has been read. */
  finish(): void;
  /** Whether its end has been read, as far as is known. */
  isWhole(): boolean;
  /** The last whole lines that were taken live; none when they came from the log. */
  lastLines(): LastLines;
  /** The same, also by a former daemon; of the first one its end is enough. They may be others' (a client's own words). */
  known(): LastLines;
  /** null: nothing of this container has been taken. */
  of(container: string): SavedCursor | null;
  /** null: no container has been attached to. */
  save(): SavedCursor | null;
}

const newline = 10;

/**
 * `saved`: what a former daemon has left. Its container may have gone on without us: it is not whole. `aheadMs`: a place that is further in
 * the future than this is one of before the clock was set back, when nobody was there to see it.
 */
export function createLogCursor(
  clock: Pick<WallClock, 'now' | 'setBacks' | 'latestBefore'>,
  saved: SavedCursor | null,
  aheadMs = sameClockMs,
): LogCursor {
  let container = saved?.container ?? null;
  let position = saved?.position ?? null;
  let at = saved?.at ?? 0;
  let whole = saved === null;
  let hasBegun = false;
  let unordered = saved?.unordered ?? '';
  let setBacks = saved === null ? clock.setBacks() : 0;
  let life = '';
  const ends = { stdout: createTail(endBytes), stderr: createTail(endBytes) };
  /** How many bytes came live since the log was read last. */
  const liveBytes = { stdout: 0, stderr: 0 };
  const linesThatCameLive = (channel: Channel): readonly string[] => {
    const end = ends[channel].bytes();
    const from = end.byteLength - liveBytes[channel];
    // What is all there begins with a whole line.
    return from < 0 || liveBytes[channel] === endBytes
      ? linesOf(end)
      : linesOf(Buffer.concat([Buffer.of(newline), end.subarray(from)]));
  };
  const forget = (): void => {
    for (const channel of channels) {
      ends[channel].clear();
      liveBytes[channel] = 0;
    }
  };
  /** What a former daemon has taken last: until something is taken here. */
  let left = saved?.known ?? { stdout: [], stderr: [] };
  const knownOf = (channel: Channel): readonly string[] => {
    const end = ends[channel].bytes();
    return end.byteLength === 0 ? left[channel] : endingsOf(end);
  };
  const setBackFrom = (stamp: string): void => {
    if (stamp > unordered) unordered = stamp;
  };
  /** Who follows the log has no other clock than its times. */
  const takenAt = (): number =>
    position === null || latest(position) === ''
      ? at
      : Math.max(at, Math.min(clock.now(), Date.parse(latest(position))));
  const save = (): SavedCursor | null => {
    const before = setBacks;
    setBacks = clock.setBacks();
    if (setBacks > before) setBackFrom(stampOf(clock.latestBefore()));
    if (container === null) return null;
    if (position !== null && latest(position) > stampOf(clock.now() + aheadMs)) setBackFrom(latest(position));
    // What is behind us is behind us: from there on the log is read as any.
    if (unordered < (position === null ? stampOf(at) : earliest(position))) unordered = '';
    return { container, position, at: takenAt(), unordered };
  };

  return {
    begin(id, from) {
      if (id === null || id !== container) unordered = '';
      container = id;
      position = from;
      at = clock.now();
      whole = true;
      hasBegun = true;
      left = { stdout: [], stderr: [] };
      forget();
    },
    abandon() {
      if (container === null) hasBegun = false;
    },
    name(id) {
      if (hasBegun) container ??= id;
    },
    live(startedAt) {
      life = startedAt;
    },
    wasLast: (startedAt) => life === startedAt,
    settle(id, end) {
      if (container === id) position = end;
    },
    taken(channel, data, place) {
      ends[channel].add(data);
      if (place === null) {
        // What comes from the log has a time of its own.
        at = clock.now();
        if (position !== null) position = moved(position, channel, advance(position[channel], data));
        liveBytes[channel] += data.byteLength;
        return;
      }
      liveBytes[channel] = 0;
      const before = position ?? place.position;
      // Also where nobody has looked at the clock: the log says that it was set back.
      if (place.position[channel].since < before[channel].since) setBackFrom(latest(before));
      // The two channels are read side by side: what this piece knows of the other one may be old.
      const other = otherOf(channel);
      const isLeft = place.isBoth && isLeftBehind(before[other], place.position[channel].since);
      position = {
        ...before,
        [channel]: place.position[channel],
        ...(isLeft ? { [other]: place.position[other] } : {}),
      };
    },
    disown(channel) {
      if (position === null) return;
      const { lines, ...rest } = position[channel];
      position = moved(position, channel, { ...rest, lines: lines - 1 });
      const end = ends[channel].bytes();
      const before = end.lastIndexOf(newline, end.byteLength - 2);
      ends[channel].clear();
      ends[channel].add(end.subarray(0, before + 1));
      liveBytes[channel] = Math.max(0, liveBytes[channel] - (end.byteLength - before - 1));
    },
    mark() {
      const was = {
        container,
        position,
        stdout: ends.stdout.bytes(),
        stderr: ends.stderr.bytes(),
        liveBytes: { ...liveBytes },
      };
      return () => {
        if (container !== was.container) return;
        position = was.position;
        forget();
        ends.stdout.add(was.stdout);
        ends.stderr.add(was.stderr);
        Object.assign(liveBytes, was.liveBytes);
      };
    },
    cut() {
      if (whole && position === null) at = clock.now();
      whole = false;
    },
    finish() {
      whole = true;
    },
    isWhole: () => whole,
    lastLines: () => ({ stdout: linesThatCameLive('stdout'), stderr: linesThatCameLive('stderr') }),
    known: () => ({ stdout: knownOf('stdout'), stderr: knownOf('stderr') }),
    of: (id) => (container === id ? save() : null),
    save,
  };
}
