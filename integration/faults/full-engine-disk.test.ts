/** The Engine's own disk is full; and it is restarted without live-restore, so that its containers die with it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { counts } from '../survival/counting.ts';
import { fillDisk } from './small-disk.ts';
import { container, createStage, expectLaunches, infoOf, logOf, sleeps, untilState } from './stage.ts';
import type { Stage } from './stage.ts';

const MiB = 1024 * 1024;

describe.skipIf(engineSkipped)('an Engine without live-restore, on a small disk', () => {
  let engine: PrivateEngine;
  let stage: Stage;
  beforeAll(async () => {
    engine = await startPrivateEngine([], { dataBytes: 64 * MiB });
    stage = createStage(engine, inject('dockvisord'));
  });
  afterAll(async () => {
    stage?.close();
    await engine?.destroy();
  });

  it('that is full', async () => {
    await stage.create('full-runs', counts(20));
    await stage.create('full-ends', sleeps);
    const programs =
      container('full-runs', 'stdout_logfile=%DIR%/out') +
      container('full-ends', 'autorestart=true', 'startretries=-1');
    const filler = join(`/proc/${String(engine.pid())}/root`, engine.directory, 'data', 'filler');
    await stage.withManager({ programs }, async (manager) => {
      for (const name of ['full-runs', 'full-ends']) await untilState(manager, name, 'RUNNING');
      fillDisk(filler);
      await stage.docker.run('kill', 'full-ends').catch(console.log);
      await new Promise((r) => setTimeout(r, 8000));
      console.log(
        logOf(manager),
        await manager.processes(),
        await stage.docker.inspect('full-runs'),
        await stage.docker.inspect('full-ends').catch(String),
      );
      rmSync(filler);
      await new Promise((r) => setTimeout(r, 8000));
      console.log(logOf(manager), await manager.processes());
    });
  });
});
