/** Ten containers from a real supervisord to dockvisord, back again, and not at all: none of them is ever started again. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { holderOf, ownersDirectory } from '../../src/docker/owners.ts';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import type { HandOver } from '../../src/migrate/hand-over.ts';
import type { Plan } from '../../src/migrate/plan.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { callRpc } from '../support/rpc.ts';
import { foundHost, statesOf } from './ten-containers.ts';
import type { Host } from './ten-containers.ts';

describe.skipIf(engineSkipped)('dockvisor migrate on a host with ten containers', () => {
  let engine: PrivateEngine;
  let host: Host;
  let before: Readonly<Record<string, string>>;
  beforeAll(async () => {
    engine = await startPrivateEngine();
    host = await foundHost(engine, inject('dockvisord'));
    before = await host.lives();
  });
  afterAll(async () => {
    await host.destroy();
    await engine.destroy();
  });

  const migrate = (...options: string[]) =>
    host.commands.dockvisor('migrate', '-c', host.config, '--state', host.state, ...options);
  const commandOf = async (): Promise<string> => {
    const pid = await callRpc(`${host.manager.directory}/sock`, 'supervisor.getPID');
    return readFileSync(`/proc/${String(Number(pid))}/cmdline`, 'utf8').replaceAll('\0', ' ');
  };

  test('the plan says what becomes of each program, and changes nothing', async () => {
    const saysBefore = await host.says();
    const { code, stdout } = await migrate('--json');
    const plan = JSON.parse(stdout) as Plan;
    expect(plan.blockers).toEqual([]);
    expect(code).toBe(0);
    expect(Object.fromEntries(plan.programs.map(({ name, fate }) => [name, fate]))).toEqual({
      'm-a': 'adopted',
      'm-b': 'adopted',
      'm-c': 'adopted',
      'm-exec': 'adopted',
      'm-run': 'adopted',
      'm-tty': 'adopted',
      'm-stopped': 'left-stopped',
      'team:w0': 'adopted',
      'team:w1': 'adopted',
      'm-manual': 'adopted',
      'm-plain': 'restarted',
    });
    const printed = await migrate();
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(printed.stdout).toContain('nothing was changed');
    expect(await host.lives()).toEqual(before);
    const pidsOf = (says: typeof saysBefore) => Object.values(says).map(({ name, pid }) => [name, pid]);
    expect(pidsOf(await host.says())).toEqual(pidsOf(saysBefore));
  });

  test('nobody is asked and nobody said --yes: exit 2, and nothing is changed', async () => {
    expect(await migrate('--write')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes') as string,
    });
    expect(await commandOf()).toContain('/usr/bin/supervisord');
    expect((await migrate('--undo')).stdout).toContain('nothing to undo');
  });

  test('--write hands over without restarting a container, and what was down stays down', async () => {
    const { code, stdout, stderr } = await migrate('--write', '--yes');
    expect({ code, stderr, stdout }).toMatchObject({ code: 0 });
    expect(await host.lives()).toEqual(before);
    expect(await commandOf()).toContain('dockvisord');
    // The real supervisorctl, the same file, the same socket.
    const status = await host.manager.ctl('status');
    const states = statesOf(status.stdout);
    expect(states).toEqual({
      'm-a': 'RUNNING',
      'm-b': 'RUNNING',
      'm-c': 'RUNNING',
      'm-exec': 'RUNNING',
      'm-run': 'RUNNING',
      'm-tty': 'RUNNING',
      'm-stopped': 'STOPPED',
      'team:w0': 'RUNNING',
      'team:w1': 'RUNNING',
      'm-manual': 'RUNNING',
      'm-plain': 'RUNNING',
    });
    const doctor = await host.commands.dockvisor('doctor', '-c', host.config, '--json');
    expect(doctor.code).toBe(0);
    expect((JSON.parse(doctor.stdout) as DoctorReport).manager?.kind).toBe('dockvisord');
    expect(statSync(host.state).mode & 0o777).toBe(0o700);
    expect(statSync(`${host.state}/hand-over.json`).mode & 0o777).toBe(0o600);
    const record = JSON.parse(readFileSync(`${host.state}/hand-over.json`, 'utf8')) as HandOver;
    expect(record.phase).toBe('done');
    // Each container is claimed by the new daemon, which took it for the program's own.
    const pid = await callRpc(`${host.manager.directory}/sock`, 'supervisor.getPID');
    expect(record.kept.map(({ id }) => holderOf(ownersDirectory, id)?.pid)).toEqual(
      record.kept.map(() => pid),
    );
    expect((await migrate('--write', '--yes')).stdout).toContain('nothing to do');
  });

  test('--undo gives everything back to the real supervisord, and no container notices', async () => {
    const { code, stdout, stderr } = await migrate('--undo', '--yes');
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: '' });
    expect(await host.lives()).toEqual(before);
    expect(await commandOf()).toContain('/usr/bin/supervisord');
    const says = await host.says();
    for (const name of ['m-a', 'm-b', 'm-c', 'm-exec', 'm-tty', 'w0', 'w1', 'm-manual', 'm-plain'])
      expect(says[name]).toMatchObject({ state: 'RUNNING' });
    expect(says['m-stopped']).toMatchObject({ state: 'STOPPED' });
    // What `docker run` made cannot be given back to a supervisord, and that is said.
    expect(says['m-run']).toMatchObject({ state: 'STOPPED' });
    expect(stdout).toMatch(/m-run: container m-run runs on, but/);
    expect((await migrate('--undo', '--yes')).stdout).toContain('nothing to undo');
  });

  test('a dockvisord that cannot start in the middle: the old one is put back, and no container notices', async () => {
    // The rehearsal goes well; in earnest the address is taken.
    const faulty = `${host.manager.directory}/dockvisord.mjs`;
    writeFileSync(
      faulty,
      `if (process.argv.includes(${JSON.stringify(host.config)})) {
        process.stderr.write('Error: Another program is already listening on a port\\n');
        process.exit(2);
      }
      await import(${JSON.stringify(inject('dockvisord'))});\n`,
    );
    const { code, stderr, stdout } = await migrate('--write', '--yes', '--dockvisord', faulty);
    expect({ code, stdout }).toMatchObject({ code: 1 });
    expect(stderr).toContain('Another program is already listening');
    expect(stdout).toContain('undone: the old supervisord has everything again');
    expect(await host.lives()).toEqual(before);
    expect(await commandOf()).toContain('/usr/bin/supervisord');
    const says = await host.says();
    for (const name of ['m-a', 'm-b', 'm-c', 'm-exec', 'm-tty', 'w0', 'w1', 'm-manual', 'm-plain'])
      expect(says[name]).toMatchObject({ state: 'RUNNING' });
    expect(says['m-stopped']).toMatchObject({ state: 'STOPPED' });
  });
});
