/** A configuration under both managers, and scripts that are played on both at once. */
import { afterAll, beforeAll, inject, test } from 'vitest';
import { comparable, judge } from './compare.ts';
import { startSide } from './side.ts';
import type { Side } from './side.ts';

export interface House {
  /** A case: what `script` gives on one side must be what it gives on the other. Cases are played in order, on the same two daemons. */
  script(name: string, script: (side: Side) => Promise<unknown>): void;
}

/** All names of cases in this file: those that docs/compat.md names must be among them. */
export const played: string[] = [];

/** To be called within a `describe`. `ready`: what is waited for before the first case. */
export function openHouse(
  programs: string | ((isReal: boolean) => string),
  ready: (side: Side) => Promise<void> = () => Promise.resolve(),
  daemonLines: readonly string[] = [],
): House {
  const sides: Side[] = [];
  beforeAll(async () => {
    const text = (isReal: boolean): string => (typeof programs === 'string' ? programs : programs(isReal));
    const start = async (isReal: boolean): Promise<void> => {
      const side = await startSide(isReal, inject('dockvisord'), text(isReal), daemonLines);
      sides.push(side);
      await ready(side);
    };
    await Promise.all([start(true), start(false)]);
  });
  afterAll(async () => {
    await Promise.all(sides.map((side) => side.manager.destroy()));
  });
  return {
    script(name, script) {
      played.push(name);
      test(name, async () => {
        const both = [true, false].map(async (isReal) => {
          const side = sides.find((each) => each.isReal === isReal);
          if (side === undefined) throw new Error(`${isReal ? 'supervisord' : 'dockvisord'} did not start`);
          return comparable(await script(side), side.directory);
        });
        const [real, ours] = await Promise.all(both);
        judge(name, real, ours);
      });
    },
  };
}

/** A case with a pair of daemons of its own, which the script may end. */
export function alone(name: string, programs: string, script: (side: Side) => Promise<unknown>): void {
  played.push(name);
  test(name, async () => {
    const play = async (isReal: boolean): Promise<unknown> => {
      const side = await startSide(isReal, inject('dockvisord'), programs);
      try {
        return comparable(await script(side), side.directory);
      } finally {
        await side.manager.destroy();
      }
    };
    const [real, ours] = await Promise.all([play(true), play(false)]);
    judge(name, real, ours);
  });
}
