/**
 * How far a container's output has been taken, in the terms of the Engine's own log, so that it can be taken up there again. Pure.
 *
 * A live stream bears no times, the Engine's log does. So a place in it is "of what it holds from this time on, so many lines": while the
 * output comes live, the lines are counted; when it comes from the log, each entry brings a time of its own and the count starts anew.
 */

export interface ChannelPosition {
  /** Time of an entry, as `logs` writes it (RFC 3339, nine digits); `''`: the beginning of the log. */
  readonly since: string;
  /** Whole lines taken of the entries from `since` on, those of that very time included. */
  readonly lines: number;
  /** Bytes taken after the last of these lines. */
  readonly bytes: number;
}

export interface LogPosition {
  readonly stdout: ChannelPosition;
  readonly stderr: ChannelPosition;
}

export type Channel = keyof LogPosition;
export const channels = ['stdout', 'stderr'] as const;

const newline = 10;

export const beginningOf = (since: string): ChannelPosition => ({ since, lines: 0, bytes: 0 });
export const fromTheBeginning: LogPosition = { stdout: beginningOf(''), stderr: beginningOf('') };

/** One channel is somewhere else now. Written out, because a copy with a name of its own costs much, and this is done for each line. */
export const moved = (
  { stdout, stderr }: LogPosition,
  channel: Channel,
  place: ChannelPosition,
): LogPosition => (channel === 'stdout' ? { stdout: place, stderr } : { stdout, stderr: place });

/** Whether it is one whole line. */
export const isLine = (data: Uint8Array): boolean =>
  data.byteLength > 0 && data.indexOf(newline) === data.byteLength - 1;

/** More of the same: live output, which has no times. */
export function advance(position: ChannelPosition, data: Uint8Array): ChannelPosition {
  const { since, lines: before, bytes } = position;
  // As nearly all of a program that prints now and then.
  if (isLine(data)) return { since, lines: before + 1, bytes: 0 };
  // As text: newlines are found in half the time that they take in bytes, and this is asked for each line of a flood.
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
  let lines = 0;
  let last = -1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    lines++;
    last = at;
  }
  return {
    since,
    lines: before + lines,
    bytes: lines === 0 ? bytes + text.length : text.length - last - 1,
  };
}

/** Entries of two streams may stand in the log a little out of the order of their times. */
const disorderMs = 10_000;

/** An entry of the log has gone by. `isTurn`: the first of its channel since the clock was set back. */
export function advanceTo(
  position: LogPosition,
  channel: Channel,
  { stamp, data, isTurn }: { readonly stamp: string; readonly data: Uint8Array; readonly isTurn: boolean },
): LogPosition {
  const here = position[channel];
  // One that is a little older than the place is left out by it already.
  const next =
    stamp < here.since && !isTurn ? here : advance(stamp === here.since ? here : beginningOf(stamp), data);
  const other = position[otherOf(channel)];
  const left = isLeftBehind(other, stamp) ? beginningOf(horizonOf(stamp)) : other;
  return channel === 'stdout' ? { stdout: next, stderr: left } : { stdout: left, stderr: next };
}

export const otherOf = (channel: Channel): Channel => (channel === 'stdout' ? 'stderr' : 'stdout');

/** One that has been silent for long must not have the whole log read again for its sake. */
export const isFarBehind = ({ since }: Pick<ChannelPosition, 'since'>, stamp: string): boolean =>
  since < horizonOf(stamp);

/** Where the Engine cuts lines. */
export const partBytes = 16 * 1024;

/** The same, but not in the midst of a line that the Engine cut: its other parts will bear the time of the first one. */
export const isLeftBehind = (place: ChannelPosition, stamp: string): boolean =>
  isFarBehind(place, stamp) && (place.bytes === 0 || place.bytes % partBytes !== 0);

/** The earlier of the two places. */
export const earlierOf = ({ stdout, stderr }: LogPosition): ChannelPosition =>
  stdout.since < stderr.since ? stdout : stderr;

/** Where the log must be read from. */
export const earliest = (position: LogPosition): string => earlierOf(position).since;

export const latest = ({ stdout, stderr }: LogPosition): string =>
  stdout.since > stderr.since ? stdout.since : stderr.since;

/** Whether lines are counted from an entry of the log; otherwise from a time that is a little before (`horizonOf`), or from its beginning. */
export const isOfEntry = ({ since, lines, bytes }: ChannelPosition): boolean =>
  since !== '' && !since.endsWith('.000000000Z') && (lines > 0 || bytes > 0);

/** Lets through what has not been taken yet, entry by entry, of those that do not stand before the place. */
export interface Skipper {
  take(channel: Channel, data: Uint8Array): Uint8Array;
  /** Whether all that was taken has gone by. */
  isThrough(channel: Channel): boolean;
}

/** As `logs` writes times; `wall` in ms. */
export const stampOf = (wall: number): string => `${new Date(wall).toISOString().slice(0, 23)}000000Z`;

/** Whole lines, as `linesOf` makes them: the last ones that were taken live. */
export type LastLines = Readonly<Record<Channel, readonly string[]>>;

/**
 * `last`: an Engine that is killed may have passed lines on that it had not written to its log yet. There the log goes on with others, and
 * from the first of them on nothing has been taken.
 */
export function createSkipper(position: LogPosition, last: LastLines = { stdout: [], stderr: [] }): Skipper {
  const left = {
    stdout: { lines: position.stdout.lines, bytes: position.stdout.bytes },
    stderr: { lines: position.stderr.lines, bytes: position.stderr.bytes },
  };
  return {
    take(channel, data) {
      const nothing = data.subarray(data.byteLength);
      const owed = left[channel];
      let at = 0;
      while (owed.lines > 0) {
        const end = data.indexOf(newline, at);
        if (end === -1) return nothing;
        const known = last[channel].at(-owed.lines);
        if (known !== undefined && known !== lineOf(data.subarray(at, end))) {
          owed.lines = 0;
          owed.bytes = 0;
          break;
        }
        at = end + 1;
        owed.lines--;
      }
      const skipped = Math.min(owed.bytes, data.byteLength - at);
      owed.bytes -= skipped;
      return data.subarray(at + skipped);
    },
    isThrough: (channel) => left[channel].lines === 0 && left[channel].bytes === 0,
  };
}

/** So much of the end of a stream, or of a log, is enough to know its last lines again, in bytes. */
export const endBytes = 2048;

/** Text by which a line is known again: bytes that are no UTF-8 come back otherwise from a json-file log. */
export const lineOf = (line: Uint8Array): string =>
  new TextDecoder().decode(line).replaceAll(/\uFFFD+/g, '\uFFFD');

/** The whole lines in the end of a stream; what stands before its first newline may be half a line. */
export function linesOf(end: Uint8Array): readonly string[] {
  const lines: string[] = [];
  for (let at = end.indexOf(newline); at !== -1;) {
    const next = end.indexOf(newline, at + 1);
    if (next !== -1) lines.push(lineOf(end.subarray(at + 1, next)));
    at = next;
  }
  return lines;
}

/** The same, and before them what is left of the line that was cut: its end. */
export function endingsOf(end: Uint8Array): readonly string[] {
  const first = end.indexOf(newline);
  if (first === -1) return [];
  // It may have been cut in the midst of a character.
  const ending = lineOf(end.subarray(0, first)).replace(/^\uFFFD/, '');
  return ending === '' ? linesOf(end) : [ending, ...linesOf(end)];
}

/**
 * The latest time of which no entry can still be to come, in the same writing: to the second, because it is asked for with each entry, and
 * times are dear to take apart.
 */
function horizonOf(stamp: string): string {
  const second = stamp.slice(0, 19);
  if (second !== lastHorizon.second) {
    const wall = Date.parse(`${second}Z`);
    lastHorizon = {
      second,
      horizon: Number.isNaN(wall)
        ? ''
        : `${new Date(wall - disorderMs).toISOString().slice(0, 19)}.000000000Z`,
    };
  }
  return lastHorizon.horizon;
}

/** The last answer: entries of one second come together. */
let lastHorizon = { second: '', horizon: '' };
