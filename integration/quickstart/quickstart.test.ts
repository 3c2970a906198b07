import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTicksOf } from '../../src/docker/kernel.ts';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { runCommand } from '../support/run-command.ts';
import type { CommandResult } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import { runInForeground } from './foreground.ts';
import type { Foreground } from './foreground.ts';
import { copyProject } from './project-copy.ts';
import type { ProjectCopy } from './project-copy.ts';

const lastLine = 'Ctrl-C here stops everything';
const readyMs = 60_000;
const endMs = 60_000;

describe.skipIf(engineSkipped)('npm start', { timeout: 180_000 }, () => {
  let copy: ProjectCopy;
  const started: Foreground[] = [];

  function start(
    env: Readonly<Record<string, string>> = {},
    words: readonly string[] = ['bash'],
  ): Foreground {
    const [file, ...args] = [...words, 'tools/start.sh'];
    const made = runInForeground(file, args, { cwd: copy.path, env: { DOCKER_HOST: '', ...env } });
    started.push(made);
    return made;
  }

  beforeAll(() => {
    copy = copyProject();
  });
  afterEach(() => {
    for (const one of started.splice(0)) one.destroy();
  });
  afterAll(() => {
    copy.remove();
  });

  test('prints commands that do what it says they do, and Ctrl-C leaves nothing behind', async () => {
    const before = readdirSync(copy.path).concat('dist').sort();
    const quickstart = start();
    await quickstart.untilPrinted(lastLine, readyMs);
    const commands = [...quickstart.stdout().matchAll(/^ {6}(\S.*)$/gm)].map(([, command = '']) => command);
    const [enter = ''] = commands;
    const type = (about: RegExp): Promise<CommandResult> => {
      const command = commands.find((one) => about.test(one));
      expect(command, `a command like ${String(about)}`).toBeDefined();
      return runCommand('bash', ['-c', `${enter} && ${command ?? ''}`]);
    };
    expect(enter).toBe(`cd '${copy.path}'`);

    for (const command of commands.filter((one) => one.endsWith('conf status'))) {
      const { stdout } = await runCommand('bash', ['-c', `${enter} && ${command}`]);
      expect(stdout).toMatch(/^site:web +RUNNING +pid \d+, uptime \d:\d\d:\d\d, container quickstart-web$/m);
      expect(stdout).toMatch(/^quickstart-cache +RUNNING .*container quickstart-cache$/m);
      expect(stdout).toMatch(/^clock +RUNNING +pid \d+, uptime \d:\d\d:\d\d$/m);
    }
    expect((await type(/stop deaf$/)).stdout).toBe('deaf: stopped\n');
    expect((await type(/ ps -a$/)).stdout).toMatch(/Exited \(137\).*quickstart-deaf$/m);
    expect(await type(/^kill -9/)).toMatchObject({ code: 0 });
    await quickstart.untilPrinted(/proxy of web \(pid \d+\) ended.*attached again/, 10_000);
    expect((await type(/status site:web$/)).stdout).toMatch(/RUNNING/);
    expect(await type(/ pause /)).toMatchObject({ code: 0 });
    expect((await type(/status queue$/)).stdout).toMatch(/RUNNING .*container quickstart-queue paused/);
    expect(await type(/ unpause /)).toMatchObject({ code: 0 });
    expect(await type(/ exec /)).toMatchObject({ code: 0 });
    await until('the sick one is told', 10_000, async () =>
      (await type(/status 'site:\*'$/)).stdout.includes('container quickstart-health (unhealthy)')
        ? true
        : null,
    );
    expect((await type(/tail site:web$/)).stdout).toMatch(/^tick \d+$/m);
    const checked = await type(/ check /);
    expect(checked.code).toBe(0);
    expect(checked.stdout).toContain('ok, 7 processes, 0 warnings');
    await until('the one that crashes is given up', 20_000, async () => {
      const { stdout } = await type(/^supervisorctl .* status$/);
      return /^crash +FATAL .*container quickstart-crash exited 3$/m.test(stdout) ? true : null;
    });

    const second = start();
    expect(await second.end(endMs)).toBe(1);
    expect(second.printed()).toContain(`runs already (pid ${String(quickstart.pid)})`);

    quickstart.signalGroup('SIGINT');
    expect(await quickstart.end(endMs)).toBe(0);
    expect(quickstart.printed()).toContain('everything that was started is gone');
    expect(quickstart.leftovers()).toEqual([]);
    expect(readdirSync(copy.path).sort()).toEqual(before);
  });

  test('on an Engine that it finds, takes back its own containers and its image, and nothing else', async () => {
    const engine = await startPrivateEngine();
    const docker = createDocker(engine);
    try {
      await docker.run('tag', engine.image, 'bystander:1');
      await docker.run('rmi', engine.image);
      await docker.run('create', '--name', 'bystander', 'bystander:1', 'true');

      const quickstart = start({ DOCKER_HOST: engine.host });
      await quickstart.untilPrinted(lastLine, readyMs);
      expect(quickstart.printed()).toContain(`using the Docker Engine that answers at ${engine.host}`);
      expect((await docker.run('ps', '--format', '{{.Names}}')).split('\n')).toContain('quickstart-web');
      process.kill(quickstart.pid, 'SIGTERM');
      expect(await quickstart.end(endMs)).toBe(0);

      expect(await docker.run('ps', '-a', '--format', '{{.Names}}')).toBe('bystander');
      expect(await docker.run('images', '--format', '{{.Repository}}:{{.Tag}}')).toBe('bystander:1');
      expect(quickstart.leftovers()).toEqual([]);
      expect(existsSync(join(copy.path, '.quickstart'))).toBe(false);

      await docker.run('create', '--name', 'quickstart-deaf', 'bystander:1', 'true');
      const refused = start({ DOCKER_HOST: engine.host });
      expect(await refused.end(endMs)).toBe(1);
      expect(refused.printed()).toContain('there is a container "quickstart-deaf"');
      expect((await docker.run('ps', '-a', '--format', '{{.Names}}')).split('\n').sort()).toEqual([
        'bystander',
        'quickstart-deaf',
      ]);
    } finally {
      docker.close();
      await engine.destroy();
    }
  });

  test('clears away what an earlier one that was killed has left, its daemon too', async () => {
    const killed = start();
    await killed.untilPrinted(lastLine, readyMs);
    process.kill(killed.pid, 'SIGKILL');
    // Its output stays open: the daemon holds the other end.
    await until('it is gone', 10_000, () => (startTicksOf(killed.pid) === null ? true : null));
    expect(killed.leftovers().join('\n')).toContain('dockvisord');

    const next = start();
    await next.untilPrinted(lastLine, readyMs);
    expect(next.printed()).toContain('ending the daemon of an earlier quick start');
    expect(killed.leftovers()).toEqual([]);
    next.signalGroup('SIGINT');
    expect(await next.end(endMs)).toBe(0);
    expect(next.leftovers()).toEqual([]);
  });

  test('ends cleanly when the daemon is shut down from the second terminal', async () => {
    const quickstart = start();
    await quickstart.untilPrinted(lastLine, readyMs);
    const config = join(copy.path, 'examples', 'quickstart', 'supervisord.conf');
    await runCommand('/usr/bin/supervisorctl', ['-c', config, 'shutdown']);
    expect(await quickstart.end(endMs)).toBe(0);
    expect(quickstart.leftovers()).toEqual([]);
  });

  test('says what it needs, and starts nothing, without root or with a DOCKER_HOST that does not answer', async () => {
    const nobody = start({}, ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', 'bash']);
    expect(await nobody.end(endMs)).toBe(1);
    expect(nobody.printed()).toMatch(/^quickstart: error: it needs root/);

    const silent = start({ DOCKER_HOST: `unix://${copy.path}/nobody.sock` });
    expect(await silent.end(endMs)).toBe(1);
    expect(silent.printed()).toContain('nobody.sock, and no Engine answers there');
    expect(existsSync(join(copy.path, '.quickstart'))).toBe(false);
  });
});
