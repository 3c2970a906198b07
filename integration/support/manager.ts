/**
 * A manager under test: our built daemon, or the real supervisord 4.2.5, each in a temporary folder of its own with a unix socket of its
 * own, driven by the real supervisorctl and over XML-RPC. All that it started is found by a mark in the environment, and ends with it.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { callRpc, readProcesses } from './rpc.ts';
import type { ProcessInfo } from './rpc.ts';
import { runCommand } from './run-command.ts';
import type { CommandResult } from './run-command.ts';
import { until } from './until.ts';

export const managerKinds = ['supervisord', 'plugin', 'cli', 'api'] as const;
/** The real one, alone and with our plug-in, and ours by `docker_attach`. */
export type ManagerKind = (typeof managerKinds)[number];

export interface Manager {
  readonly kind: ManagerKind;
  readonly directory: string;
  /** Of the manager's process; 0 before its first start. */
  readonly pid: () => number;
  /** Starts it (again), and waits until it answers. */
  start(): Promise<void>;
  /** Signals it and waits for its end. */
  end(signal: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** The real supervisorctl. */
  ctl(...args: string[]): Promise<CommandResult>;
  /** Our own dockvisorctl. */
  ours(...args: string[]): Promise<CommandResult>;
  /** Waits until it has ended by itself. */
  untilEnded(): Promise<void>;
  processes(): Promise<readonly ProcessInfo[]>;
  /** Its activity log and what it printed, for messages of failed tests. */
  log(): string;
  /** KILLs it with all that it started, and removes its folder. */
  destroy(): Promise<void>;
}

export interface ManagerOptions {
  readonly kind: ManagerKind;
  /** Built `dockvisord.js`. */
  readonly dockvisord: string;
  readonly dockerHost: string;
  /** Sections of programs. */
  readonly programs: string;
  /** Further options of `dockvisor listen`. */
  readonly pluginOptions?: string;
  /** Further lines of `[supervisord]`. */
  readonly daemonLines?: readonly string[];
  /** Words before its command, which make it a world of its own: `unshare …`, `env …`. */
  readonly under?: readonly string[];
}

/** A real supervisord, with or without our plug-in. */
export const isReal = (kind: ManagerKind): boolean => kind === 'supervisord' || kind === 'plugin';
/** Name of the plug-in's own process. */
export const pluginName = 'dockvisor';
const markName = 'DOCKVISOR_INTEGRATION';
const startMs = 20_000;
const endMs = 60_000;
const alive = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export function createManager(options: ManagerOptions): Manager {
  const { kind } = options;
  const directory = mkdtempSync(join(tmpdir(), 'dockvisor-it-'));
  const socket = join(directory, 'sock');
  const config = join(directory, 'supervisord.conf');
  const printed = join(directory, 'printed.log');
  writeFileSync(config, configText(directory, options).replaceAll('%DIR%', directory));
  const env = {
    // Of the bench nobody has set one.
    STATE_DIRECTORY: directory,
    ...process.env,
    DOCKER_HOST: options.dockerHost,
    [markName]: directory,
  };
  let child: ChildProcess | null = null;

  const ended = (): boolean => child === null || child.exitCode !== null || child.signalCode !== null;
  const log = (): string =>
    [
      printed,
      join(directory, 'supervisord.log'),
      ...(kind === 'plugin' ? [join(directory, 'plugin.log')] : []),
    ]
      .map((file) => `--- ${file}\n${readText(file).split('\n').slice(-60).join('\n')}`)
      .join('\n');

  return {
    kind,
    directory,
    pid: () => child?.pid ?? 0,
    async start() {
      const out = openSync(printed, 'a');
      const command = isReal(kind) ? ['/usr/bin/supervisord'] : [process.execPath, options.dockvisord];
      const under = (options.under ?? []).map((word) => word.replaceAll('%DIR%', directory));
      const [file, ...args] = [...under, ...command, '-n', '-c', config];
      const made = spawn(file, args, { stdio: ['ignore', out, out], env });
      closeSync(out);
      child = made;
      alive.add(made);
      made.once('exit', () => alive.delete(made));
      await until(
        () => `${kind} answers\n${log()}`,
        startMs,
        async () => {
          if (ended()) throw new Error(`${kind} ended while it started\n${log()}`);
          return callRpc(socket, 'supervisor.getState').then(
            () => true,
            () => null,
          );
        },
      );
    },
    signal(signal) {
      child?.kill(signal);
    },
    async end(signal) {
      child?.kill(signal);
      await until(`${kind} ends after ${signal}`, endMs, () => (ended() ? true : null));
    },
    untilEnded: async () => {
      await until(
        () => `${kind} ends\n${log()}`,
        endMs,
        () => (ended() ? true : null),
      );
    },
    ours: (...args) =>
      runCommand(process.execPath, [
        join(dirname(options.dockvisord), 'dockvisorctl.js'),
        '-c',
        config,
        ...args,
      ]),
    ctl: (...args) => runCommand('/usr/bin/supervisorctl', ['-c', config, ...args]),
    processes: async () => (await readProcesses(socket)).filter(({ name }) => name !== pluginName),
    log,
    async destroy() {
      child?.kill('SIGKILL');
      await until(`${kind} and all that it started is gone`, endMs, () => {
        const left = processesOf(directory);
        for (const pid of left) killQuietly(pid);
        return left.length === 0 && ended() ? true : null;
      });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function configText(directory: string, options: ManagerOptions): string {
  return `
[unix_http_server]
file=${directory}/sock
[supervisord]
logfile=${directory}/supervisord.log
pidfile=${directory}/supervisord.pid
childlogdir=${directory}
user=root
${(options.daemonLines ?? []).join('\n')}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${directory}/sock
${options.kind === 'plugin' ? pluginText(directory, options) : ''}
${options.programs}
`;
}

/** `dockvisor listen` as built, the neighbour of `dockvisord.js`. */
const pluginText = (directory: string, { dockvisord, pluginOptions = '' }: ManagerOptions): string => `
[eventlistener:${pluginName}]
command=${process.execPath} ${join(dirname(dockvisord), 'dockvisor.js')} listen ${pluginOptions}
events=PROCESS_STATE,SUPERVISOR_STATE_CHANGE,TICK_5
buffer_size=1024
stopwaitsecs=60
stderr_logfile=${directory}/plugin.log
`;

/** Processes with our mark: the manager, its proxies, and what outlived it. Not what runs in containers: the Engine made that. */
function processesOf(directory: string): readonly number[] {
  const mark = `${markName}=${directory}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && readText(`/proc/${name}/environ`).split('\0').includes(mark))
    .map(Number);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
