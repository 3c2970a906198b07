/** A clock that stands until it is moved by hand. */
import type { Clock } from '../../src/supervisor/clock.ts';

export interface HandClock extends Clock {
  /** Moves on and rings what is due, in order. */
  advance(ms: number): void;
  /** How many alarms are armed: none may be left at the end of a test. */
  armed(): number;
}

export function createHandClock(): HandClock {
  let now = 0;
  const alarms = new Map<number, { readonly at: number; readonly ring: () => void }>();
  let serial = 0;
  return {
    now: () => now,
    wall: () => 1_700_000_000_000 + now,
    alarm(at, ring) {
      const id = ++serial;
      alarms.set(id, { at, ring });
      return () => alarms.delete(id);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...alarms]
          .filter(([, { at }]) => at <= end)
          .sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
        if (due === undefined) break;
        const [id, { at, ring }] = due;
        alarms.delete(id);
        now = Math.max(now, at);
        ring();
      }
      now = end;
    },
    armed: () => alarms.size,
  };
}
