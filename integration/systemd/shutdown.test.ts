/**
 * The machine goes down. With our units every container is stopped within the grace that was written for it, and ends by itself, before the
 * Engine is told to stop; with Debian's own supervisor.service the Engine is told at the same moment, and its shorter limit counts.
 *
 * Each container needs 4 s to end, and `db` 12 s, longer than all that dockvisord waits for: so that each unit is shown to hold up the
 * Engine's end by itself. All were made with a stop-timeout of 2 s, and are given 10 s or more by whoever supervises them.
 */
import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemdSkipped } from '../support/engine-skipped.ts';
import { openStage, wrapUnit } from './stage.ts';
import type { Stage } from './stage.ts';
import { needs, readJournal, toJournal } from './witness.ts';
import type { Journal } from './witness.ts';

const wrapped = ['web', 'db'];
const supervised = ['mail', 'queue'];
const containers = [...wrapped, ...supervised];
const seconds = 4;

const programs = (command: (name: string) => string): string =>
  supervised
    .map((name, at) => `[program:${name}]\ncommand=${command(name)}\nstopwaitsecs=10\npriority=${at}\n`)
    .join('');

const shown = (journal: Journal): string =>
  journal.lines
    .filter((line) =>
      /(web|db|mail|queue)(:|\.service)|(Stopping|Stopped) (docker|dockvisord|supervisor)|^\S+ (systemd-shutdown)/.test(
        line,
      ),
    )
    .join('\n');

describe.skipIf(systemdSkipped)('at poweroff', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    for (const name of containers)
      await stage.create(
        name,
        ['--stop-timeout', '2', ...toJournal],
        needs(name, name === 'db' ? 12 : seconds),
      );
    mkdirSync(join(stage.box.root, 'etc/dockvisor'), { recursive: true });
    writeFileSync(
      join(stage.box.root, 'etc/dockvisor/dockvisord.conf'),
      `[supervisord]\nuser=root\nlogfile=/var/log/dockvisord.log\n${programs((name) => `docker start -a ${name}`)}`,
    );
  });
  afterAll(() => stage?.destroy());

  it('with us: every container ends by itself within its own grace, and only then the Engine is stopped', async () => {
    const daemonUnit = await stage.ok('dockvisor', 'unit', '--daemon');
    await stage.units({
      'web.service': wrapUnit('--stop-timeout 10 web'),
      'db.service': wrapUnit('--stop-timeout 30 db'),
      'dockvisord.service': daemonUnit,
    });
    await stage.ok('systemctl', 'start', 'web', 'db', 'dockvisord');
    await stage.untilShown('dockvisord', 'StatusText', '2 running');
    await stage.box.poweroff();
    const journal = await readJournal(stage.box.root);
    const engine = journal.at(/ systemd: Stopping docker\.service/);
    expect(engine, shown(journal)).toBeGreaterThan(0);
    for (const name of containers) {
      const term = journal.at(new RegExp(` ${name}: got TERM`));
      const done = journal.at(new RegExp(` ${name}: done by itself`));
      expect(term, `${name} got TERM\n${shown(journal)}`).toBeGreaterThan(0);
      expect(done, `${name} was done\n${shown(journal)}`).toBeGreaterThan(term);
      expect(engine, `the Engine after ${name}\n${shown(journal)}`).toBeGreaterThan(done);
    }
    // Of the daemon's two the one with the higher number goes first, and the other waits for it.
    expect(journal.at(/ mail: got TERM/)).toBeGreaterThan(journal.at(/ queue: done by itself/));
    process.stderr.write(`with us:\n${shown(journal)}\n`);
    await stage.box.boot();
    for (const name of containers) {
      expect(await stage.docker('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', name)).toBe(
        'exited 0',
      );
    }
  });

  it("with Debian's supervisor.service: the Engine is stopped beside it, and kills what it supervises", async () => {
    await stage.run('systemctl', 'stop', 'web', 'db', 'dockvisord');
    writeFileSync(
      join(stage.box.root, 'etc/supervisor/supervisord.conf'),
      `[unix_http_server]\nfile=/run/supervisor.sock\n[supervisord]\nuser=root\nlogfile=/var/log/supervisord.log
[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]\nserverurl=unix:///run/supervisor.sock\n${programs((name) => `docker start -a ${name}`)}`,
    );
    await stage.ok('systemctl', 'start', 'supervisor');
    await stage.untilInJournalOf(/queue\S*: up[^]*mail\S*: up|mail\S*: up[^]*queue\S*: up/);
    await stage.box.poweroff();
    const journal = await readJournal(stage.box.root);
    process.stderr.write(`with Debian's supervisor:\n${shown(journal)}\n`);
    for (const name of supervised)
      expect(journal.at(new RegExp(` ${name}: done by itself`)), shown(journal)).toBe(-1);
    const engine = journal.time(/ systemd: Stopping docker\.service/);
    const supervisor = journal.time(/ systemd: Stopping supervisor\.service/);
    expect(Math.abs(engine - supervisor)).toBeLessThan(1000);
  });
});
