/** A supervisord in the background with an event listener and a FastCGI program; a hand-over that dies half-way; and one that goes well. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { descendantsOf, environmentOf, seeProcess, signalProcess } from '../../src/system/process-table.ts';
import type { HandOver } from '../../src/migrate/hand-over.ts';
import type { Plan } from '../../src/migrate/plan.ts';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { ourCommands } from '../support/our-commands.ts';
import type { OurCommands } from '../support/our-commands.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import { behaving } from '../truth-table/situation.ts';
import { statesOf } from './ten-containers.ts';

const mark = 'DOCKVISOR_HALFWAY';
const names = ['h-a', 'h-b'] as const;

describe.skipIf(engineSkipped)('a hand-over from a supervisord in the background', () => {
  const directory = mkdtempSync(join(tmpdir(), 'dockvisor-half-'));
  const config = join(directory, 'supervisord.conf');
  const state = join(directory, 'state');
  let engine: PrivateEngine;
  let docker: Docker;
  let commands: OurCommands;
  let before: readonly unknown[];

  /** All that was started here, by the mark that it inherits. */
  const ours = (): readonly number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && environmentOf(Number(name))?.[mark] === directory)
      .map(Number);
  const lives = (): Promise<readonly unknown[]> =>
    Promise.all(
      names.map(async (name) => {
        const facts = await docker.inspect(name);
        return [name, facts?.status, facts?.startedAt, facts?.pid];
      }),
    );
  const migrate = (...options: string[]) =>
    commands.dockvisor('migrate', '-c', config, '--state', state, ...options);

  beforeAll(async () => {
    engine = await startPrivateEngine();
    docker = createDocker(engine, 20_000);
    commands = ourCommands(inject('dockvisord'));
    for (const name of names) await docker.run('create', '--name', name, engine.image, ...behaving);
    // One comes back by itself when its client is killed, the other has to be started.
    const programs = names
      .map(
        (name) =>
          `[program:${name}]\ncommand=docker start -a ${name}\nautorestart=${String(name === 'h-a')}\n`,
      )
      .join('');
    writeFileSync(
      config,
      `[unix_http_server]
file=%(here)s/sock
username=me
password=secret
[supervisord]
logfile=%(here)s/supervisord.log
pidfile=%(here)s/supervisord.pid
childlogdir=%(here)s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://%(here)s/sock
username=me
password=secret
${programs}
[program:h-plain]
command=sleep 3600
[eventlistener:h-ear]
command=cat
events=TICK_3600
[fcgi-program:h-fcgi]
command=sleep 3600
socket=unix://%(here)s/fcgi.sock
`,
    );
    const { code, stderr } = await runCommand('/usr/bin/supervisord', ['-c', config], {
      DOCKER_HOST: engine.host,
      [mark]: directory,
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await until('all that was started is gone', 20_000, () => {
      for (const pid of ours()) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended by itself.
        }
      }
      return ours().length === 0 ? true : null;
    });
    await docker.removeAll(names);
    docker.close();
    commands.remove();
    rmSync(directory, { recursive: true, force: true });
    await engine.destroy();
  });

  const statesByCtl = async (): Promise<Readonly<Record<string, string>>> => {
    const { stdout } = await runCommand('/usr/bin/supervisorctl', ['-c', config, 'status']);
    return statesOf(stdout);
  };

  test('an event listener and a FastCGI program come along', async () => {
    const up = {
      'h-a': 'RUNNING',
      'h-b': 'RUNNING',
      'h-ear': 'RUNNING',
      'h-fcgi': 'RUNNING',
      'h-plain': 'RUNNING',
    };
    await until('all are up', 60_000, async () =>
      JSON.stringify(Object.values(await statesByCtl())) === JSON.stringify(Object.values(up)) ? true : null,
    );
    before = await lives();
    const { code, stdout } = await migrate('--json');
    expect(code).toBe(0);
    const plan = JSON.parse(stdout) as Plan;
    expect(plan.blockers).toEqual([]);
    expect(plan.programs.map(({ name, fate }) => `${name} ${fate}`).sort()).toEqual([
      'h-a adopted',
      'h-b adopted',
      'h-ear restarted',
      'h-fcgi restarted',
      'h-plain restarted',
    ]);
    expect(await statesByCtl()).toEqual(up);
  });

  test('one that is KILLed half-way, over a dockvisord that never answers, is undone', async () => {
    const mute = join(directory, 'dockvisord.mjs');
    writeFileSync(
      mute,
      `if (process.argv.includes(${JSON.stringify(config)})) setInterval(() => undefined, 1e6);
      else await import(${JSON.stringify(inject('dockvisord'))});\n`,
    );
    const script = join(dirname(inject('dockvisord')), 'dockvisor.js');
    const words = ['migrate', '-c', config, '--state', state, '--write', '--yes', '--dockvisord', mute];
    const going = spawn(process.execPath, [script, ...words], {
      stdio: 'ignore',
      env: { ...process.env, DOCKER_HOST: '', [mark]: directory },
    });
    await until('the new daemon is waited for', 60_000, () => {
      try {
        const record = JSON.parse(readFileSync(join(state, 'hand-over.json'), 'utf8')) as HandOver;
        return record.phase === 'starting' && record.next !== null ? true : null;
      } catch {
        return null;
      }
    });
    going.kill('SIGKILL');
    await until('it is gone', 10_000, () => (going.signalCode !== null ? true : null));
    expect(await lives()).toEqual(before);

    const { code, stdout, stderr } = await migrate('--undo', '--yes');
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stderr: '' });
    expect(await lives()).toEqual(before);
    expect(await statesByCtl()).toEqual({
      'h-a': 'RUNNING',
      'h-b': 'RUNNING',
      'h-plain': 'RUNNING',
      'h-ear': 'RUNNING',
      'h-fcgi': 'RUNNING',
    });
  });

  test('an old one that stands frozen, its clients killed, goes on and has everything again', async () => {
    const file = join(state, 'hand-over.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as HandOver;
    const pid = Number(readFileSync(join(directory, 'supervisord.pid'), 'utf8'));
    const seen = seeProcess(pid);
    const old = { ...record.old, pid, startTicks: seen?.startTicks ?? '' };
    writeFileSync(file, JSON.stringify({ ...record, phase: 'retiring', old, next: null }));
    process.kill(pid, 'SIGSTOP');
    const clients = descendantsOf(pid).filter(({ words }) => words.includes('start'));
    expect(clients).toHaveLength(2);
    for (const one of clients) signalProcess(one, 'SIGKILL');

    const { code, stdout, stderr } = await migrate('--undo', '--yes');
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stderr: '' });
    expect(stdout).toContain('the old supervisord goes on');
    expect(await lives()).toEqual(before);
    expect(await statesByCtl()).toEqual({
      'h-a': 'RUNNING',
      'h-b': 'RUNNING',
      'h-plain': 'RUNNING',
      'h-ear': 'RUNNING',
      'h-fcgi': 'RUNNING',
    });
  });

  test('without a fault dockvisord goes to the background in its place', async () => {
    const { code, stdout, stderr } = await migrate('--write', '--yes');
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/done: dockvisord pid \d+ has everything/);
    expect(await lives()).toEqual(before);
    expect(await statesByCtl()).toEqual({
      'h-a': 'RUNNING',
      'h-b': 'RUNNING',
      'h-ear': 'RUNNING',
      'h-fcgi': 'RUNNING',
      'h-plain': 'RUNNING',
    });
    expect(statSync(join(directory, 'fcgi.sock')).isSocket()).toBe(true);
    const pid = readFileSync(join(directory, 'supervisord.pid'), 'utf8').trim();
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('dockvisord');
  });
});
