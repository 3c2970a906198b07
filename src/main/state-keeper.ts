/** Keeps the state file as things are: at each change of a state, and now and then for the logs. */
import type { Config } from '../core/config/model.ts';
import { wireOf } from '../core/unit/types.ts';
import type { LogMarks } from '../log/process-logs.ts';
import type { Bus } from '../supervisor/bus.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Supervised } from '../supervisor/supervised.ts';
import type { Former } from '../supervisor/supervisor.ts';
import { isAsGood } from './left-of.ts';
import { isToGoOn } from './state-file.ts';
import type { DaemonState, ProgramState, StateFile } from './state-file.ts';

/** How old the places in the logs may be, in ms. */
const keepMs = 5000;
/**
 * The same where the logs themselves tell what was written since: a machine at rest need not write for ever, and each time costs as much CPU
 * as thirty lines of output (docs/bench.md).
 */
const asGoodMs = 60_000;
/** Changes that come together are written together, in ms. */
const soonMs = 20;

export interface StateKeeperDeps {
  readonly file: StateFile;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly units: () => readonly Supervised[];
  readonly marksOf: (unit: Supervised) => LogMarks;
}

export interface StateKeeper {
  /**
   * When what is up is up, or has been ordered up. Before that nothing is written: a daemon that is killed on its way must leave the next
   * one what the former has left, and not that everything is down.
   */
  begin(): void;
  /** Everything is about to be stopped because the daemon goes: nobody has ordered that of any program. */
  beginWayDown(): void;
  /** Now, for the last time. */
  leave(): void;
  /** Nothing is left to remember, but how far the output of these has been read: what they said last could not be. */
  forget(): readonly Supervised[];
}

export function createStateKeeper({ file, bus, clock, units, marksOf }: StateKeeperDeps): StateKeeper {
  let disarm: () => void = () => undefined;
  let soon = false;
  let shutsDown = false;
  /** What stands in the file, and since when; null: that is not known. */
  let kept: { readonly programs: DaemonState['programs']; readonly at: number } | null = null;

  function keep(mode: 'if due' | 'if changed' | 'again'): void {
    const held = units().filter(({ spec }) => spec.docker !== null);
    const programs = Object.fromEntries(
      held.map((unit) => [keyOf(unit.spec), programStateOf(unit, marksOf(unit))] as const),
    );
    if (mode === 'if due' && !isDue(programs, held)) return;
    kept = file.write({ programs, shutsDown }, mode === 'again') ? { programs, at: clock.now() } : null;
  }

  function isDue(programs: DaemonState['programs'], held: readonly Supervised[]): boolean {
    if (kept === null || clock.now() - kept.at >= asGoodMs) return true;
    const before = kept.programs;
    return held.some(({ spec }) => {
      const key = keyOf(spec);
      const [older, newer] = [before[key], programs[key]];
      return older === undefined || newer === undefined || !isAsGood(older, newer, spec);
    });
  }

  function arm(ms: number): void {
    disarm();
    disarm = clock.alarm(clock.now() + ms, () => {
      const mode = soon ? 'if changed' : 'if due';
      soon = false;
      keep(mode);
      arm(keepMs);
    });
  }

  function writeSoon(): void {
    if (soon) return;
    soon = true;
    arm(soonMs);
  }

  /** null: it has not begun. */
  let unsubscribe: (() => void) | null = null;
  const end = (): void => {
    unsubscribe?.();
    disarm();
  };
  return {
    begin() {
      unsubscribe = bus.subscribe((event) => {
        const { type } = event;
        if (type === 'placed' && event.now) keep('if changed');
        else if (type === 'process-state' || type === 'spawned' || type === 'placed') writeSoon();
      });
      writeSoon();
    },
    beginWayDown() {
      shutsDown = true;
      if (unsubscribe !== null) keep('again');
    },
    leave() {
      end();
      if (unsubscribe !== null) keep('again');
    },
    forget() {
      end();
      const behind = units().filter(({ runner }) => runner.isBehind());
      if (behind.length > 0) keep('again');
      else file.remove();
      return behind;
    },
  };
}

export const keyOf = (spec: { readonly group: string; readonly name: string }): string =>
  `${spec.group}:${spec.name}`;

export function programStateOf(unit: Supervised, logs: LogMarks): ProgramState {
  const state = wireOf[unit.unit().state.name];
  return { state, wish: wishOf(unit), rest: unit.leave(), logs, container: unit.runner.leave() };
}

function wishOf(unit: Supervised): ProgramState['wish'] {
  const { state } = unit.unit();
  switch (state.name) {
    case 'STOPPED':
      // One that was never started was not stopped by anybody either.
      return unit.unit().lastRun === 0 ? 'none' : 'down';
    case 'CANCELLING':
    case 'STOPPING':
      return 'down';
    case 'UNKNOWN':
      return state.wish;
    case 'EXITED':
    case 'FATAL':
      return 'none';
    default:
      return 'up';
  }
}

/** What the next daemon does first. */
export function resumptionOf(former: DaemonState | null, config: Config): Former {
  const programs = isToGoOn(former) ? former.programs : {};
  const keys = config.groups.flatMap(({ processes }) => processes.map(keyOf));
  const named = (wanted: (state: ProgramState) => boolean): ReadonlySet<string> =>
    new Set(
      keys.filter((key) => {
        const state = programs[key];
        return state !== undefined && wanted(state);
      }),
    );
  return {
    rest: named(({ state, wish }) => state === 'EXITED' || (state === 'STOPPED' && wish === 'down')),
    resume: named(({ wish }) => wish === 'up'),
    stop: named(({ state, wish }) => wish === 'down' && state !== 'STOPPED'),
  };
}
