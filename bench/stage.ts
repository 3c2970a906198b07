/** An Engine of the bench's own, containers on it, managers over them; all of it ends with the stage. */
import { request } from 'node:http';
import { join } from 'node:path';
import { startPrivateEngine } from '../tools/private-engine.ts';
import type { PrivateEngine } from '../tools/private-engine.ts';
import { createDocker } from '../integration/support/docker.ts';
import type { Docker, Inspected } from '../integration/support/docker.ts';
import { createManager } from '../integration/support/manager.ts';
import type { Manager } from '../integration/support/manager.ts';
import { callRpc } from '../integration/support/rpc.ts';
import type { XmlRpcValue } from '../src/rpc/xml.ts';
import type { Stack } from './stacks.ts';

export interface Stage {
  readonly engine: PrivateEngine;
  readonly docker: Docker;
  /** `args`: of `docker create`, before the image. `command`: what runs in each. */
  create(names: readonly string[], command: readonly string[], args?: readonly string[]): Promise<void>;
  inspectAll(names: readonly string[]): Promise<readonly Inspected[]>;
  /** Names of the containers that run now. */
  running(): Promise<readonly string[]>;
  /** A manager that runs, and ends with the stage at the latest. `sections`: of its programs, `%DIR%` is its folder. */
  manage(stack: Stack, sections: string, minfds?: number): Promise<Managed>;
  say(message: string): void;
  /** How long anything may take that is waited for, in ms. */
  readonly limitMs: number;
  close(): Promise<void>;
}

export interface Managed {
  readonly manager: Manager;
  readonly pid: number;
  call(method: string, params?: readonly XmlRpcValue[]): Promise<XmlRpcValue>;
  end(): Promise<void>;
}

/** `docker create` calls at one time. */
const createsAtOnce = 4;
/** supervisord has up to five descriptors for each program. It closes as many as it may have at each start, so no more than are needed. */
const descriptors = 1024;

/** `limitMs`: an Engine that brings up a hundred may take so long for one answer; one that has deadlocked (docs/findings.md) never gives it. */
export async function openStage(
  dockvisord: string,
  say: (message: string) => void,
  limitMs: number,
): Promise<Stage> {
  const engine = await startPrivateEngine([], { detached: true });
  const docker = createDocker(engine, limitMs);
  const managers = new Set<Manager>();
  let closing = false;

  function guard(): void {
    if (closing) throw new Error('the bench is being ended');
  }

  async function inspectAll(names: readonly string[]): Promise<readonly Inspected[]> {
    const all = await Promise.all(names.map((name) => docker.inspect(name)));
    return all.map((facts, index) => {
      if (facts === null) throw new Error(`container ${names[index] ?? ''} is gone`);
      return facts;
    });
  }

  return {
    engine,
    docker,
    say,
    limitMs,
    inspectAll,
    async create(names, command, args = []) {
      for (let index = 0; index < names.length; index += createsAtOnce) {
        guard();
        const some = names.slice(index, index + createsAtOnce);
        const create = (name: string): Promise<string> =>
          docker.run('create', '--name', name, '--network', 'none', ...args, engine.image, ...command);
        await Promise.all(some.map(create));
      }
    },
    async running() {
      const rows = JSON.parse(await get(engine.socket, '/containers/json', limitMs)) as readonly {
        readonly Names: readonly string[];
      }[];
      return rows.map(({ Names }) => (Names[0] ?? '').replace(/^\//, ''));
    },
    async manage(stack, sections, minfds = descriptors) {
      guard();
      const manager = createManager({
        kind: stack.kind,
        dockvisord,
        dockerHost: engine.host,
        programs: sections,
        daemonLines: [`minfds=${String(minfds)}`],
      });
      managers.add(manager);
      await manager.start();
      return {
        manager,
        pid: manager.pid(),
        call: (method, params = []) => callRpc(join(manager.directory, 'sock'), method, params),
        async end() {
          await manager.destroy();
          managers.delete(manager);
        },
      };
    },
    async close() {
      closing = true;
      for (const manager of managers) await manager.destroy().catch(() => undefined);
      docker.close();
      await engine.destroy();
    },
  };
}

function get(socketPath: string, path: string, limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = request({ socketPath, path, timeout: limitMs }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        resolve(Buffer.concat(chunks).toString('utf8'));
      });
    });
    ask.on('timeout', () => ask.destroy(new Error(`${path}: no answer`)));
    ask.on('error', reject);
    ask.end();
  });
}
