/** Both channels, a clock that is set back, gaps, kills, live output: each line once, with an Engine that leaves out by time. */
import { expect, it } from 'vitest';
import { endOfLog } from '../../src/docker/read-log.ts';
import { followLog, readRest } from '../../src/docker/take-up.ts';
import { fromTheBeginning } from '../../src/docker/log-position.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { createHandLog, daemon, facts, handClock, origin, rest } from '../support/hand-log.ts';
import type { Line } from '../support/hand-log.ts';
import { createRandom } from '../support/random.ts';

async function play(seed: number, { merged }: { merged: boolean }) {
  const { below: random } = createRandom(seed);
  const log = createHandLog();
  const clock = handClock(100 * 3_600_000);
  let d = daemon(log, null, { clock, merged });
  d.cursor.begin('c', fromTheBeginning);
  let live = true;
  let serial = 0;
  const history: string[] = [];
  const said = { stdout: '', stderr: '' };
  const heard = { stdout: '', stderr: '' };
  const print = (): void => {
    clock.nowMs += 1 + random(6000);
    const channel = random(3) === 0 ? 2 : 1;
    const stamp = `${new Date(origin + clock.nowMs).toISOString().slice(0, 23)}${String(++serial).padStart(6, '0')}Z`;
    const text = `${String(serial)}\n`;
    const line: Line = { channel, stamp, text };
    said[merged || channel === 1 ? 'stdout' : 'stderr'] += text;
    history.push(`${channel === 1 ? 'out' : 'err'} ${text.trim()} ${stamp}`);
    log.print(line);
    if (live) void d.outlets[channel === 1 ? 'stdout' : 'stderr'].push(Buffer.from(text));
  };
  const follow = async (): Promise<void> => {
    const left = d.cursor.of('c');
    if (left === null) throw new Error('nothing left');
    live = false;
    d.cursor.cut();
    if (process.env['SEED'] !== undefined) history.push(`  follow ${JSON.stringify(left)}`);
    const before = log.asked.length;
    const was = d.heard.stdout.length;
    await followLog(d.deps, facts, left, d.outlets);
    await rest(4);
    if (process.env['SEED'] !== undefined)
      history.push(
        `  asked ${JSON.stringify(log.asked.slice(before))} got ${JSON.stringify(d.heard.stdout.slice(was))} ${d.warnings.join()}`,
      );
  };
  const cut = async (): Promise<void> => {
    live = false;
    await log.cut(2);
  };
  for (let step = 0; step < 14; step++) {
    const act = random(7);
    const some = random(5);
    if (act === 0) {
      history.push('set back');
      clock.setBackCount++;
      clock.latest = Math.max(clock.latest, clock.now());
      clock.nowMs -= 1000 + random(5 * 3_600_000);
      // As its watch does within a second.
      if (!live) {
        await cut();
        await follow();
      }
    } else if (act === 1) {
      history.push('ahead');
      d.cursor.save();
      clock.nowMs += random(3 * 3_600_000);
    } else if (act === 2) {
      history.push('gap');
      await cut();
      for (let n = 0; n < some; n++) print();
      await follow();
    } else if (act === 3) {
      history.push('killed');
      const saved = d.cursor.save();
      await cut();
      heard.stdout += d.heard.stdout;
      heard.stderr += d.heard.stderr;
      for (let n = 0; n < some; n++) print();
      if (random(2) === 0) {
        history.push('set back unseen');
        clock.nowMs -= 1000 + random(5 * 3_600_000);
        for (let n = 0; n < random(4); n++) print();
      }
      d = daemon(log, saved, { clock, merged });
      await follow();
    } else if (act === 4 && !live) {
      history.push('ends, next life live');
      await cut();
      d.cursor.cut();
      await readRest(d.deps, facts, d.outlets);
      if (random(2) === 0) {
        const end = await endOfLog(log.engine as unknown as Engine, facts, merged);
        if (end === null || end === 'unreadable') throw new Error('no end');
        d.cursor.begin('c', end);
      }
      live = true;
    }
    for (let n = 0; n < random(5); n++) print();
    await rest(2);
  }
  await cut();
  await follow();
  heard.stdout += d.heard.stdout;
  heard.stderr += d.heard.stderr;
  await cut();
  return { history, said, heard };
}

/** `SEED` plays one and shows its history, `SEEDS` so many. */
const one = process.env['SEED'];
const [first, last] =
  one === undefined ? [1, Number(process.env['SEEDS'] ?? 60)] : [Number(one), Number(one)];

it.each([false, true])(
  'at random: gaps, kills, new lives and a clock that is set back; merged: %s',
  { timeout: 400_000 },
  async (merged) => {
    for (let seed = first; seed <= last; seed++) {
      const { history, said, heard } = await play(seed, { merged });
      if (one !== undefined) console.log(history.join('\n'));
      expect({ seed, ...heard }).toEqual({ seed, ...said });
    }
  },
);
