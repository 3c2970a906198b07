/** Daemons of a hand-over: started on their own feet, waited for, and ended; each only after it was told from every other process. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Launched } from '../migrate/facts.ts';
import type { ProcessRef } from '../migrate/hand-over.ts';
import { connectSupervisor } from '../rpc/remote-supervisor.ts';
import type { RemoteSupervisor } from '../rpc/remote-supervisor.ts';
import type { ServerAccess } from '../rpc/client.ts';
import {
  descendantsOf,
  environmentOf,
  isStill,
  seeProcess,
  signalProcess,
  text,
} from '../system/process-table.ts';
import { waitUntil } from '../system/wait-until.ts';
import { kindOf } from './manager-at-hand.ts';

/** How long a daemon may take to answer, in ms; and to be gone after KILL. */
const answerMs = 60_000;
const goneMs = 10_000;

export interface Started {
  readonly pid: number;
  /** Why it is no more, with what it said; null: it runs, or has gone to the background. */
  failure(): string | null;
}

/** In a session of its own, with nothing of ours but the file that its complaints go to. */
export function startDaemon(
  words: readonly string[],
  from: Pick<Launched, 'environment' | 'cwd'> & { readonly uid?: number; readonly gid?: number },
  complaints: string,
): Started {
  const [program = '', ...args] = words;
  const err = openSync(complaints, 'w', 0o600);
  const { environment, cwd, ...identity } = from;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'ignore', err],
    env: environment,
    cwd,
    ...identity,
  });
  closeSync(err);
  let failure: string | null = null;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code, signal) => {
    if (code !== 0)
      failure = `it ended with ${code === null ? (signal ?? 'a signal') : `exit status ${String(code)}`}`;
  });
  child.unref();
  return {
    pid: child.pid ?? 0,
    failure: () => (failure === null ? null : `${failure}: ${readFileSync(complaints, 'utf8').trim()}`),
  };
}

export interface Answering {
  readonly supervisor: RemoteSupervisor;
  readonly process: ProcessRef;
}

/** Resolves when a daemon of that kind answers at one of the addresses; rejects when `started` has failed, or at the limit. */
export async function untilAnswers(
  addresses: readonly ServerAccess[],
  kind: 'dockvisord' | 'supervisord',
  started: Started | null,
  limitMs: number = answerMs,
): Promise<Answering> {
  return waitUntil(
    () => `${kind} answers`,
    limitMs,
    async () => {
      const failure = started?.failure() ?? null;
      if (failure !== null) throw new Error(`${kind} did not start: ${failure}`);
      for (const access of addresses) {
        const supervisor = connectSupervisor(access);
        const process = await supervisor.pid().then(seeProcess, () => null);
        if (process !== null && kindOf(process.words) === kind)
          return { supervisor, process: { pid: process.pid, startTicks: process.startTicks } };
        supervisor.close();
      }
      return null;
    },
  );
}

/** KILL, and its end. Nothing when it is gone already. */
export async function endDaemon(daemon: ProcessRef): Promise<void> {
  signalProcess(daemon, 'SIGKILL');
  await waitUntil(
    () => `pid ${String(daemon.pid)} is gone after KILL`,
    goneMs,
    () => (isStill(daemon) ? null : true),
  );
}

/**
 * Ends a daemon and its docker clients, and stops no container: it is frozen first, so that it neither sees its clients end nor passes
 * anything on, and KILL is a signal that no client forwards. `isContainer`: whether a process of that name stands for a container.
 * Rejects, with the daemon frozen, when it has other children: those would be orphans.
 */
export async function retireDaemon(
  daemon: ProcessRef,
  isContainer: (group: string, process: string) => boolean,
): Promise<void> {
  if (signalProcess(daemon, 'SIGSTOP') === 'gone') return;
  await waitUntil(
    () => `pid ${String(daemon.pid)} stands still`,
    goneMs,
    () => (isFrozen(daemon.pid) ? true : null),
  );
  const children = descendantsOf(daemon.pid).filter(({ parent }) => parent === daemon.pid);
  const clients = children.filter(({ pid }) => {
    const environment = environmentOf(pid) ?? {};
    const [group = '', process = ''] = [
      environment['SUPERVISOR_GROUP_NAME'],
      environment['SUPERVISOR_PROCESS_NAME'],
    ];
    return environment['SUPERVISOR_ENABLED'] === '1' && isContainer(group, process);
  });
  const others = children.filter((child) => !clients.includes(child));
  if (others.length > 0) {
    const list = others.map(({ pid, words }) => `${String(pid)} (${words.join(' ')})`).join(', ');
    throw new Error(`it still has children that are no docker clients: ${list}`);
  }
  // The youngest first: a shell or sudo before a client must not be there to pass anything on.
  const doomed = clients.flatMap((client) => [...descendantsOf(client.pid), client]);
  for (const one of doomed) signalProcess(one, 'SIGKILL');
  await waitUntil(
    () => 'the docker clients are gone',
    goneMs,
    () => (doomed.some(isStill) ? null : true),
  );
  await endDaemon(daemon);
}

/** Field 3 of /proc/PID/stat. */
function isFrozen(pid: number): boolean {
  const stat = text(pid, 'stat');
  return stat === null || ['T', 't', 'Z'].includes(stat.charAt(stat.lastIndexOf(')') + 2));
}
