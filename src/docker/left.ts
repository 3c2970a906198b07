/** What one daemon leaves of a program's container to the next, as it stands in the state file. */
import { isRecord } from '../core/is-record.ts';
import type { MainProcess } from './kernel.ts';
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
  /** Main process of the life that was up, for an Engine that cannot be asked; null or absent: none, or the Engine is remote. */
  readonly main?: FormerMain | null;
  /** Where the client of that launch writes the id of a container without a name; null or absent: nowhere. */
  readonly cidfile?: string | null;
}

/** `stopSignal`: the image's, without SIG. */
export interface FormerMain extends MainProcess {
  readonly stopSignal: string;
}

/** null: it is no such thing. People may write in that file. */
export function readLeft(value: unknown): Left | null {
  if (!isRecord(value)) return null;
  const { output, life, launch, main, cidfile } = value;
  return {
    output: readCursor(output),
    life: typeof life === 'string' ? life : null,
    launch: isTime(launch) ? launch : null,
    main: readMain(main),
    cidfile: typeof cidfile === 'string' && ownCidfile.test(cidfile) ? cidfile : null,
  };
}

/** As `bring-up.ts` makes them, each in a directory of its own. */
const ownCidfile = /^\/.*\/dockvisor-cid-\w{6}\/cid$/;

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

function readMain(value: unknown): FormerMain | null {
  if (!isRecord(value)) return null;
  const { pid, container, startTicks, stopSignal } = value;
  return Number.isSafeInteger(pid) &&
    Number(pid) > 0 &&
    typeof container === 'string' &&
    fullId.test(container) &&
    typeof startTicks === 'string' &&
    typeof stopSignal === 'string' &&
    signalName.test(stopSignal)
    ? { pid: Number(pid), container, startTicks, stopSignal }
    : null;
}

const fullId = /^[0-9a-f]{64}$/;
const signalName = /^[A-Z][A-Z0-9+-]*$/;

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
