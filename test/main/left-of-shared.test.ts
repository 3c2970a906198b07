/** What is read of the program's own log after a kill, when others write to it, too, or its lines are long. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProcessSpec } from '../../src/core/config/model.ts';
import { beginningOf } from '../../src/docker/log-position.ts';
import { createProcessLogs } from '../../src/log/process-logs.ts';
import { createOutputQueue } from '../../src/docker/output-queue.ts';
import { leftOf } from '../../src/main/left-of.ts';
import { quietLog } from '../support/quiet-log.ts';
import { specWith } from '../support/specs.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-left-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function program(name: string, change: Partial<ProcessSpec['stdout']>, stripAnsi = false) {
  const base = specWith({ name, redirectStderr: true });
  const channel = {
    ...base.stdout,
    target: { kind: 'file' as const, path: join(directory, 'all.log') },
    maxBytes: 0,
    ...change,
  };
  const spec = { ...base, stdout: channel };
  const logs = createProcessLogs(spec, {
    stripAnsi,
    now: () => Date.now(),
    autoPath: () => '',
    onTrouble: (text) => {
      throw new Error(text);
    },
    onOutput: () => undefined,
    onMessage: () => undefined,
    onTalk: () => undefined,
    toSyslog: () => undefined,
  });
  logs.open();
  const stdout = createOutputQueue();
  logs.take({ stdout, stderr: null });
  return { spec, logs, says: (text: string) => void stdout.push(Buffer.from(text)) };
}

const stateOf = ({ logs }: ReturnType<typeof program>, lines: number) => ({
  state: 'RUNNING',
  wish: 'up' as const,
  rest: null,
  logs: logs.marks(),
  container: {
    output: {
      container: 'c',
      position: {
        stdout: { ...beginningOf('2026-11-30T00:00:00.000000000Z'), lines },
        stderr: beginningOf('2026-11-30T00:00:00.000000000Z'),
      },
      at: 7,
      unordered: '',
    },
    life: null,
  },
});

it.each(['prefix', 'json'] as const)(
  'K: two programs share one file (%s): the lines of the other one are none of this one',
  (format) => {
    const web = program('web', { format });
    const db = program('db', { format });
    web.says('w1\n');
    db.says('d1\nd2\nd3\n');
    const state = stateOf(web, 1);
    web.says('w2\n');
    db.says('d4\nd5\nd6\n');
    const output = leftOf(state, true, web.spec, quietLog)?.output;
    expect({ lines: output?.position?.stdout.lines, known: output?.known?.stdout.at(-1) }).toEqual({
      lines: 2,
      known: 'w2',
    });
  },
);

it('a line over 64 KiB is cut by a format, and is one line of the container all the same', () => {
  const web = program('web', { format: 'prefix' });
  const state = stateOf(web, 0);
  web.says(`${'x'.repeat(100_000)}\n`);
  expect(leftOf(state, true, web.spec, quietLog)?.output?.position?.stdout.lines).toBe(1);
});
