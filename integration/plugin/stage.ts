/** A real supervisord with the plug-in on a private Engine, and what a test asks of both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { liesOf } from '../../src/core/truth.ts';
import { connectSupervisor } from '../../src/rpc/remote-supervisor.ts';
import type { RemoteSupervisor } from '../../src/rpc/remote-supervisor.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import type { Docker, Inspected } from '../support/docker.ts';
import { createManager, pluginName } from '../support/manager.ts';
import type { Manager, ManagerOptions } from '../support/manager.ts';
import { until } from '../support/until.ts';

export const behaving = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'];
export const deaf = ['sh', '-c', 'trap "" TERM; while :; do sleep 3600 & wait $!; done'];

export interface Stage {
  readonly manager: Manager;
  readonly docker: Docker;
  readonly rpc: RemoteSupervisor;
  create(name: string, command: readonly string[], ...options: string[]): Promise<void>;
  /** Starts the supervisord. Resolves when the plug-in serves, these programs are RUNNING, and so are their containers (of the same name). */
  begin(...programs: readonly string[]): Promise<void>;
  stateOf(program: string): Promise<string>;
  untilState(program: string, state: string): Promise<void>;
  untilContainer(
    name: string,
    what: string,
    test: (facts: Inspected | null) => boolean,
  ): Promise<Inspected | null>;
  /** Of the plug-in's process; 0: it does not run. */
  pluginPid(): Promise<number>;
  pluginLog(): string;
  destroy(): Promise<void>;
}

const patienceMs = 40_000;

export function setStage(engine: PrivateEngine, programs: string, more: Partial<ManagerOptions> = {}): Stage {
  const docker = createDocker(engine);
  const names: string[] = [];
  const manager = createManager({
    kind: 'plugin',
    dockvisord: inject('dockvisord'),
    dockerHost: engine.host,
    programs,
    ...more,
  });
  const rpc = connectSupervisor({
    serverUrl: `unix://${manager.directory}/sock`,
    username: null,
    password: null,
  });
  const pluginLog = (): string => {
    try {
      return readFileSync(join(manager.directory, 'plugin.log'), 'utf8');
    } catch {
      return '';
    }
  };
  const infoOf = async (program: string) => (await rpc.processes()).find(({ name }) => name === program);
  const stateOf = async (program: string): Promise<string> =>
    (await infoOf(program))?.state ?? 'no such process';

  async function untilState(program: string, state: string): Promise<void> {
    await until(
      () => `${program} is ${state}\n${manager.log()}`,
      patienceMs,
      async () => ((await stateOf(program)) === state ? true : null),
    );
  }

  async function untilContainer(
    name: string,
    what: string,
    test: (facts: Inspected | null) => boolean,
  ): Promise<Inspected | null> {
    let last: Inspected | null = null;
    await until(
      () => `container ${name} is ${what}\n${JSON.stringify(last)}\n${manager.log()}`,
      patienceMs,
      async () => {
        last = await docker.inspect(name);
        return test(last) ? true : null;
      },
    );
    return last;
  }

  return {
    manager,
    docker,
    rpc,
    async begin(...programs) {
      await manager.start();
      await until('the plug-in serves', patienceMs, () => (/connected, API/.test(pluginLog()) ? true : null));
      for (const program of programs) {
        await untilState(program, 'RUNNING');
        await untilContainer(program, 'up', isUp);
      }
    },
    async create(name, command, ...options) {
      names.push(name);
      await docker.run('create', '--name', name, ...options, engine.image, ...command);
    },
    stateOf,
    untilState,
    untilContainer,
    pluginPid: async () => (await infoOf(pluginName))?.pid ?? 0,
    pluginLog,
    async destroy() {
      rpc.close();
      await manager.destroy();
      await docker.removeAll(names);
      docker.close();
    },
  };
}

export const isDown = (facts: Inspected | null): boolean => facts?.status === 'exited';
export const isUp = (facts: Inspected | null): boolean => facts?.status === 'running';

/** The lies that a supervisord with the plug-in still tells: since when, and with which code, is the proxy's to tell (docs/plugin.md). */
export async function mendableLies(stage: Stage): Promise<readonly string[]> {
  const told: string[] = [];
  for (const says of await stage.rpc.processes()) {
    if (says.name === pluginName) continue;
    const facts = await stage.docker.inspect(says.name);
    const state = facts === null ? 'missing' : facts.status;
    for (const lie of liesOf(says, {
      name: says.name,
      id: facts?.id ?? null,
      image: null,
      engine: '',
      state: state as 'running',
      health: 'none',
      pid: facts?.pid ?? null,
      exit_code: facts?.exitCode ?? null,
      oom_killed: false,
      started_at: facts?.startedAt ?? null,
      finished_at: null,
      restart_policy: 'no',
      error: '',
    })) {
      if (lie.kind !== 'since' && lie.kind !== 'exit-code')
        told.push(`${says.name}: says ${lie.says}, is ${lie.truth}`);
    }
  }
  return told;
}
