/**
 * One unit with its live run and its alarm: the only place where the three are held together.
 *
 * `send` enqueues; the first sender works the queue off: step, commit, effects in order, alarm. Commit, then act: whoever is told of
 * RUNNING sees RUNNING. Nothing here awaits; what takes time answers with an event.
 */
import { pauseAfter } from '../core/unit/backoff.ts';
import { restartFloorMs, step } from '../core/unit/machine.ts';
import { newUnit, wireOf } from '../core/unit/types.ts';
import type { Effect, Event, Exit, Policy, RefusalReason, State, Unit, Wish } from '../core/unit/types.ts';
import type { ProcessSpec } from '../core/config/model.ts';
import type { ProcessView } from '../core/view.ts';
import { describe } from '../core/describe.ts';
import { exitStatus } from '../core/unit/exit.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { resting, saveRest } from './rest.ts';
import type { Moment, Rest } from './rest.ts';
import type { Run, RunOutput, Runner, RunnerReport } from './runner.ts';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;
export type EventInput = WithoutTime<Event>;

/** Where the output of a process goes; real in `log/`. */
export interface ProcessLogs {
  /** Before each launch; nothing when they are open. Throws when a file cannot be opened. */
  open(): void;
  /** The same for what runs already, and prints whether or not: a file that cannot be opened is told, tried again, and what it lacks counted. */
  openAnyhow(): void;
  /** Takes a run's output to its end. */
  take(output: RunOutput): void;
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

export interface Supervised {
  readonly spec: ProcessSpec;
  readonly runner: Runner;
  readonly logs: ProcessLogs;
  /**
   * Why the order was refused; undefined when it was taken, or put behind others.
   * `why`: where an order comes from, for the history; what people ask for is `an order`.
   */
  send(event: EventInput, why?: string): RefusalReason | undefined;
  unit(): Unit;
  view(): ProcessView;
  /** Input for the process's stdin. */
  write(data: Uint8Array): Promise<'written' | 'closed' | 'full' | 'not-running'>;
  /** Another reading of the same process, which differs in nothing that would need a restart. What runs, runs on. */
  reconfigure(spec: ProcessSpec): void;
  /** How it rests, for the next daemon (`rest.ts`): plain data. */
  leave(): unknown;
  /** Calls off the alarm and the watch; the unit must be at rest. */
  close(): void;
}

export interface SupervisedDeps {
  readonly clock: Clock;
  readonly bus: Bus;
  /** False while the daemon goes down: what others start then is theirs. */
  readonly mayAdopt: () => boolean;
  /** A bug in the machine or in a runner: costs the unit, not the house. */
  readonly onBug: (error: unknown, where: string) => void;
}

export function policyOf(spec: ProcessSpec): Policy {
  return {
    startMs: spec.startSeconds * 1000,
    awaitReady: spec.docker?.notify === true,
    startRetries: spec.startRetries,
    backoff: {
      kind: spec.backoff.kind,
      initialMs: spec.backoff.initialSeconds * 1000,
      maxMs: spec.backoff.maxSeconds * 1000,
      jitter: spec.backoff.jitter,
      resetAfterMs: spec.backoff.resetAfterSeconds * 1000,
      seed: `${spec.group}:${spec.name}`,
    },
    autorestart: spec.autorestart,
    exitCodes: spec.exitCodes,
    stopWaitMs: spec.stopWaitSeconds * 1000,
  };
}

/** null: none is waited for, or one that is at hand. */
function nextTryMs(state: State, now: number): number | null {
  if (state.name === 'BACKOFF') return Math.max(0, state.until - now);
  return state.name === 'RESTARTING' && state.until - now > 1000 ? state.until - now : null;
}

/** null: what is wanted shows in its state. */
const wishOf = (state: State): Wish | null => (state.name === 'UNKNOWN' ? state.wish : null);

/** So long it may have been told to wait, in ms. */
const longestPause = ({ retries }: Rest, { backoff }: Policy): number =>
  Math.max(restartFloorMs, pauseAfter(Math.max(1, retries), backoff));

/** null: it is news, and no order. */
function orderOf(event: Event): string | null {
  switch (event.type) {
    case 'start':
    case 'stop':
      return event.type;
    case 'shutdown':
      return 'stop';
    case 'signal':
      return `signal ${event.signal}`;
    default:
      return null;
  }
}

/** `rest`: how a former daemon left it, which is as it goes on, and no news; null: it has never run. */
export function supervise(
  initial: ProcessSpec,
  runner: Runner,
  logs: ProcessLogs,
  deps: SupervisedDeps,
  rest: Rest | null = null,
): Supervised {
  const { clock, bus } = deps;
  let spec = initial;
  let policy = policyOf(spec);
  const names = { group: spec.group, process: spec.name };
  const queue: { readonly event: EventInput; readonly why: string }[] = [];
  const moment = (): Moment => ({ now: clock.now(), wall: clock.wall() });
  let unit: Unit = rest === null ? newUnit : resting(rest, moment(), longestPause(rest, policy));
  let run: { readonly id: number; readonly run: Run } | null = null;
  let busy = false;
  let closed = false;
  let disarm: () => void = () => undefined;
  // Wall times for the view: supervisord's laststart and laststop.
  let startWall = rest?.startedAt ?? 0;
  let stopWall = rest?.endedAt ?? 0;
  let lastExit: Exit | null = rest?.exit ?? null;

  function send(event: EventInput, why = 'an order'): RefusalReason | undefined {
    // News may still be on its way when the unit has been let go of.
    if (closed) return undefined;
    const mine = { event, why };
    queue.push(mine);
    if (busy) return undefined;
    busy = true;
    let refused: RefusalReason | undefined;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const answer = handle(next.event, next.why);
        if (next === mine) refused = answer;
      }
    } finally {
      busy = false;
    }
    return refused;
  }

  function handle(input: EventInput, why: string): RefusalReason | undefined {
    const event = { ...input, at: clock.now() } as Event;
    const wish = wishOf(unit.state);
    const result = step(unit, event, policy);
    unit = result.unit;
    const order = orderOf(event);
    const isTaken = result.refused === undefined && result.effects.length > 0;
    // An order that does nothing (a shutdown of what is down) explains nothing either.
    if (order !== null && (isTaken || wishOf(unit.state) !== wish))
      bus.publish({ type: 'order', ...names, order, why });
    const isUp = event.type === 'spawned' || event.type === 'found';
    if (isUp && 'run' in unit.state && unit.state.run === event.run) {
      // What is found may be another life than the one that was lost.
      startWall = runner.startedAt() ?? wallAt(event.since);
      if (event.type === 'spawned')
        bus.publish({ type: 'spawned', ...names, pid: event.pid, adopted: event.adopted === true });
    }
    for (const effect of result.effects) {
      try {
        perform(effect);
      } catch (error) {
        deps.onBug(error, `${spec.group}:${spec.name} ${effect.do}`);
      }
    }
    rearm();
    return result.refused;
  }

  function rearm(): void {
    disarm();
    disarm =
      'until' in unit.state
        ? clock.alarm(unit.state.until, () => send({ type: 'deadline' }))
        : () => undefined;
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'launch':
        startWall = clock.wall();
        lastExit = null;
        launch(effect.run, 'launch');
        return;
      case 'adopt':
        startWall = runner.startedAt() ?? ('since' in unit.state ? wallAt(unit.state.since) : clock.wall());
        lastExit = null;
        bus.publish({
          type: 'spawned',
          ...names,
          pid: 'pid' in unit.state ? unit.state.pid : 0,
          adopted: true,
        });
        launch(effect.run, 'adopt');
        return;
      case 'cancel':
        live(effect.run)?.cancel();
        return;
      case 'stop':
        live(effect.run)?.stop({
          signal: spec.docker !== null && !spec.stopSignalWritten ? null : spec.stopSignal.name,
          graceMs: policy.stopWaitMs,
        });
        return;
      case 'kill':
        bus.publish({ type: 'killing', ...names, pid: 'pid' in unit.state ? unit.state.pid : 0 });
        live(effect.run)?.kill();
        return;
      case 'signal':
        live(effect.run)?.signal(effect.signal);
        return;
      case 'clearGhost':
        void runner.clearGhost().then((verdict) => send({ type: 'ghost', after: effect.after, ...verdict }));
        return;
      case 'publish': {
        const { do: publish, ...transition } = effect;
        if (effect.exit !== null) lastExit = effect.exit;
        if (effect.to === 'STOPPED' || effect.to === 'EXITED' || effect.to === 'BACKOFF')
          stopWall = clock.wall();
        bus.publish({ type: 'process-state', ...names, transition });
        return;
      }
    }
  }

  const wallAt = (instant: number): number => Math.round(clock.wall() - (clock.now() - instant));

  const live = (id: number): Run | null => (run?.id === id ? run.run : null);

  function launch(id: number, how: 'launch' | 'adopt'): void {
    try {
      const obstacle = openLogs();
      const tell = (report: RunnerReport): void => void send({ ...report, run: id });
      run = { id, run: how === 'adopt' ? runner.adopt(tell) : runner.launch(tell, obstacle) };
      logs.take(run.run.output);
    } catch (error) {
      deps.onBug(error, `${spec.group}:${spec.name} launch`);
      send({ type: 'spawnFailed', run: id, message: `internal error: ${String(error)}` });
    }
  }

  /** Returns why nothing may be started: what is not running yet is not launched unheard. What runs already runs, heard or not. */
  function openLogs(): string | undefined {
    try {
      logs.open();
      return undefined;
    } catch (error) {
      logs.openAnyhow();
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      return `unknown error making dispatchers for '${spec.name}': ${code}`;
    }
  }

  runner.watch((found) => {
    if (deps.mayAdopt()) send({ type: 'appeared', ...found });
  });

  return {
    get spec() {
      return spec;
    },
    runner,
    logs,
    send,
    unit: () => unit,
    view() {
      const { state } = unit;
      const isUp =
        state.name === 'RUNNING' ||
        state.name === 'STARTING' ||
        state.name === 'WAITING' ||
        state.name === 'STOPPING';
      const bare = {
        group: spec.group,
        name: spec.name,
        state: wireOf[state.name],
        start: Math.floor(((isUp ? runner.startedAt() : null) ?? startWall) / 1000),
        stop: Math.floor(stopWall / 1000),
        now: Math.floor(clock.wall() / 1000),
        spawnError: unit.spawnError,
        exitStatus: exitStatus(lastExit),
        stdoutLogfile: logs.stdoutPath,
        stderrLogfile: logs.stderrPath,
        pid: 'pid' in state ? state.pid : 0,
        nextTryMs: nextTryMs(state, clock.now()),
        ...runner.view(),
      };
      return { ...bare, description: describe(bare, state.name === 'UNKNOWN' ? state.reason : '') };
    },
    write: (data) =>
      run === null || !('run' in unit.state) ? Promise.resolve('not-running') : run.run.write(data),
    reconfigure(next) {
      spec = next;
      policy = policyOf(next);
      runner.reconfigure(next);
    },
    leave: () => saveRest(unit, { exit: lastExit, startedAt: startWall, endedAt: stopWall }, moment()),
    close() {
      closed = true;
      disarm();
      runner.close();
    },
  };
}
