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

/** As through the file. */
const passedOn = (saved: unknown): Rest | null => readRest(JSON.parse(JSON.stringify(saved)));

describe('a unit at rest', () => {
  it.each<State>([{ name: 'STOPPED' }, { name: 'FATAL' }, exited])('goes on as $name', (state) => {
    const rest = passedOn(saveRest(unitIn(state), seen));
    expect(rest).toMatchObject(seen);
    expect(rest === null ? null : resting(rest)).toEqual({ ...unitIn(state, 1), retries: 0 });
  });

  it.each<Exit>([
    { kind: 'signal', signal: 'TERM', coreDumped: false },
    { kind: 'unknown', reason: 'removed' },
  ])('keeps an end by $kind', (end) => {
    expect(passedOn(saveRest(unitIn({ name: 'STOPPED' }), { ...seen, exit: end }))?.exit).toEqual(end);
  });

  it('may have no end', () => {
    expect(passedOn(saveRest(unitIn({ name: 'STOPPED' }), { ...seen, exit: null }))?.exit).toBeNull();
  });
});

it('one that was never started has no times', () => {
  const never = { exit: null, startedAt: 0, endedAt: 0 };
  expect(passedOn(saveRest(unitIn({ name: 'STOPPED' }), never))).toMatchObject(never);
});

it('one that has never run leaves nothing, nor does one that is up or due', () => {
  expect(saveRest(newUnit, seen)).toBeNull();
  expect(saveRest(unitIn({ name: 'RUNNING', run: 4, pid: 7, since: 0 }), seen)).toBeNull();
  expect(saveRest(unitIn({ name: 'RESTARTING', exit, expected: false, until: 9 }), seen)).toBeNull();
});

it('what somebody has written into the file is taken only where it makes sense', () => {
  const good = JSON.parse(JSON.stringify(saveRest(unitIn(exited), seen))) as Record<string, unknown>;
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
