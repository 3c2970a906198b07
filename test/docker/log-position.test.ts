import { describe, expect, it } from 'vitest';
import {
  advance,
  advanceTo,
  beginningOf,
  createSkipper,
  earliest,
  fromTheBeginning,
  linesOf,
} from '../../src/docker/log-position.ts';
import type { LogPosition } from '../../src/docker/log-position.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (data: Uint8Array): string => Buffer.from(data).toString();
const entry = (stamp: string, line: string, isTurn = false) => ({ stamp, data: bytes(line), isTurn });
const at = (second: number, nanos = 0): string =>
  `2026-11-28T23:58:${String(second).padStart(2, '0')}.${String(nanos).padStart(9, '0')}Z`;

describe('a place in the log', () => {
  it('live output: whole lines, and what came after the last of them, however it was cut', () => {
    let place = fromTheBeginning.stdout;
    for (const piece of ['on', 'e\ntwo\nthr', 'ee', '\nx']) place = advance(place, bytes(piece));
    expect(place).toEqual({ since: '', lines: 3, bytes: 1 });
  });

  it('entries: each time starts the count anew, entries of one time are counted together', () => {
    let place: LogPosition = fromTheBeginning;
    for (const [stamp, line] of [
      [at(1), 'a\n'],
      [at(2), 'b\n'],
      [at(2), 'c\n'],
    ] as const)
      place = advanceTo(place, 'stdout', entry(stamp, line));
    expect(place.stdout).toEqual({ since: at(2), lines: 2, bytes: 0 });
  });

  it('a silent channel follows at a distance, so that the log is not read from its beginning for it', () => {
    const place = advanceTo(fromTheBeginning, 'stdout', entry(at(40, 7), 'a\n'));
    expect(place.stderr).toEqual(beginningOf(at(30, 0)));
    expect(earliest(place)).toBe(at(30, 0));
  });

  it('an entry that stands after a younger one moves nothing', () => {
    const place = advanceTo(fromTheBeginning, 'stdout', entry(at(2), 'b\n'));
    expect(advanceTo(place, 'stdout', entry(at(1), 'a\n')).stdout).toEqual(place.stdout);
  });
});

describe('taking up', () => {
  const log = [
    [at(1), 'one\n'],
    [at(2), 'two\n'],
    [at(2), 'three\n'],
    [at(3), 'four\n'],
  ] as const;
  const readFrom = (position: LogPosition): string => {
    const skipper = createSkipper(position);
    return log
      .filter(([stamp]) => stamp >= position.stdout.since)
      .map(([, line]) => text(skipper.take('stdout', bytes(line))))
      .join('');
  };

  it('goes by so many lines, and so many bytes of the next', () => {
    const stdout = { since: '', lines: 2, bytes: 3 };
    expect(readFrom({ ...fromTheBeginning, stdout })).toBe('ee\nfour\n');
  });

  it('goes by what is older, and by what was taken of the very time', () => {
    const stdout = { since: at(2), lines: 1, bytes: 0 };
    expect(readFrom({ ...fromTheBeginning, stdout })).toBe('three\nfour\n');
  });

  it('wherever it was left, live or in the log, what comes then is the rest: each line once', () => {
    const whole = log.map(([, line]) => line).join('');
    for (let cut = 0; cut <= whole.length; cut++) {
      const stdout = advance(fromTheBeginning.stdout, bytes(whole.slice(0, cut)));
      expect(whole.slice(0, cut) + readFrom({ ...fromTheBeginning, stdout })).toBe(whole);
    }
    let place: LogPosition = fromTheBeginning;
    let taken = '';
    for (const [stamp, line] of log) {
      expect(taken + readFrom(place)).toBe(whole);
      place = advanceTo(place, 'stdout', entry(stamp, line));
      taken += line;
    }
    expect(taken + readFrom(place)).toBe(whole);
  });

  it('a line that the Engine cut in pieces of one time', () => {
    const skipper = createSkipper({ ...fromTheBeginning, stdout: { since: at(1), lines: 0, bytes: 5 } });
    const pieces = ['abc', 'def', 'g\n', 'next\n'].map((piece) => text(skipper.take('stdout', bytes(piece))));
    expect(pieces.join('')).toBe('fg\nnext\n');
  });

  it('a log that lacks what was passed on last: from the first other line on, nothing was taken', () => {
    const delivered = 'zero\none\ntwo\nnever logged\nnor this\n';
    const stdout = advance(fromTheBeginning.stdout, bytes(delivered.slice('zero\n'.length)));
    const skipper = createSkipper(
      { ...fromTheBeginning, stdout },
      { stdout: linesOf(bytes(delivered)), stderr: [] },
    );
    const rest = log.map(([, line]) => text(skipper.take('stdout', bytes(line)))).join('');
    expect(rest).toBe('three\nfour\n');
  });
});
