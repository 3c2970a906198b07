/**
 * `.quickstart/` in the project: all files of a running quick start, and at the same time the lock: one quick start for each copy of the
 * project. What one that was killed has left there is cleared away by the next.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, startTicksOf } from '../src/docker/kernel.ts';
import type { Say } from './say.ts';

export interface QuickstartFolder {
  readonly path: string;
  /** The daemon's socket, as the configuration has it. */
  readonly socket: string;
  /** So that the next quick start can end this daemon if we are killed. */
  remember(daemonPid: number): void;
  remove(): void;
}

interface Process {
  readonly pid: number;
  readonly startTicks: string;
}

/** What the kernel takes for a unix socket, less what the daemon appends while it binds (`.<pid>`). */
const longestSocket = 107 - '.4194304'.length;
/** The longest grace in the configuration is 10 s. */
const endMs = 30_000;

/** Throws an Error that says why not. */
export async function claimFolder(project: string, say: Say): Promise<QuickstartFolder> {
  const path = join(project, '.quickstart');
  const socket = join(path, 'supervisor.sock');
  if (Buffer.byteLength(socket) > longestSocket) {
    throw new Error(
      `${socket} is too long for a unix socket: put the project in a folder with a shorter path`,
    );
  }
  await clearLeftovers(path, say);
  // Made elsewhere and renamed, so that it is never there without its owner.
  const made = `${path}.${String(process.pid)}`;
  mkdirSync(made, { mode: 0o700 });
  remember(join(made, 'owner'), process.pid);
  try {
    renameSync(made, path);
  } catch (error) {
    rmSync(made, { recursive: true });
    throw new Error(`another quick start came first in ${path}`, { cause: error });
  }
  return {
    path,
    socket,
    remember: (daemonPid) => {
      remember(join(path, 'daemon'), daemonPid);
    },
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

async function clearLeftovers(path: string, say: Say): Promise<void> {
  if (!existsSync(path)) return;
  const owner = recall(join(path, 'owner'));
  if (owner !== null) {
    throw new Error(
      `the quick start of this copy of the project runs already (pid ${String(owner.pid)}): what to type there is in ` +
        `${join(path, 'next.txt')}; or end it with Ctrl-C in its terminal, or: kill ${String(owner.pid)}`,
    );
  }
  const daemon = recall(join(path, 'daemon'));
  if (daemon !== null) {
    say.step(`ending the daemon of an earlier quick start that was killed (pid ${String(daemon.pid)})`);
    await end(daemon);
  }
  say.step(`clearing away ${path}, left by an earlier quick start`);
  rmSync(path, { recursive: true, force: true });
}

async function end({ pid, startTicks }: Process): Promise<void> {
  process.kill(pid, 'SIGTERM');
  const limit = Date.now() + endMs;
  while (isAlive(pid, startTicks)) {
    if (Date.now() > limit) throw new Error(`pid ${String(pid)} does not end on TERM`);
    await sleep(50);
  }
}

function remember(file: string, pid: number): void {
  const made: Process = { pid, startTicks: startTicksOf(pid) ?? '' };
  writeFileSync(file, JSON.stringify(made));
}

/** null: it is not there, or has ended. */
function recall(file: string): Process | null {
  try {
    // Written by ourselves, above.
    const made = JSON.parse(readFileSync(file, 'utf8')) as Process;
    return isAlive(made.pid, made.startTicks) ? made : null;
  } catch {
    return null;
  }
}
