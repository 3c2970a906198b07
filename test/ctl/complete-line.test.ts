import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { completeLine } from '../../src/ctl/completion/complete-line.ts';
import { printCompletion } from '../../src/ctl/completion/run.ts';
import { ctlVerbs } from '../../src/ctl/completion/words.ts';
import { verbNames } from '../../src/ctl/verbs.ts';

const known = [
  { group: 'web', name: 'web' },
  { group: 'g', name: 'a' },
];
const complete = (program: 'dockvisor' | 'dockvisorctl', ...words: string[]) =>
  completeLine(program, words, () => Promise.resolve(known));

test.each<[string[], string | string[]]>([
  [['sta'], ['start', 'status']],
  [['-c'], ['-c']],
  [['-c', ''], 'file'],
  [['-s', ''], []],
  [['-c', 'x', 'stat'], ['status']],
  [
    ['status', ''],
    ['web', 'g:a', 'g:*', 'all'],
  ],
  [
    ['-c', 'x', 'start', 'web', 'g:'],
    ['g:a', 'g:*'],
  ],
  [['status', '--w'], ['--watch']],
  [['signal', 'T'], ['TERM']],
  [['signal', 'TERM', 'w'], ['web']],
  [['update', 'g'], ['g']],
  [['help', 'ver'], ['version']],
  [['check', ''], []],
  [['completion', ''], []],
])('dockvisorctl %j', async (words, found) => {
  expect(await complete('dockvisorctl', ...words)).toEqual(found);
});

test('dockvisor has verbs of its own', async () => {
  expect(await complete('dockvisor', 'd')).toEqual(['daemon', 'doctor']);
  expect(await complete('dockvisor', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await complete('dockvisor', 'check', '-c', '')).toBe('file');
});

test('the daemon is asked with the options that the line has, and offers nothing when it is away', async () => {
  const asked: (readonly string[])[] = [];
  const away = (options: readonly string[]) => {
    asked.push(options);
    return Promise.resolve([]);
  };
  expect(await completeLine('dockvisorctl', ['-s', 'unix:///x', 'stop', ''], away)).toEqual([]);
  expect(asked).toEqual([['-s', 'unix:///x']]);
});

test('every verb of the client is known', () => {
  expect([...ctlVerbs.keys()].sort()).toEqual([...verbNames]);
});

test('an unknown shell is refused with the usage', () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  expect(printCompletion(['tcsh'], { stdout, stderr })).toBe(2);
  expect(stdout.read()).toBeNull();
  expect(String(stderr.read())).toContain('bash, zsh, fish');
  expect(printCompletion(['bash'], { stdout, stderr })).toBe(0);
});
