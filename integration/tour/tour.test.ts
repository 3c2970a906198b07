import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { runInForeground } from '../quickstart/foreground.ts';
import type { Foreground } from '../quickstart/foreground.ts';

const project = join(import.meta.dirname, '..', '..');
const endMs = 120_000;

describe.skipIf(engineSkipped)('npm run tour', { timeout: 180_000 }, () => {
  let tour: Foreground;
  const begin = (): Foreground => (tour = runInForeground('bash', ['tools/tour.sh'], { cwd: project }));

  afterEach(() => {
    tour.destroy();
  });

  test('tells the story to its end, in which dockvisord says nothing that is not so', async () => {
    begin();
    expect(await tour.end(endMs), tour.printed()).toBe(0);
    const story = tour.stdout();
    const verdicts = [...story.matchAll(/^ +docker ps .* (true|NOT SO)$/gm)].map(([, verdict]) => verdict);
    // In pairs: first the real supervisord's, then ours.
    expect(verdicts.filter((_, index) => index % 2 === 1)).toEqual(Array(7).fill('true'));
    // The deaf one, at the least, is a lie of the real one with every client there is.
    expect(verdicts[0]).toBe('NOT SO');
    expect(story).toMatch(/Said what was not so, of 7: supervisord in [1-7], dockvisord in 0\./);
    // No colours where there is no terminal, and nothing wider than 100 columns.
    expect(story).not.toContain('\x1b');
    expect(story.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(tour.leftovers()).toEqual([]);
  });

  test('ends all that it started when it is interrupted half-way', async () => {
    begin();
    await tour.untilPrinted('2. Ghosts', endMs);
    tour.signalGroup('SIGINT');
    expect(await tour.end(endMs)).toBe(130);
    expect(tour.leftovers()).toEqual([]);
  });
});
