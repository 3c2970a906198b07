/** `update` and `reload` on real containers: only what has changed is stopped and started, and `--plan` had said so. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager } from '../support/manager.ts';
import type { Manager } from '../support/manager.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';

const names = ['u-same', 'u-policy', 'u-command', 'u-gone', 'u-new'] as const;
const behaving = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'];
const program = (name: string, ...lines: string[]): string =>
  [`[program:${name}]`, `command=docker start -a ${name}`, ...lines, ''].join('\n');
const group = (...programs: string[]): string => `[group:g]\nprograms=${programs.join(',')}\n`;

const before = [
  program('u-same'),
  program('u-policy', 'stopwaitsecs=10'),
  program('u-command'),
  program('u-gone'),
  group('u-same', 'u-policy', 'u-command', 'u-gone'),
].join('\n');
const after = [
  program('u-same'),
  program('u-policy', 'stopwaitsecs=20', 'autorestart=true', 'docker_on_ghost=adopt'),
  program('u-command').replace('start -a', 'start --attach'),
  program('u-new'),
  group('u-same', 'u-policy', 'u-command', 'u-new'),
].join('\n');

describe.skipIf(engineSkipped)('from one configuration to another', () => {
  let engine: PrivateEngine;
  let docker: Docker;
  beforeAll(async () => {
    engine = await startPrivateEngine();
    docker = createDocker(engine);
    for (const name of names) await docker.run('create', '--name', name, engine.image, ...behaving);
  });
  afterAll(async () => {
    docker?.close();
    await engine?.destroy();
  });

  async function withManager(act: (manager: Manager) => Promise<void>): Promise<void> {
    const manager = createManager({
      kind: 'cli',
      dockvisord: inject('dockvisord'),
      dockerHost: engine.host,
      programs: before,
    });
    try {
      await manager.start();
      await untilRunning(manager, 'u-same', 'u-policy', 'u-command', 'u-gone');
      await act(manager);
    } finally {
      await manager.end('SIGTERM');
      await manager.destroy();
    }
  }
  const untilRunning = (manager: Manager, ...wanted: string[]): Promise<true> =>
    until(
      () => `${wanted.join(', ')} run\n${manager.log()}`,
      60_000,
      async () => {
        const processes = await manager.processes();
        return wanted.every((name) => processes.some((one) => one.name === name && one.state === 'RUNNING'))
          ? true
          : null;
      },
    );
  const rewrite = (manager: Manager): void => {
    const file = join(manager.directory, 'supervisord.conf');
    writeFileSync(file, readFileSync(file, 'utf8').replace(before, after));
  };
  const lives = async (): Promise<ReadonlyMap<string, string>> =>
    new Map(
      await Promise.all(
        names.map(async (name): Promise<[string, string]> => {
          const facts = await docker.inspect(name);
          return [name, `${facts?.status ?? ''} since ${facts?.startedAt ?? ''}`];
        }),
      ),
    );
  /** By the life of each container. */
  async function expectOnlyWhatChanged(was: ReadonlyMap<string, string>): Promise<void> {
    const is = await lives();
    for (const name of ['u-same', 'u-policy']) expect(is.get(name), name).toBe(was.get(name));
    expect(is.get('u-command')).not.toBe(was.get('u-command'));
    expect(is.get('u-command')).toMatch(/^running /);
    expect(is.get('u-new')).toMatch(/^running /);
    expect(is.get('u-gone')).toMatch(/^exited /);
  }
  const ours = async (manager: Manager, ...words: string[]): Promise<string> => {
    const ctl = join(dirname(inject('dockvisord')), 'dockvisorctl.js');
    const config = join(manager.directory, 'supervisord.conf');
    const { code, stdout, stderr } = await runCommand(process.execPath, [ctl, '-c', config, ...words]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  test('update --plan says what update does', () =>
    withManager(async (manager) => {
      const was = await lives();
      expect(await ours(manager, 'update', '--plan')).toBe('No config updates to processes\n');
      rewrite(manager);
      expect(await ours(manager, 'update', '--plan')).toBe(`g: would be changed
  programs: was u-same, u-policy, u-command, u-gone, is u-same, u-policy, u-command, u-new
  u-same: left as it is
  u-policy: changed without a restart
    autorestart: was "unexpected", is "always"
    stopwaitsecs: was 10, is 20
    docker_on_ghost: was "stop", is "adopt"
  u-command: restarted
    command: was "docker start -a u-command", is "docker start --attach u-command"
  u-new: added
  u-gone: stopped and removed
`);
      expect(await lives()).toEqual(was);
      expect(await ours(manager, 'update')).toBe('g: updated process group\n');
      await untilRunning(manager, 'u-same', 'u-policy', 'u-command', 'u-new');
      await expectOnlyWhatChanged(was);
      expect(await ours(manager, 'update', '--plan')).toBe('No config updates to processes\n');
      expect((await manager.processes()).map(({ name }) => name).sort()).toEqual(
        names.filter((name) => name !== 'u-gone').sort(),
      );
    }));

  test('reload restarts no container that has not changed', () =>
    withManager(async (manager) => {
      const was = await lives();
      rewrite(manager);
      expect((await manager.ctl('reload')).stdout).toBe('Restarted supervisord\n');
      await untilRunning(manager, 'u-same', 'u-policy', 'u-command', 'u-new');
      await expectOnlyWhatChanged(was);
    }));
});
