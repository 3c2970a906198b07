/** Rotation, reading and following by supervisord's rules; the numbers are those of supervisord.md 4.7, 5.6 and 9.3. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  appendFileSync,
  readdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActivityLog, formatLocalTime } from '../../src/log/activity-log.ts';
import { createAutoLog, removeOldAutoLogs } from '../../src/log/auto-logs.ts';
import { followLogFile, readLogFile, tailLogFile } from '../../src/log/read.ts';
import { openRotatingFile } from '../../src/log/rotating-file.ts';
import { createAnsiStripper } from '../../src/log/strip-ansi.ts';

let directory: string;
let path: string;
const troubles: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-log-'));
  path = join(directory, 'x.log');
  troubles.length = 0;
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});
const open = (maxBytes: number, backups: number) =>
  openRotatingFile({ path, maxBytes, backups, onTrouble: (message) => troubles.push(message) });
const size = (suffix: string): number => statSync(path + suffix).size;

describe('rotation', () => {
  it('maxbytes=100 backups=2 and ten writes of 60 bytes: two backups of 120, the live file empty', () => {
    const file = open(100, 2);
    for (let n = 0; n < 10; n++) file.write(Buffer.alloc(60, 'x'));
    file.close();
    expect([size(''), size('.1'), size('.2'), existsSync(`${path}.3`)]).toEqual([0, 120, 120, false]);
  });

  it('a write larger than the limit is one backup', () => {
    const file = open(1000, 2);
    file.write(Buffer.alloc(50_000));
    file.close();
    expect([size(''), size('.1')]).toEqual([0, 50_000]);
  });

  it('no backups: the file starts anew', () => {
    const file = open(100, 0);
    file.write(Buffer.alloc(120));
    file.write(Buffer.from('new'));
    file.close();
    expect([readFileSync(path, 'utf8'), existsSync(`${path}.1`)]).toEqual(['new', false]);
  });

  it('maxbytes=0: never', () => {
    const file = open(0, 2);
    file.write(Buffer.alloc(1_000_000));
    file.close();
    expect(size('')).toBe(1_000_000);
  });

  it('a device is never rotated', () => {
    const file = openRotatingFile({
      path: '/dev/null',
      maxBytes: 1,
      backups: 1,
      onTrouble: (message) => troubles.push(message),
    });
    file.write(Buffer.from('some'));
    file.write(Buffer.from('more'));
    file.close();
    expect(troubles).toEqual([]);
  });

  it('a full disk is told once, and how much was lost when it works again', () => {
    const file = openRotatingFile({
      path: '/dev/full',
      maxBytes: 0,
      backups: 0,
      onTrouble: (message) => troubles.push(message),
    });
    file.write(Buffer.from('12345'));
    file.write(Buffer.from('12345'));
    expect(troubles).toEqual([expect.stringContaining('ENOSPC')]);
    file.close();
    expect(troubles.slice(1)).toEqual(['/dev/full is closed; 10 bytes were lost']);
  });

  it('one that cannot be rotated loses nothing, which is not said', () => {
    const file = open(4, 1);
    mkdirSync(`${path}.1/in-the-way`, { recursive: true });
    file.write(Buffer.from('12345'));
    file.write(Buffer.from('12345'));
    file.close();
    expect(troubles).toEqual([expect.stringContaining(`cannot rotate ${path}`)]);
    expect(readFileSync(path, 'utf8')).toBe('1234512345');
  });

  it('reopen follows the name after somebody renamed the file', () => {
    const file = open(0, 0);
    file.write(Buffer.from('old'));
    renameSync(path, `${path}.moved`);
    file.write(Buffer.from('er'));
    file.reopen();
    file.write(Buffer.from('new'));
    file.close();
    expect([readFileSync(`${path}.moved`, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['older', 'new']);
  });
});

describe('reading', () => {
  beforeEach(() => {
    writeFileSync(path, '0123456789abcdef');
  });

  it.each([
    [-5, 0, 'bcdef'],
    [0, 0, '0123456789abcdef'],
    [4, 3, '456'],
    [1000, 10, ''],
    [-100, 0, '0123456789abcdef'],
  ])('read(%i, %i)', async (offset, length, text) => {
    expect(await readLogFile(path, offset, length)).toEqual({ text });
  });

  it.each([
    [-5, 5],
    [0, -5],
  ])('read(%i, %i) is refused', async (offset, length) => {
    expect(await readLogFile(path, offset, length)).toEqual({ failed: 'BAD_ARGUMENTS' });
  });

  it.each([
    [0, 100, '0123456789abcdef', 16, false],
    [12, 100, '0123456789abcdef', 16, false],
    [0, 4, 'cdef', 16, true],
    [100, 5, '', 16, false],
    [0, 0, '', 16, true],
  ])('tail(%i, %i)', async (offset, length, text, end, overflow) => {
    expect(await tailLogFile(path, offset, length)).toEqual({ text, offset: end, overflow });
  });

  it('a missing file is NO_FILE, and nothing for a tail', async () => {
    expect(await readLogFile(`${path}.no`, 0, 0)).toEqual({ failed: 'NO_FILE' });
    expect(await tailLogFile(`${path}.no`, 0, 10)).toEqual({ text: '', offset: 0, overflow: false });
  });

  it('of more than an answer carries, the end is given', async () => {
    truncateSync(path, 20 * 1024 * 1024);
    appendFileSync(path, 'the end');
    const all = 64 * 1024 * 1024;
    const read = await readLogFile(path, -all, 0);
    expect('text' in read && read.text.length).toBe(16 * 1024 * 1024);
    expect('text' in read && read.text.endsWith('the end')).toBe(true);
    expect((await tailLogFile(path, 0, all)).text.endsWith('the end')).toBe(true);
  });

  it('a character that is cut in two is U+FFFD, not an error', async () => {
    writeFileSync(path, 'é');
    expect(await readLogFile(path, 1, 0)).toEqual({ text: '\ufffd' });
  });
});

describe('following', () => {
  async function* lines(abort: AbortController) {
    for await (const chunk of (await followLogFile(path, abort.signal))!) yield Buffer.from(chunk).toString();
  }
  const next = async (from: AsyncGenerator<string>): Promise<string> => (await from.next()).value as string;

  it('starts with the last 1024 bytes, goes on, and survives rotation and truncation', async () => {
    writeFileSync(path, 'x'.repeat(2000) + 'end');
    const abort = new AbortController();
    const followed = lines(abort);
    expect(await next(followed)).toHaveLength(1024);
    appendFileSync(path, 'more');
    expect(await next(followed)).toBe('more');
    appendFileSync(path, 'last of the old');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'first of the new');
    expect(await next(followed)).toBe('last of the old');
    expect(await next(followed)).toBe('first of the new');
    truncateSync(path, 0);
    expect(await next(followed)).toBe('==> File truncated <==\n');
    abort.abort();
    expect((await followed.next()).done).toBe(true);
  });

  it('there is nothing to follow where there is no file', async () => {
    expect(await followLogFile(`${path}.no`, new AbortController().signal)).toBeNull();
  });
});

describe('AUTO logs', () => {
  it("have supervisord's names, and old ones go, but not what a live process holds open", () => {
    const old = createAutoLog(directory, 'web', 'stdout', 'supervisor');
    expect(old).toMatch(/\/web-stdout---supervisor-[a-z0-9_]{8}\.log$/);
    writeFileSync(`${old}.1`, '');
    const live = createAutoLog(directory, 'api', 'stdout', 'supervisor');
    const foreign = createAutoLog(directory, 'api', 'stdout', 'other');
    const holder = openRotatingFile({ path: live, maxBytes: 0, backups: 0, onTrouble: () => undefined });
    removeOldAutoLogs(directory, 'supervisor');
    holder.close();
    expect(
      readdirSync(directory)
        .map((name) => join(directory, name))
        .sort(),
    ).toEqual([live, foreign].sort());
  });
});

describe('strip_ansi', () => {
  it('takes sequences out, also when they are cut', () => {
    const strip = createAnsiStripper();
    const text = ['\u001b[1;3', '1mred\u001b', '[0m plain']
      .map((part) => Buffer.from(strip(Buffer.from(part))).toString())
      .join('');
    expect(text).toBe('red plain');
  });
});

describe('the activity log', () => {
  it("prints supervisord's lines, and JSON on demand", () => {
    const out: string[] = [];
    createActivityLog('info', 'supervisord', (line) => out.push(line)).warn('careful', { process: 'web' });
    expect(out[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARN careful\n$/);
    createActivityLog('info', 'json', (line) => out.push(line)).warn('careful', { process: 'web' });
    expect(JSON.parse(out[1]!)).toMatchObject({ level: 'warn', msg: 'careful', process: 'web' });
    createActivityLog('warn', 'supervisord', (line) => out.push(line)).info('quiet');
    expect(out).toHaveLength(2);
    expect(formatLocalTime(new Date(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02 03:04:05,006');
  });
});
