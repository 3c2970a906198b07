/** The state file: written when there is something new, tried again when it could not be, and made anew in a directory that has gone. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isToGoOn, openStateFile } from '../../src/main/state-file.ts';
import type { DaemonState, ProgramState } from '../../src/main/state-file.ts';
import { quietLog } from '../support/quiet-log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-state-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const stateOf = (state: string, shutsDown = false) => {
  const logs = { stdout: null, stderr: null };
  const web: ProgramState = { state, wish: 'up', rest: null, logs, container: { life: null } };
  return { programs: { 'web:web': web }, shutsDown };
};

it('is read again as it was written, by its owner only', () => {
  const file = openStateFile(join(directory, 'made', 'here'), 'x', quietLog);
  file.write(stateOf('RUNNING'), false);
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
  const { former } = openStateFile(join(directory, 'made', 'here'), 'x', quietLog);
  expect(former).toMatchObject({ pid: process.pid, ...stateOf('RUNNING') });
});

it('is written anew only when something has changed, or when it must be', () => {
  const file = openStateFile(directory, 'x', quietLog);
  file.write(stateOf('RUNNING'), false);
  rmSync(file.path);
  file.write(stateOf('RUNNING'), false);
  expect(existsSync(file.path)).toBe(false);
  file.write(stateOf('RUNNING'), true);
  expect(existsSync(file.path)).toBe(true);
  file.write(stateOf('STOPPED'), false);
  expect(readFileSync(file.path, 'utf8')).toContain('STOPPED');
});

it('that could not be written is written as soon as it can, also when nothing has changed since; both are told once', () => {
  const told: string[] = [];
  const log = {
    ...quietLog,
    info: (message: string) => told.push(`info ${message}`),
    warn: (message: string) => told.push(`warn ${message}`),
  };
  const inTheWay = join(directory, 'way');
  writeFileSync(inTheWay, '');
  const troubled = openStateFile(inTheWay, 'y', log);
  told.length = 0;
  troubled.write(stateOf('RUNNING'), false);
  troubled.write(stateOf('RUNNING'), false);
  expect(told).toEqual([expect.stringMatching(/^warn cannot write state file .*\/way\/y\.state\.json/)]);
  rmSync(inTheWay);
  troubled.write(stateOf('RUNNING'), false);
  expect(told.slice(1)).toEqual([expect.stringMatching(/^info state file .* can be written again$/)]);
  expect(readFileSync(troubled.path, 'utf8')).toContain('RUNNING');
});

it('is to be gone on from, unless its daemon was killed on its way down or the machine has been booted since', () => {
  const file = openStateFile(directory, 'x', quietLog);
  const formerNow = (): DaemonState | null => openStateFile(directory, 'x', quietLog).former;
  expect(isToGoOn(formerNow())).toBe(false);
  file.write(stateOf('RUNNING'), false);
  expect(isToGoOn(formerNow())).toBe(true);
  const text = readFileSync(file.path, 'utf8');
  writeFileSync(file.path, text.replace(/"boot":"[^"]*"/, '"boot":"another"'));
  expect(isToGoOn(formerNow())).toBe(false);
  // As earlier versions wrote it.
  writeFileSync(file.path, text.replace('"shutsDown": false,', ''));
  expect(isToGoOn(formerNow())).toBe(true);
  file.write(stateOf('RUNNING', true), false);
  expect(isToGoOn(formerNow())).toBe(false);
});

it('of garbage is told on one line', () => {
  const told: string[] = [];
  const { path } = openStateFile(directory, 'x', quietLog);
  writeFileSync(path, 'no\nstate\n');
  openStateFile(directory, 'x', { ...quietLog, warn: (message: string) => told.push(message) });
  expect(told).toEqual([
    expect.stringMatching(/^state file .*x\.state\.json cannot be used: .*; going on without$/),
  ]);
});

it.each(['a FIFO', 'a device'])('that is %s is told, and not waited for; it is made anew', (what) => {
  const path = join(directory, 'x.state.json');
  if (what === 'a FIFO') execFileSync('mkfifo', [path]);
  else symlinkSync('/dev/full', path);
  const warned: string[] = [];
  const file = openStateFile(directory, 'x', { ...quietLog, warn: (message) => void warned.push(message) });
  expect(file.former).toBeNull();
  expect(warned).toEqual([
    expect.stringMatching(/cannot read state file .*x\.state\.json is no regular file/),
  ]);
  file.write(stateOf('RUNNING'), false);
  expect(statSync(path).isFile()).toBe(true);
});

it('whose directory cannot be made tells why, and does not go round for ever', () => {
  const told: string[] = [];
  const log = { ...quietLog, warn: (message: string) => told.push(message) };
  openStateFile('/proc/no-such/state', 'x', log).write(stateOf('RUNNING'), false);
  expect(told).toEqual([expect.stringContaining("mkdir '/proc/no-such'")]);
});
