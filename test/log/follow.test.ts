/** Following a log that is rotated between two looks of who follows it. */
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type * as FsPromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followLogFile } from '../../src/log/read.ts';

/** Happens once, before the next look at a name. */
const meanwhile = vi.hoisted(() => ({ act: (): void => undefined }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FsPromises>();
  return {
    ...real,
    stat: (path: string) => {
      const { act } = meanwhile;
      meanwhile.act = () => undefined;
      act();
      return real.stat(path);
    },
  };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-follow-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('what is written and rotated after the look at the file and before the look at its name is not lost', async () => {
  const path = join(directory, 'x.log');
  writeFileSync(path, 'first\n');
  const abort = new AbortController();
  let got = '';
  meanwhile.act = () => {
    appendFileSync(path, 'last of the old\n');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'first of the new\n');
  };
  for await (const chunk of (await followLogFile(path, abort.signal))!) {
    got += Buffer.from(chunk).toString();
    if (got.endsWith('new\n')) abort.abort();
  }
  expect(got).toBe('first\nlast of the old\nfirst of the new\n');
});
