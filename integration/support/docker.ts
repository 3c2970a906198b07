/** The private Engine for a scenario: acts go through the real docker CLI, questions straight over the socket, because they are many. */
import { Agent, request } from 'node:http';
import { rmSync } from 'node:fs';
import { runCommand } from './run-command.ts';

/** What the Engine says of a container, in its own words. */
export interface Inspected {
  readonly id: string;
  readonly name: string;
  /** `created running paused restarting removing exited dead`. */
  readonly status: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly error: string;
  /** `none starting healthy unhealthy`. */
  readonly health: string;
  /** Where its own files are on the disk. */
  readonly upperDirectory: string;
}

export interface Docker {
  readonly host: string;
  /** The docker CLI; its output. A code other than 0 is an error. */
  run(...args: string[]): Promise<string>;
  /** null: there is no such container. Rejects when the Engine does not answer. */
  inspect(ref: string): Promise<Inspected | null>;
  /** Removes containers, whatever their state, and the claims that a killed daemon left on them. */
  removeAll(names: readonly string[]): Promise<void>;
  close(): void;
}

/** An Engine that is going down accepts and does not answer: a sampler must not wait for it. */
export const impatientMs = 2000;
/** A container that is being started, with many others, on a busy machine, is locked for seconds. */
const patientMs = 20_000;

/** `inspectMs`: how long the Engine may take to answer. */
export function createDocker(
  engine: { readonly host: string; readonly socket: string },
  inspectMs: number = patientMs,
): Docker {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });

  async function run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runCommand('docker', args, { DOCKER_HOST: engine.host });
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr.trim()}`);
    return stdout.trim();
  }

  async function inspect(ref: string): Promise<Inspected | null> {
    const { status, body } = await get(`/containers/${encodeURIComponent(ref)}/json`);
    if (status === 404) return null;
    if (status !== 200) throw new Error(`inspect ${ref}: HTTP ${String(status)}`);
    return inspectedOf(JSON.parse(body) as InspectAnswer);
  }

  function get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const ask = request({ socketPath: engine.socket, path, agent, timeout: inspectMs }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      ask.on('timeout', () => ask.destroy(new Error(`${path}: no answer`)));
      ask.on('error', reject);
      ask.end();
    });
  }

  return {
    host: engine.host,
    run,
    inspect,
    async removeAll(names) {
      const found = (await Promise.all(names.map(inspect))).filter((one) => one !== null);
      const ids = [...new Set(found.map(({ id }) => id))];
      if (ids.length > 0) await run('rm', '-f', ...ids);
      for (const id of ids) rmSync(`/run/dockvisor/owners/${id}`, { force: true });
    },
    close: () => {
      agent.destroy();
    },
  };
}

interface InspectAnswer {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
    readonly Health?: { readonly Status: string };
  };
  readonly GraphDriver?: { readonly Data?: { readonly UpperDir?: string } | null };
}

const inspectedOf = ({ Id, Name, State, GraphDriver }: InspectAnswer): Inspected => ({
  id: Id,
  name: Name.replace(/^\//, ''),
  status: State.Status,
  pid: State.Pid,
  startedAt: State.StartedAt,
  finishedAt: State.FinishedAt,
  exitCode: State.ExitCode,
  oomKilled: State.OOMKilled,
  error: State.Error,
  health: State.Health?.Status ?? 'none',
  upperDirectory: GraphDriver?.Data?.UpperDir ?? '',
});
