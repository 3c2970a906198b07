/** How a unit came to its rest: what one daemon leaves the next one to say of it. */
import { isRecord } from '../core/is-record.ts';
import type { Exit, Unit } from '../core/unit/types.ts';

export interface Rest {
  readonly state: 'STOPPED' | 'EXITED' | 'FATAL';
  /** How its last run ended; null: none did. Of EXITED there is one. */
  readonly exit: Exit | null;
  readonly expected: boolean;
  readonly spawnError: string;
  /** Wall times in ms, supervisord's laststart and laststop; 0: never. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** For a file that people may read: `readRest` of it is how the unit rests. null: it is at no rest, or has never been anywhere else. */
export function saveRest(
  { state, lastRun, spawnError }: Unit,
  last: Pick<Rest, 'exit' | 'startedAt' | 'endedAt'>,
): unknown {
  if (lastRun === 0) return null;
  const { exit } = last;
  const times = { startedAt: textOf(last.startedAt), endedAt: textOf(last.endedAt) };
  switch (state.name) {
    case 'STOPPED':
    case 'FATAL':
      return { state: state.name, exit, expected: true, spawnError, ...times };
    case 'EXITED':
      return { state: state.name, exit: state.exit, expected: state.expected, spawnError, ...times };
    default:
      return null;
  }
}

const textOf = (ms: number): string => (ms === 0 ? 'never' : new Date(ms).toISOString());

/** undefined: it is no time. */
function timeOf(value: unknown): number | undefined {
  if (value === 'never') return 0;
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** A unit that goes on resting. It has run before: its last run is counted as the first. */
export function resting(rest: Rest): Unit {
  const { spawnError, expected } = rest;
  const exit = rest.exit ?? { kind: 'unknown', reason: 'nobody saw it' };
  return {
    state: rest.state === 'EXITED' ? { name: 'EXITED', exit, expected } : { name: rest.state },
    retries: 0,
    lastRun: 1,
    spawnError,
  };
}

/** null: it is no such thing. */
export function readRest(value: unknown): Rest | null {
  if (!isRecord(value)) return null;
  const { state, expected, spawnError } = value;
  const [exit, startedAt, endedAt] = [
    readExit(value['exit']),
    timeOf(value['startedAt']),
    timeOf(value['endedAt']),
  ];
  if (state !== 'STOPPED' && state !== 'EXITED' && state !== 'FATAL') return null;
  if (typeof expected !== 'boolean' || typeof spawnError !== 'string') return null;
  if (exit === undefined || startedAt === undefined || endedAt === undefined) return null;
  return { state, exit, expected, spawnError, startedAt, endedAt };
}

/** undefined: it is none. */
function readExit(value: unknown): Exit | null | undefined {
  if (value === null) return null;
  if (!isRecord(value)) return undefined;
  const { kind, code, oomKilled, signal, coreDumped, reason } = value;
  if (kind === 'code' && Number.isSafeInteger(code) && typeof oomKilled === 'boolean')
    return { kind, code: Number(code), oomKilled };
  if (kind === 'signal' && typeof signal === 'string' && typeof coreDumped === 'boolean')
    return { kind, signal, coreDumped };
  return kind === 'unknown' && typeof reason === 'string' ? { kind, reason } : undefined;
}
