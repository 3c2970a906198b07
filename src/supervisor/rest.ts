/** How a unit came to its rest, or to its pause before the next try: what one daemon leaves the next one to say of it. */
import { isRecord } from '../core/is-record.ts';
import { newUnit } from '../core/unit/types.ts';
import type { Exit, Instant, State, Unit } from '../core/unit/types.ts';

export interface Rest {
  /** BACKOFF and RESTARTING wait for their next try. */
  readonly state: 'STOPPED' | 'EXITED' | 'FATAL' | 'BACKOFF' | 'RESTARTING';
  /** How its last run ended; null: none did. Of EXITED and RESTARTING there is one. */
  readonly exit: Exit | null;
  readonly expected: boolean;
  readonly spawnError: string;
  /** Wall times in ms, supervisord's laststart and laststop; 0: never. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Tries in a row that have failed. */
  readonly retries: number;
  /** When the next one is due, in ms of wall time; 0: none is. */
  readonly nextTryAt: number;
}

/** The two clocks at one moment, in ms. */
export interface Moment {
  readonly now: Instant;
  readonly wall: number;
}

/** For a file that people may read: `readRest` of it is how the unit rests. null: it is at no rest, or has never been anywhere else. */
export function saveRest(
  { state, retries, lastRun, spawnError }: Unit,
  last: Pick<Rest, 'exit' | 'startedAt' | 'endedAt'>,
  { now, wall }: Moment,
): unknown {
  if (lastRun === 0) return null;
  const { exit, expected } = 'exit' in state ? state : { exit: last.exit, expected: true };
  const times = { startedAt: textOf(last.startedAt), endedAt: textOf(last.endedAt) };
  const due = 'until' in state ? { retries, nextTryAt: textOf(wall + state.until - now) } : {};
  switch (state.name) {
    case 'STOPPED':
    case 'FATAL':
    case 'EXITED':
    case 'BACKOFF':
    case 'RESTARTING':
      return { state: state.name, exit, expected, spawnError, ...times, ...due };
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

/**
 * A unit that goes on resting, or waiting. It has run before: its last run is counted as the first. `longestMs`: no pause is longer, whatever a
 * clock that was set says.
 */
export function resting(rest: Rest, { now, wall }: Moment, longestMs: number): Unit {
  const { retries, spawnError } = rest;
  const until = now + Math.min(Math.max(0, rest.nextTryAt - wall), longestMs);
  return { ...newUnit, state: stateOf(rest, until), retries, lastRun: 1, spawnError };
}

function stateOf({ state, exit, expected }: Rest, until: Instant): State {
  const end = exit ?? { kind: 'unknown', reason: 'nobody saw it' };
  switch (state) {
    case 'EXITED':
      return { name: state, exit: end, expected };
    case 'RESTARTING':
      return { name: state, exit: end, expected, until };
    case 'BACKOFF':
      return { name: state, after: 1, until };
    default:
      return { name: state };
  }
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
  const isWaiting = state === 'BACKOFF' || state === 'RESTARTING';
  if (!isWaiting && state !== 'STOPPED' && state !== 'EXITED' && state !== 'FATAL') return null;
  if (typeof expected !== 'boolean' || typeof spawnError !== 'string') return null;
  if (exit === undefined || startedAt === undefined || endedAt === undefined) return null;
  const rest = { state, exit, expected, spawnError, startedAt, endedAt } as const;
  if (!isWaiting) return { ...rest, retries: 0, nextTryAt: 0 };
  const { retries } = value;
  const nextTryAt = timeOf(value['nextTryAt']);
  return Number.isSafeInteger(retries) && Number(retries) >= 0 && nextTryAt !== undefined
    ? { ...rest, retries: Number(retries), nextTryAt }
    : null;
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
