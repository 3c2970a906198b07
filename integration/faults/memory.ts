/** Whether the memory of a process stays bounded. */
import { expect } from 'vitest';
import { forgetPeak, memoryOf, peakMb } from '../../bench/proc.ts';

/** Above its rest, at the most, in MB. */
const boundMb = 64;

export interface MemoryWatch {
  expectBounded(): void;
}

/** From now on: what it has is its rest, and its highest is looked at. */
export function watchMemory(pid: number): MemoryWatch {
  forgetPeak(pid);
  const rest = memoryOf([pid]).rssMb;
  return {
    expectBounded() {
      const peak = peakMb(pid);
      expect(peak, `process ${String(pid)} has ended`).toBeGreaterThan(0);
      expect(peak - rest).toBeLessThan(boundMb);
    },
  };
}
