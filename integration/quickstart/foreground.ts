/** A command of the project as at a terminal: its output is read, Ctrl-C goes to its whole process group, and what it leaves is looked for. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';

export interface Foreground {
  readonly pid: number;
  stdout(): string;
  /** stdout and stderr as they came. */
  printed(): string;
  /** Waits until it has printed that; fails when it ends before, or at the limit. */
  untilPrinted(text: string | RegExp, limitMs: number): Promise<void>;
  /** To the whole group, as a terminal does. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Resolves with its exit status; -1 for a signal. */
  end(limitMs: number): Promise<number>;
  /** Processes and folders of it that are still there. */
  leftovers(): readonly string[];
  /** KILLs whatever is left. */
  destroy(): void;
}

export interface ForegroundOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

const markName = 'DOCKVISOR_INTEGRATION';

export function runInForeground(
  file: string,
  args: readonly string[],
  { cwd, env = {} }: ForegroundOptions,
): Foreground {
  const mark = randomUUID();
  const given = { ...process.env, [markName]: mark, ...env };
  const child: ChildProcess = spawn(file, args, {
    cwd,
    detached: true,
    env: given,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  let stdout = '';
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    printed += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  let status: number | null = null;
  child.once('close', (code) => (status = code ?? -1));

  return {
    pid,
    stdout: () => stdout,
    printed: () => printed,
    async untilPrinted(text, limitMs) {
      await until(`${args.join(' ')} prints ${String(text)}`, limitMs, () => {
        if (typeof text === 'string' ? printed.includes(text) : text.test(printed)) return true;
        if (status !== null) throw new Error(`it ended with ${String(status)}, having printed:\n${printed}`);
        return null;
      });
    },
    signalGroup: (signal) => process.kill(-pid, signal),
    // What it has printed by then, not by now.
    end: (limitMs) =>
      until(
        () => `${args.join(' ')} ends; it printed:\n${printed}`,
        limitMs,
        () => status,
      ),
    leftovers: () => [
      ...markedProcesses(mark).map((one) => `process ${String(one)} ${commandOf(one)}`),
      ...foldersOf(pid),
    ],
    destroy() {
      for (const one of markedProcesses(mark)) {
        try {
          process.kill(one, 'SIGKILL');
        } catch {
          // It ended by itself.
        }
      }
    },
  };
}

/** All that inherited our mark, an Engine and its shims among them. */
function markedProcesses(mark: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).includes(`${markName}=${mark}`))
    .map(Number);
}

const commandOf = (pid: number): string => read(`/proc/${String(pid)}/cmdline`).replaceAll('\0', ' ');

/** Of private Engines that this process started: the commands become their node process by exec, so the pid is the same. */
function foldersOf(pid: number): readonly string[] {
  return readdirSync('/tmp')
    .map((name) => join('/tmp', name))
    .filter((folder) => existsSync(join(folder, 'owner')) && read(join(folder, 'owner')) === String(pid));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
