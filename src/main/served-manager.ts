/** The supervisord that started us: which file it works with, how it is asked, and what it runs. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ServerSpec } from '../core/config/model.ts';
import { searchPath } from '../core/config/search-path.ts';
import type { ServedManager } from '../plugin/ports.ts';
import { FaultReply } from '../rpc/client.ts';
import { faultCodes } from '../rpc/faults.ts';
import { connectSupervisor, isShuttingDown } from '../rpc/remote-supervisor.ts';
import { serverUrlOf } from './server-url.ts';

/** Absolute path of the file that the supervisord of that pid was started with; null: it cannot be told. */
export function configOfStarter(pid: number): string | null {
  const words = wordsOf(pid);
  const cwd = cwdOf(pid);
  if (words === null || cwd === null) return null;
  const written = configOption(words);
  if (written !== null) return resolve(cwd, written);
  const script = words.find((word) => /supervisord[^/]*$/.test(word)) ?? 'supervisord';
  return (
    searchPath(script, cwd).find((path) => existsSync(path) && !path.endsWith('dockvisord.conf')) ?? null
  );
}

/** The value of `-c FILE`, `-cFILE`, `--configuration FILE`, `--configuration=FILE` in supervisord's command line; null: none. */
export function configOption(words: readonly string[]): string | null {
  for (const [index, word] of words.entries()) {
    if (word === '-c' || (word.length > 4 && '--configuration'.startsWith(word)))
      return words[index + 1] ?? null;
    const joined = /^(?:--co[a-z]*=|-c)(.+)$/.exec(word)?.[1];
    if (joined !== undefined) return joined;
  }
  return null;
}

/**
 * Words of a process's command line; null: there is none, or it is still the copy of its parent that has not begun to run the command.
 */
export function commandOf(pid: number): readonly string[] | null {
  const words = wordsOf(pid);
  if (words === null) return null;
  const parent = wordsOf(process.ppid);
  return parent !== null && words.join('\0') === parent.join('\0') ? null : words;
}

function wordsOf(pid: number): readonly string[] | null {
  try {
    const words = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
      .split('\0')
      .slice(0, -1);
    return words.length === 0 ? null : words;
  } catch {
    return null;
  }
}

function cwdOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`);
  } catch {
    return null;
  }
}

/** `servers`: of its configuration, for the login, which supervisord tells nobody. */
export function serveManager(url: string, servers: readonly ServerSpec[]): ServedManager & { close(): void } {
  const server = servers.find((one) => serverUrlOf([one]) === url) ?? servers[0];
  const remote = connectSupervisor({
    serverUrl: url,
    username: process.env['SUPERVISOR_USERNAME'] ?? server?.credentials?.username ?? null,
    password: process.env['SUPERVISOR_PASSWORD'] ?? server?.credentials?.password ?? null,
  });

  const unlessGoingDown = async <T>(work: Promise<T>): Promise<T | 'going-down'> => {
    try {
      return await work;
    } catch (error) {
      if (isShuttingDown(error)) return 'going-down';
      throw error;
    }
  };
  /** That it is so already, or that nobody may order any more, is no failure of an order. */
  const tolerant = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      const settled: readonly number[] = [
        faultCodes.ALREADY_STARTED,
        faultCodes.NOT_RUNNING,
        faultCodes.SHUTDOWN_STATE,
      ];
      if (!(error instanceof FaultReply) || !settled.includes(error.code)) throw error;
    }
  };

  return {
    processes: () => unlessGoingDown(remote.processes()),
    process: (group, name) => unlessGoingDown(remote.process(group, name)),
    start: (group, name) => tolerant(remote.start(group, name, false)),
    killProxy: (group, name) => tolerant(remote.signal(group, name, 'KILL')),
    close: () => {
      remote.close();
    },
  };
}
