/** What a killed daemon leaves: an older place in the logs is as good as the last one where the logs tell the rest. */
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProcessSpec } from '../../src/core/config/model.ts';
import type { Left } from '../../src/docker/left.ts';
import type { ChannelPosition } from '../../src/docker/log-position.ts';
import type { FileMark } from '../../src/log/written-since.ts';
import { isAsGood, leftOf } from '../../src/main/left-of.ts';
import type { ProgramState } from '../../src/main/state-file.ts';
import { quietLog } from '../support/quiet-log.ts';
import { specWith } from '../support/specs.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-left-'));
  path = join(directory, 'out.log');
  writeFileSync(path, 'one\n');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const at = (lines: number, bytes = 0): ChannelPosition => ({ since: '', lines, bytes });
const markOf = (file = path): FileMark => ({ path: file, ...inodeAndSize(file) });
function inodeAndSize(file: string): { inode: number; size: number } {
  const { ino, size } = statSync(file);
  return { inode: ino, size };
}

interface Change {
  readonly state?: string;
  readonly life?: string;
  readonly at?: number;
  readonly unordered?: string;
  readonly stdout?: ChannelPosition | null;
  readonly stderr?: ChannelPosition;
  readonly logs?: ProgramState['logs'];
}

/** As it is now. `stdout` null: the place is not known. */
function stateNow(change: Change = {}): ProgramState {
  const { stdout = at(1), stderr = at(0) } = change;
  const container: Left = {
    output: {
      container: 'c',
      position: stdout === null ? null : { stdout, stderr },
      at: change.at ?? 7,
      unordered: change.unordered ?? '',
    },
    life: change.life ?? '2026-11-30T00:00:00.000000000Z',
  };
  return {
    state: change.state ?? 'RUNNING',
    wish: 'up',
    rest: null,
    logs: change.logs ?? { stdout: markOf(), stderr: null },
    container,
  };
}

const spec = specWith({ name: 'web' });
const says = (text: string): void => {
  appendFileSync(path, text);
};

describe('is as good, and leaves the same', () => {
  it.each<[string, () => Change]>([
    ['nothing new', () => ({})],
    [
      'two lines and a half',
      () => {
        says('two\nthree\nfo');
        return { stdout: at(3, 2) };
      },
    ],
  ])('%s', (_, change) => {
    const older = stateNow();
    const newer = stateNow(change());
    expect(isAsGood(older, newer, spec)).toBe(true);
    expect(leftOf(older, true, spec, quietLog)).toEqual(leftOf(newer, true, spec, quietLog));
  });

  it('with the lines that were written last, by which the place is known when the log has been rotated', () => {
    const older = stateNow();
    says('two\nthree\nfo');
    const output = leftOf(older, true, spec, quietLog)?.output;
    expect(output?.known).toEqual({ stdout: ['one', 'two', 'three'], stderr: [] });
    expect(output?.at).toBeGreaterThan(Date.now() - 60_000);
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'ur\n');
    expect(leftOf(older, true, spec, quietLog)?.output?.known?.stdout).toEqual([
      'one',
      'two',
      'three',
      'four',
    ]);
  });

  it('where no place is known, and nothing has come', () => {
    expect(isAsGood(stateNow({ stdout: null }), stateNow({ stdout: null }), spec)).toBe(true);
  });
});

describe('a log that cannot be read', () => {
  let warned: string[];
  const log = { ...quietLog, warn: (message: string) => void warned.push(message) };
  beforeEach(() => {
    warned = [];
  });
  const positionOf = (state: ProgramState) => leftOf(state, true, spec, log)?.output?.position;

  it('costs the other channel nothing', () => {
    const other = join(directory, 'err.log');
    writeFileSync(other, 'oops\n');
    const state = stateNow({ stderr: at(1), logs: { stdout: markOf(), stderr: markOf(other) } });
    says('two\n');
    rmSync(other);
    expect(positionOf(state)).toEqual({ stdout: at(2), stderr: at(1) });
    expect(leftOf(state, true, spec, quietLog)?.output?.known).toEqual({
      stdout: ['one', 'two'],
      stderr: [],
    });
    expect(warned).toEqual([expect.stringMatching(/^web: .*err\.log has been cut short, or moved/)]);
  });

  it('was moved by hand beside an older backup, which is no part of what was written since', () => {
    const state = stateNow();
    writeFileSync(`${path}.1`, 'of before\nthat\n');
    utimesSync(`${path}.1`, 1000, 1000);
    renameSync(path, `${path}.2`);
    says('two\n');
    expect(positionOf(state)?.stdout).toEqual(at(1));
    expect(warned).toEqual([expect.stringMatching(/out\.log has been cut short, or moved/)]);
  });

  it('was rotated twice: all of its parts count', () => {
    const state = stateNow();
    says('two\n');
    renameSync(path, `${path}.1`);
    says('three\n');
    renameSync(`${path}.1`, `${path}.2`);
    renameSync(path, `${path}.1`);
    says('four\n');
    expect(positionOf(state)?.stdout).toEqual(at(4));
    expect(warned).toEqual([]);
  });

  it('has lost nothing where it was empty and is gone', () => {
    const other = join(directory, 'err.log');
    writeFileSync(other, '');
    const state = stateNow({ logs: { stdout: markOf(), stderr: markOf(other) } });
    says('two\n');
    rmSync(other);
    expect(positionOf(state)).toEqual({ stdout: at(2), stderr: at(0) });
    expect(warned).toEqual([]);
    // Another file in its place may be one of some rotations later.
    writeFileSync(other, 'new\n');
    positionOf({ ...state, logs: { ...state.logs, stderr: { ...markOf(other), inode: 1 } } });
    expect(warned).toHaveLength(1);
  });
});

describe('is to be written again', () => {
  const captured: ProcessSpec = specWith({ name: 'web', stdout: { ...spec.stdout, captureMaxBytes: 10 } });
  it.each<[string, () => Change, ProcessSpec?]>([
    ['another state', () => ({ state: 'EXITED' })],
    ['another life', () => ({ life: '2026-11-30T00:00:01.000000000Z' })],
    ['the place is not known any more', () => ({ stdout: null })],
    ['output of a channel that is written nowhere', () => ({ stderr: at(1) })],
    ['output that may be captured', () => ({ stdout: at(2) }), captured],
    ['both channels in one file', () => ({ stdout: at(2), logs: { stdout: markOf(), stderr: markOf() } })],
    [
      'more than is read again without a thought',
      () => {
        says(`${'x'.repeat(70_000)}\n`);
        return { stdout: at(2) };
      },
    ],
    [
      'a file that was rotated',
      () => {
        renameSync(path, `${path}.1`);
        writeFileSync(path, 'two\n');
        return { stdout: at(2) };
      },
    ],
    [
      'a file that was cleared',
      () => {
        truncateSync(path, 0);
        return { stdout: at(2) };
      },
    ],
  ])('%s', (_, change, of = spec) => {
    const older = stateNow();
    expect(isAsGood(older, stateNow(change()), of)).toBe(false);
  });

  it('the Engine cannot be asked: a client may have said so in the log', () => {
    const older = stateNow({ state: 'UNKNOWN' });
    expect(isAsGood(older, stateNow({ state: 'UNKNOWN' }), spec)).toBe(false);
  });

  it('output where the place is known by time only', () => {
    expect(isAsGood(stateNow({ stdout: null }), stateNow({ stdout: null, at: 8 }), spec)).toBe(false);
  });
});
