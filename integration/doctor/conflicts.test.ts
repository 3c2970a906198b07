/** What is wrong without being a lie, under a real supervisord; and the same doctor before our own daemon. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startTicksOf } from '../../src/docker/kernel.ts';
import { ownersDirectory } from '../../src/docker/owners.ts';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { behaving } from '../truth-table/situation.ts';
import { admit, kindsOf, programOf } from './patient.ts';

const program = (name: string, command: string, ...lines: string[]): string =>
  [`[program:${name}]`, `command=${command}`, 'startsecs=1', 'startretries=0', ...lines].join('\n');

describe.skipIf(engineSkipped)('the doctor', () => {
  let engine: PrivateEngine;
  beforeAll(async () => {
    engine = await startPrivateEngine();
  });
  afterAll(async () => {
    await engine.destroy();
  });

  test('names the conflicts of a host under a real supervisord, and exits 0 when nobody lies', async ({
    onTestFinished,
  }) => {
    const { image } = engine;
    const patient = await admit({
      engine,
      dockvisord: inject('dockvisord'),
      kind: 'supervisord',
      programs: [
        program('c-policy', 'docker start -a c-policy'),
        program('c-stdin', 'docker start -a c-stdin'),
        program('c-compose', 'docker start -a c-compose'),
        program('c-first', 'docker start -a c-shared'),
        program('c-second', 'docker start -a c-shared'),
        program('c-missing', 'docker start -a c-missing'),
        program('c-taken', `docker run --name c-taken ${image} true`),
        program('c-claimed', "sh -c 'exec docker start -a c-claimed'"),
        program('c-changed', 'docker start -a c-old'),
      ].join('\n'),
      containers: {
        'c-policy': ['--restart', 'unless-stopped', image, ...behaving],
        'c-stdin': ['-i', image, ...behaving],
        'c-compose': ['--label', 'com.docker.compose.project=shop', image, ...behaving],
        'c-shared': [image, ...behaving],
        'c-taken': [image, ...behaving],
        'c-claimed': [image, ...behaving],
        'c-old': [image, ...behaving],
        'c-new': [image, ...behaving],
        'c-spare': [image, ...behaving],
      },
    });
    onTestFinished(() => patient.destroy());
    const up = ['c-policy', 'c-stdin', 'c-compose', 'c-first', 'c-second', 'c-claimed', 'c-changed'];
    for (const name of up) await patient.untilSays(name, 'RUNNING');
    for (const name of ['c-missing', 'c-taken']) await patient.untilSays(name, 'FATAL');
    // Another dockvisord's claim, by a process that lives: ours.
    const claimed = await patient.docker.inspect('c-claimed');
    mkdirSync(ownersDirectory, { recursive: true, mode: 0o700 });
    const claim = { pid: process.pid, start: startTicksOf(process.pid), identifier: 'other' };
    writeFileSync(`${ownersDirectory}/${claimed?.id ?? ''}`, JSON.stringify(claim), { mode: 0o600 });
    onTestFinished(() => {
      rmSync(`${ownersDirectory}/${claimed?.id ?? ''}`, { force: true });
    });
    // The file goes on; the manager has not read it again.
    appendFileSync(
      patient.config,
      `\n${program('c-changed', 'docker start -a c-new')}\n${program('c-added', 'docker start -a c-spare')}\n`,
    );

    const { code, report } = await patient.diagnose();
    expect(report.programs.flatMap(({ lies }) => lies)).toEqual([]);
    expect(code).toBe(0);
    expect(
      Object.fromEntries(report.programs.map(({ name, conflicts }) => [name, kindsOf(conflicts)])),
    ).toEqual({
      'c-policy': ['restart-policy'],
      'c-stdin': ['waits-for-stdin'],
      'c-compose': ['other-owner'],
      'c-first': [],
      'c-second': ['two-programs'],
      'c-missing': ['missing'],
      'c-taken': ['name-in-the-way'],
      'c-claimed': ['other-daemon'],
      'c-changed': ['changed-in-file'],
      'c-added': ['not-in-manager'],
    });
    const taken = programOf(report, 'c-taken').conflicts[0]?.mend ?? [];
    expect(taken).toHaveLength(2);
    const policy = programOf(report, 'c-policy').conflicts[0]?.mend ?? [];
    const update = programOf(report, 'c-changed').conflicts[0]?.mend ?? [];
    for (const line of [...taken, ...policy, ...update]) {
      const { code: typed, stdout } = await patient.commands.type(line);
      // The job of c-taken is `true`: it is over before startsecs, and supervisorctl says so.
      if (!line.endsWith('start c-taken')) expect({ line, typed, stdout }).toMatchObject({ typed: 0 });
    }
    await patient.untilSays('c-changed', 'RUNNING');
    await patient.untilRuns('c-new');
    const after = await patient.diagnose();
    expect(programOf(after.report, 'c-policy').conflicts).toEqual([]);
    expect(programOf(after.report, 'c-changed').conflicts).toEqual([]);
    await patient.docker.removeAll(['c-taken-old']);
  });

  test('finds dockvisord truthful where a real supervisord would lie, and types its commands as dockvisorctl', async ({
    onTestFinished,
  }) => {
    const { image } = engine;
    const patient = await admit({
      engine,
      dockvisord: inject('dockvisord'),
      kind: 'cli',
      programs: [
        program('o-killed', 'docker start -a o-killed', 'autorestart=false'),
        program('o-paused', 'docker start -a o-paused'),
        program('o-renamed', 'docker start -a o-renamed'),
        '[program:o-plain]\ncommand=sleep 3600',
      ].join('\n'),
      containers: {
        'o-killed': [image, ...behaving],
        'o-paused': [image, ...behaving],
        'o-renamed': [image, ...behaving],
        'o-spare': [image, ...behaving],
      },
    });
    onTestFinished(() => patient.destroy());
    for (const name of ['o-killed', 'o-paused', 'o-renamed', 'o-plain'])
      await patient.untilSays(name, 'RUNNING');
    const before = await patient.diagnose();
    expect(before.code).toBe(0);
    expect(before.report.summary.conflicts).toBe(0);
    expect(before.report.manager?.kind).toBe('dockvisord');

    const killed = (await patient.manager.processes()).find(({ name }) => name === 'o-killed');
    process.kill(killed?.proxyPid ?? Number.NaN, 'SIGKILL');
    await patient.docker.run('pause', 'o-paused');
    await until('dockvisord says that it is paused', 20_000, async () =>
      (await patient.manager.processes()).some(({ description }) => description.includes('paused'))
        ? true
        : null,
    );
    appendFileSync(patient.config, '\n[program:o-added]\ncommand=docker start -a o-spare\nautostart=false\n');
    const { code, report } = await patient.diagnose();
    expect(report.programs.flatMap(({ lies }) => lies)).toEqual([]);
    expect(code).toBe(0);
    expect(kindsOf(programOf(report, 'o-paused').conflicts)).toEqual(['paused']);
    expect(programOf(report, 'o-killed').conflicts).toEqual([]);
    const [added] = programOf(report, 'o-added').conflicts;
    expect(added).toMatchObject({
      kind: 'not-in-manager',
      mend: [`dockvisorctl -c ${patient.config} update o-added`],
    });
    const typed = await patient.commands.type(added?.mend[0] ?? '');
    expect(typed).toMatchObject({ code: 0, stdout: 'o-added: added process group\n' });
    await patient.docker.run('unpause', 'o-paused');
  });

  test('a file that cannot be read is told with the command that tells more: exit 2', async ({
    onTestFinished,
  }) => {
    const patient = await admit({
      engine,
      dockvisord: inject('dockvisord'),
      kind: 'supervisord',
      programs: '[program:b-plain]\ncommand=sleep 3600',
      containers: {},
    });
    onTestFinished(() => patient.destroy());
    await patient.untilSays('b-plain', 'RUNNING');
    appendFileSync(patient.config, '\nstartsecs=soon\n');
    const { code, report } = await patient.diagnose();
    expect(code).toBe(2);
    expect(kindsOf(report.troubles)).toEqual(['configuration']);
    expect(report.troubles[0]?.mend).toEqual([`dockvisor check -c ${patient.config}`]);
    expect(programOf(report, 'b-plain').says?.state).toBe('RUNNING');
    expect((await patient.commands.dockvisor('doctor', '-c', '/nowhere/s.conf')).code).toBe(2);
    expect((await patient.commands.dockvisor('doctor', '--nonsense')).code).toBe(2);
  });
});
