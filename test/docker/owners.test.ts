import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTicksOf } from '../../src/docker/kernel.ts';
import { createOwners, holderOf, leaveClaim } from '../../src/docker/owners.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-owners-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('the claim of one that lives is held by it, and by nobody else', () => {
  const owners = createOwners(directory, 'me');
  owners.claim('a');
  expect(holderOf(directory, 'a')).toMatchObject({ pid: process.pid, identifier: 'me' });
  expect(owners.other('a')).toBeNull();
  leaveClaim(directory, 'b', { pid: process.ppid, startTicks: startTicksOf(process.ppid) ?? '' }, 'parent');
  expect(owners.other('b')).toBe(`dockvisord pid ${String(process.ppid)} (parent)`);
});

test('a claim that is left in the name of one that has ended keeps nobody out, and tells whose the container was', () => {
  const owners = createOwners(directory, 'me');
  expect(owners.knows('a')).toBe(false);
  leaveClaim(directory, 'a', { pid: process.pid, startTicks: '1' }, 'ended');
  expect(owners.knows('a')).toBe(true);
  expect(owners.other('a')).toBeNull();
  expect(holderOf(directory, 'a')).toBeNull();
});

test('a claim that cannot be left is a failure, and not a courtesy', () => {
  // Below a file no directory can be made. (Not below /proc: there Node's recursive mkdir never comes back.)
  writeFileSync(join(directory, 'file'), '');
  const nowhere = join(directory, 'file', 'claims');
  expect(() => {
    leaveClaim(nowhere, 'a', { pid: 1, startTicks: '1' }, 'ended');
  }).toThrow();
  createOwners(nowhere, 'me').claim('a');
  expect(holderOf(nowhere, 'a')).toBeNull();
});
