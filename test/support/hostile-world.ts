/**
 * A world that answers late, twice, never, untruly and about the dead, and a judge that looks after every step. Histories are made from a
 * seed, so a failing one replays.
 */
import { newUnit, wireOf } from '../../src/core/unit/types.ts';
import type { Effect, Event, Exit, Policy, Step, Unit } from '../../src/core/unit/types.ts';
import type { WireStateName } from '../../src/core/unit/states.ts';

export type StepFunction = (unit: Unit, event: Event, policy: Policy) => Step;
import { randomBy } from './random.ts';

export interface Finding {
  readonly seed: number;
  readonly events: readonly Event[];
  readonly complaint: string;
}

const legal: Readonly<Record<WireStateName, readonly WireStateName[]>> = {
  STOPPED: ['STARTING'],
  STARTING: ['RUNNING', 'BACKOFF', 'STOPPING', 'UNKNOWN'],
  RUNNING: ['EXITED', 'STOPPING', 'UNKNOWN'],
  BACKOFF: ['STARTING', 'FATAL', 'STOPPED'],
  STOPPING: ['STOPPED', 'UNKNOWN'],
  EXITED: ['STARTING', 'STOPPED'],
  FATAL: ['STARTING'],
  UNKNOWN: ['STARTING', 'RUNNING', 'STOPPING', 'STOPPED', 'EXITED', 'BACKOFF'],
};

/** What is really there. */
interface World {
  /** The run whose thing is up, as the machine has been told. */
  told: { readonly run: number; readonly since: number } | null;
  /** A launch that has not been answered. */
  launching: number | null;
  wish: 'up' | 'down';
}

/** Plays one history; null: nothing to complain of. `visited` collects `STATE.event`. */
export function playHistory(seed: number, step: StepFunction, visited: Set<string>): Finding | null {
  const random = randomBy(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const policy: Policy = {
    startMs: pick([-1000, 0, 1000, 5000]),
    startRetries: pick([-1, 0, 1, 3]),
    backoff: {
      kind: pick(['linear', 'exponential']),
      initialMs: pick([0, 500, 1000]),
      maxMs: pick([0, 0, 3000]),
      jitter: pick([0, 0.5]),
      resetAfterMs: pick([0, 0, 10_000]),
      seed: 'hostile',
    },
    autorestart: pick(['never', 'always', 'unexpected']),
    exitCodes: pick([[], [0], [0, 2]]),
    stopWaitMs: pick([0, 1000, 10_000]),
    awaitReady: pick([false, false, true]),
  };
  const world: World = { told: null, launching: null, wish: 'down' };
  const events: Event[] = [];
  let unit: Unit = newUnit;
  let at = 0;

  for (let turn = 0; turn < 120; turn++) {
    at += pick([0, 0, 1, 10, 400, 1000, 3000, 20_000]);
    const event = { ...nextEvent(), at } as Event;
    events.push(event);
    const before = unit;
    visited.add(`${before.state.name}.${event.type}`);
    const counts = note(event, before);
    const result = step(unit, event, policy);
    unit = result.unit;
    const complaint = judge(before, event, result, counts);
    if (complaint !== null) return { seed, events, complaint };
  }
  return null;

  function nextEvent(): Record<string, unknown> {
    const run = pick([unit.lastRun, unit.lastRun, unit.lastRun, unit.lastRun - 1, unit.lastRun + 1]);
    const exit: Exit = pick<Exit>([
      { kind: 'code', code: 0, oomKilled: false },
      { kind: 'code', code: 2, oomKilled: false },
      { kind: 'code', code: 137, oomKilled: true },
      { kind: 'signal', signal: 'SIGTERM', coreDumped: false },
      { kind: 'unknown', reason: 'nobody saw it' },
    ]);
    const since = Math.max(0, at - pick([0, 0, 500, 1000, 60_000]));
    return pick<() => Record<string, unknown>>([
      () => ({ type: 'start', now: pick([true, false]) }),
      () => ({ type: 'start' }),
      () => ({ type: 'stop' }),
      () => ({ type: 'shutdown' }),
      () => ({ type: 'signal', signal: 'HUP' }),
      () => ({ type: 'spawned', run, pid: 5, since }),
      () => ({ type: 'spawned', run, pid: 5, since }),
      () => ({ type: 'spawned', run, pid: 5, since }),
      () => ({ type: 'spawnFailed', run, message: 'no' }),
      () => ({ type: 'ready', run }),
      () => ({ type: 'exited', run, exit, diedAt: Math.max(0, at - pick([0, 0, 100, 2000])) }),
      () => ({ type: 'lost', run, reason: 'away' }),
      () => ({ type: 'found', run, pid: 6, since }),
      () => ({ type: 'signalFailed', run, message: 'EPERM' }),
      () => ({ type: 'appeared', pid: 8, since }),
      () => ({
        type: 'ghost',
        after: run,
        ...pick([
          { verdict: 'nothing' },
          { verdict: 'cleared' },
          { verdict: 'adopt' },
          { verdict: 'hopeless', reason: 'dead' },
        ]),
      }),
      () => ({ type: 'deadline' }),
      () => ({ type: 'deadline' }),
      () => ({ type: 'deadline' }),
    ])();
  }

  /** Keeps the world's books; true: the event counts (a contract-keeping run could say it). */
  function note(event: Event, before: Unit): boolean {
    if (event.type === 'start') world.wish = 'up';
    if (event.type === 'stop' || event.type === 'shutdown') world.wish = 'down';
    if (!('run' in event) || !('run' in before.state) || event.run !== before.state.run) return false;
    switch (event.type) {
      case 'spawned':
      case 'found':
        if (world.launching !== event.run && world.told?.run !== event.run) return false;
        world.launching = null;
        world.told = { run: event.run, since: event.since };
        return true;
      case 'spawnFailed':
        if (world.launching !== event.run) return false;
        world.launching = null;
        return true;
      case 'exited':
        world.launching = null;
        world.told = null;
        return true;
      default:
        return true;
    }
  }

  function judge(before: Unit, event: Event, { unit: after, effects }: Step, counts: boolean): string | null {
    let wire = wireOf[before.state.name];
    for (const effect of effects) {
      const complaint = judgeEffect(effect, wire, event);
      if (complaint !== null) return complaint;
      if (effect.do === 'publish') wire = effect.to;
    }
    const name = wireOf[after.state.name];
    if (wire !== name) return `the state is ${name}, but the last that was told is ${wire}`;
    if (world.told !== null && ['STOPPED', 'EXITED', 'FATAL', 'BACKOFF'].includes(name))
      return `${name} while its run is known to be up`;
    if (world.told !== null && !('run' in after.state))
      return `its run is up, and ${after.state.name} knows no run`;
    if (counts && event.type === 'exited' && 'run' in after.state && after.state.run === event.run) {
      return `${after.state.name} although the run has ended`;
    }
    if (after.retries < 0) return 'a negative retry count';
    if ('until' in after.state && !Number.isFinite(after.state.until)) return 'an alarm that never rings';
    if (
      before.state.name === 'UNKNOWN' &&
      after.state.name === 'UNKNOWN' &&
      event.type === 'stop' &&
      after.state.wish !== 'down'
    ) {
      return 'a stop that is forgotten while UNKNOWN';
    }
    return null;
  }

  function judgeEffect(effect: Effect, wire: WireStateName, event: Event): string | null {
    switch (effect.do) {
      case 'launch':
        if (world.told !== null || world.launching !== null) return 'a second live run';
        if (world.wish === 'down') return 'a launch after a stop without a start';
        world.launching = effect.run;
        return null;
      case 'adopt':
        if (world.told !== null || world.launching !== null) return 'an adoption beside a live run';
        world.wish = 'up';
        world.told = { run: effect.run, since: event.at };
        return null;
      case 'signal':
        return world.told?.run === effect.run ? null : 'a signal to what is not up';
      case 'stop':
      case 'kill':
      case 'cancel':
        return effect.run === unit.lastRun ? null : `${effect.do} of an old run`;
      case 'clearGhost':
        return null;
      case 'publish':
        if (effect.from !== wire) return `told from ${effect.from}, was ${wire}`;
        if (!legal[effect.from].includes(effect.to))
          return `${effect.from} to ${effect.to} is no legal change`;
        if (effect.to === 'RUNNING' && policy.awaitReady)
          return event.type === 'ready' ? null : 'RUNNING before it was ready';
        if (effect.to === 'RUNNING' && policy.startMs > 0 && event.type !== 'exited') return tooEarly(event);
        return null;
    }
  }

  function tooEarly(event: Event): string | null {
    const { state } = unit;
    const since =
      'since' in event
        ? event.since
        : state.name === 'STARTING' || state.name === 'RUNNING'
          ? state.since
          : event.at;
    return event.at - since < policy.startMs ? 'RUNNING before startsecs' : null;
  }
}

/** Plays so many seeds; the first complaint, or null. */
export function search(step: StepFunction, seeds: number, visited = new Set<string>()): Finding | null {
  for (let seed = 1; seed <= seeds; seed++) {
    const finding = playHistory(seed, step, visited);
    if (finding !== null) return finding;
  }
  return null;
}
