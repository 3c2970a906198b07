/** A place that was rotated away, and a place for what is busy: case by case, each found by reading the code against it. */
import { expect, it } from 'vitest';
import { createLineMatcher } from '../../src/docker/line-matcher.ts';
import type { EngineLink } from '../../src/docker/link.ts';
import type { SavedCursor } from '../../src/docker/log-cursor.ts';
import { beginningOf, fromTheBeginning } from '../../src/docker/log-position.ts';
import { settleLog } from '../../src/docker/settle-log.ts';
import {
  at,
  createHandLog,
  daemon,
  err,
  facts,
  follow,
  handClock,
  origin,
  out,
  rest,
  textOf,
} from '../support/hand-log.ts';
import type { HandLog } from '../support/hand-log.ts';

/** A gap that is noticed first. */
async function comesBack(d: ReturnType<typeof daemon>) {
  d.cursor.cut();
  return follow(d);
}
const linesFrom = (from: number, to: number, word = '') =>
  Array.from({ length: to - from + 1 }, (_, n) => `${word}${String(from + n)}\n`);
const linkTo = (log: HandLog) =>
  ({ engine: log.engine, status: () => ({ up: true }) }) as unknown as EngineLink;

/** For as long as a place needs to be looked for once. */
async function settles(
  log: HandLog,
  { cursor, outlets }: ReturnType<typeof daemon>,
  ms = 6700,
): Promise<void> {
  const over = new AbortController();
  void settleLog({ link: linkTo(log), cursor, facts, outlets, over: over.signal });
  await rest(ms);
  over.abort();
}

/** A job that says the same each hour. */
const block = (ms: number) =>
  ['start', 'copy a', 'copy b', 'copy c', 'copy d', 'copy e', 'copy f', 'copy g', 'end'].map((text, n) =>
    out(ms + n, `${text}\n`),
  );
const hourMs = 3_600_000;

it('a job that says the same each hour: what was taken is rotated away, its next run is not taken for it', async () => {
  const log = createHandLog();
  log.print(...block(0));
  const clock = handClock(0);
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' }, { clock });
  clock.nowMs = 1000;
  await comesBack(d);
  expect(d.heard.stdout).toBe(textOf(block(0)));
  const known = { stdout: d.heard.stdout.trim().split('\n'), stderr: [] };
  const saved = d.cursor.save();
  if (saved === null) throw new Error();
  await log.cut();
  // The daemon is dead; other lines come, the log is rotated, and the job runs once.
  log.lose(9);
  const others = linesFrom(1, 20, 'other ').map((text, n) => out(10_000 + n, text));
  log.print(...others, ...block(hourMs));
  clock.nowMs = hourMs + 5000;
  // As `leftOf` leaves it.
  const second = daemon(log, { ...saved, at: origin + 1000, known }, { clock });
  await comesBack(second);
  expect(second.heard.stdout).toBe(textOf(others) + textOf(block(hourMs)));
});

it('counted from the beginning, rotated in a long gap: what is left is not passed over for the count', async () => {
  const log = createHandLog();
  const first = linesFrom(1, 100).map((text, n) => out(n, text));
  log.print(...first);
  const saved: SavedCursor = {
    container: 'c',
    position: { stdout: { since: '', lines: 100, bytes: 0 }, stderr: beginningOf('') },
    at: origin + 1000,
    unordered: '',
    known: { stdout: linesFrom(93, 100).map((text) => text.trim()), stderr: [] },
  };
  const more = linesFrom(101, 400).map((text, n) => out(10_000 + n, text));
  log.print(...more);
  log.lose(150);
  const d = daemon(log, saved);
  await comesBack(d);
  expect(d.heard.stdout).toBe(linesFrom(151, 400).join(''));
});

it('stderr said something just before stdout, the log was rotated in between: the next line of stderr is not eaten', async () => {
  const log = createHandLog();
  log.print(err(123, 'e1\n'), out(1000, '1\n'));
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
  await comesBack(d);
  await log.cut();
  log.lose(1);
  log.print(out(2000, '2\n'), err(3000, 'e2\n'), err(4000, 'e3\n'));
  await comesBack(d);
  expect(d.heard).toEqual({ stdout: '1\n2\n', stderr: 'e1\ne2\ne3\n' });
});

it(
  'docker compose up prefixes its lines: a place by time stays one, and nothing is doubled',
  { timeout: 20_000 },
  async () => {
    const log = createHandLog();
    const clock = handClock(0);
    const d = daemon(log, null, { clock });
    d.cursor.begin('c', null);
    const live = (ms: number, text: string): void => {
      clock.nowMs = ms;
      log.print(out(ms, text));
      void d.outlets.stdout.push(Buffer.from(`web-1  | ${text}`));
    };
    live(0, '1\n');
    await settles(log, d, 6500);
    for (let n = 2; n <= 50; n++) live(n * 1000, `${String(n)}\n`);
    clock.nowMs += 500;
    log.print(out(51_000, '51\n'));
    await comesBack(d);
    const got = d.heard.stdout.split('\n').map((line) => line.replace('web-1  | ', ''));
    expect(got.filter((line) => line !== '')).toEqual(linesFrom(1, 51).map((line) => line.trim()));
  },
);

it(
  'a line that is in the log already, and on its way to us while the end is asked for, is not counted twice',
  { timeout: 20_000 },
  async () => {
    const log = createHandLog();
    const d = daemon(log, null);
    d.cursor.begin('c', fromTheBeginning);
    const live = (line: ReturnType<typeof out>): void => {
      log.print(line);
      void d.outlets.stdout.push(Buffer.from(line.text));
    };
    live(out(0, '1\n'));
    const logs = log.engine.logs;
    let asked = 0;
    log.engine.logs = (ref, options) => {
      // Between the Engine's writing it down and its client's passing it on.
      if (asked++ === 0) {
        log.print(out(1000, '2\n'));
        setTimeout(() => void d.outlets.stdout.push(Buffer.from('2\n')), 20);
      }
      return logs(ref, options);
    };
    await settles(log, d, 7000);
    expect(asked).toBeGreaterThan(0);
    live(out(20_000, '3\n'));
    log.print(out(30_000, '4\n'), out(31_000, '5\n'));
    // A daemon that knows no more than the state file.
    const saved = d.cursor.save();
    const second = daemon(log, saved);
    await comesBack(second);
    expect(d.heard.stdout + second.heard.stdout).toBe(linesFrom(1, 5).join(''));
  },
);

it('a stderr that has been silent for days, whose last words are rotated away: what it says beside an end that was noticed late is not lost', async () => {
  const log = createHandLog();
  const clock = handClock(0);
  const d = daemon(log, null, { clock });
  d.cursor.begin('c', fromTheBeginning);
  const live = (line: ReturnType<typeof out>): void => {
    clock.nowMs = Date.parse(line.stamp) - origin;
    log.print(line);
    void d.outlets[line.channel === 1 ? 'stdout' : 'stderr'].push(Buffer.from(line.text));
  };
  live(err(0, 'listening\n'));
  for (let n = 1; n <= 50; n++) live(out(n * 60_000, `${String(n)}\n`));
  log.lose(20);
  // The connection is dead, and nobody knows yet.
  log.print(err(51 * 60_000, 'e2\n'), out(51 * 60_000 + 1, '51\n'));
  clock.nowMs = 52 * 60_000;
  log.print(out(53 * 60_000, '52\n'), err(53 * 60_000 + 1, 'e3\n'));
  await comesBack(d);
  expect(d.heard).toEqual({ stdout: linesFrom(1, 52).join(''), stderr: 'listening\ne2\ne3\n' });
});

it('one line without an end, of any length, is not kept whole while lines are looked for', () => {
  const matcher = createLineMatcher(['one', 'two', 'three']);
  const before = process.memoryUsage().arrayBuffers;
  for (let n = 0; n < 2000; n++) matcher.take(n, at(0), Buffer.alloc(64 * 1024, 'x'));
  (globalThis as { gc?: () => void }).gc?.();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
});

it('a stderr that is written to what cannot be read again (/dev/stderr), place rotated away: what it said last is not told again unsaid', async () => {
  const log = createHandLog();
  for (let n = 1; n <= 20; n++) log.print(out(n * 1000, `${String(n)}\n`));
  log.print(err(21_000, 'e1\n'), err(22_000, 'e2\n'));
  const saved: SavedCursor = {
    container: 'c',
    position: {
      stdout: { since: at(-99_000), lines: 60, bytes: 0 },
      stderr: { since: at(-99_000), lines: 2, bytes: 0 },
    },
    at: origin + 22_100,
    unordered: '',
    known: { stdout: linesFrom(13, 20).map((text) => text.trim()), stderr: [] },
  };
  log.print(out(30_000, '21\n'), err(31_000, 'e3\n'));
  const d = daemon(log, saved);
  await comesBack(d);
  const isSaid = d.warnings.some((text) => text.includes('may be lost or doubled'));
  expect(isSaid || d.heard.stderr === 'e3\n').toBe(true);
});

it(
  'a line without an end is not in the log yet: a place that is taken in a quiet second does not forget it',
  { timeout: 20_000 },
  async () => {
    const log = createHandLog();
    const d = daemon(log, null);
    d.cursor.begin('c', fromTheBeginning);
    log.print(out(0, '1\n'));
    void d.outlets.stdout.push(Buffer.from('1\n'));
    // The Engine writes a line down when it has its end.
    void d.outlets.stdout.push(Buffer.from('waiting for db..'));
    await settles(log, d);
    log.print(out(20_000, 'waiting for db..... up\n'), out(21_000, '3\n'));
    await comesBack(d);
    expect(d.heard.stdout).toBe('1\nwaiting for db..... up\n3\n');
  },
);

it(
  'a proxy that is dead, or hangs, and has not passed on what is in the log: the end of the log is not our place',
  { timeout: 20_000 },
  async () => {
    const log = createHandLog();
    const d = daemon(log, null);
    d.cursor.begin('c', fromTheBeginning);
    log.print(out(0, '1\n'));
    void d.outlets.stdout.push(Buffer.from('1\n'));
    for (let n = 2; n <= 9; n++) log.print(out(n * 1000, `${String(n)}\n`));
    await settles(log, d);
    await comesBack(d);
    expect(d.heard.stdout).toBe(linesFrom(1, 9).join(''));
  },
);

it('the only live line since a place, which a killed Engine passed on and did not log: the next one is not eaten for it', async () => {
  const log = createHandLog();
  log.print(out(0, '1\n'));
  const d = daemon(log, null);
  d.cursor.begin('c', { stdout: { since: at(0), lines: 1, bytes: 0 }, stderr: beginningOf(at(0)) });
  void d.outlets.stdout.push(Buffer.from('2\n'));
  log.print(out(5000, '3\n'), out(6000, '4\n'));
  await comesBack(d);
  expect(d.heard.stdout).toBe('2\n3\n4\n');
});

it('redirect_stderr, the first minute of a life, the log emptied (truncate) and its proxy killed: the next lines are not eaten', async () => {
  const log = createHandLog();
  const clock = handClock(0);
  const d = daemon(log, null, { clock, merged: true });
  d.cursor.begin('c', fromTheBeginning);
  for (let n = 1; n <= 100; n++) {
    log.print(out(n * 100, `${String(n)}\n`));
    void d.outlets.stdout.push(Buffer.from(`${String(n)}\n`));
  }
  log.lose(100);
  clock.nowMs = 20_000;
  await comesBack(d);
  for (let n = 101; n <= 300; n++) log.print(out(30_000 + n, `${String(n)}\n`));
  await rest();
  expect(d.heard.stdout).toBe(linesFrom(1, 300).join(''));
});

it('stdout_logfile=/dev/stdout (or both channels in one file), killed, the place of two days ago rotated away: the whole log is not told again', async () => {
  const log = createHandLog();
  const clock = handClock(0);
  const d = daemon(log, null, { clock });
  d.cursor.begin('c', { stdout: beginningOf(at(0)), stderr: beginningOf(at(0)) });
  for (let n = 1; n <= 2000; n++) {
    clock.nowMs = n * 60_000;
    log.print(out(n * 60_000, `${String(n)}\n`));
    void d.outlets.stdout.push(Buffer.from(`${String(n)}\n`));
  }
  // As saved each 5 s; nothing can be read of /dev/stdout.
  const saved = d.cursor.save();
  log.lose(1000);
  log.print(out(2001 * 60_000, '2001\n'));
  clock.nowMs = 2002 * 60_000;
  const second = daemon(log, saved, { clock });
  await comesBack(second);
  expect(second.heard.stdout.split('\n').length).toBeLessThan(5);
});
