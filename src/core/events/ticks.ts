/** TICK_5, TICK_60 and TICK_3600: told when the slice of wall time changes, aligned to the epoch, without catching up (supervisord.md 7.3). */
import type { Happening, TickPeriod } from './happening.ts';

const periods: readonly TickPeriod[] = [5, 60, 3600];

const sliceOf = (wallMs: number, period: TickPeriod): number => Math.floor(wallMs / 1000 / period) * period;

/** What is due now when one looked last at `thenMs`. A clock that was put back changes the slice as well, as in supervisord. */
export const ticksDue = (thenMs: number, nowMs: number): readonly Happening[] =>
  periods.flatMap((period) => {
    const when = sliceOf(nowMs, period);
    return when === sliceOf(thenMs, period) ? [] : [{ type: 'tick', period, when }];
  });

/** How long until something can be due: never longer than the shortest period. */
export const untilNextTick = (nowMs: number): number => 5000 - (nowMs % 5000);
