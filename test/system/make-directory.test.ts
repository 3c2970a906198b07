import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeDirectory } from '../../src/system/make-directory.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'dv-make-'));
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});
const modeOf = (path: string): number => statSync(path).mode & 0o777;

it('is made with all that leads to it, each with this mode', () => {
  makeDirectory(join(base, 'a/b/c'), 0o700);
  expect(['a', 'a/b', 'a/b/c'].map((path) => modeOf(join(base, path)))).toEqual([0o700, 0o700, 0o700]);
});

it('one that is there stays as it is', () => {
  mkdirSync(join(base, 'a'), { mode: 0o755 });
  makeDirectory(join(base, 'a'), 0o700);
  expect(modeOf(join(base, 'a'))).toBe(0o755);
});

it.each([
  ['a file is in its place', 'file', /EEXIST/],
  ['a file is on its way', 'file/a/b', /ENOTDIR/],
])('%s: that is said', (_, path, words) => {
  writeFileSync(join(base, 'file'), '');
  expect(() => {
    makeDirectory(join(base, path));
  }).toThrow(words);
});

it('in /proc, where none can be made, it comes to an end', () => {
  expect(() => {
    makeDirectory('/proc/no-such-thing/a/b');
  }).toThrow(/ENOENT/);
});
