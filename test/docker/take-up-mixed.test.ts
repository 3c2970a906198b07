/**
 * Two streams in one (`redirect_stderr`): the Engine passes lines of both on in another order than it writes them to its log, where they come
 * at nearly the same time. Whoever is cut off, or killed, just there has taken lines that stand behind some that he has not.
 */
import { expect, it } from 'vitest';
import {
  at,
  createHandLog,
  daemon,
  err,
  facts,
  follow,
  handClock,
  out,
  rest,
  textOf,
} from '../support/hand-log.ts';
import type { Line } from '../support/hand-log.ts';
import { readRest } from '../../src/docker/take-up.ts';
import { createRandom } from '../support/random.ts';

interface Told {
  /** As the log has them. */
  readonly logged: readonly Line[];
  /** As the reader was told them. */
  readonly told: readonly Line[];
  /** So many of these. */
  readonly taken: number;
  /** What the log has lost meanwhile. */
  readonly lost?: number;
  /** Where the count begins: an entry before which both have the same. */
  readonly base?: number;
}

/** Killed after so many lines; the next daemon knows the count, and the end of the program's own log. */
async function goesOn({ logged, told, taken, lost = 0, base = 0 }: Told) {
  const log = createHandLog();
  log.print(...logged);
  log.lose(lost);
  const heard = told.slice(0, taken).map(({ text }) => text);
  const known = heard.map((text) => text.slice(0, -1)).slice(-16);
  const since = logged[base]?.stamp ?? '';
  const position = {
    stdout: { since, lines: taken - base, bytes: 0 },
    stderr: { since, lines: 0, bytes: 0 },
  };
  const saved = { container: 'c', position, at: Date.parse(logged[taken]?.stamp ?? at(0)), unordered: '' };
  const d = daemon(
    log,
    { ...saved, known: { stdout: known, stderr: [] } },
    { merged: true, clock: handClock() },
  );
  d.cursor.cut();
  await follow(d, 5);
  return { d, log, all: heard.join('') + d.heard.stdout };
}

const sorted = (text: string): readonly string[] => text.split('\n').slice(0, -1).toSorted();
const some = (count: number): Line[] =>
  Array.from({ length: count }, (_, n) =>
    n % 4 === 3 ? err(n, `e${String(n)}\n`) : out(n, `o${String(n)}\n`),
  );
const swapped = (lines: readonly Line[], index: number): Line[] => {
  const [one, other] = [lines[index], lines[index + 1]];
  if (one === undefined || other === undefined) throw new Error('no such line');
  return lines.toSpliced(index, 2, other, one);
};

it.each([
  ['its time is in the log', 0],
  ['its time was rotated away', 4],
])('a line that was told before its forerunner in the log, and then killed; %s', async (_, lost) => {
  const logged = some(20);
  // Of e15 and o16 the second came first, and the other not at all.
  const { d, all } = await goesOn({ logged, told: swapped(logged, 15), taken: 16, lost });
  expect(all).toBe(
    textOf([...logged.slice(0, 15), ...logged.slice(16, 17), ...logged.slice(15, 16), ...logged.slice(17)]),
  );
  expect(d.warnings).toEqual([]);
});

it('the same, and the log ends there', async () => {
  const logged = some(17);
  const { d, all } = await goesOn({ logged, told: swapped(logged, 15), taken: 16 });
  expect(sorted(all)).toEqual(sorted(textOf(logged)));
  expect(d.warnings).toEqual([]);
});

it('the same, read for what is left of a life that has ended; then another daemon has nothing to read', async () => {
  const logged = some(17);
  const { d, log, all } = await goesOn({ logged, told: swapped(logged, 15), taken: 16 });
  expect(sorted(all)).toEqual(sorted(textOf(logged)));
  const next = daemon(log, d.cursor.save(), { merged: true });
  next.cursor.cut();
  await readRest(next.deps, facts, next.outlets);
  expect(next.heard.stdout).toBe('');
});

it('what was known of it may look otherwise in the log (strip_ansi): the count holds', async () => {
  const logged = some(20).map((line, n) => (n === 14 ? { ...line, text: '\u001b[1mo14\u001b[0m\n' } : line));
  const told = logged.map((line, n) => (n === 14 ? { ...line, text: 'o14\n' } : line));
  const { all } = await goesOn({ logged, told, taken: 16 });
  expect(all).toBe(textOf(told));
});

it('lines that are all alike are counted', async () => {
  const logged = some(20).map((line) => ({ ...line, text: 'tick\n' }));
  const { all } = await goesOn({ logged, told: swapped(logged, 15), taken: 16 });
  expect(all).toBe(textOf(logged));
});

it('what an Engine that was killed has told, and never logged, waits for nothing', async () => {
  const logged = some(30);
  // o14 was told in the place of what the log has there.
  const told = logged.map((line, n) => (n === 14 ? { ...line, text: 'never logged\n' } : line));
  const { log, d, all } = await goesOn({ logged: logged.slice(0, 20), told, taken: 16 });
  expect(all).toBe(textOf([...told.slice(0, 16), ...logged.slice(16, 20)]));
  log.print(...Array.from({ length: 40 }, (_, n) => out(100 + n, `later ${String(n)}\n`)));
  log.print(out(200, 'never logged\n'));
  await rest();
  expect(d.heard.stdout.endsWith('later 39\nnever logged\n')).toBe(true);
});

it('at random: each line once, and each channel in its order', { timeout: 60_000 }, async () => {
  const seeds = Number(process.env['SEEDS'] ?? 150);
  const wrong: unknown[] = [];
  let bySight = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const { below: random } = createRandom(seed);
    const logged = Array.from({ length: 40 }, (_, n) =>
      random(3) === 0 ? err(n, `e${String(n)}\n`) : out(n, `o${String(n)}\n`),
    );
    let told: readonly Line[] = logged;
    for (let n = random(4); n < told.length - 1; n += 2 + random(6))
      if (told[n]?.text[0] !== told[n + 1]?.text[0]) told = swapped(told, n);
    const taken = 20 + random(15);
    const lost = random(2) === 0 ? 0 : 2 + random(8);
    if (lost > 0) bySight++;
    const { d, all } = await goesOn({ logged, told, taken, lost });
    await rest(1);
    const orderOf = (channel: string) => all.split('\n').filter((line) => line.startsWith(channel));
    const isWhole = JSON.stringify(sorted(all)) === JSON.stringify(sorted(textOf(logged)));
    const isInOrder = ['o', 'e'].every(
      (channel) =>
        JSON.stringify(orderOf(channel)) ===
        JSON.stringify(logged.map(({ text }) => text.trim()).filter((text) => text.startsWith(channel))),
    );
    if (!isWhole || !isInOrder || d.warnings.length > 0)
      wrong.push({ seed, lost, taken, all, w: d.warnings });
  }
  expect(wrong).toEqual([]);
  expect(bySight).toBeGreaterThan(0);
});
