/** A private Engine for a suite, daemons of the test's own before it, and what is asked of both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { createManager } from '../support/manager.ts';
import type { Manager, ManagerOptions } from '../support/manager.ts';
import type { ProcessInfo } from '../support/rpc.ts';
import { until } from '../support/until.ts';

export interface Stage {
  readonly engine: PrivateEngine;
  readonly docker: Docker;
  create(name: string, words: readonly string[], ...options: string[]): Promise<void>;
  /** A dockvisord on these sections; it and what it started are gone afterwards, whatever happens. */
  withManager(
    options: Pick<ManagerOptions, 'programs' | 'under'> & { readonly dockerHost?: string },
    act: (manager: Manager) => Promise<void>,
  ): Promise<void>;
  startedAt(name: string): Promise<string>;
}

/** To be called in `describe`: the Engine is there before its first test and gone after the last. The arguments are `startPrivateEngine`'s. */
export function useStage(...options: Parameters<typeof startPrivateEngine>): Stage {
  let made: { readonly engine: PrivateEngine; readonly docker: Docker } | null = null;
  const parts = () => {
    if (made === null) throw new Error('there is no Engine before the first test');
    return made;
  };
  beforeAll(async () => {
    const engine = await startPrivateEngine(...options);
    made = { engine, docker: createDocker(engine) };
  });
  afterAll(async () => {
    made?.docker.close();
    await made?.engine.destroy();
  });
  return {
    get engine() {
      return parts().engine;
    },
    get docker() {
      return parts().docker;
    },
    async create(name, words, ...options) {
      const { docker, engine } = parts();
      await docker.run('create', '--name', name, ...options, engine.image, ...words);
    },
    async withManager({ dockerHost = parts().engine.host, ...options }, act) {
      const manager = createManager({
        kind: 'cli',
        dockvisord: inject('dockvisord'),
        dockerHost,
        ...options,
      });
      try {
        await manager.start();
        await act(manager);
      } finally {
        await manager.destroy();
      }
    },
    startedAt: (name) => parts().docker.run('inspect', '-f', '{{.State.StartedAt}}', name),
  };
}

/** Ends at once on TERM. */
export const sleeps: readonly string[] = ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait $!'];

/** `docker_attach=api` if `lines` have no other, up as soon as it runs, and given up at its first failed start: a retry that is burnt is seen. */
export const container = (name: string, ...lines: readonly string[]): string =>
  [
    `[program:${name}]`,
    `command=docker start -a ${name}`,
    ...(lines.some((line) => line.startsWith('docker_attach=')) ? [] : ['docker_attach=api']),
    'startsecs=0',
    'startretries=0',
    ...lines,
    '',
  ].join('\n');

/** undefined: a daemon that has just begun may answer before it has made all its programs. */
const findInfo = async (manager: Manager, name: string): Promise<ProcessInfo | undefined> =>
  (await manager.processes()).find((one) => one.name === name);

export async function infoOf(manager: Manager, name: string): Promise<ProcessInfo> {
  const info = await findInfo(manager, name);
  if (info === undefined) throw new Error(`there is no ${name}`);
  return info;
}

/** The limit is that of an Engine that does not answer: a comparison is due every 10 s, and is given 10 s. */
export const untilState = (
  manager: Manager,
  name: string,
  state: string,
  limitMs = 60_000,
): Promise<ProcessInfo> =>
  until(
    () => `${name} is ${state}\n${manager.log()}`,
    limitMs,
    async () => {
      const info = await findInfo(manager, name);
      return info?.state === state ? info : null;
    },
  );

/** The daemon's whole log. */
export const logOf = (manager: Manager): string =>
  readFileSync(join(manager.directory, 'supervisord.log'), 'utf8');

/** So many lines of the daemon's log have it. */
export const count = (manager: Manager, pattern: RegExp): number =>
  logOf(manager)
    .split('\n')
    .filter((line) => pattern.test(line)).length;

/** It was launched so often, and no launch of it failed. */
export function expectLaunches(manager: Manager, name: string, times: number): void {
  expect(count(manager, new RegExp(`spawned: '${name}'`)), manager.log()).toBe(times);
  expect(count(manager, new RegExp(`(exited|gave up): ${name}`)), manager.log()).toBe(0);
}
