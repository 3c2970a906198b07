/** Somebody else starts a container while our client is on its way to it: what it prints before the client has attached is not lost. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { counts, tally } from '../survival/counting.ts';
import { count, expectLaunches, untilState, useStage } from './stage.ts';

describe.skipIf(engineSkipped)('a client', () => {
  const stage = useStage();

  it('that comes after somebody else has started its container', async () => {
    const [slow, here, goOn] = ['docker', 'here', 'go-on'].map((name) =>
      join(stage.engine.directory, name),
    ) as [string, string, string];
    writeFileSync(
      slow,
      `#!/bin/sh\n: > ${here}\nwhile [ ! -e ${goOn} ]; do sleep 0.02; done\nexec docker "$@"\n`,
    );
    chmodSync(slow, 0o755);
    await stage.create('client-late', counts(20));
    await stage.create('client-first', counts(20));
    const program = (name: string, client: string): string =>
      [
        `[program:${name}]`,
        `command=${client} start -a ${name}`,
        'autostart=false',
        'startsecs=0',
        `stdout_logfile=%DIR%/${name}`,
        'stderr_logfile=NONE',
        '',
      ].join('\n');
    const programs = program('client-late', slow) + program('client-first', 'docker');
    await stage.withManager({ programs }, async (manager) => {
      const output = (name: string) => tally(readFileSync(join(manager.directory, name), 'utf8'), 'out', 1);
      const started = Promise.all(['client-late', 'client-first'].map((name) => manager.ctl('start', name)));
      await until('the client is on its way', 20_000, () => (existsSync(here) ? true : null));
      await stage.docker.run('start', 'client-late');
      writeFileSync(goOn, '');
      await started;
      for (const name of ['client-late', 'client-first']) {
        await untilState(manager, name, 'RUNNING');
        await until(`output of ${name}`, 30_000, () => (output(name).last > 100 ? true : null));
      }
      await manager.ctl('stop', 'all');
      for (const name of ['client-late', 'client-first']) {
        expect(output(name).faults, manager.log()).toEqual([]);
        expectLaunches(manager, name, 1);
      }
      expect(count(manager, /proxy of client-late .* attached again/), manager.log()).toBe(1);
      expect(count(manager, /proxy of client-first/), manager.log()).toBe(0);
    });
  });
});
