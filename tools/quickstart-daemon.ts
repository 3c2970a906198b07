/** A manager in the foreground of ours: started, waited for until it answers, ended gracefully. */
import { spawn } from 'node:child_process';
import type { StdioOptions } from 'node:child_process';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { endChild, hasEnded } from './quickstart-command.ts';

export interface ForegroundManager {
  readonly pid: number;
  /** Resolves with its exit status, -1 for a signal. */
  readonly ended: Promise<number>;
  /** Resolves when its socket takes connections; rejects when it ends before that. */
  ready(): Promise<void>;
  /** TERM, and KILL after `limitMs`, else after longer than any grace in the configurations that are run by this. */
  end(limitMs?: number): Promise<void>;
}

export interface ManagerOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdio: StdioOptions;
  readonly socket: string;
}

const readyMs = 30_000;
const endMs = 60_000;

export async function startManager(options: ManagerOptions): Promise<ForegroundManager> {
  const { file, args, socket } = options;
  const child = spawn(file, args, {
    // Ctrl-C is for us: the daemon gets its TERM from us, once.
    detached: true,
    env: { ...process.env, ...options.env },
    stdio: options.stdio,
  });
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => {
      resolve(code ?? -1);
    });
  });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return {
    pid: child.pid ?? 0,
    ended,
    async ready() {
      const limit = Date.now() + readyMs;
      while (!(await connects(socket))) {
        if (hasEnded(child)) throw new Error(`${file} ended before it was ready`);
        if (Date.now() > limit) throw new Error(`${file} does not answer at ${socket}`);
        await sleep(50);
      }
    },
    end: (limitMs = endMs) => endChild(child, limitMs),
  };
}

function connects(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    const settle = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', settle(true));
    socket.once('error', settle(false));
  });
}
