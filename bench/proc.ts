/** What processes cost, by /proc: memory of each, and the time that they have run. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

export interface Memory {
  readonly rssMb: number;
  /** Shared pages counted in parts: a hundred proxies of one binary share its text. */
  readonly pssMb: number;
}

/** Clock ticks in a second: what Linux tells user space, whatever the kernel's own are. */
const ticksPerSecond = 100;

/** A process and everything under it. */
export function treeOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  // Grows while it is gone through.
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

export function memoryOf(pids: readonly number[]): Memory {
  let rssMb = 0;
  let pssMb = 0;
  for (const pid of pids) {
    const text = read(`/proc/${String(pid)}/smaps_rollup`);
    rssMb += kilobytes(text, 'Rss') / 1024;
    pssMb += kilobytes(text, 'Pss') / 1024;
  }
  return { rssMb, pssMb };
}

/** utime + stime of all of them, in seconds. `withReaped`: and of the children that each has waited for. */
export function cpuSecondsOf(pids: readonly number[], withReaped = false): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statOf(pid) ?? [];
    for (const field of fields.slice(11, withReaped ? 15 : 13)) ticks += Number(field);
  }
  return ticks / ticksPerSecond;
}

/** From now on `peakMb` tells the highest since now. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
}

export const peakMb = (pid: number): number => kilobytes(read(`/proc/${String(pid)}/status`), 'VmHWM') / 1024;

function kilobytes(text: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

/** Fields from the third one on (state, parent, …): the second, a name in brackets, may hold anything. null: it has ended. */
function statOf(pid: number): readonly string[] | null {
  const text = read(`/proc/${String(pid)}/stat`);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** KILL to a container's main process. Throws where there is none: a pid of 0 would be our own process group. */
export function killMain({ name, pid }: { readonly name: string; readonly pid: number }): void {
  if (pid <= 1) throw new Error(`container ${name} does not run`);
  process.kill(pid, 'SIGKILL');
}
