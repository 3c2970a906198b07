/** `dockvisor wrap` as the main process of units of a real systemd, with a real Engine beside it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemdSkipped } from '../support/engine-skipped.ts';
import { image, openStage, wrapUnit } from './stage.ts';
import type { Stage } from './stage.ts';

/** Traps of busybox's sh run when the sleep beside it is over, or at once while it waits. */
const waits = 'while :; do sleep 1000 & wait $!; done';

describe.skipIf(systemdSkipped)('dockvisor wrap under systemd', () => {
  let stage: Stage;
  const startedAt = (name: string): Promise<string> =>
    stage.docker('inspect', '-f', '{{.State.StartedAt}}', name);
  const stateOf = (name: string): Promise<string> => stage.docker('inspect', '-f', '{{.State.Status}}', name);

  beforeAll(async () => {
    stage = await openStage();
    await stage.ok('useradd', '--no-create-home', '--groups', 'docker', 'dvoperator');
    await stage.create('plain', [], `echo to-stdout; echo to-stderr >&2; exec sleep 1000`);
    await stage.create(
      'well',
      ['--health-cmd', 'test -e /tmp/well', '--health-interval', '1s'],
      'sleep 2; touch /tmp/well; exec sleep 1000',
    );
    await stage.create('uncheckable', ['--stop-timeout', '1'], 'exec sleep 1000');
    await stage.create('deaf', ['--stop-timeout', '5'], `trap "" TERM; ${waits}`);
    await stage.create('seven', [], 'exit 7');
    await stage.create('kept', [], `trap "echo got-usr1" USR1; echo hears; ${waits}`);
    await stage.create(
      'heard',
      [],
      `trap "echo got-hup" HUP; trap "echo bye; exit 0" TERM; echo hears; ${waits}`,
    );
    await stage.create('operated', [], 'exec sleep 1000');
    await stage.create('forked', [], 'exec sleep 1000');
    await stage.create('paused', [], 'exec sleep 1000');
    await stage.create('wrong', [], 'exec sleep 1000');
    await stage.create('hung', [], 'exec sleep 1000');
    await stage.units({
      'hung.service': wrapUnit('hung', 'WatchdogSec=4', 'Restart=on-failure', 'RestartSec=100ms'),
      'plain.service': wrapUnit('plain'),
      'well.service': wrapUnit('--ready=healthy well'),
      'uncheckable.service': wrapUnit('--ready=healthy uncheckable'),
      'deaf.service': wrapUnit('deaf', 'TimeoutStopSec=2'),
      'seven.service': wrapUnit('seven'),
      'kept.service': wrapUnit('--keep kept'),
      'heard.service': wrapUnit('heard'),
      'operated.service': wrapUnit('operated', 'User=dvoperator'),
      'forked.service': wrapUnit('forked', 'Environment=NODE_OPTIONS=--no-addons'),
      'paused.service': wrapUnit('paused', 'WatchdogSec=3'),
      'made.service': wrapUnit(
        `-- docker run --rm --stop-timeout 1 --name made ${image} sh -c "echo made-out; exec sleep 1000"`,
        'Restart=on-failure',
        'RestartSec=100ms',
      ),
      'nowhere.service': wrapUnit('nowhere'),
      'no-such-command.service': wrapUnit(`-- docker run --rm --name nsc ${image} no-such-command`),
    });
  });
  afterAll(() => stage?.destroy());

  describe.concurrent('side by side', () => {
    it('is started when the container runs, and shows its state', async () => {
      await stage.ok('systemctl', 'start', 'plain');
      expect(await stateOf('plain')).toBe('running');
      await stage.untilShown('plain', 'StatusText', 'container plain running');
      const main = await stage.show('plain', 'MainPID');
      expect(await stage.ok('cat', `/proc/${main}/cmdline`)).toContain('dockvisor.js\0wrap\0plain');
    });

    it('brings both streams into the journal', async () => {
      await stage.ok('systemctl', 'start', 'plain');
      await stage.untilInJournal('plain', 'to-stdout');
      await stage.untilInJournal('plain', 'to-stderr');
    });

    it('--ready=healthy: is started when the health check says healthy, and not before', async () => {
      const starting = stage.ok('systemctl', 'start', 'well');
      await stage.untilShown('well', 'StatusText', 'container well running (starting)');
      expect(await stage.show('well', 'ActiveState')).toBe('activating');
      await starting;
      expect(await stage.docker('inspect', '-f', '{{.State.Health.Status}}', 'well')).toBe('healthy');
      await stage.untilShown('well', 'StatusText', 'container well running (healthy)');
    });

    it('--ready=healthy: fails with a clear message where there is no health check', async () => {
      expect((await stage.run('systemctl', 'start', 'uncheckable')).code).not.toBe(0);
      expect(await stage.show('uncheckable', 'ExecMainStatus')).toBe('125');
      await stage.untilInJournal('uncheckable', 'it has no health check');
      expect(await stateOf('uncheckable')).toBe('exited');
    });

    it('stop: a deaf container is stopped for real, in its own grace although TimeoutStopSec is shorter', async () => {
      await stage.ok('systemctl', 'start', 'deaf');
      const asked = performance.now();
      await stage.ok('systemctl', 'stop', 'deaf');
      expect(performance.now() - asked).toBeGreaterThan(4900);
      expect(await stage.docker('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'deaf')).toBe(
        'exited 137',
      );
      expect(await stage.show('deaf', 'Result')).toBe('exit-code');
      expect(await stage.show('deaf', 'ExecMainStatus')).toBe('137');
    });

    it("ends with the container's exit code", async () => {
      await stage.run('systemctl', 'start', 'seven');
      await stage.untilShown('seven', 'ActiveState', 'failed');
      expect(await stage.show('seven', 'ExecMainStatus')).toBe('7');
    });

    it('125 for a container that there is not, 127 for a command that there is not', async () => {
      await stage.run('systemctl', 'start', 'nowhere', 'no-such-command');
      await stage.untilShown('nowhere', 'ExecMainStatus', '125');
      await stage.untilShown('no-such-command', 'ExecMainStatus', '127');
      await stage.untilInJournal('nowhere', /Cannot start container "nowhere": .*does not exist on unix/);
    });

    it('--keep: a restart of the unit leaves the container as it is, and is heard again', async () => {
      await stage.ok('systemctl', 'start', 'kept');
      // It runs before it has said what it does with a signal, which is lost until then.
      await stage.untilInJournal('kept', 'hears');
      const before = await startedAt('kept');
      const main = await stage.show('kept', 'MainPID');
      await stage.ok('systemctl', 'restart', 'kept');
      expect(await stage.show('kept', 'MainPID')).not.toBe(main);
      expect(await startedAt('kept')).toBe(before);
      await stage.docker('kill', '-s', 'USR1', 'kept');
      await stage.untilInJournal('kept', 'got-usr1');
      await stage.ok('systemctl', 'stop', 'kept');
      expect(await stage.show('kept', 'Result')).toBe('success');
      expect(await stateOf('kept')).toBe('running');
    });

    it('passes HUP on to the container, and TERM stops it', async () => {
      await stage.ok('systemctl', 'start', 'heard');
      await stage.untilInJournal('heard', 'hears');
      await stage.ok('systemctl', 'kill', '--kill-who=main', '--signal=HUP', 'heard');
      await stage.untilInJournal('heard', 'got-hup');
      await stage.ok('systemctl', 'stop', 'heard');
      await stage.untilInJournal('heard', 'bye');
      expect(await stage.show('heard', 'Result')).toBe('success');
    });

    it('notifies from a unit with User= of group docker', async () => {
      await stage.ok('systemctl', 'start', 'operated');
      const main = await stage.show('operated', 'MainPID');
      expect(await stage.ok('stat', '-c', '%U', `/proc/${main}`)).toBe('dvoperator');
      await stage.untilShown('operated', 'StatusText', 'container operated running');
    });

    it('notifies by systemd-notify where the native package cannot be loaded', async () => {
      await stage.ok('systemctl', 'start', 'forked');
      await stage.untilShown('forked', 'StatusText', 'container forked running');
    });

    it('docker run: the container of a killed wrapper is adopted by the next, and goes with the stop', async () => {
      await stage.ok('systemctl', 'start', 'made');
      await stage.untilInJournal('made', 'made-out');
      const before = await startedAt('made');
      const main = await stage.show('made', 'MainPID');
      await stage.ok('systemctl', 'kill', '--kill-who=main', '--signal=KILL', 'made');
      await stage.untilShown('made', 'NRestarts', '1');
      await stage.untilShown('made', 'ActiveState', 'active');
      expect(await stage.show('made', 'MainPID')).not.toBe(main);
      expect(await startedAt('made')).toBe(before);
      await stage.ok('systemctl', 'stop', 'made');
      expect((await stage.run('docker', 'inspect', 'made')).code).not.toBe(0);
    });

    it('watchdog: a paused container is not called alive', async () => {
      await stage.ok('systemctl', 'start', 'paused');
      await stage.docker('pause', 'paused');
      await stage.untilShown('paused', 'StatusText', 'container paused paused');
      await stage.untilShown('paused', 'Result', 'watchdog');
      expect(await stateOf('paused')).toBe('paused');
    });
  });

  it('watchdog: while the Engine hangs nobody is called alive; the container lives on and is adopted again', async () => {
    await stage.ok('systemctl', 'start', 'hung');
    const before = await startedAt('hung');
    await stage.ok('systemctl', 'kill', '--kill-who=main', '--signal=STOP', 'docker');
    try {
      await stage.untilShown('hung', 'StatusText', /the Engine cannot be asked/);
      await stage.untilInJournal('hung', 'Watchdog timeout');
    } finally {
      await stage.ok('systemctl', 'kill', '--kill-who=main', '--signal=CONT', 'docker');
    }
    await stage.untilShown('hung', 'StatusText', 'container hung running');
    expect(Number(await stage.show('hung', 'NRestarts'))).toBeGreaterThan(0);
    expect(await startedAt('hung')).toBe(before);
  });
});
