/** Plays one seed: a world, so many acts at random instants, then peace, then the end; judged all the way. */
import { actAtRandom, makePeace } from './acts.ts';
import { createJudge, judgeRest, restMs } from './judge.ts';
import type { Sabotage } from './simulated-daemon.ts';
import { installSimulatedTime } from './simulated-time.ts';
import type { SimulatedTime } from './simulated-time.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

export interface Played {
  readonly seed: number;
  /** null: nothing to complain of. */
  readonly complaint: string | null;
  /** Empty unless it was asked for. */
  readonly history: readonly string[];
  readonly visited: ReadonlyMap<string, number>;
}

export interface PlayOptions {
  readonly sabotage?: Sabotage;
  readonly keepHistory?: boolean;
}

const turns = 40;
const pausesMs = [0, 0, 3, 40, 300, 1100, 3000, 3000, 8000, 25_000];
/** The longest time without a judge. */
const sliceMs = 4000;
const endMs = 60_000;

export async function playSeed(seed: number, options: PlayOptions = {}): Promise<Played> {
  const time = installSimulatedTime();
  try {
    const world = await createWorld(seed, time, options.sabotage ?? {}, options.keepHistory === true);
    await play(world, time);
    // After a complaint it is in the midst of things: what it would do next must not reach Node's own timers, nor the next seed.
    if (world.mood() !== 'down') world.killDaemon(false);
    await time.settle();
    const { history, visited } = world;
    return { seed, complaint: world.complaint(), history, visited };
  } finally {
    time.uninstall();
  }
}

async function play(world: World, time: SimulatedTime): Promise<void> {
  const judge = createJudge(world);
  const passes = async (ms: number): Promise<void> => {
    for (let left = ms; left >= 0 && world.complaint() === null; left -= sliceMs) {
      await time.advance(Math.min(left, sliceMs));
      judge();
    }
  };
  world.boot();
  for (let turn = 0; turn < turns && world.complaint() === null; turn++) {
    await passes(world.random.pick(pausesMs));
    actAtRandom(world);
  }
  await passes(0);
  makePeace(world);
  await passes(restMs);
  if (world.complaint() !== null) return;
  judgeRest(world);
  await end(world, time, passes);
}

/** The way down stops everything, and leaves nothing behind. */
async function end(world: World, time: SimulatedTime, passes: (ms: number) => Promise<void>): Promise<void> {
  const since = time.now();
  const held = world.ledgers.filter(({ program }) => world.daemon()?.unit(program.spec.name) !== undefined);
  world.shutDown();
  await passes(endMs);
  if (world.complaint() !== null) return;
  if (world.mood() !== 'down') world.complain('the way down has no end');
  for (const { id, program } of held) {
    // What others start then (a restart policy) is theirs.
    const isOurs = program.restartPolicy === 'no' && (world.engine.lastChange(id)?.at ?? 0) < since;
    if (world.facts(id)?.state === 'running' && isOurs)
      world.complain(`${program.container} runs after the way down`);
  }
  await time.advance(endMs);
}
