/** Our daemon on a configuration of the test's own, without any Engine, driven by the real supervisorctl. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../support/run-command.ts';
import type { CommandResult } from '../support/run-command.ts';
import { until } from '../support/until.ts';

export interface PlainDaemon {
  readonly directory: string;
  readonly pid: number;
  readonly exitCode: () => number | null;
  ctl(...args: string[]): Promise<CommandResult>;
  /** Another client's options before the verb. */
  ctlWith(options: readonly string[], ...args: string[]): Promise<CommandResult>;
  signal(name: NodeJS.Signals): void;
  log(): string;
  file(name: string): string;
  write(name: string, text: string): void;
  /** Waits until `status` of a process has this state. */
  untilState(name: string, state: string): Promise<void>;
  destroy(): Promise<void>;
}

const limitMs = 20_000;

/** `%DIR%` in the text is the test's folder. `sections` come after `[supervisord]`. */
export async function startPlainDaemon(
  dockvisord: string,
  sections: string,
  args: readonly string[] = [],
): Promise<PlainDaemon> {
  const directory = mkdtempSync(join(tmpdir(), 'dockvisor-daemon-'));
  const config = join(directory, 'd.conf');
  const fill = (text: string): string => text.replaceAll('%DIR%', directory);
  const head = `[unix_http_server]
file=%DIR%/sock
[supervisorctl]
serverurl=unix://%DIR%/sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisord]
logfile=%DIR%/main.log
pidfile=%DIR%/pid
childlogdir=%DIR%
user=root
`;
  writeFileSync(config, fill(head + sections));
  const child: ChildProcess = spawn(process.execPath, [dockvisord, '-n', '-s', '-c', config, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DOCKER_HOST: 'unix:///nonexistent/never.sock' },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const file = (name: string): string => {
    try {
      return readFileSync(join(directory, name), 'utf8');
    } catch {
      return '';
    }
  };
  const ctlWith = (options: readonly string[], ...words: string[]): Promise<CommandResult> =>
    runCommand('/usr/bin/supervisorctl', [...options, ...words]);
  const ctl = (...words: string[]): Promise<CommandResult> => ctlWith(['-c', config], ...words);
  const daemon: PlainDaemon = {
    directory,
    pid: child.pid ?? 0,
    exitCode: () => child.exitCode,
    ctl,
    ctlWith,
    signal: (name) => void child.kill(name),
    log: () => file('main.log') + printed,
    file,
    write: (name, text) => {
      writeFileSync(join(directory, name), fill(name === 'd.conf' ? head + text : text));
    },
    async untilState(name, state) {
      await until(`${name} is ${state}\n${file('main.log')}`, limitMs, async () =>
        new RegExp(`^${name.replaceAll('*', '\\*')} +${state}`, 'm').test((await ctl('status')).stdout)
          ? true
          : null,
      );
    },
    async destroy() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
        await new Promise((resolve) => child.once('exit', resolve));
        clearTimeout(killer);
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await until(`the daemon answers\n${printed}`, limitMs, async () => {
    if (child.exitCode !== null) throw new Error(`the daemon ended\n${printed}\n${file('main.log')}`);
    return file('pid') !== '' && (await ctl('pid')).code === 0 ? true : null;
  });
  return daemon;
}
