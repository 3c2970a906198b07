/** Keeps the state file as things are: at each change of a state, and now and then for the logs. */
import type { Config } from '../core/config/model.ts';
import { wireOf } from '../core/unit/types.ts';
import type { LogMarks } from '../log/process-logs.ts';
import type { Bus } from '../supervisor/bus.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Supervised } from '../supervisor/supervised.ts';
import type { Former } from '../supervisor/supervisor.ts';
import { bootId } from './state-file.ts';
import type { DaemonState, ProgramState, StateFile } from './state-file.ts';

/** How old the places in the logs may be, in ms: what was written since is read from the logs themselves. */
const keepMs = 5000;
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
  begin(): void;
  /** Now, for the last time. */
  leave(): void;
  /** Nothing is left to remember. */
  forget(): void;
}

export function createStateKeeper({ file, bus, clock, units, marksOf }: StateKeeperDeps): StateKeeper {
  let disarm: () => void = () => undefined;
  let soon = false;

  function keep(again = false): void {
    const programs = Object.fromEntries(
      units().flatMap((unit) =>
        unit.spec.docker === null ? [] : [[keyOf(unit.spec), stateOf(unit, marksOf(unit))]],
      ),
    );
    file.write(programs, again);
  }

  function arm(ms: number): void {
    disarm();
    disarm = clock.alarm(clock.now() + ms, () => {
      soon = false;
      keep();
      arm(keepMs);
    });
  }

  const unsubscribe = bus.subscribe(({ type }) => {
    if ((type !== 'process-state' && type !== 'spawned') || soon) return;
    soon = true;
    arm(soonMs);
  });

  const end = (): void => {
    unsubscribe();
    disarm();
  };
  return {
    begin: () => {
      // What has changed during the boot is to be written sooner.
      if (!soon) arm(keepMs);
    },
    leave() {
      end();
      keep(true);
    },
    forget() {
      end();
      file.remove();
    },
  };
}

export const keyOf = (spec: { readonly group: string; readonly name: string }): string =>
  `${spec.group}:${spec.name}`;

function stateOf(unit: Supervised, logs: LogMarks): ProgramState {
  return { state: wireOf[unit.unit().state.name], wish: wishOf(unit), logs, container: unit.runner.leave() };
}

function wishOf(unit: Supervised): ProgramState['wish'] {
  const { state } = unit.unit();
  switch (state.name) {
    case 'STOPPED':
      // One that never was started was not stopped by anybody either.
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
  const named = (wanted: (state: ProgramState) => boolean): ReadonlySet<string> =>
    new Set(
      former === null || former.boot !== bootId()
        ? []
        : config.groups
            .flatMap(({ processes }) => processes.map(keyOf))
            .filter((key) => {
              const state = former.programs[key];
              return state !== undefined && wanted(state);
            }),
    );
  return {
    rest: named(({ state, wish }) => state === 'EXITED' || (state === 'STOPPED' && wish === 'down')),
    resume: named(({ wish }) => wish === 'up'),
    stop: named(({ state, wish }) => wish === 'down' && state !== 'STOPPED'),
  };
}
