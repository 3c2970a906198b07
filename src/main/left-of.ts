/** What the former daemon left of a program, brought up to the last line that it wrote: its logs have grown since its state was saved. */
import { existsSync } from 'node:fs';
import type { ProcessSpec } from '../core/config/model.ts';
import { readLeft } from '../docker/left.ts';
import type { Left } from '../docker/left.ts';
import { advance, endBytes, endingsOf, linesOf } from '../docker/log-position.ts';
import type { Channel, ChannelPosition } from '../docker/log-position.ts';
import { messageOf } from '../core/message-of.ts';
import type { Log } from '../log/activity-log.ts';
import type { LogMarks } from '../log/process-logs.ts';
import { sourceOf, undress } from '../log/line-format.ts';
import { readEnd, readWrittenSince } from '../log/written-since.ts';
import type { FileMark } from '../log/written-since.ts';
import { readRest } from '../supervisor/rest.ts';
import type { Rest } from '../supervisor/rest.ts';
import type { ProgramState } from './state-file.ts';

/** `goesOn`: false after a reboot of the machine, say, in which every life ended: nobody's policy is asked about that. */
export function leftOf(
  former: ProgramState | undefined,
  goesOn: boolean,
  spec: ProcessSpec,
  log: Log,
): Left | null {
  const read = readLeft(former?.container);
  const left =
    read === null || goesOn ? read : { ...read, life: null, main: null, launch: null, cidfile: null };
  if (former === undefined || left?.output?.position == null) return left;
  const { stdout, stderr } = left.output.position;
  const { logs } = former;
  if (isOneFile(logs)) return left;
  const went = {
    stdout: wentOn(stdout, logs.stdout, spec, 'stdout', log),
    stderr: wentOn(stderr, logs.stderr, spec, 'stderr', log),
  };
  return {
    ...left,
    output: {
      ...left.output,
      position: { stdout: went.stdout.position, stderr: went.stderr.position },
      at: Math.max(left.output.at, went.stdout.at, went.stderr.at),
      known: { stdout: went.stdout.lines, stderr: went.stderr.lines },
    },
  };
}

interface End {
  /** The last lines that were written, as they came. */
  readonly lines: readonly string[];
  /** When that was. */
  readonly at: number;
}

const noEnd: End = { lines: [], at: 0 };

/** Each channel for itself: that the log of one cannot be read costs the other nothing. */
function wentOn(
  position: ChannelPosition,
  mark: FileMark | null,
  spec: ProcessSpec,
  channel: Channel,
  log: Log,
): End & { readonly position: ChannelPosition } {
  try {
    return { position: caughtUp(position, mark, spec, channel), ...endOf(mark, spec, channel) };
  } catch (error) {
    log.warn(
      `${spec.name}: the log of the former daemon cannot be read (${messageOf(error)}): lines that it wrote last may be doubled`,
    );
    return { position, ...noEnd };
  }
}

function endOf(mark: FileMark | null, spec: ProcessSpec, channel: Channel): End {
  const { format, captureMaxBytes } = spec[channel];
  const end = mark === null || captureMaxBytes > 0 ? null : readEnd(mark.path, endBytes);
  if (end === null) return noEnd;
  const lines = format === 'plain' ? endingsOf(end.bytes) : linesOf(end.bytes);
  const source = sourceOf(spec, channel);
  return { lines: lines.flatMap((line) => undress(format, line, source)?.text ?? []), at: end.at };
}

/** How it was left resting; null: it was not, or that counts no more. */
export const restOf = (former: ProgramState | undefined, goesOn: boolean): Rest | null =>
  goesOn ? readRest(former?.rest) : null;

/** So much of a log is read again without a thought, in bytes. */
const littleBytes = 64 * 1024;

/** Whether `leftOf` comes to the same by the older one of two states: what is new since can be read from the program's own logs. */
export function isAsGood(older: ProgramState, newer: ProgramState, spec: ProcessSpec): boolean {
  // A client that has lost its Engine may have left a line in the log that is none of the container's (`disown`).
  if (newer.state !== older.state || newer.wish !== older.wish || newer.state === 'UNKNOWN') return false;
  const [before, now] = [readLeft(older.container), readLeft(newer.container)];
  if (before?.launch !== now?.launch) return false;
  if (before?.life !== now?.life || before?.output?.container !== now?.output?.container) return false;
  if (before?.output?.unordered !== now?.output?.unordered) return false;
  const [from, to] = [before?.output?.position ?? null, now?.output?.position ?? null];
  if (from === null || to === null) return from === to && before?.output?.at === now?.output?.at;
  const isShared = isOneFile(newer.logs);
  return (['stdout', 'stderr'] as const).every(
    (name) =>
      isSame(from[name], to[name]) ||
      (!isShared && spec[name].captureMaxBytes === 0 && isLittleMore(older.logs[name], newer.logs[name])),
  );
}

/** Two channels in one file: whose lines are whose cannot be told any more. */
const isOneFile = ({ stdout, stderr }: LogMarks): boolean => stdout !== null && stdout.path === stderr?.path;

const isSame = (one: ChannelPosition, other: ChannelPosition): boolean =>
  one.since === other.since && one.lines === other.lines && one.bytes === other.bytes;

const isLittleMore = (from: FileMark | null, to: FileMark | null): boolean =>
  from !== null &&
  to !== null &&
  from.path === to.path &&
  from.inode === to.inode &&
  to.size >= from.size &&
  to.size - from.size < littleBytes;

function caughtUp(
  position: ChannelPosition,
  mark: FileMark | null,
  spec: ProcessSpec,
  channel: Channel,
): ChannelPosition {
  const { captureMaxBytes, format } = spec[channel];
  // What is said in capture mode is not in the file.
  if (mark === null || captureMaxBytes > 0) return position;
  const chunks = readWrittenSince(mark);
  // One that was empty, and is gone, has lost nothing that could be doubled.
  if (chunks === null && mark.size === 0 && !existsSync(mark.path)) return position;
  if (chunks === null) throw new Error(`${mark.path} has been cut short, or moved`);
  let place = position;
  if (format === 'plain') {
    for (const chunk of chunks) place = advance(place, chunk);
    return place;
  }
  // In the other formats only whole lines are written, and those of other programs may stand between them.
  const source = sourceOf(spec, channel);
  let { lines } = position;
  let rest = '';
  for (const chunk of chunks) {
    const texts = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      const said = undress(format, Buffer.from(text, 'latin1').toString(), source);
      if (said !== null && !said.isCut) lines++;
    }
  }
  return { ...position, lines, bytes: 0 };
}
