/** From a run's output to its files, with chunks that are theirs for the length of a call only, as `DirectSocket` gives them. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChannelSpec } from '../../src/core/config/model.ts';
import { createProcessLogs } from '../../src/log/process-logs.ts';
import type { OutputChannel } from '../../src/supervisor/runner.ts';
import { specWith } from '../support/specs.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-logs-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** One buffer for all, spoilt after each call. */
const printing = (...texts: readonly string[]): OutputChannel => ({
  readBy(take) {
    const buffer = Buffer.alloc(256);
    for (const text of texts) {
      const bytes = buffer.write(text, 'latin1');
      void take(buffer.subarray(0, bytes));
      buffer.fill('#');
    }
    return Promise.resolve();
  },
});

async function play(
  change: Partial<ChannelSpec>,
  texts: readonly string[],
  more: { readonly listener?: boolean; readonly stripAnsi?: boolean; readonly breaks?: string } = {},
): Promise<{ log: string; messages: string[]; talk: Uint8Array[]; syslog: string[]; troubles: string[] }> {
  const path = join(directory, 'x.log');
  const { stdout } = specWith({ name: 'x' });
  const told = {
    messages: [] as string[],
    talk: [] as Uint8Array[],
    syslog: [] as string[],
    troubles: [] as string[],
  };
  const logs = createProcessLogs(
    specWith({
      name: 'x',
      stdout: { ...stdout, target: { kind: 'file', path }, ...change },
      ...(more.listener === true ? { listener: true } : {}),
    }),
    {
      stripAnsi: more.stripAnsi ?? false,
      now: () => Date.UTC(2026, 10, 30),
      autoPath: () => '',
      onTrouble: (message) => told.troubles.push(message),
      onOutput: () => undefined,
      onMessage: (_channel, message) => told.messages.push(Buffer.from(message).toString()),
      onTalk: (chunk) => told.talk.push(chunk),
      toSyslog: (line) => told.syslog.push(line),
    },
  );
  logs.open();
  const channel = printing(...texts);
  logs.take({
    stdout: {
      async readBy(take) {
        await channel.readBy(take);
        if (more.breaks !== undefined) throw new Error(more.breaks);
      },
    },
    stderr: null,
  });
  // The end of the output is told a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  logs.close();
  return { log: readFileSync(path, 'utf8'), ...told };
}

describe('the logs of a process', () => {
  it('have what was printed, as it was', async () => {
    const { log, troubles } = await play({}, ['one\ntw', 'o\nthree']);
    expect(log).toBe('one\ntwo\nthree');
    expect(troubles).toEqual([]);
  });

  it('have whole lines with a prefix, also of a line that came in three pieces', async () => {
    expect((await play({ format: 'prefix' }, ['one\ntw', 'o', '\nthree'])).log).toBe(
      ['one', 'two', 'three'].map((line) => `2026-11-30T00:00:00.000Z x | ${line}\n`).join(''),
    );
  });

  it('tell a message of capture mode whose tokens came in pieces, and keep it out of the log', async () => {
    const texts = ['before <!--XSUPER', 'VISOR:BEGIN-->the mess', 'age<!--XSUPERVISOR:E', 'ND--> after'];
    const { log, messages } = await play({ captureMaxBytes: 1000 }, texts);
    expect(messages).toEqual(['the message']);
    expect(log).toBe('before  after');
  });

  it("tell a listener's talk, which is the hearer's to keep", async () => {
    const { talk } = await play({}, ['REA', 'DY\n'], { listener: true });
    expect(Buffer.concat(talk).toString()).toBe('READY\n');
  });

  it('are told of output that breaks off, and have what was held back of it', async () => {
    const { log, troubles } = await play({ format: 'prefix' }, ['half a li'], { breaks: 'gone' });
    expect(troubles).toEqual(['reading stdout of x failed: Error: gone']);
    expect(log).toBe('2026-11-30T00:00:00.000Z x | half a li\n');
  });

  it('tell syslog whole lines, and are rid of sequences that came in pieces', async () => {
    const { log, syslog } = await play({ syslog: true }, ['a\u001b[1;3', '1mb', '\nrest'], {
      stripAnsi: true,
    });
    expect(log).toBe('ab\nrest');
    expect(syslog).toEqual(['x ab', 'x rest']);
  });
});

describe('before each run the file is looked at by its name', () => {
  const troubles: string[] = [];
  const withFile =
    (act: (path: string, run: (text: string, isUp?: boolean) => Promise<void>) => Promise<void>) =>
    async () => {
      troubles.length = 0;
      const path = join(directory, 'x.log');
      const { stdout } = specWith({ name: 'x' });
      const logs = createProcessLogs(
        specWith({ name: 'x', redirectStderr: true, stdout: { ...stdout, target: { kind: 'file', path } } }),
        {
          stripAnsi: false,
          now: () => 0,
          autoPath: () => '',
          onTrouble: (message) => troubles.push(message),
          onOutput: () => undefined,
          onMessage: () => undefined,
          onTalk: () => undefined,
          toSyslog: () => undefined,
        },
      );
      await act(path, async (text, isUp = false) => {
        if (isUp) logs.openAnyhow();
        else logs.open();
        logs.take({ stdout: printing(text), stderr: null });
        await Promise.resolve();
      });
      logs.close();
    };
  /** A directory in its place: not even root can open it as a file. */
  const withDirectoryInItsPlace = (
    act: (path: string, run: (text: string, isUp?: boolean) => Promise<void>) => Promise<void>,
  ) =>
    withFile(async (path, run) => {
      mkdirSync(path);
      await act(path, run);
    });

  it(
    'what runs already is taken over whether or not its file can be opened: what the file lacks is counted, and told',
    withDirectoryInItsPlace(async (path, run) => {
      await run('one\n', true);
      expect(troubles).toEqual([
        expect.stringMatching(/^cannot write to \S+x\.log: .*EISDIR.*; output is being lost$/),
      ]);
      await run('two\n', true);
      rmdirSync(path);
      await run('three\n', true);
      expect(readFileSync(path, 'utf8')).toBe('three\n');
      expect(troubles.slice(1)).toEqual([`writing to ${path} works again; 8 bytes were lost`]);
    }),
  );

  it(
    'the same where the file was there, and is not to be had again',
    withFile(async (path, run) => {
      await run('one\n');
      rmSync(path);
      mkdirSync(path);
      await run('two\n', true);
      expect(troubles).toEqual([expect.stringMatching(/^cannot write to .*EISDIR/)]);
      rmdirSync(path);
      await run('three\n', true);
      expect(readFileSync(path, 'utf8')).toBe('three\n');
    }),
  );

  it(
    'what is to be launched is not launched unheard',
    withDirectoryInItsPlace(async (_path, run) => {
      await expect(run('one\n')).rejects.toThrow('EISDIR');
      expect(troubles).toEqual([]);
    }),
  );

  it(
    'one that was removed is made anew',
    withFile(async (path, run) => {
      await run('one\n');
      rmSync(path);
      await run('two\n');
      expect(readFileSync(path, 'utf8')).toBe('two\n');
      expect(troubles).toEqual([]);
    }),
  );

  it(
    'one that was moved away is let go of',
    withFile(async (path, run) => {
      await run('one\n');
      renameSync(path, `${path}.old`);
      await run('two\n');
      expect([path, `${path}.old`].map((file) => readFileSync(file, 'utf8'))).toEqual(['two\n', 'one\n']);
      expect(troubles).toEqual([]);
    }),
  );

  it(
    'one that is still there is gone on with',
    withFile(async (path, run) => {
      await run('one\n');
      await run('two\n');
      expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
      expect(troubles).toEqual([]);
    }),
  );
});
