import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTicksOf } from '../../src/docker/kernel.ts';
import { endChild } from '../../tools/quickstart-command.ts';
import { callRpc } from '../support/rpc.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import { installPackage } from './installed.ts';
import type { Installed } from './installed.ts';

const rounds = 10;

describe('the package, installed globally outside the source tree', { timeout: 180_000 }, () => {
  let installed: Installed;

  beforeAll(async () => {
    installed = await installPackage();
  }, 180_000);
  afterAll(() => {
    installed.remove();
  });

  const pathOf = (name: string): string => join(installed.directory, name);

  function writeConfig(name: string, more = ''): string {
    const file = pathOf(`${name}.conf`);
    writeFileSync(
      file,
      `[unix_http_server]
file=%(here)s/${name}.sock
[supervisord]
logfile=%(here)s/${name}.log
pidfile=%(here)s/${name}.pid
childlogdir=%(here)s
user=root
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://%(here)s/${name}.sock
[program:sleeper]
command=sleep 3600
${more}`,
    );
    return file;
  }

  async function untilAnswers(name: string): Promise<void> {
    await until(`${name} answers`, 20_000, () =>
      callRpc(pathOf(`${name}.sock`), 'supervisor.getState').then(
        () => true,
        () => null,
      ),
    );
  }

  /** The daemon that wrote that pid file ends, and takes its file, its socket and its temporary files with it. */
  async function endBackground(name: string): Promise<void> {
    const pid = Number(readFileSync(pathOf(`${name}.pid`), 'utf8'));
    process.kill(pid, 'SIGTERM');
    await until(`pid ${String(pid)} ends`, 20_000, () => (startTicksOf(pid) === null ? true : null));
    expect([existsSync(pathOf(`${name}.pid`)), existsSync(pathOf(`${name}.sock`))]).toEqual([false, false]);
    expect(readdirSync(installed.temporary)).toEqual([]);
  }

  test('holds the programs, the manual pages, the examples and the words, and no sources', () => {
    expect(installed.files).toEqual(
      expect.arrayContaining([
        'package.json',
        'dist/dockvisor.js',
        'dist/dockvisord.js',
        'dist/dockvisorctl.js',
        'docs/man/dockvisord.8',
        'docs/man/dockvisorctl.1',
        'docs/man/dockvisord.conf.5',
        'examples/quickstart/supervisord.conf',
      ]),
    );
    const strange = installed.files.filter(
      (file) => !/^(dist|examples|docs\/man)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file),
    );
    expect(strange).toEqual([]);
  });

  test('starts in the foreground, and its client and its check work there', async () => {
    const config = writeConfig('front');
    const daemon = spawn('dockvisord', ['-n', '-c', config], {
      cwd: installed.directory,
      env: installed.env,
      stdio: 'ignore',
    });
    try {
      await untilAnswers('front');
      await until('the program is up', 10_000, async () => {
        const { code, stdout } = await installed.run('dockvisorctl', '-c', config, 'status');
        return code === 0 && /^sleeper +RUNNING +pid \d+/.test(stdout) ? true : null;
      });
      expect((await installed.run('dockvisor', '-c', config, 'status')).stdout).toMatch(/^sleeper +RUNNING/);
      const { version } = JSON.parse(
        readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
      ) as { version: string };
      expect(await installed.run('dockvisor', '--version')).toMatchObject({
        code: 0,
        stdout: `${version}\n`,
      });
      const checked = await installed.run('dockvisor', 'check', '-c', config);
      expect(checked).toMatchObject({ code: 0, stderr: '' });
      expect(checked.stdout).toContain('ok, 1 process, 0 warnings');
    } finally {
      await endChild(daemon, 20_000);
    }
  });

  test('without -n goes to the background once it is ready, and answers the moment its starter has gone', async () => {
    const config = writeConfig('back');
    expect(await installed.run('dockvisord', '-c', config)).toEqual({ code: 0, stdout: '', stderr: '' });
    const pid = readFileSync(pathOf('back.pid'), 'utf8');
    expect(pid).toMatch(/^\d+\n$/);
    const { stdout } = await installed.run('dockvisorctl', '-c', config, 'pid');
    expect(stdout).toBe(pid);

    const second = await installed.run('dockvisord', '-c', config);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(
      'Another program is already listening on a port that one of our HTTP servers',
    );
    expect(readFileSync(pathOf('back.pid'), 'utf8'), 'the first keeps its pid file').toBe(pid);
    await endBackground('back');
  });

  test('says why, with exit 2, when it cannot go to the background', async () => {
    const bad = pathOf('bad.conf');
    writeFileSync(bad, '[supervisord]\nloglevel=loud\n[program:x]\ncommand=sleep 1\nautorestart=perhaps\n');
    const refused = await installed.run('dockvisord', '-c', bad);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('bad.conf:2');
    expect(refused.stderr).toContain('bad.conf:5');

    const missing = await installed.run('dockvisord', '-c', pathOf('nowhere.conf'));
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('nowhere.conf');

    const server = createServer().listen(0, '127.0.0.1');
    await until('a port is taken', 5000, () => (server.listening ? true : null));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const busy = writeConfig('busy', `[inet_http_server]\nport=127.0.0.1:${String(port)}\n`);
    const inUse = await installed.run('dockvisord', '-c', busy);
    server.close();
    expect(inUse.code).toBe(2);
    expect(inUse.stderr).toMatch(/^Error: Another program is already listening/);
    expect([existsSync(pathOf('busy.pid')), existsSync(pathOf('busy.sock'))]).toEqual([false, false]);
  });

  test('its client is as quick as the real supervisorctl: median of 10 each, in turns, of the same daemon', async () => {
    const config = writeConfig('timed');
    expect((await installed.run('dockvisord', '-c', config)).code).toBe(0);
    try {
      const programs = { ours: join(installed.bin, 'dockvisorctl'), theirs: '/usr/bin/supervisorctl' };
      const times: Record<keyof typeof programs, number[]> = { ours: [], theirs: [] };
      for (let round = 0; round < rounds; round++) {
        for (const who of ['ours', 'theirs'] as const) {
          const begun = performance.now();
          const { stdout } = await runCommand(programs[who], ['-c', config, 'status'], installed.env);
          times[who].push(performance.now() - begun);
          expect(stdout).toMatch(/^sleeper +(STARTING|RUNNING)/);
        }
      }
      const [ours, theirs] = [median(times.ours), median(times.theirs)];
      process.stderr.write(
        `status, median of ${String(rounds)}: dockvisorctl ${ours.toFixed(0)} ms, supervisorctl ${theirs.toFixed(0)} ms\n`,
      );
      expect(ours).toBeLessThanOrEqual(theirs);
    } finally {
      await endBackground('timed');
    }
  });
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle - 1)] ?? 0)) / 2;
}
