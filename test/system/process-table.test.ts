import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPrivateDirectory } from '../../src/system/private-files.ts';
import {
  descendantsOf,
  environmentOf,
  isStill,
  linkOf,
  seeProcess,
  signalProcess,
} from '../../src/system/process-table.ts';
import { waitUntil } from '../../src/system/wait-until.ts';

test('a process is seen with its parent, words and environment, and its children before it', async ({
  onTestFinished,
}) => {
  const child = spawn('sh', ['-c', 'sleep 3600 & wait'], {
    env: { PATH: process.env['PATH'] ?? '', MARK: 'a=b' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const family = await waitUntil(
    () => 'the shell has its child',
    10_000,
    () => {
      const found = descendantsOf(pid).filter(({ words }) => words[0] === 'sleep');
      return found.length > 0 ? found : null;
    },
  );
  expect(seeProcess(pid)).toMatchObject({ parent: process.pid, words: ['sh', '-c', 'sleep 3600 & wait'] });
  expect(environmentOf(pid)).toMatchObject({ MARK: 'a=b' });
  expect(linkOf(pid, 'cwd')).toBe(process.cwd());
  expect(descendantsOf(process.pid).map((one) => one.pid)).toEqual(
    expect.arrayContaining([pid, family[0]?.pid]),
  );
  for (const one of family) expect(signalProcess(one, 'SIGKILL')).toBe('sent');
});

test('a pid that is another’s now is not signalled', async ({ onTestFinished }) => {
  const child = spawn('sleep', ['3600']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const former = { pid: child.pid ?? 0, startTicks: '1' };
  expect(isStill(former)).toBe(false);
  expect(signalProcess(former, 'SIGKILL')).toBe('gone');
  expect(child.exitCode).toBeNull();
});

test('a wait that is in vain says what it waited for', async () => {
  await expect(
    waitUntil(
      () => 'the moon',
      0,
      () => null,
    ),
  ).rejects.toThrow('not within 0 s: the moon');
});

test('private files are nobody else’s, and written whole', ({ onTestFinished }) => {
  const root = mkdtempSync(join(tmpdir(), 'dockvisor-private-'));
  onTestFinished(() => {
    rmSync(root, { recursive: true });
  });
  const directory = openPrivateDirectory(join(root, 'a', 'b'));
  directory.write('x', 'one');
  directory.write('x', 'two');
  expect(directory.read('x')).toBe('two');
  expect(directory.read('y')).toBeNull();
  expect(statSync(directory.path).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory.path, 'x')).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory.path)).toEqual(['x']);
  directory.remove('x');
  expect(directory.read('x')).toBeNull();
  symlinkSync(join(root, 'a'), join(root, 'link'));
  expect(() => openPrivateDirectory(join(root, 'link'))).toThrow('is not a directory');
});
