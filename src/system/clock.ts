import type { Clock } from '../supervisor/clock.ts';

/** Longest delay that setTimeout keeps; a longer one would ring at once. */
const maxDelayMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  alarm(at, ring) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const delay = at - performance.now();
      timer = setTimeout(delay > 0 ? arm : ring, Math.min(Math.max(0, Math.ceil(delay)), maxDelayMs));
    };
    arm();
    return () => {
      clearTimeout(timer);
    };
  },
};
