/** Lies made for real under a real supervisord; each is named, and the commands that are printed for it are typed, until nothing is left. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { behaving, deaf } from '../truth-table/situation.ts';
import { admit, kindsOf, programOf } from './patient.ts';
import type { Patient } from './patient.ts';

const program = (name: string, ...lines: string[]): string =>
  [`[program:${name}]`, `command=docker start -a ${name}`, 'startsecs=1', 'stopwaitsecs=2', ...lines].join(
    '\n',
  );

describe.skipIf(engineSkipped)('the doctor on a host with a real supervisord', () => {
  let engine: PrivateEngine;
  let patient: Patient;
  beforeAll(async () => {
    engine = await startPrivateEngine();
    const image = engine.image;
    patient = await admit({
      engine,
      dockvisord: inject('dockvisord'),
      kind: 'supervisord',
      programs: [
        program('d-good'),
        program('d-orphan', 'autorestart=false'),
        program('d-tty'),
        program('d-deaf'),
        program('d-paused'),
        program('d-restarted'),
        '[program:d-plain]\ncommand=sleep 3600',
      ].join('\n'),
      containers: {
        'd-good': [image, ...behaving],
        'd-orphan': [image, ...behaving],
        'd-tty': ['--tty', image, ...behaving],
        'd-deaf': [image, ...deaf],
        'd-paused': [image, ...behaving],
        'd-restarted': [image, ...behaving],
      },
    });
  });
  afterAll(async () => {
    await patient.destroy();
    await engine.destroy();
  });

  const names = ['d-good', 'd-orphan', 'd-tty', 'd-deaf', 'd-paused', 'd-restarted'];

  test('a truthful host: exit 0, and what a client cannot do is a warning', async () => {
    for (const name of [...names, 'd-plain']) await patient.untilSays(name, 'RUNNING');
    for (const name of names) await patient.untilRuns(name);
    const { code, report } = await patient.diagnose();
    expect(report.programs.flatMap(({ lies }) => lies)).toEqual([]);
    expect(code).toBe(0);
    expect(report.manager).toMatchObject({ kind: 'supervisord', local: true });
    expect(kindsOf(programOf(report, 'd-tty').conflicts)).toEqual(['tty-stop']);
    expect(kindsOf(report.conflicts)).toEqual(['client-does-not-wait']);
    expect(programOf(report, 'd-plain')).toMatchObject({ kind: 'plain', container: null });
  });

  test('every lie is named, and the printed commands mend it', async () => {
    // Old enough for a clock that starts anew to be told from the container's.
    await until('the containers are 4 s old', 20_000, async () => {
      const facts = await Promise.all(names.map((name) => patient.docker.inspect(name)));
      return facts.every((one) => one !== null && Date.now() - Date.parse(one.startedAt) > 4000)
        ? true
        : null;
    });
    const orphan = (await patient.manager.processes()).find(({ name }) => name === 'd-orphan');
    process.kill(orphan?.pid ?? Number.NaN, 'SIGKILL');
    await patient.manager.ctl('stop', 'd-tty', 'd-deaf');
    await patient.docker.run('pause', 'd-paused');
    await patient.docker.run('restart', 'd-restarted');
    await patient.untilSays('d-orphan', 'EXITED');
    await patient.untilSays('d-restarted', 'EXITED');

    const first = await patient.diagnose();
    expect(first.code).toBe(1);
    const told = Object.fromEntries(
      first.report.programs.map(({ name, lies }) => [name, lies.map(({ kind, mend }) => ({ kind, mend }))]),
    );
    const supervisorctl = `supervisorctl -c ${patient.config}`;
    const docker = `docker -H ${engine.host}`;
    expect(told).toEqual({
      'd-good': [],
      'd-plain': [],
      'd-orphan': [{ kind: 'runs', mend: [`${supervisorctl} start d-orphan`] }],
      'd-tty': [{ kind: 'runs', mend: [`${docker} stop -t 2 d-tty`] }],
      'd-deaf': [{ kind: 'runs', mend: [`${docker} stop -t 2 d-deaf`] }],
      'd-paused': [{ kind: 'paused', mend: [`${docker} unpause d-paused`] }],
      'd-restarted': [{ kind: 'runs', mend: [`${supervisorctl} start d-restarted`] }],
    });
    expect(kindsOf(first.report.conflicts)).toContain('no-plug-in');

    // What was typed for EXITED attaches again, and a real supervisord then tells the proxy's age: a lie of its own, mended in turn.
    let now = first;
    for (let round = 0; round < 3 && now.code === 1; round++) {
      for (const line of now.report.programs.flatMap(({ lies }) => lies.flatMap(({ mend }) => mend))) {
        const { code, stderr, stdout } = await patient.commands.type(line);
        expect({ line, code, stderr, stdout }).toMatchObject({ code: 0 });
      }
      now = await patient.diagnose();
      const kinds = now.report.programs.flatMap(({ lies }) => kindsOf(lies));
      expect(kinds.filter((kind) => kind !== 'since')).toEqual([]);
    }
    expect(now.report.programs.flatMap(({ lies }) => lies)).toEqual([]);
    expect(now.code).toBe(0);
  });

  test('the report for people names the lie, the truth and the command', async () => {
    await patient.docker.run('pause', 'd-good');
    const { code, stdout } = await patient.commands.dockvisor('doctor', '-c', patient.config);
    await patient.docker.run('unpause', 'd-good');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /LIE +says RUNNING, and container d-good: paused\n +mend it: {2}docker -H unix:\S+ unpause d-good/,
    );
    expect(stdout).toMatch(/7 programs, 6 truthful, 1 lying, \d+ conflicts\n$/);
    expect(stdout).not.toContain('\x1b');
  });

  test('an Engine that is down: exit 2, and what the manager says is shown', async () => {
    await engine.down();
    const { code, report } = await patient.diagnose();
    expect(code).toBe(2);
    expect(kindsOf(report.troubles)).toEqual(['engine']);
    expect(report.troubles[0]?.text).toContain(engine.host);
    expect(programOf(report, 'd-plain').says?.state).toBe('RUNNING');
    expect(programOf(report, 'd-good').container?.state).toBe('unknown');
    await engine.up();
  });

  test('a manager that is down: exit 2, and what the Engine says is shown', async () => {
    await patient.docker.run('start', 'd-good');
    await patient.manager.end('SIGKILL');
    const { code, stdout } = await patient.commands.dockvisor('doctor', '-c', patient.config, '--json');
    expect(code).toBe(2);
    expect(stdout).toContain('nobody listens there');
    // Without the manager nobody says which Engine it spoke to: it is told by the environment, as the docker client is.
    const told = await patient.commands.type(
      `DOCKER_HOST=${engine.host} dockvisor doctor -c ${patient.config}`,
    );
    expect(told.code).toBe(2);
    expect(told.stdout).toMatch(/d-good +no manager to ask; container d-good running/);
  });
});
