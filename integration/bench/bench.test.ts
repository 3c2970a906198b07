/** That the bench still works: its quick form ends well, and leaves no figure out. What it measures so is not looked at. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { runInForeground } from '../quickstart/foreground.ts';
import type { Foreground } from '../quickstart/foreground.ts';

const project = join(import.meta.dirname, '..', '..');
/** The beginning of a line of the table, each of which must have been measured. */
const figures = [
  'resident memory, manager and proxies, `docker_attach=api`',
  'each further container',
  'resident memory, manager and proxies, `docker_attach=cli`',
  'CPU at rest over',
  'all 10 up, `docker_attach=api`',
  'all 10 stopped and verified, `docker_attach=api`',
  'crash to running again, one container, `docker_attach=api`',
  'crash to running again, one container, `docker_attach=cli`',
  'log throughput, 8 MB of 100-byte lines, log driver `json-file`',
  'log throughput, 8 MB of 100-byte lines, log driver `none`',
  'highest memory of the manager in a flood',
  'death of a container to the state told',
  'memory of the manager, 20 plain programs',
  'CPU at rest, 20 plain programs',
];

/** Some 75 s by itself; an Engine that deadlocks (20.10 can) costs one figure 40 s more, and its second try. */
const limitMs = 300_000;

describe.skipIf(engineSkipped)('npm run bench -- --quick', { timeout: 360_000 }, () => {
  let bench: Foreground | null = null;
  const begin = (): Foreground =>
    (bench = runInForeground('bash', ['tools/bench.sh', '--quick'], { cwd: project }));

  afterEach(() => {
    bench?.destroy();
    bench = null;
  });

  test('measures every figure, and says what the table is worth', async () => {
    const run = begin();
    expect(await run.end(limitMs), run.printed()).toBe(0);
    for (const figure of figures) expect(run.stdout()).toContain(`| ${figure}`);
    expect(run.stdout()).not.toContain('not measured');
    expect(run.stdout()).toContain('this shows that the bench works, and no figure');
    expect(run.leftovers()).toEqual([]);
  });

  test('leaves nothing behind when it is interrupted', async () => {
    const run = begin();
    await run.untilPrinted('round 1, supervisord', limitMs);
    run.signalGroup('SIGINT');
    expect(await run.end(limitMs)).toBe(1);
    expect(run.leftovers()).toEqual([]);
  });
});
