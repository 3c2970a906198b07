/** A log whose clock was set back: wherever its reader was, and however it came there, it goes on with what it has not had. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createContinuation } from '../../src/docker/log-continuation.ts';
import type { LogEntry } from '../../src/docker/log-entries.ts';
import { createPlaceFinder, createTurns } from '../../src/docker/log-order.ts';
import { advance, advanceTo, beginningOf, fromTheBeginning, moved } from '../../src/docker/log-position.ts';
import type { Channel, LogPosition } from '../../src/docker/log-position.ts';

const origin = Date.UTC(2026, 10, 30);
const hourMs = 3_600_000;
const none = { stdout: [], stderr: [] };

/** As the Engine stamps: each to the nanosecond, and none twice. */
const stamped = (ms: number, ordinal: number): string =>
  `${new Date(origin + ms).toISOString().slice(0, 23)}${String(ordinal).padStart(6, '0')}Z`;

/** Entries by their channels and by how much later each is than the one before, in ms. */
function logOf(steps: readonly (readonly [Channel, number])[]): LogEntry[] {
  let at = 100 * hourMs;
  return steps.map(([channel, later], ordinal) => {
    at += later;
    const data = Buffer.from(`${channel} ${String(ordinal)}\n`);
    return { channel, stamp: stamped(at, ordinal), data };
  });
}

const textOf = (entries: readonly LogEntry[], channel: Channel): string =>
  entries
    .filter((entry) => entry.channel === channel)
    .map(({ data }) => Buffer.from(data).toString())
    .join('');

/** Reads the whole log from the place on. */
function readOn(log: readonly LogEntry[], place: LogPosition): Record<Channel, string> {
  const finder = createPlaceFinder(place);
  for (const { channel, stamp } of log) finder.take(channel, stamp);
  const from = finder.found();
  if (from === null) throw new Error('the place is not found');
  const continuation = createContinuation({ place, from, byTime: false, merged: false, last: none });
  const got = { stdout: '', stderr: '' };
  for (const entry of log) {
    const next = continuation.take(entry);
    if (next !== null) got[next.into] += Buffer.from(next.data).toString();
  }
  return got;
}

/** Where a reader is that has had so many entries, all of them from the log. */
function placeAfter(log: readonly LogEntry[], count: number): LogPosition {
  const turns = createTurns();
  let place = fromTheBeginning;
  for (const { channel, stamp, data } of log.slice(0, count))
    place = advanceTo(place, channel, { stamp, data, isTurn: turns.take(channel, stamp) });
  return place;
}

/** Where one is that knew the end of the log after `anchored` entries, and has had the next ones live, with no times. */
function placeLive(log: readonly LogEntry[], anchored: number, count: number): LogPosition {
  const last = log[anchored - 1];
  if (last === undefined) throw new Error('there is no such entry');
  let place: LogPosition = { stdout: beginningOf(last.stamp), stderr: beginningOf(last.stamp) };
  for (const { channel, data } of log.slice(anchored - 1, count))
    place = moved(place, channel, advance(place[channel], data));
  return place;
}

describe('a log whose clock was set back', () => {
  const channel = fc.constantFrom<Channel>('stdout', 'stdout', 'stderr');
  const later = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 4000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 10_000, max: 2 * hourMs }) },
    { weight: 2, arbitrary: fc.integer({ min: -5 * hourMs, max: -1 }) },
  );
  const logs = fc.array(fc.tuple(channel, later), { minLength: 1, maxLength: 30 }).map(logOf);

  it('goes on, from wherever its reader was by its entries, with each line that is left, once', () => {
    fc.assert(
      fc.property(logs, fc.nat(30), (log, at) => {
        const count = 1 + (at % log.length);
        const rest = log.slice(count);
        expect(readOn(log, placeAfter(log, count))).toEqual({
          stdout: textOf(rest, 'stdout'),
          stderr: textOf(rest, 'stderr'),
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('goes on, from wherever its reader was by a count of what came live, with each line that is left, once', () => {
    fc.assert(
      fc.property(logs, fc.nat(30), fc.nat(30), (log, one, other) => {
        const [anchored, count] = [
          1 + (Math.min(one, other) % log.length),
          1 + (Math.max(one, other) % log.length),
        ];
        fc.pre(anchored <= count);
        const rest = log.slice(count);
        expect(readOn(log, placeLive(log, anchored, count))).toEqual({
          stdout: textOf(rest, 'stdout'),
          stderr: textOf(rest, 'stderr'),
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('is not to be taken for one that is told again over a rotation: that is no turn, and told once', () => {
    const log = logOf([
      ['stdout', 0],
      ['stderr', 1],
      ['stdout', 1],
      ['stdout', 1],
      ['stderr', 1],
    ]);
    const continuation = createContinuation({
      place: fromTheBeginning,
      from: { stdout: 0, stderr: 0 },
      byTime: true,
      merged: true,
      last: none,
    });
    const told = [...log.slice(0, 4), ...log.slice(1)].map((entry) => continuation.take(entry)?.data);
    expect(Buffer.concat(told.map((data) => data ?? Buffer.of())).toString()).toBe(
      log.map(({ data }) => Buffer.from(data).toString()).join(''),
    );
    expect(continuation.isTurned()).toBe(false);
  });

  it('is told by what is older than its forerunner of one channel, or much older than the other channel', () => {
    const turns = createTurns();
    const told = logOf([
      ['stdout', 0],
      ['stderr', -3],
      ['stdout', 5],
      ['stdout', -1],
      ['stderr', 1],
      ['stderr', 20_000],
      ['stdout', -15_000],
      ['stdout', 1],
    ]).map((entry) => turns.take(entry.channel, entry.stamp));
    // Of each channel the first one after the clock was set back: the silent one may be late with it.
    expect(told).toEqual([false, false, false, true, true, false, true, false]);
    expect(turns.count()).toBe(2);
  });

  it('that has lost the place by its rotation is known only since the clock was set back last', () => {
    const log = logOf([
      ['stdout', 0],
      ['stdout', -hourMs],
      ['stdout', 1000],
    ]);
    const finder = createPlaceFinder({
      stdout: beginningOf(stamped(0, 7)),
      stderr: beginningOf(stamped(0, 7)),
    });
    for (const entry of log) finder.take(entry.channel, entry.stamp);
    expect(finder.found()).toBe(null);
    expect(finder.afterLastTurn()).toBe(1);
  });
});
