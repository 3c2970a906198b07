/** The Engine's own disk is full: what runs runs on, what ends cannot be started, with the Engine's own words, until there is room. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { fillDisk } from './small-disk.ts';
import { container, useStage, expectLaunches, infoOf, sleeps, untilState } from './stage.ts';

const MiB = 1024 * 1024;

describe.skipIf(engineSkipped)('the disk of an Engine', () => {
  const stage = useStage([], { dataBytes: 64 * MiB });

  it('that is full', async () => {
    await stage.create('full-runs', sleeps);
    await stage.create('full-ends', sleeps);
    const programs = container('full-runs') + container('full-ends', 'autorestart=true', 'startretries=-1');
    const filler = join(`/proc/${String(stage.engine.pid())}/root`, stage.engine.directory, 'data', 'filler');
    await stage.withManager({ programs }, async (manager) => {
      for (const name of ['full-runs', 'full-ends']) await untilState(manager, name, 'RUNNING');
      const before = await stage.startedAt('full-runs');
      fillDisk(filler);
      await stage.docker.run('kill', 'full-ends');
      const down = await untilState(manager, 'full-ends', 'BACKOFF');
      expect(down.description).toMatch(/no space left on device, next try in \d+ s/);
      expect((await infoOf(manager, 'full-runs')).state).toBe('RUNNING');
      rmSync(filler);
      await untilState(manager, 'full-ends', 'RUNNING');
      expect(await stage.startedAt('full-runs')).toBe(before);
      expectLaunches(manager, 'full-runs', 1);
    });
  });
});
