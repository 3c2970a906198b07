/** The history on the disk: it goes on after restarts, is bounded, and a bad disk costs nothing but the past. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Happening } from '../../src/core/history/entry.ts';
import { openHistoryFile } from '../../src/main/history-file.ts';
import { quietLog } from '../support/quiet-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dockvisor-history-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const said: string[] = [];
const log = {
  ...quietLog,
  warn: (message: string) => void said.push(message),
  info: (message: string) => void said.push(message),
};
const open = (maxBytes?: number, directory = folder) => openHistoryFile(directory, 'x', log, maxBytes);
const order = (process: string, why = 'an order'): Happening => ({
  kind: 'order',
  group: process,
  process,
  order: 'start',
  why,
});
const seqs = (entries: readonly { readonly seq: number }[]) => entries.map(({ seq }) => seq);
const file = (): string => join(folder, 'x.events.jsonl');

test('entries come back, of one process and of the daemon, oldest first, after the cursor, the newest of them', () => {
  const history = open();
  history.append({ kind: 'daemon', what: 'started', pid: 1 }, 1_700_000_000_123);
  for (const name of ['web', 'job', 'web', 'web']) history.append(order(name), 1_700_000_001_000);
  expect(history.read('web', 'web', 0, 10)).toEqual([
    { seq: 1, time: '2023-11-14T22:13:20.123Z', kind: 'daemon', what: 'started', pid: 1 },
    ...[2, 4, 5].map((seq) => ({ seq, time: '2023-11-14T22:13:21.000Z', ...order('web') })),
  ]);
  expect(seqs(history.read('web', 'web', 2, 10))).toEqual([4, 5]);
  expect(seqs(history.read('web', 'web', 0, 2))).toEqual([4, 5]);
  expect(history.read('web', 'web', 0, 0)).toEqual([]);
  expect(seqs(history.read('other', 'web', 0, 10))).toEqual([1]);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('the numbers rise over restarts, over full files, and where one of the two is gone', () => {
  open().append(order('web'), 0);
  for (let n = 2; n <= 4; n++) {
    const next = open(300);
    next.append(order('web'), 0);
    expect(seqs(next.read('web', 'web', 0, 10)).at(-1)).toBe(n);
  }
  expect(readdirSync(folder)).toContain('x.events.jsonl.1');
  rmSync(file());
  const last = open();
  last.append(order('web'), 0);
  expect(seqs(last.read('web', 'web', 0, 10))).toEqual([3, 4]);
});

test('what was written twice, because the disk was full in the middle, is told once', () => {
  open().append(order('web'), 0);
  const line = readFileSync(file(), 'utf8');
  const next = line.replace('"seq":1', '"seq":2');
  appendFileSync(file(), `${next.slice(0, 20)}\n${line}${next}`);
  open().append(order('web'), 0);
  expect(seqs(open().read('web', 'web', 0, 10))).toEqual([1, 2, 3]);
});

test('half a line, of a crash in the middle of a write, is passed over and costs nobody else', () => {
  open().append(order('web'), 0);
  appendFileSync(file(), '{"seq":2,"time":"2023-11-14T22:13:20.123Z","kind":"ord');
  const history = open();
  history.append(order('web'), 0);
  history.append(order('web'), 0);
  expect(seqs(history.read('web', 'web', 0, 10))).toEqual([1, 2, 3]);
  writeFileSync(file(), '\0\0\0not json\n[]\n');
  const after = open();
  after.append(order('web'), 0);
  expect(seqs(after.read('web', 'web', 0, 10))).toEqual([1]);
});

describe('bounds', () => {
  test('two files of so many bytes; one that is restarted all the time drives out its own past alone', () => {
    const maxBytes = 64 * 1024;
    const history = open(maxBytes);
    history.append(order('quiet', 'it has autostart=true'), 0);
    for (let n = 0; n < 5000; n++) history.append(order('storm'), n);
    expect(history.read('quiet', 'quiet', 0, 10)).toMatchObject([{ seq: 1 }]);
    const storm = seqs(history.read('storm', 'storm', 0, 1000));
    expect(storm.at(-1)).toBe(5001);
    expect(storm.length).toBeGreaterThan(100);
    expect(readdirSync(folder).sort()).toEqual(['x.events.jsonl', 'x.events.jsonl.1']);
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).size).toBeLessThan(maxBytes + 1000);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
    expect(seqs(open(maxBytes).read('storm', 'storm', 5000, 10))).toEqual([5001]);
  });
});

describe('a disk that cannot be written', () => {
  test('is said once; the last entries are kept in memory, and written once they can be', () => {
    said.length = 0;
    writeFileSync(join(folder, 'blocked'), '');
    const directory = join(folder, 'blocked');
    const history = open(undefined, directory);
    for (let n = 0; n < 1500; n++) history.append(order('web'), 0);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^cannot write history /);
    const kept = seqs(history.read('web', 'web', 0, 5000));
    expect([kept[0], kept.at(-1), kept.length]).toEqual([501, 1500, 1000]);
    rmSync(directory);
    history.append(order('web'), 0);
    expect(said[1]).toMatch(/can be written again$/);
    expect(seqs(open(undefined, directory).read('web', 'web', 0, 5000)).at(-1)).toBe(1501);
  });
  test('a folder that is made on the way is for its owner alone', () => {
    chmodSync(folder, 0o755);
    const directory = join(folder, 'a', 'b');
    open(undefined, directory).append(order('web'), 0);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(directory, 'x.events.jsonl'), 'utf8').split('\n')).toHaveLength(2);
  });
});

test('a FIFO in its place is told, and not waited for; what happens is known from memory', () => {
  const path = join(folder, 'x.events.jsonl');
  execFileSync('mkfifo', [path]);
  said.length = 0;
  const history = open();
  history.append(order('web'), 0);
  expect(said).toEqual([
    expect.stringMatching(/cannot write history .*x\.events\.jsonl is no regular file; move it away/),
  ]);
  expect(history.read('web', 'web', 0, 10)).toHaveLength(1);
  rmSync(path);
  history.append(order('web'), 0);
  expect(said.at(-1)).toMatch(/can be written again/);
  expect(open().read('web', 'web', 0, 10)).toHaveLength(2);
});
