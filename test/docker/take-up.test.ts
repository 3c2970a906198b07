/**
 * Taking up a log, case by case: what a reader has not had when it comes back is what it gets, in its order, once. Each was found by reading the
 * code against it.
 */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readLeft } from '../../src/docker/left.ts';
import { endOfLog } from '../../src/docker/read-log.ts';
import { followLog, readRest } from '../../src/docker/take-up.ts';
import type { SavedCursor } from '../../src/docker/log-cursor.ts';
import { beginningOf, fromTheBeginning } from '../../src/docker/log-position.ts';
import {
  at,
  createHandLog,
  daemon,
  err,
  facts,
  follow,
  frameOf,
  handClock,
  origin,
  out,
  rest,
} from '../support/hand-log.ts';
import type { HandLog } from '../support/hand-log.ts';
import type { Engine } from '../../src/docker/engine.ts';

const engineOf = (log: HandLog) => log.engine as unknown as Engine;
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `${String(from + n)}\n`).join('');

it('an unfinished last line of a life on a channel that is then silent does not eat the beginning of its next line', async () => {
  const log = createHandLog();
  // Life 1 ends with half a line on stderr; life 2 prints on stdout.
  log.print(err(0, 'no end'));
  for (let n = 1; n <= 20; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
  await follow(d);
  expect(d.heard.stderr).toBe('no end');
  // Second gap.
  await log.cut();
  log.print(err(30_000, 'hello world\n'), out(31_000, '21\n'));
  await follow(d);
  expect(d.heard.stdout).toBe(numbers(1, 21));
  expect(d.heard.stderr).toBe('no endhello world\n');
});

it('a place that is exact and was rotated away (or truncated) in the gap: the first line that is left is not eaten', async () => {
  const log = createHandLog();
  for (let n = 1; n <= 5; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
  await follow(d);
  await log.cut();
  log.lose(5);
  for (let n = 6; n <= 10; n++) log.print(out(n * 1000, `${String(n)}\n`));
  await follow(d);
  expect(d.heard.stdout).toBe(numbers(1, 10));
});

it('truncated after a place was settled and counted from: what comes after the gap is not eaten', async () => {
  const log = createHandLog();
  log.print(out(1000, '1\n'));
  const first = daemon(log, null);
  const end = await endOfLog(engineOf(log), facts, false);
  if (end === null || end === 'unreadable') throw new Error();
  first.cursor.begin('c', end);
  // Live: 2 .. 1000, of which the Engine's log loses all up to 990 by truncate.
  for (let n = 2; n <= 1000; n++) {
    log.print(out(n * 1000, `${String(n)}\n`));
    void first.outlets.stdout.push(Buffer.from(`${String(n)}\n`));
  }
  log.lose(990);
  // The daemon is killed, 100 lines come, the next daemon, 100 lines more.
  for (let n = 1001; n <= 1100; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const saved = first.cursor.save();
  if (saved === null) throw new Error('nothing left');
  // When its own log was written last.
  const second = daemon(log, { ...saved, at: origin + 1_000_500 });
  await follow(second);
  for (let n = 1101; n <= 1200; n++) log.print(out(n * 1000, `${String(n)}\n`));
  await rest();
  const got = second.heard.stdout.split('\n').filter((line) => line !== '');
  for (let n = 1001; n <= 1200; n++) expect(got).toContain(String(n));
});

it('begun at its first start, rotated, the daemon lives and its proxy is cut: nothing is eaten', async () => {
  const log = createHandLog();
  const d = daemon(log, null);
  d.cursor.begin('c', fromTheBeginning);
  for (let n = 1; n <= 2000; n++) {
    log.print(out(n * 100, `${String(n)}\n`));
    void d.outlets.stdout.push(Buffer.from(`${String(n)}\n`));
  }
  log.lose(1500);
  for (let n = 2001; n <= 2100; n++) log.print(out(n * 100, `${String(n)}\n`));
  await follow(d);
  for (let n = 2101; n <= 4000; n++) log.print(out(n * 100, `${String(n)}\n`));
  await rest();
  const got = new Set(d.heard.stdout.split('\n'));
  const missing = Array.from({ length: 4000 }, (_, n) => n + 1).filter((n) => !got.has(String(n)));
  expect(missing).toEqual([]);
});

it('a log that is rotated between the two times it is read whole: no line comes twice', async () => {
  const log = createHandLog();
  for (let n = 1; n <= 30; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const saved: SavedCursor = {
    container: 'c',
    position: { stdout: { since: at(20_000), lines: 1, bytes: 0 }, stderr: beginningOf(at(10_000)) },
    at: 0,
    unordered: at(3_000_000),
  };
  const logs = log.engine.logs;
  let asked = 0;
  log.engine.logs = (ref, options) => {
    if (++asked === 2) log.lose(10);
    return logs(ref, options);
  };
  const d = daemon(log, saved);
  await follow(d);
  expect(d.heard.stdout).toBe(numbers(21, 30));
});

it('an attachment that is let go of while its log is opened anew (whole) is let go of', async () => {
  const log = createHandLog();
  for (let n = 1; n <= 5; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const saved: SavedCursor = {
    container: 'c',
    // Rotated away: read whole.
    position: { stdout: { since: at(500), lines: 1, bytes: 0 }, stderr: beginningOf(at(500)) },
    at: 0,
    unordered: '',
  };
  const logs = log.engine.logs;
  let asked = 0;
  log.engine.logs = async (ref, options) => {
    if (++asked === 2) await rest(200);
    return logs(ref, options);
  };
  const d = daemon(log, saved);
  const attachment = await follow(d);
  await rest();
  expect(asked).toBe(2);
  attachment?.detach();
  const ended = await Promise.race([
    attachment?.ended.then(() => 'ended'),
    rest(3000).then(() => 'still there'),
  ]);
  const open = log.followers.size;
  const before = d.heard.stdout;
  log.print(out(9000, 'after it was let go of\n'));
  await rest();
  log.end();
  expect({ ended, open, heard: d.heard.stdout.slice(before.length) }).toEqual({
    ended: 'ended',
    open: 0,
    heard: '',
  });
});

it('an attachment that is let go of while its place is looked for ends soon, and reads no further', async () => {
  const log = createHandLog();
  for (let n = 1; n <= 5; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const saved: SavedCursor = {
    container: 'c',
    position: { stdout: { since: at(3000), lines: 1, bytes: 0 }, stderr: beginningOf(at(3000)) },
    at: 0,
    unordered: at(3_000_000),
  };
  const logs = log.engine.logs;
  let isReading = false;
  log.engine.logs = async (ref, options) => {
    if (options.follow) return logs(ref, options);
    // 30 million lines, say: it comes and comes.
    isReading = true;
    const stream = new Readable({ read: () => undefined });
    const timer = setInterval(() => {
      stream.push(frameOf(out(1000, 'x\n')));
    }, 20);
    stream.once('close', () => {
      isReading = false;
      clearInterval(timer);
    });
    return stream;
  };
  const d = daemon(log, saved);
  const attachment = await follow(d);
  attachment?.detach();
  const ended = await Promise.race([
    attachment?.ended.then(() => 'ended'),
    rest(4000).then(() => 'still there'),
  ]);
  expect({ ended, isReading }).toEqual({ ended: 'ended', isReading: false });
});

const part = (byte: string) => byte.repeat(16 * 1024);

it('the parts of one long line on stderr (a progress bar) beside a chatty stdout are no clock that was set back', async () => {
  const log = createHandLog();
  // One time for all parts: that of the first.
  log.print(err(0, part('a')));
  for (let n = 1; n <= 30; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
  await follow(d);
  log.print(err(0, part('b')));
  await rest();
  expect(d.cursor.of('c')?.unordered).toBe('');
});

it('the end of such a log is the end', async () => {
  const log = createHandLog();
  log.print(err(0, part('a')), out(20_000, '1\n'), out(21_000, '2\n'), err(0, part('b')));
  const d = daemon(log, null);
  const end = await endOfLog(engineOf(log), facts, false);
  if (end === null || end === 'unreadable') throw new Error();
  d.cursor.begin('c', end);
  log.print(out(30_000, '3\n'));
  await follow(d);
  // 1 and 2 stand before the end, and were taken or are of before it was found.
  expect(d.heard.stdout).toBe('3\n');
});

it('nor is what stands before such a part left out when the place was rotated away', async () => {
  const log = createHandLog();
  for (let n = 1; n <= 3; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
  await follow(d);
  await log.cut();
  log.print(err(4000, part('a')));
  for (let n = 5; n <= 30; n++) log.print(out(n * 1000, `${String(n)}\n`));
  log.print(err(4000, 'end\n'), out(31_000, '31\n'));
  log.lose(3);
  await follow(d);
  const got = d.heard.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
  expect(got.slice(3)).toEqual(Array.from({ length: 27 }, (_, n) => n + 5));
  expect(d.heard.stderr.length).toBe(16 * 1024 + 4);
});

it('a part that comes after its channel was left behind is not left out at the next gap, nor the next lines', async () => {
  const log = createHandLog();
  log.print(err(0, part('a')));
  for (let n = 1; n <= 20; n++) log.print(out(n * 1000, `${String(n)}\n`));
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
  await follow(d);
  await log.cut();
  log.print(err(0, 'END\n'), err(21_000, 'next\n'), err(22_000, 'and next\n'), out(23_000, '21\n'));
  await follow(d);
  expect(d.heard.stderr.slice(16 * 1024)).toBe('END\nnext\nand next\n');
});

it('a line that waits for a slow stderr is not taken for written', async () => {
  const log = createHandLog();
  log.print(err(0, 'e1\n'), out(1000, '1\n'));
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
  await follow(d);
  let go: () => void = () => undefined;
  d.held.stderr = new Promise((wake) => {
    go = wake;
  });
  log.print(err(2000, 'e2\n'));
  for (let n = 3; n <= 30; n++) log.print(out(n * 1000, `${String(n)}\n`));
  await rest();
  // The daemon is killed: e2 was never written.
  const saved = d.cursor.save();
  const second = daemon(log, saved);
  await follow(second);
  go();
  expect(saved?.position?.stderr.since).toBe(at(0));
  expect(second.heard.stderr).toBe('e2\n');
});

it(
  'a reader that is slow is no log that holds back: the rest of an ended container is all there',
  { timeout: 40_000 },
  async () => {
    const log = createHandLog();
    // As from a socket: piece by piece, each when it is asked for.
    const line = `${'x'.repeat(1023)}\n`;
    log.engine.logs = async () => {
      await Promise.resolve();
      return Readable.from(
        (function* () {
          for (let n = 0; n < 600; n++) yield frameOf(out(n, line));
        })(),
        { objectMode: false, highWaterMark: 16 * 1024 },
      );
    };
    const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
    // 600 KiB, and a disk that takes nothing for 12 s.
    d.held.stdout = rest(12_000);
    await readRest(d.deps, facts, d.outlets);
    d.held.stdout = null;
    await rest(3000);
    expect({ bytes: d.heard.stdout.length, warnings: d.warnings }).toEqual({
      bytes: 600 * 1024,
      warnings: [],
    });
  },
);

it('a terminal: the unfinished last line of a container that has ended is there', async () => {
  const log = createHandLog(true);
  log.print(out(0, 'one\r\n'), out(1000, 'bye'));
  const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
  await readRest(d.deps, { ...facts, tty: true }, d.outlets);
  expect(d.heard.stdout).toBe('one\r\nbye');
});

it(
  'an open log that goes on from its beginning has nothing left out: it need not be read whole again for a clock that was set back',
  { timeout: 10_000 },
  async () => {
    const log = createHandLog();
    log.print(out(0, '1\n'));
    const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: at(3_000_000) });
    const attachment = await follow(d);
    d.clock.setBackCount++;
    d.clock.latest = d.clock.now();
    const ended = await Promise.race([
      attachment?.ended.then(() => 'ended'),
      rest(3000).then(() => 'goes on'),
    ]);
    expect(ended).toBe('goes on');
  },
);

it('the end of a log is not waited for without a limit', { timeout: 40_000 }, async () => {
  const log = createHandLog();
  log.engine.logs = async () => {
    await Promise.resolve();
    // An Engine elsewhere that went away in the midst of its answer: nothing comes, and nothing ends.
    return new Readable({ read: () => undefined });
  };
  const told = await Promise.race([
    endOfLog(engineOf(log), facts, false).then(
      () => 'answered',
      () => 'rejected',
    ),
    rest(25_000).then(() => 'waits'),
  ]);
  expect(told).not.toBe('waits');
});

it('a log with one entry a day, rotated once: is read whole once, and not at each gap', async () => {
  const log = createHandLog();
  const dayMs = 86_400_000;
  const d = daemon(log, {
    container: 'c',
    position: { stdout: { since: at(0), lines: 1, bytes: 0 }, stderr: beginningOf(at(-10_000)) },
    at: 0,
    unordered: '',
  });
  d.clock.nowMs = 100 * dayMs;
  // The entry of the place was rotated away; what is there came after it.
  for (let n = 1; n <= 3; n++) log.print(out(n * dayMs, `${String(n)}\n`));
  for (let gap = 0; gap < 4; gap++) {
    await follow(d);
    await log.cut();
  }
  expect(log.asked.slice(3).filter(({ since }) => since === '')).toEqual([]);
});

it('a time that is none in the state file does not throw at each save', () => {
  const left = readLeft({ output: { container: 'c', position: null, at: 1e20 }, life: null });
  const log = createHandLog();
  const d = daemon(log, left?.output ?? null);
  expect(() => d.cursor.save()).not.toThrow();
});

it('live output after the clock was set back, a quiet container: the place is known again, and its log not read whole for ever', () => {
  const log = createHandLog();
  log.print(out(0, '1\n'));
  const d = daemon(log, null);
  d.cursor.begin('c', { stdout: { since: at(0), lines: 1, bytes: 0 }, stderr: beginningOf(at(0)) });
  // An ordinary step of a time server, 150 ms, and ten days on.
  d.clock.setBackCount = 1;
  d.clock.latest = d.clock.now();
  const stamps: string[] = [];
  for (let day = 1; day <= 10; day++) {
    d.clock.nowMs += 86_400_000;
    log.print(out(d.clock.nowMs, `${String(day + 1)}\n`));
    void d.outlets.stdout.push(Buffer.from(`${String(day + 1)}\n`));
    stamps.push(d.cursor.of('c')?.unordered ?? '');
  }
});

/** Any ordinary log, read on after a gap by time: each line once. */
it('two channels, ordinary, random gaps', async () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  for (let round = 0; round < 60; round++) {
    const log = createHandLog();
    const d = daemon(log, { container: 'c', position: fromTheBeginning, at: 0, unordered: '' });
    d.clock.nowMs = 1e10;
    let ms = 0;
    let [outs, errs] = ['', ''];
    for (let step = 0; step < 6; step++) {
      const left = d.cursor.of('c');
      if (left === null) throw new Error();
      await followLog(d.deps, facts, left, d.outlets);
      await rest(3);
      for (let n = 0; n < random(8); n++) {
        ms += 1 + random(9000);
        if (random(3) > 0) {
          log.print(out(ms, `${String(ms)}\n`));
          outs += `${String(ms)}\n`;
        } else {
          log.print(err(ms, `${String(ms)}\n`));
          errs += `${String(ms)}\n`;
        }
      }
      await rest(3);
      if (random(2) === 0) {
        log.followers.forEach((_since, stream) => stream.destroy());
        await rest(3);
      }
    }
    expect(d.heard).toEqual({ stdout: outs, stderr: errs });
    expect(log.asked.filter(({ follow: f }) => !f)).toEqual([]);
  }
}, 60_000);

const hourMs = 3_600_000;
const cutAll = async (log: HandLog): Promise<void> => {
  await log.cut();
};
const clockBefore = at(5 * hourMs + 3000);

it('the clock was set back, then stdout alone prints; a gap, both print, a gap: nothing comes twice', async () => {
  const log = createHandLog();
  log.print(out(5 * hourMs, 'a\n'), err(5 * hourMs + 1000, 'b\n'));
  log.print(out(1000, 'c\n'), out(2000, 'd\n'));
  const d = daemon(log, {
    container: 'c',
    // All of that has been taken, from the log.
    position: {
      stdout: { since: at(2000), lines: 1, bytes: 0 },
      stderr: { since: at(5 * hourMs + 1000), lines: 1, bytes: 0 },
    },
    at: 0,
    unordered: clockBefore,
  });
  await follow(d);
  log.print(out(3000, 'e\n'), err(4000, 'f\n'), out(5000, 'g\n'));
  await rest();
  await cutAll(log);
  await follow(d);
  expect(d.heard).toEqual({ stdout: 'e\ng\n', stderr: 'f\n' });
});

it('a stderr that was counted live from a time that no entry bears, then silent; the clock was set back; two gaps: its next lines are not eaten', async () => {
  const log = createHandLog();
  log.print(out(5 * hourMs, 'a\n'), err(5 * hourMs + 1000, 'b\n'), err(5 * hourMs + 2000, 'c\n'));
  log.print(out(1000, 'd\n'));
  const d = daemon(log, {
    container: 'c',
    // a came from the log, with stderr silent for long; b and c came live, in its next life.
    position: {
      stdout: { since: at(5 * hourMs), lines: 1, bytes: 0 },
      stderr: { since: at(5 * hourMs - 10_000), lines: 2, bytes: 0 },
    },
    at: 0,
    unordered: clockBefore,
  });
  await follow(d);
  await cutAll(log);
  await follow(d);
  log.print(err(2000, 'e\n'), err(3000, 'f\n'), err(4000, 'g\n'));
  await rest();
  expect(d.heard).toEqual({ stdout: 'd\n', stderr: 'e\nf\ng\n' });
});

it('known by time only, after the clock was set back: what is older than that time is not told again', async () => {
  const log = createHandLog();
  log.print(out(5 * hourMs, 'before\n'));
  log.print(out(10_000, '1\n'), out(20_000, '2\n'), out(150_000, '3\n'));
  const d = daemon(log, {
    container: 'c',
    position: null,
    at: Date.UTC(2026, 10, 30, 12, 1, 40),
    unordered: clockBefore,
  });
  await follow(d);
  expect(d.heard.stdout).toBe('3\n');
});

it('the clock was set back by 30 s while no daemon was there, and has caught up by itself when the next one comes: nothing is lost', async () => {
  const log = createHandLog();
  log.print(out(0, '1\n'), out(60_000, '2\n'));
  const saved: SavedCursor = {
    container: 'c',
    position: { stdout: { since: at(60_000), lines: 1, bytes: 0 }, stderr: beginningOf(at(50_000)) },
    at: 0,
    unordered: '',
  };
  // No two entries have one time.
  for (let n = 0; n < 60; n++) log.print(out(30_001 + n * 1000, `${String(3 + n)}\n`));
  const d = daemon(log, saved, { clock: handClock(90_000) });
  await follow(d);
  expect(d.heard.stdout).toBe(numbers(3, 62));
});
