/** The wall clock, by which an Engine stamps its logs, and whether it was set back: then their times do not tell their order any more. */

export interface WallClock {
  /** In ms since the epoch; may jump. */
  now(): number;
  /** How often it was set back: this looks. What it makes good within `lookMs` goes by unseen. */
  setBacks(): number;
  /** The latest that it has shown before it was set back, in ms since the epoch; 0: it never was. */
  latestBefore(): number;
  close(): void;
}

/** How far ahead of ours the clock of an Engine on this machine may seem to be, in ms: they are one. */
export const sameClockMs = 5000;
const otherClockMs = 60_000;

/** The same for any Engine. */
export const mostAheadMs = ({ local }: { readonly local: boolean }): number =>
  local ? sameClockMs : otherClockMs;

const lookMs = 5000;
/** What is less is the two clocks' being looked at one after the other, or their being brought together slowly, in ms. */
const littleMs = 100;

export function watchWallClock(): WallClock {
  const aheadOfMonotonic = (): number => Date.now() - performance.now();
  let ahead = aheadOfMonotonic();
  let setBacks = 0;
  let latestBefore = 0;
  const look = (): void => {
    const [before, now] = [ahead, aheadOfMonotonic()];
    ahead = now;
    if (now >= before - littleMs) return;
    setBacks++;
    // `Date.now` cuts off what is less than a millisecond.
    latestBefore = Math.max(latestBefore, before + performance.now() + 1);
  };
  const timer = setInterval(look, lookMs).unref();
  return {
    now: () => Date.now(),
    setBacks() {
      look();
      return setBacks;
    },
    latestBefore: () => latestBefore,
    close() {
      clearInterval(timer);
    },
  };
}
