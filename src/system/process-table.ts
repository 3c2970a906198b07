/** Processes as /proc tells them: for those who must know exactly whom they look at, or end. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** One process, told from a later one of the same pid by when it started. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly startTicks: string;
}

export interface ProcessSeen extends ProcessId {
  readonly parent: number;
  readonly words: readonly string[];
}

/** null: no such process, or a zombie. */
export function seeProcess(pid: number): ProcessSeen | null {
  const stat = text(pid, 'stat');
  if (stat === null) return null;
  // The second field is the name in parentheses, which may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, startTicks] = [fields[0], fields[1], fields[19]];
  if (state === 'Z' || state === 'X' || startTicks === undefined) return null;
  const words = (text(pid, 'cmdline') ?? '').replace(/\0$/, '').split('\0');
  return { pid, startTicks, parent: Number(parent), words };
}

export const isStill = ({ pid, startTicks }: ProcessId): boolean =>
  seeProcess(pid)?.startTicks === startTicks;

/** Signals that very process; 'gone' when it is no more, or the pid is another's now. */
export function signalProcess(one: ProcessId, signal: NodeJS.Signals): 'sent' | 'gone' {
  if (!isStill(one)) return 'gone';
  try {
    process.kill(one.pid, signal);
    return 'sent';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
    throw error;
  }
}

/** All that descend from it, it not among them, the youngest generation first. */
export function descendantsOf(pid: number): readonly ProcessSeen[] {
  const byParent = new Map<number, ProcessSeen[]>();
  for (const name of readdirSync('/proc')) {
    const seen = /^\d+$/.test(name) ? seeProcess(Number(name)) : null;
    if (seen !== null) byParent.set(seen.parent, [...(byParent.get(seen.parent) ?? []), seen]);
  }
  const found: ProcessSeen[] = [];
  for (let generation = byParent.get(pid) ?? []; generation.length > 0;) {
    found.unshift(...generation);
    generation = generation.flatMap((one) => byParent.get(one.pid) ?? []);
  }
  return found;
}

/** As it was given to the process at its start; null: not ours to read, or gone. */
export function environmentOf(pid: number): Readonly<Record<string, string>> | null {
  const environ = text(pid, 'environ');
  if (environ === null) return null;
  const pairs = environ.split('\0').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals < 1 ? [] : [[pair.slice(0, equals), pair.slice(equals + 1)] as const];
  });
  return Object.fromEntries(pairs);
}

/** Target of a link of its own: `cwd`, `exe`, `fd/1`; null: not ours to read, or gone. */
export function linkOf(pid: number, name: string): string | null {
  try {
    return readlinkSync(`/proc/${String(pid)}/${name}`);
  } catch {
    return null;
  }
}

/** Text of a file of its own (`cgroup`, `status`); null: not ours to read, or gone. */
export function text(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${String(pid)}/${name}`, 'utf8');
  } catch {
    return null;
  }
}
