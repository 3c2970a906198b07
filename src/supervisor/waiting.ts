/** Waiting is listening: answers that are held until a unit's state says what came of an order. Every wait has a limit. */
import { isRunning, isStopped } from '../core/unit/states.ts';
import { formatName } from '../core/names.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Outcome } from './ports.ts';
import { startInUnknown } from './refusals.ts';
import type { Supervised } from './supervised.ts';

export interface WaitingDeps {
  readonly bus: Bus;
  readonly clock: Clock;
}

/** Longest wait for a start, in ms: beyond startsecs, a launch that pulls an image may take minutes. */
const startLimitMs = 15 * 60_000;
/** What a stop may take beyond its grace before the asker is told that it goes on, in ms. */
const stopMarginMs = 45_000;
/** The same where the truth is not to be had: what can be done without the Engine is done within the grace. */
const unknownMarginMs = 5000;

/** Calls `look` now and after each change of the unit, until it gives an outcome or the limit is over. */
function until(
  unit: Supervised,
  limitMs: number,
  late: () => Outcome,
  deps: WaitingDeps,
  look: () => Outcome | null,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let disarm: () => void = () => undefined;
    let unsubscribe: () => void = () => undefined;
    const finish = (outcome: Outcome): void => {
      unsubscribe();
      disarm();
      resolve(outcome);
    };
    const check = (): void => {
      const outcome = look();
      if (outcome !== null) finish(outcome);
    };
    unsubscribe = deps.bus.subscribe((event) => {
      if ('process' in event && event.group === unit.spec.group && event.process === unit.spec.name) check();
    });
    disarm = deps.clock.alarm(deps.clock.now() + limitMs, () => {
      finish(late());
    });
    check();
  });
}

/** supervisord's rules for startProcess with wait=true (supervisord.md 5.5). */
export function untilStarted(unit: Supervised, deps: WaitingDeps): Promise<Outcome> {
  const { group, name } = unit.spec;
  const full = formatName(group, name);
  const limitMs = Math.max(0, unit.spec.startSeconds) * 1000 + startLimitMs;
  return until(
    unit,
    limitMs,
    () => ({
      refused: 'ABNORMAL_TERMINATION',
      text: `${full} is still ${unit.view().state}; the start goes on`,
    }),
    deps,
    () => {
      const view = unit.view();
      if (view.state === 'RUNNING') return 'done';
      if (view.state === 'STARTING') return null;
      if (view.state === 'UNKNOWN') return startInUnknown(unit);
      if (view.state === 'STOPPING' || view.state === 'STOPPED')
        return { refused: 'ABNORMAL_TERMINATION', text: `${full} was stopped before it was RUNNING` };
      return { refused: view.spawnError === '' ? 'ABNORMAL_TERMINATION' : 'SPAWN_ERROR', text: full };
    },
  );
}

/** Done when it is stopped and known to be: UNKNOWN is not. */
export function untilStopped(unit: Supervised, deps: WaitingDeps): Promise<Outcome> {
  const marginMs = unit.view().state === 'UNKNOWN' ? unknownMarginMs : stopMarginMs;
  const limitMs = unit.spec.stopWaitSeconds * 1000 + marginMs;
  const late = (): Outcome => {
    const { state, description } = unit.view();
    const name = formatName(unit.spec.group, unit.spec.name);
    return { refused: 'FAILED', text: `${name} is still ${state} (${description}); the stop goes on` };
  };
  return until(unit, limitMs, late, deps, () => (isStoppedForSure(unit) ? 'done' : null));
}

export function isStoppedForSure(unit: Supervised): boolean {
  const { state } = unit.view();
  return state !== 'UNKNOWN' && isStopped(state);
}

/**
 * In one of supervisord's running states, or EXITED on the wire and about to be launched again: that one would come up against a stop, and
 * is to come up after a change.
 */
export const isUpOrDue = (unit: Supervised): boolean =>
  isRunning(unit.view().state) || unit.unit().state.name === 'RESTARTING';
