/** A log that holds back what it is told until it is released: of a daemon that may turn out to be the second one, in a log that is the first one's. */
import type { Log } from '../log/activity-log.ts';
import { everyLevel } from '../log/every-level.ts';

export interface HeldLog {
  readonly log: Log;
  /** Tells what was held back, in its order; from then on everything is told at once. */
  release(): void;
}

export function holdBack(to: Log): HeldLog {
  let held: (() => void)[] | null = [];
  return {
    log: everyLevel((level) => (message, fields) => {
      const tell = (): void => to[level](message, fields);
      if (held === null) tell();
      else held.push(tell);
    }),
    release() {
      const told = held ?? [];
      held = null;
      for (const tell of told) tell();
    },
  };
}
