/** Rotations, gaps, kills, lives at random, without a clock that is set back: what is not said to be inexact is exact. */
import { expect, it } from 'vitest';
import { endOfLog } from '../../src/docker/read-log.ts';
import { followLog, readRest } from '../../src/docker/take-up.ts';
import { fromTheBeginning } from '../../src/docker/log-position.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { createHandLog, daemon, facts, handClock, origin, rest } from '../support/hand-log.ts';
import type { Line } from '../support/hand-log.ts';
import { createRandom } from '../support/random.ts';

async function play(seed: number, merged: boolean, words: number, stepMs: number) {
  const { below: random } = createRandom(seed);
  const log = createHandLog();
  const clock = handClock(100 * 3_600_000);
  let d = daemon(log, null, { clock, merged });
  d.cursor.begin('c', fromTheBeginning);
  let live = true;
  let serial = 0;
  let at = origin + clock.nowMs;
  const history: string[] = [];
  let said: { line: Line; into: 'stdout' | 'stderr'; text: string }[] = [];
  const heard = { stdout: '', stderr: '' };
  /** Has surely been taken when it was printed live or followed. */
  const taken = new Set<Line>();
  const print = (): void => {
    clock.nowMs += 1 + random(stepMs);
    const channel = random(4) === 0 ? 2 : 1;
    const stamp = `${new Date(origin + clock.nowMs).toISOString().slice(0, 23)}${String(++serial).padStart(6, '0')}Z`;
    const text = `${words === 0 ? String(serial) : `w${String(random(words))}`}\n`;
    const line: Line = { channel, stamp, text };
    said.push({ line, into: merged || channel === 1 ? 'stdout' : 'stderr', text });
    history.push(`${channel === 1 ? 'out' : 'err'} ${text.trim()} ${stamp}${live ? ' live' : ''}`);
    log.print(line);
    if (live) void d.outlets[channel === 1 ? 'stdout' : 'stderr'].push(Buffer.from(text));
    if (live || log.followers.size > 0) {
      taken.add(line);
      at = origin + clock.nowMs;
    }
  };
  const lose = (): void => {
    const count = random(log.entries.length + 1);
    history.push(`lose ${String(count)}`);
    const gone = log.entries.slice(0, count);
    log.lose(count);
    said = said.filter(({ line }) => !gone.includes(line) || taken.has(line));
  };
  const follow = async (): Promise<void> => {
    const left = d.cursor.of('c');
    if (left === null) throw new Error('nothing left');
    live = false;
    d.cursor.cut();
    history.push(`  follow ${JSON.stringify(left)}`);
    await followLog(d.deps, facts, left, d.outlets);
    await rest(5);
    for (const line of log.entries) taken.add(line);
    at = origin + clock.nowMs;
  };
  const cut = async (): Promise<void> => {
    live = false;
    await log.cut(3);
  };
  const all = { stdout: '', stderr: '' };
  const sum = (): void => {
    for (const c of ['stdout', 'stderr'] as const) all[c] = heard[c] + d.heard[c];
  };
  for (let step = 0; step < 12; step++) {
    const act = random(5);
    const some = random(6);
    if (act === 0 || act === 1) {
      history.push('gap');
      await cut();
      d.cursor.cut();
      clock.nowMs += 10_000;
      for (let n = 0; n < some; n++) print();
      if (random(3) > 0) lose();
      await follow();
    } else if (act === 2) {
      history.push('killed');
      const saved = d.cursor.save();
      await cut();
      sum();
      Object.assign(heard, all);
      clock.nowMs += 10_000;
      for (let n = 0; n < some; n++) print();
      if (random(3) > 0) lose();
      const known = {
        stdout: heard.stdout.split('\n').slice(0, -1).slice(-200),
        stderr: heard.stderr.split('\n').slice(0, -1).slice(-200),
      };
      d = daemon(log, saved === null ? null : { ...saved, at: Math.max(at, saved.at), known }, {
        clock,
        merged,
      });
      await follow();
    } else if (act === 3 && !live) {
      history.push('ends, next life live');
      await cut();
      d.cursor.cut();
      await readRest(d.deps, facts, d.outlets);
      for (const line of log.entries) taken.add(line);
      live = true;
    } else if (act === 4 && live) {
      const end = await endOfLog(log.engine as unknown as Engine, facts, merged);
      history.push(`settle ${JSON.stringify(end)}`);
      if (end !== null && end !== 'unreadable' && log.entries.length > 0) d.cursor.settle('c', end);
    }
    if (d.warnings.length > 0) return null;
    for (let n = 0; n < random(8); n++) print();
    await rest(3);
    if (live && random(4) === 0) lose();
  }
  await cut();
  await follow();
  if (d.warnings.length > 0) return null;
  sum();
  await cut();
  const of = (c: string) =>
    said
      .filter(({ into }) => into === c)
      .map(({ text }) => text)
      .join('');
  return { history, all, said: { stdout: of('stdout'), stderr: of('stderr') } };
}

/** `SEED` plays one and shows its history, `SEEDS` so many. */
const one = process.env['SEED'];
const [first, last] =
  one === undefined ? [1, Number(process.env['SEEDS'] ?? 60)] : [Number(one), Number(one)];

it.each([
  [false, 0, 3000],
  [true, 0, 3000],
  [false, 5, 3000],
  [false, 0, 60_000],
])(
  'at random, with rotations: what is not said to be inexact is exact; merged: %s, words: %i, every %i ms',
  { timeout: 600_000 },
  async (merged, words, stepMs) => {
    let played = 0;
    for (let seed = first; seed <= last; seed++) {
      const told = await play(seed, merged, words, stepMs);
      if (told === null) continue;
      played++;
      if (one !== undefined) console.log(told.history.join('\n'));
      expect({ seed, ...told.said }).toEqual({ seed, ...told.all });
    }
    if (one === undefined) expect(played).toBeGreaterThan(0);
  },
);
