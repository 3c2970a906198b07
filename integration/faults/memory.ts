/** What a process has in memory, by /proc, in MB. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Above its rest, at the most. */
const boundMb = 64;

export interface MemoryWatch {
  expectBounded(): void;
}

/** From now on: what it has is its rest, and its highest is looked at. */
export function watchMemory(pid: number): MemoryWatch {
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
  const rest = megabytes(pid, 'VmRSS');
  return {
    expectBounded() {
      expect(megabytes(pid, 'VmHWM') - rest).toBeLessThan(boundMb);
    },
  };
}

const megabytes = (pid: number, key: 'VmRSS' | 'VmHWM'): number =>
  Number(
    new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1],
  ) / 1024;
