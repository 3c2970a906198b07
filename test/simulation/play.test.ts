/** The simulation itself: it replays, it gives Node its own time back, and it finds what is broken on purpose. */
import { describe, expect, it } from 'vitest';
import type { Sabotage } from './simulated-daemon.ts';
import { playSeed } from './play.ts';

const limitMs = 300_000;
const fewSeeds = 100;

/** The first complaint of some seeds; null: the broken part was not found. */
async function complaintWith(sabotage: Sabotage): Promise<string | null> {
  for (let seed = 1; seed <= fewSeeds; seed++) {
    const { complaint } = await playSeed(seed, { sabotage });
    if (complaint !== null) return complaint;
  }
  return null;
}

describe('a seed', () => {
  it(
    'has the same history each time, and leaves the time as it was',
    async () => {
      const [before, beforeNow] = [setTimeout, Date.now];
      const first = await playSeed(1, { keepHistory: true });
      const second = await playSeed(1, { keepHistory: true });
      expect(first.history.length).toBeGreaterThan(50);
      expect(second.history).toEqual(first.history);
      expect(setTimeout).toBe(before);
      expect(Date.now).toBe(beforeNow);
    },
    limitMs,
  );
});

describe('broken on purpose', () => {
  it(
    'a link that compares nothing',
    async () => {
      const sabotage: Sabotage = {
        link: (link) => ({
          ...link,
          listen: (listener) => link.listen({ ...listener, compare: () => undefined }),
        }),
      };
      expect(await complaintWith(sabotage)).toMatch(/says/);
    },
    limitMs,
  );

  it(
    "a runner that takes the Engine's silence for an end",
    async () => {
      const sabotage: Sabotage = {
        runner: (runner) => ({
          ...runner,
          launch: (tell, obstacle) =>
            runner.launch((report) => {
              if (report.type !== 'lost') tell(report);
              else
                tell({
                  type: 'exited',
                  exit: { kind: 'unknown', reason: report.reason },
                  diedAt: performance.now(),
                });
            }, obstacle),
        }),
      };
      expect(await complaintWith(sabotage)).not.toBeNull();
    },
    limitMs,
  );

  it(
    'a runner that stops what it finds running',
    async () => {
      const sabotage: Sabotage = {
        runner: (runner, engine, container) => ({
          ...runner,
          launch(tell, obstacle) {
            void engine.stop(container, 1000, null).catch(() => undefined);
            return runner.launch(tell, obstacle);
          },
        }),
      };
      expect(await complaintWith(sabotage)).toMatch(/stop of .* was asked for/);
    },
    limitMs,
  );
});
