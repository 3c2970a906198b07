/**
 * A stage of the tour: one manager (the real supervisord, or ours) on an Engine of its own, so that both play the same file and the same
 * container names. All files are in the private Engine's folder and go with it.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeOf, outputOf } from './quickstart-command.ts';
import { startManager } from './quickstart-daemon.ts';
import type { ForegroundManager } from './quickstart-daemon.ts';
import { startPrivateEngine } from './private-engine.ts';

export const managerNames = ['supervisord', 'dockvisord'] as const;
export type ManagerName = (typeof managerNames)[number];

/** What one says, and what the Engine says, at the same moment. */
export interface Sight {
  readonly manager: ManagerName;
  /** The status line without the name: state and description. */
  readonly says: string;
  /** `docker ps -a`'s word: `Up 8 seconds (Paused)`. */
  readonly dockerPs: string;
  readonly truthful: boolean;
}

export interface Stage {
  readonly name: ManagerName;
  readonly image: string;
  docker(...args: string[]): Promise<string>;
  /** The real supervisorctl: its output. */
  ctl(...args: string[]): Promise<string>;
  status(program: string): Promise<string>;
  /** Waits until the status line is as wanted. */
  untilSaid(program: string, wanted: RegExp): Promise<void>;
  /** KILLs the client that stands for the program. */
  killProxy(program: string): void;
  look(program: string): Promise<Sight>;
  /** `docker ps -a`'s word for the container of that program. */
  dockerPs(program: string): Promise<string>;
  /** TERM to the manager; how long it took to end, in ms. */
  shutDown(): Promise<number>;
  /** Whether the container has written its last words. */
  hasSaved(program: string): boolean;
}

/** One program of the play. Its container is `tour-NAME`. */
export interface Role {
  readonly name: string;
  /** For `docker create`; absent: nothing is made, the command makes it. */
  readonly create?: readonly string[];
  readonly script: string;
  readonly lines: readonly string[];
  /** The program's command; `docker start -a tour-NAME` where absent. */
  readonly command?: (image: string) => string;
}

const patienceMs = 20_000;
/** At the end of the tour nobody has to be patient with a manager. */
const strikeMs = 10_000;

/** `undo` gets what ends it as soon as there is something to end. */
export async function raiseStage(
  name: ManagerName,
  roles: readonly Role[],
  undo: (() => Promise<void>)[],
  interrupted: AbortSignal,
): Promise<Stage> {
  const engine = await startPrivateEngine([], { detached: true });
  const { host, directory } = engine;
  let manager: ForegroundManager | null = null;
  const strike = async (): Promise<void> => {
    await manager?.end(strikeMs);
    await engine.destroy();
  };
  undo.push(strike);
  interrupted.throwIfAborted();

  const folder = join(directory, 'tour');
  const saved = join(folder, 'saved');
  mkdirSync(saved, { recursive: true });
  const docker = (...args: string[]): Promise<string> => outputOf('docker', ['-H', host, ...args]);
  await Promise.all(
    roles.map(async ({ name: role, create, script }) => {
      if (create === undefined) return;
      const words = ['create', '--name', `tour-${role}`, '--network', 'none', '--volume', `${saved}:/saved`];
      await docker(...words, ...create, engine.image, 'sh', '-c', script);
    }),
  );
  const config = join(folder, 'supervisord.conf');
  const socket = join(folder, 'sock');
  writeFileSync(config, configText(folder, roles, engine.image));
  const printed = openSync(join(folder, 'printed.log'), 'w');
  const [file, args] =
    name === 'supervisord' ? ['/usr/bin/supervisord', []] : [process.execPath, ['dist/dockvisord.js']];
  const started = await startManager({
    file,
    args: [...args, '-n', '-c', config],
    env: { DOCKER_HOST: host, DOCKER_CONTEXT: '', STATE_DIRECTORY: folder },
    stdio: ['ignore', printed, printed],
    socket,
  });
  manager = started;
  closeSync(printed);
  await started.ready();

  const ctl = async (...words: string[]): Promise<string> =>
    (await outcomeOf('/usr/bin/supervisorctl', ['-c', config, ...words])).stdout.trim();
  const status = async (program: string): Promise<string> =>
    (await ctl('status', program)).replace(/^\S+\s+/, '');
  const dockerPs = (program: string): Promise<string> =>
    docker('ps', '-a', '--filter', `name=^tour-${program}$`, '--format', '{{.Status}}');

  return {
    name,
    image: engine.image,
    docker,
    ctl,
    status,
    dockerPs,
    async untilSaid(program, wanted) {
      const limit = Date.now() + patienceMs;
      for (let says = await status(program); !wanted.test(says); says = await status(program)) {
        interrupted.throwIfAborted();
        if (Date.now() > limit)
          throw new Error(`${name} says of ${program}: ${says}; ${String(wanted)} was expected`);
        await sleep(50);
      }
    },
    killProxy(program) {
      process.kill(proxyOf(program, started.pid), 'SIGKILL');
    },
    async look(program) {
      const [says, ps] = await Promise.all([status(program), dockerPs(program)]);
      return { manager: name, says, dockerPs: ps, truthful: agrees(says, ps) };
    },
    async shutDown() {
      const begun = performance.now();
      process.kill(started.pid, 'SIGTERM');
      await started.ended;
      return performance.now() - begun;
    },
    hasSaved: (program) => existsSync(join(saved, program)),
  };
}

/** Whether a status line and `docker ps` can both be so. */
export function agrees(says: string, ps: string): boolean {
  const runs = ps.startsWith('Up');
  if (/^(STOPPED|EXITED|BACKOFF|FATAL)/.test(says)) return !runs;
  if (!runs) return false;
  return !ps.includes('(Paused)') || says.includes('paused');
}

/** The manager's child that holds the client for that program. */
function proxyOf(program: string, parent: number): number {
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (!words.includes(`tour-${program}`)) continue;
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parentPid) === parent) return Number(name);
    } catch {
      // It ended while we looked.
    }
  }
  throw new Error(`no proxy of ${program} among the children of ${String(parent)}`);
}

function configText(folder: string, roles: readonly Role[], image: string): string {
  const programs = roles.map(({ name, lines, command }) =>
    [`[program:${name}]`, `command=${command?.(image) ?? `docker start -a tour-${name}`}`, ...lines, ''].join(
      '\n',
    ),
  );
  return `[unix_http_server]
file=${folder}/sock
[supervisord]
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
user=root
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/sock
${programs.join('')}`;
}
