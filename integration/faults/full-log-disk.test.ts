/** The disk of the logs is full: programs go on, what is lost is counted and told, and then logging goes on. */
import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import type { Manager } from '../support/manager.ts';
import { until } from '../support/until.ts';
import { counts } from '../survival/counting.ts';
import { fillDisk, onSmallDisk, smallDiskOf } from './small-disk.ts';
import { container, count, useStage, expectLaunches, infoOf, logOf, untilState } from './stage.ts';

describe.skipIf(engineSkipped)('the disk of the logs', () => {
  const stage = useStage();

  it('that is full', async () => {
    await stage.create('disk-box', counts(5));
    const counting = 'i=0; while :; do i=$((i+1)); echo out $i; echo $i >%DIR%/plain.at; sleep 0.01; done';
    const programs = [
      container('disk-box', 'stdout_logfile=%DIR%/disk/box.log', 'stderr_logfile=NONE'),
      '[program:disk-plain]',
      `command=sh -c '${counting}'`,
      'stdout_logfile=%DIR%/disk/plain.log',
      '[dockvisor]',
      'state_dir=%DIR%/disk',
      '',
    ].join('\n');
    await stage.withManager({ programs, under: onSmallDisk }, async (manager) => {
      for (const name of ['disk-box', 'disk-plain']) await untilState(manager, name, 'RUNNING');
      const before = await stage.startedAt('disk-box');
      const { pid } = await infoOf(manager, 'disk-plain');
      const disk = smallDiskOf(manager);
      fillDisk(join(disk, 'filler'));
      for (const name of ['box', 'plain'])
        await untilLog(
          manager,
          new RegExp(`cannot write to \\S+/disk/${name}\\.log: .*ENOSPC.*is being lost`),
        );
      await untilLog(manager, /cannot write state file \S+\/disk\/.*ENOSPC/);
      // Both go on, unheard.
      const boxAt = async (): Promise<number> =>
        numberOf(await stage.docker.run('logs', '--tail', '3', 'disk-box'));
      // The shell empties the file before it writes the next number.
      const plainAt = (): Promise<number> =>
        until('the program has written a number', 5000, () => {
          const text = readFileSync(join(manager.directory, 'plain.at'), 'utf8');
          return text.endsWith('\n') ? Number(text) : null;
        });
      const [box, plain] = [await boxAt(), await plainAt()];
      await until('the container goes on', 20_000, async () => ((await boxAt()) > box + 50 ? true : null));
      await until('the program goes on', 20_000, async () => ((await plainAt()) > plain + 50 ? true : null));
      for (const name of ['disk-box', 'disk-plain'])
        expect((await infoOf(manager, name)).state).toBe('RUNNING');
      unlinkSync(join(disk, 'filler'));
      for (const name of ['box', 'plain'])
        await untilLog(manager, new RegExp(`writing to \\S+/disk/${name}\\.log works again`));
      await manager.ctl('stop', 'all');
      for (const name of ['box', 'plain']) {
        const text = readFileSync(join(disk, `${name}.log`), 'utf8');
        const last = numberOf(text);
        const whole = Array.from({ length: last }, (_, n) => `out ${String(n + 1)}\n`).join('').length;
        expect({ name, lost: lostBytes(manager, name) }).toEqual({ name, lost: whole - text.length });
      }
      expect(await stage.startedAt('disk-box')).toBe(before);
      expectLaunches(manager, 'disk-box', 1);
      expect(count(manager, new RegExp(`spawned: 'disk-plain' with pid ${String(pid)}`))).toBe(1);
    });
  });

  /** Of the last whole line. */
  const numberOf = (text: string): number =>
    Number(
      text
        .match(/out (\d+)\n?/g)
        ?.at(-1)
        ?.match(/\d+/)?.[0],
    );
  const lostBytes = (manager: Manager, name: string): number =>
    [
      ...logOf(manager).matchAll(
        new RegExp(`writing to \\S+/disk/${name}\\.log works again; (\\d+) bytes`, 'g'),
      ),
    ]
      .map(([, bytes]) => Number(bytes))
      .reduce((sum, bytes) => sum + bytes, 0);
  const untilLog = (manager: Manager, pattern: RegExp): Promise<unknown> =>
    until(
      () => `the log says ${String(pattern)}\n${manager.log()}`,
      30_000,
      () => (pattern.test(logOf(manager)) ? true : null),
    );
});
