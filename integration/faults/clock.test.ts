/** The wall clock of the daemon jumps by hours (the Engine's stays): nothing is restarted, and what is counted in seconds takes so many. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isStruct } from '../../src/rpc/xml.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import type { Manager } from '../support/manager.ts';
import { callRpc } from '../support/rpc.ts';
import { until } from '../support/until.ts';
import { counts, tally } from '../survival/counting.ts';
import { container, useStage, expectLaunches, infoOf, untilState } from './stage.ts';

describe.skipIf(engineSkipped)('the clock of the daemon', () => {
  const stage = useStage();

  const deaf = ['sh', '-c', 'trap "" TERM; while :; do usleep 50000; done'];
  const under = [
    'env',
    `NODE_OPTIONS=--require=${join(import.meta.dirname, 'clock.cjs')}`,
    'CLOCK=%DIR%/clock',
  ];

  it('jumps forward and back', async () => {
    await stage.create('clock-runs', counts(5));
    await stage.create('clock-deaf', deaf);
    const programs =
      container('clock-runs', 'stdout_logfile=%DIR%/out', 'stderr_logfile=NONE') +
      container('clock-deaf', 'stopwaitsecs=1') +
      '[program:clock-fails]\ncommand=/bin/false\nstartretries=2\nautostart=false\n';
    await stage.withManager({ programs, under }, async (manager) => {
      const output = () => tally(readFileSync(join(manager.directory, 'out'), 'utf8'), 'out', 1);
      const { pid } = await untilState(manager, 'clock-runs', 'RUNNING');
      await untilState(manager, 'clock-deaf', 'RUNNING');
      const before = await stage.startedAt('clock-runs');
      for (const hours of [5, -7]) {
        writeFileSync(join(manager.directory, 'clock'), String(hours * 3_600_000));
        await until('the daemon has the new time', 10_000, async () =>
          Math.abs((await now(manager)) - Date.now() / 1000 - hours * 3600) < 60 ? true : null,
        );
        const at = output().last;
        await until('its output goes on', 20_000, () => (output().last > at + 50 ? true : null));
        const start = Math.floor(Date.parse(before) / 1000);
        expect(await infoOf(manager, 'clock-runs')).toMatchObject({ state: 'RUNNING', pid, start });
      }
      // Three launches with one and two seconds between them, and a stop whose grace is one.
      void manager.ctl('start', 'clock-fails');
      await untilState(manager, 'clock-fails', 'FATAL');
      expect((await manager.ctl('stop', 'clock-deaf')).stdout).toBe('clock-deaf: stopped\n');
      expect(await stage.startedAt('clock-runs')).toBe(before);
      expectLaunches(manager, 'clock-runs', 1);
      await manager.ctl('stop', 'all');
      expect(output().faults).toEqual([]);
    });
  });

  async function now(manager: Manager): Promise<number> {
    const info = await callRpc(join(manager.directory, 'sock'), 'supervisor.getProcessInfo', ['clock-runs']);
    return isStruct(info) ? Number(info['now']) : Number.NaN;
  }
});
