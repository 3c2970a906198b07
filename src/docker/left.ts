/** What one daemon leaves of a program's container to the next, as it stands in the state file. */
import { isRecord } from '../core/is-record.ts';
import type { SavedCursor } from './log-cursor.ts';
import type { ChannelPosition, LogPosition } from './log-position.ts';

export interface Left {
  /** null: no container was attached to. */
  readonly output: SavedCursor | null;
  /** StartedAt of the life that was up; null: none was. */
  readonly life: string | null;
  /**
   * Since when a launch was under way of which nobody saw the end, in ms of wall time; null or absent: none was. What it had asked for may
   * come about without us.
   */
  readonly launch?: number | null;
}

/** null: it is no such thing. People may write in that file. */
export function readLeft(value: unknown): Left | null {
  if (!isRecord(value)) return null;
  const { output, life, launch } = value;
  return {
    output: readCursor(output),
    life: typeof life === 'string' ? life : null,
    launch: isTime(launch) ? launch : null,
  };
}

/** What a Date can hold, in ms. */
const latestTime = 8.64e15;

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= latestTime;

function readCursor(value: unknown): SavedCursor | null {
  if (!isRecord(value)) return null;
  const { container, position, at, unordered } = value;
  if (typeof container !== 'string' || !isTime(at)) return null;
  return {
    container,
    position: readPosition(position),
    at,
    unordered: typeof unordered === 'string' && stamp.test(unordered) ? unordered : '',
  };
}

function readPosition(value: unknown): LogPosition | null {
  if (!isRecord(value)) return null;
  const stdout = readChannel(value['stdout']);
  const stderr = readChannel(value['stderr']);
  return stdout === null || stderr === null ? null : { stdout, stderr };
}

/** As the log writes times, or the beginning. */
const stamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)?$/;

function readChannel(value: unknown): ChannelPosition | null {
  if (!isRecord(value)) return null;
  const { since, lines, bytes } = value;
  const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && Number(count) >= 0;
  return typeof since === 'string' && stamp.test(since) && isCount(lines) && isCount(bytes)
    ? { since, lines, bytes }
    : null;
}
