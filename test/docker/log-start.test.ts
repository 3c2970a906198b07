/** Where a log goes on when the time that named the place is not in it any more: by the lines that were taken last. */
import { describe, expect, it } from 'vitest';
import { createAnchorFinder } from '../../src/docker/log-anchor.ts';
import type { LogEntry } from '../../src/docker/log-entries.ts';
import { createLineMatcher } from '../../src/docker/line-matcher.ts';
import { beginningOf, endingsOf, fromTheBeginning, stampOf } from '../../src/docker/log-position.ts';
import type { Channel, LogPosition } from '../../src/docker/log-position.ts';
import { createStartFinder } from '../../src/docker/log-start.ts';
import type { StartOptions } from '../../src/docker/log-start.ts';

const origin = Date.UTC(2026, 10, 30);
/** An entry of the n-th second. */
const entry = (second: number, text: string, channel: Channel = 'stdout'): LogEntry => ({
  channel,
  stamp: stampOf(origin + second * 1000),
  data: Buffer.from(text),
});
const stamp = (second: number): string => stampOf(origin + second * 1000);
const lines = (from: number, to: number, word = 'line'): LogEntry[] =>
  Array.from({ length: to - from + 1 }, (_, n) => entry(from + n, `${word} ${String(from + n)}\n`));
const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => `line ${String(from + n)}`);

describe('known lines', () => {
  const find = (known: readonly string[], log: readonly LogEntry[]) => {
    const matcher = createLineMatcher(known);
    log.forEach(({ stamp: time, data }, ordinal) => {
      matcher.take(ordinal, time, data);
    });
    return matcher.found();
  };

  it('are found where they stand in their order, once', () => {
    expect(find(texts(3, 6), lines(1, 9))).toEqual({ since: stamp(6), lines: 1, first: 5, index: 6 });
    expect(find(texts(3, 6), lines(1, 5))).toBe(null);
    expect(find(['line 3', 'line 5'], lines(1, 9))).toBe(null);
    expect(find([], lines(1, 9))).toBe(null);
  });

  it('are not found where they stand twice, nor where too few of them are left', () => {
    expect(find(['a', 'b'], [...lines(1, 3), entry(4, 'a\n'), entry(5, 'b\n')])).toMatchObject({ index: 5 });
    expect(find(['a', 'b'], [entry(1, 'a\n'), entry(2, 'b\n'), entry(3, 'a\n'), entry(4, 'b\n')])).toBe(null);
    expect(find(texts(1, 6), lines(5, 9))).toBe(null);
    expect(find(texts(1, 6), lines(4, 9))).toMatchObject({ index: 3 });
  });

  it('of the first one the end is enough, and parts of a line are one', () => {
    const log = [entry(1, 'a long '), entry(1, 'line\n'), entry(2, 'next\n'), entry(2, 'last\n')];
    expect(find(['g line', 'next', 'last'], log)).toEqual({ since: stamp(2), lines: 2, first: 2, index: 3 });
    expect(endingsOf(Buffer.from('g line\nnext\nlast\nhal'))).toEqual(['g line', 'next', 'last']);
    expect(endingsOf(Buffer.from([0x98, 0x83, 10]))).toEqual([]);
    expect(endingsOf(Buffer.from('no end'))).toEqual([]);
  });
});

describe('a log that is read from its beginning goes on', () => {
  const start = (log: readonly LogEntry[], change: Partial<StartOptions>) => {
    const finder = createStartFinder({
      place: fromTheBeginning,
      isKnown: true,
      known: { stdout: [], stderr: [] },
      at: origin + 7500,
      merged: false,
      ...change,
    });
    for (const each of log) finder.take(each);
    return finder.start();
  };
  const counted = (count: number): LogPosition => ({
    ...fromTheBeginning,
    stdout: { since: '', lines: count, bytes: 0 },
  });

  it('by its count from the beginning, while the lines stand where it says', () => {
    const place = counted(6);
    const exact = { from: { stdout: 0, stderr: 0 }, place, isExact: true, first: stamp(1) };
    expect(start(lines(1, 9), { place })).toEqual(exact);
    expect(start(lines(1, 9), { place, known: { stdout: texts(3, 6), stderr: [] } })).toEqual(exact);
  });

  it('by the lines, when its beginning is gone', () => {
    const known = { stdout: texts(3, 6), stderr: [] };
    expect(start(lines(3, 20), { place: counted(6), known })).toEqual({
      from: { stdout: 3, stderr: 3 },
      place: { stdout: { since: stamp(6), lines: 1, bytes: 0 }, stderr: beginningOf(stamp(6)) },
      isExact: true,
      first: stamp(3),
    });
  });

  it('by the lines, when the entry that it was counted from is gone', () => {
    const place: LogPosition = {
      stdout: { since: stamp(2), lines: 5, bytes: 3 },
      stderr: beginningOf(stamp(2)),
    };
    expect(start(lines(4, 9), { place, known: { stdout: texts(4, 6), stderr: [] } })).toMatchObject({
      from: { stdout: 2 },
      place: { stdout: { since: stamp(6), lines: 1, bytes: 3 } },
      isExact: true,
    });
  });

  it('by the clock, when nothing else is left, and says so', () => {
    expect(start(lines(7, 9), { place: counted(60), known: { stdout: ['other'], stderr: [] } })).toEqual({
      from: { stdout: 1, stderr: 1 },
      place: { stdout: beginningOf(stampOf(origin + 7500)), stderr: beginningOf(stampOf(origin + 7500)) },
      isExact: false,
      first: stamp(7),
    });
    expect(
      start(lines(1, 3), { place: counted(60), known: { stdout: ['other'], stderr: [] } }).from.stdout,
    ).toBe(3);
  });
});

describe('a place for what never rests', () => {
  const anchor = (log: readonly LogEntry[], known: string[], before: number, now: number, merged = false) => {
    const finder = createAnchorFinder({ stdout: known, stderr: [] }, merged);
    for (const each of log) finder.take(each);
    const at = (count: number): LogPosition => ({
      ...fromTheBeginning,
      stdout: { since: '', lines: count, bytes: 0 },
    });
    return finder.anchor(at(before), at(now));
  };

  it('is the time of the last line that was known, and what has come since', () => {
    expect(anchor(lines(40, 60), texts(48, 50), 50, 57)).toEqual({
      stdout: { since: stamp(50), lines: 8, bytes: 0 },
      stderr: beginningOf(stamp(40)),
    });
  });

  it('is none where the lines are not there, where the other channel cannot be placed, or where the clock was set back', () => {
    expect(anchor(lines(40, 60), ['other'], 50, 57)).toBe(null);
    expect(anchor([...lines(40, 60), entry(61, 'x\n', 'stderr')], texts(48, 50), 50, 57)).toBe(null);
    expect(anchor([...lines(40, 60), entry(1, 'x\n')], texts(48, 50), 50, 57)).toBe(null);
    expect(anchor([], texts(48, 50), 50, 57)).toBe(null);
  });

  it('with both channels in one is of both', () => {
    expect(anchor([...lines(40, 60), entry(61, 'x\n', 'stderr')], texts(48, 50), 50, 57, true)).toEqual({
      stdout: { since: stamp(50), lines: 8, bytes: 0 },
      stderr: beginningOf(stamp(50)),
    });
  });
});
