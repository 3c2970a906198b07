/** Entries as they come back from a file or over the wire, where what is null has been left out. */
import { wireStates } from '../unit/states.ts';
import type { WireStateName } from '../unit/states.ts';
import type { ContainerState } from '../view.ts';
import type { End, Evidence, HistoryEntry, ProcessHappening } from './entry.ts';

type Fields = Readonly<Record<string, unknown>>;

/** null: it is none, or one of a version that we do not know. */
export function readEntry(value: unknown): HistoryEntry | null {
  if (!isFields(value)) return null;
  const { seq, time, kind, group, process } = value;
  if (typeof seq !== 'number' || typeof time !== 'string' || Number.isNaN(Date.parse(time))) return null;
  if (kind === 'daemon') {
    const { what } = value;
    if (what !== 'started' && what !== 'stopped') return null;
    return { seq, time, kind, what, pid: numberOf(value['pid']) };
  }
  if (typeof group !== 'string' || typeof process !== 'string') return null;
  const happening = happeningOf(value);
  return happening === null ? null : { seq, time, group, process, ...happening };
}

function happeningOf(value: Fields): ProcessHappening | null {
  const pid = numberOf(value['pid']);
  switch (value['kind']) {
    case 'state': {
      const { from, to } = value;
      if (!isState(from) || !isState(to)) return null;
      return {
        kind: 'state',
        from,
        to,
        cause: textOf(value['cause']),
        tries: numberOf(value['tries']),
        pid,
        expected: value['expected'] !== false,
        exit: endOf(value['exit']),
        container: evidenceOf(value['container']),
        started: timeOf(value['started']),
      };
    }
    case 'order':
      return { kind: 'order', order: textOf(value['order']), why: textOf(value['why']) };
    case 'spawned':
      return { kind: 'spawned', pid, adopted: value['adopted'] === true };
    case 'killing':
      return { kind: 'killing', pid };
    case 'ghost':
      return { kind: 'ghost', found: textOf(value['found']), done: textOf(value['done']) };
    default:
      return null;
  }
}

function endOf(value: unknown): End | null {
  if (!isFields(value)) return null;
  return {
    code: typeof value['code'] === 'number' ? value['code'] : null,
    signal: typeof value['signal'] === 'string' ? value['signal'] : null,
    oom_killed: value['oom_killed'] === true,
    how: textOf(value['how']),
  };
}

/** Of an entry, or of a process's own `container`. */
export function evidenceOf(value: unknown): Evidence | null {
  if (!isFields(value) || typeof value['name'] !== 'string') return null;
  return {
    name: value['name'],
    id: typeof value['id'] === 'string' ? value['id'].slice(0, 12) : null,
    // It is shown, and compared with the words that we know; a word that we do not know is only shown.
    state: textOf(value['state']) as ContainerState,
    exit_code: typeof value['exit_code'] === 'number' ? value['exit_code'] : null,
    oom_killed: value['oom_killed'] === true,
    error: textOf(value['error']),
  };
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isState = (value: unknown): value is WireStateName =>
  typeof value === 'string' && Object.hasOwn(wireStates, value);
const timeOf = (value: unknown): string | null =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
