/** What one daemon leaves the next one to say of a program that is at rest. */
import { describe, expect, it } from 'vitest';
import { newUnit } from '../../src/core/unit/types.ts';
import type { Exit, State, Unit } from '../../src/core/unit/types.ts';
import { readRest, resting, saveRest } from '../../src/supervisor/rest.ts';
import type { Rest } from '../../src/supervisor/rest.ts';

const exit: Exit = { kind: 'code', code: 3, oomKilled: false };
const seen = { exit, startedAt: 1_796_000_000_000, endedAt: 1_796_000_009_000 };
const unitIn = (state: State, lastRun = 4): Unit => ({ ...newUnit, state, lastRun, spawnError: 'no' });
const exited: State = { name: 'EXITED', exit, expected: false };

const moment = { now: 5000, wall: 1_796_000_020_000 };
const hourMs = 3_600_000;

/** As through the file. */
const passedOn = (saved: unknown): Rest | null => readRest(JSON.parse(JSON.stringify(saved)));

describe('a unit at rest', () => {
  it.each<State>([{ name: 'STOPPED' }, { name: 'FATAL' }, exited])('goes on as $name', (state) => {
    const rest = passedOn(saveRest(unitIn(state), seen, moment));
    expect(rest).toMatchObject(seen);
    expect(rest === null ? null : resting(rest, moment, hourMs)).toEqual({ ...unitIn(state, 1), retries: 0 });
  });

  it.each<Exit>([
    { kind: 'signal', signal: 'TERM', coreDumped: false },
    { kind: 'unknown', reason: 'removed' },
  ])('keeps an end by $kind', (end) => {
    expect(passedOn(saveRest(unitIn({ name: 'STOPPED' }), { ...seen, exit: end }, moment))?.exit).toEqual(
      end,
    );
  });

  it('may have no end', () => {
    expect(passedOn(saveRest(unitIn({ name: 'STOPPED' }), { ...seen, exit: null }, moment))?.exit).toBeNull();
  });
});

describe.each<[string, (until: number) => State]>([
  ['BACKOFF', (until) => ({ name: 'BACKOFF', after: 1, until })],
  ['RESTARTING', (until) => ({ name: 'RESTARTING', exit, expected: false, until })],
])('a unit in %s', (_, waiting) => {
  const left = passedOn(saveRest({ ...unitIn(waiting(moment.now + 7000)), retries: 3 }, seen, moment));
  const goesOn = (later: { now: number; wall: number }, longestMs = hourMs) =>
    left === null ? null : resting(left, later, longestMs);

  it('goes on with the pause that is left, and its count, on another clock', () => {
    const later = { now: 100, wall: moment.wall + 3000 };
    expect(goesOn(later)).toEqual({ ...unitIn(waiting(100 + 4000), 1), retries: 3 });
  });

  it('whose pause is over tries at once', () => {
    const later = { now: 100, wall: moment.wall + 9000 };
    expect(goesOn(later)).toEqual({ ...unitIn(waiting(100), 1), retries: 3 });
  });

  it('waits for no longer than it could have been told to, though the clock was set back', () => {
    const before = { now: 100, wall: moment.wall - 12 * hourMs };
    expect(goesOn(before, 10_000)).toEqual({ ...unitIn(waiting(100 + 10_000), 1), retries: 3 });
  });

  it('is not taken from a file that does not tell how often and until when', () => {
    const saved = saveRest({ ...unitIn(waiting(9000)), retries: 3 }, seen, moment) as Record<string, unknown>;
    expect(readRest({ ...saved })).not.toBeNull();
    for (const change of [{ retries: -1 }, { retries: 'three' }, { nextTryAt: 'soon' }, { nextTryAt: 5 }])
      expect(readRest({ ...saved, ...change })).toBeNull();
  });
});

it('one that was never started has no times', () => {
  const never = { exit: null, startedAt: 0, endedAt: 0 };
  expect(passedOn(saveRest(unitIn({ name: 'STOPPED' }), never, moment))).toMatchObject(never);
});

it('one that has never run leaves nothing, nor does one that is up or due', () => {
  expect(saveRest(newUnit, seen, moment)).toBeNull();
  expect(saveRest(unitIn({ name: 'RUNNING', run: 4, pid: 7, since: 0 }), seen, moment)).toBeNull();
  expect(saveRest(unitIn({ name: 'LAUNCHING', run: 4 }), seen, moment)).toBeNull();
});

it('what somebody has written into the file is taken only where it makes sense', () => {
  const good = JSON.parse(JSON.stringify(saveRest(unitIn(exited), seen, moment))) as Record<string, unknown>;
  expect(readRest(good)).not.toBeNull();
  const strange: readonly unknown[] = [
    undefined,
    null,
    [],
    'EXITED',
    { ...good, state: 'RUNNING' },
    { ...good, exit: undefined },
    { ...good, exit: { kind: 'code', code: 1.5, oomKilled: false } },
    { ...good, exit: { kind: 'signal', signal: 9, coreDumped: false } },
    { ...good, expected: 'yes' },
    { ...good, spawnError: null },
    { ...good, startedAt: 1_796_000_000_000 },
    { ...good, endedAt: 'today' },
  ];
  expect(strange.map(readRest)).toEqual(strange.map(() => null));
});
