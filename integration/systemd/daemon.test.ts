/** dockvisord as the main process of the unit that `dockvisor unit --daemon` prints, on a real systemd. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemdSkipped } from '../support/engine-skipped.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { needs, readJournal, toJournal } from './witness.ts';

/**
 * `late` goes down before `early`; each needs 2 s. `inherits` tells the journal with a process that no TERM ends:
 * systemd kills a control group until it finds nobody new in it, and that process is new.
 */
const config = `
[supervisord]
user=root
logfile=/var/log/dockvisord.log
[program:inherits]
command=sh -c "env; ls -l /proc/self/fd; trap 'trap \\"\\" TERM; logger -t inherits got TERM; exit 0' TERM; while :; do sleep 1000 & wait $!; done"
stdout_logfile=/var/log/inherits.log
priority=1
[program:early]
command=docker start -a early
priority=1
stopwaitsecs=20
[program:late]
command=docker start -a late
priority=2
stopwaitsecs=20
[program:broken]
command=/no/such/program
startretries=0
`;

describe.skipIf(systemdSkipped)('dockvisord under systemd', () => {
  let stage: Stage;
  let unit: string;
  beforeAll(async () => {
    stage = await openStage();
    for (const name of ['early', 'late']) await stage.create(name, [...toJournal], needs(name, 2));
    mkdirSync(join(stage.box.root, 'etc/dockvisor'), { recursive: true });
    writeFileSync(join(stage.box.root, 'etc/dockvisor/dockvisord.conf'), config);
    unit = await stage.ok('dockvisor', 'unit', '--daemon');
  });
  afterAll(() => stage?.destroy());

  /** The unit with other lines in its [Service], started, and all that can be up is. */
  async function start(...lines: string[]): Promise<void> {
    await stage.units({
      'dockvisord.service': unit.replace('[Install]', `${lines.join('\n')}\n\n[Install]`),
    });
    await stage.ok('systemctl', 'restart', 'dockvisord');
    await stage.untilShown('dockvisord', 'StatusText', '3 running, 1 FATAL');
  }
  const startedAt = (name: string): Promise<string> =>
    stage.docker('inspect', '-f', '{{.State.StartedAt}}', name);
  let since = 0;
  beforeEach(() => {
    since = Date.now();
  });
  /** When a line came that the journal got in this test, in ms. */
  const time = async (pattern: RegExp): Promise<number> =>
    (await readJournal(stage.box.root, since)).time(pattern);

  it('is started when all that starts by itself has been started, shows how they are, and keeps systemd to itself', async () => {
    await start();
    expect(await stage.show('dockvisord', 'ActiveState')).toBe('active');
    const inherited = readFileSync(join(stage.box.root, 'var/log/inherits.log'), 'utf8');
    expect(inherited).toContain('SUPERVISOR_PROCESS_NAME=inherits');
    expect(inherited).not.toMatch(/NOTIFY_SOCKET|WATCHDOG_/);
    // The three, and the listing's own.
    expect(inherited.match(/ -> /g)).toHaveLength(4);
  });

  it('reload: is reloading until what has changed has been stopped and started; a container that has not changed runs on', async () => {
    const file = join(stage.box.root, 'etc/dockvisor/dockvisord.conf');
    await start();
    const early = await startedAt('early');
    const late = await startedAt('late');
    const reloading = stage.untilShown('dockvisord', 'ActiveState', 'reloading');
    writeFileSync(file, config.replace('docker start -a late', 'docker start --attach late'));
    try {
      await stage.ok('systemctl', 'kill', '--kill-who=main', '--signal=HUP', 'dockvisord');
      await reloading;
      await stage.untilShown('dockvisord', 'ActiveState', 'active');
      await stage.untilShown('dockvisord', 'StatusText', '3 running, 1 FATAL');
      expect(await time(/ late: done by itself/)).toBeGreaterThan(since);
      expect(await startedAt('early')).toBe(early);
      expect(await startedAt('late')).not.toBe(late);
      expect(await stage.show('dockvisord', 'NRestarts')).toBe('0');
    } finally {
      writeFileSync(file, config);
    }
  });

  it('stop: takes the sum of the graces although TimeoutStopSec is shorter, one priority after the other', async () => {
    await start('TimeoutStopSec=1');
    await stage.ok('systemctl', 'stop', 'dockvisord');
    expect(await stage.show('dockvisord', 'Result')).toBe('success');
    for (const second of [/ early: got TERM/, / inherits: got TERM/])
      expect(await time(second)).toBeGreaterThan(await time(/ late: done by itself/));
    expect(await time(/ early: done by itself/)).toBeGreaterThan(await time(/ early: got TERM/));
  });

  it("stop with systemd's own KillMode=control-group: every program gets TERM at once, and there is no order any more", async () => {
    await start('KillMode=control-group');
    await stage.ok('systemctl', 'stop', 'dockvisord');
    expect(await time(/ inherits: got TERM/)).toBeLessThan(await time(/ late: done by itself/));
  });

  it('watchdog: a daemon that stands still is restarted, and the containers live on', async () => {
    await start('WatchdogSec=2', 'TimeoutAbortSec=1');
    const before = await stage.docker('inspect', '-f', '{{.State.StartedAt}}', 'early', 'late');
    await stage.ok('systemctl', 'kill', '--kill-who=main', '--signal=STOP', 'dockvisord');
    await stage.untilInJournal('dockvisord', 'Watchdog timeout');
    await stage.untilShown('dockvisord', 'NRestarts', '1');
    await stage.untilShown('dockvisord', 'StatusText', '3 running, 1 FATAL');
    expect(await stage.docker('inspect', '-f', '{{.State.StartedAt}}', 'early', 'late')).toBe(before);
  });
});
