/**
 * Containers without the Engine: is this pid still that container's main process? The pid alone proves nothing (pids are reused), so its
 * control group must name the container and its start time must be the remembered one (docker.md section 7).
 */
import { readFileSync } from 'node:fs';

export interface MainProcess {
  readonly pid: number;
  /** Full container id. */
  readonly container: string;
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly startTicks: string;
}

/** null when the process is not there, or is not this container's (a remote Engine's pid means nothing here). */
export function recogniseMainProcess(pid: number, container: string): MainProcess | null {
  const startTicks = pid > 0 ? startTicksOf(pid) : null;
  return startTicks !== null && isInContainer(pid, container) ? { pid, container, startTicks } : null;
}

/**
 * Whether it runs although its StartedAt is that of a life that has ended: an Engine that was stopped in the midst of a start, with
 * live-restore, may give the new life the former one's. The former one's process is gone, so what is there is another.
 */
export const runsByKernel = (
  facts: { readonly alive: boolean; readonly pid: number; readonly id: string },
  engine: { readonly local: boolean },
): boolean => facts.alive && engine.local && recogniseMainProcess(facts.pid, facts.id) !== null;

/** 'gone' also when the pid belongs to another process now, or is a zombie. */
export const lookAtMainProcess = (main: MainProcess): 'alive' | 'gone' =>
  isAlive(main.pid, main.startTicks) ? 'alive' : 'gone';

/** Whether the process that started at that tick still runs under that pid. */
export const isAlive = (pid: number, startTicks: string): boolean => startTicksOf(pid) === startTicks;

/** Signals it, if it is still the same process. */
export function signalMainProcess(main: MainProcess, signal: string): 'sent' | 'gone' {
  if (lookAtMainProcess(main) === 'gone' || !isInContainer(main.pid, main.container)) return 'gone';
  try {
    process.kill(main.pid, `SIG${signal}`);
    return 'sent';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
    throw error;
  }
}

/** Field 22 of /proc/PID/stat; null: no such process, or a zombie, whose code has ended. */
export function startTicksOf(pid: number): string | null {
  const stat = read(`/proc/${String(pid)}/stat`);
  if (stat === null) return null;
  // The second field is the name in parentheses, which may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? null : (fields[19] ?? null);
}

const isInContainer = (pid: number, container: string): boolean =>
  container !== '' && (read(`/proc/${String(pid)}/cgroup`)?.includes(container) ?? false);

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
