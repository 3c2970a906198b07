/**
 * The life of a unit, as one pure table.
 *
 * A unit is one supervised process or container. It is launched, may come up, runs, ends, and perhaps is launched again. People give
 * orders (`start`, `stop`); runs give news (`spawned`, `exited`), each with the number of its run; and one alarm (`deadline`) says
 * that the instant in the state's `until` has come. `step` answers with the next unit and the effects to carry out, in order.
 *
 * What is hard, and how it is met:
 * - *An order overtakes a launch.* LAUNCHING and CANCELLING are states of their own: a stop while launching waits for the launch's
 *   answer, whichever it is. A process passes through LAUNCHING within one turn, a container may stay there for seconds.
 * - *Truth can be lost.* When the Engine cannot be asked, the unit is UNKNOWN and remembers what is wanted (`wish`). It leaves
 *   UNKNOWN only by news: found, exited, spawned, or a failed launch. Nothing is restarted, and no retry is counted, on a guess.
 * - *Others act on containers.* One that is started by somebody else has `appeared`: it is adopted, which starts nothing.
 * - *Old news.* A report of another run is an echo, an alarm before its time is no alarm. Both are dropped before the table.
 *
 * How long a failed launch waits is `backoff.ts`'s to say, by default supervisord's: the n-th in a row waits n seconds; more than
 * `startRetries` is FATAL.
 * `startsecs` counts from `spawned`. An exit at or after startsecs is RUNNING first, then EXITED. A unit that says itself when it is ready
 * (`awaitReady`) is WAITING until then, and startsecs means nothing to it.
 */
import { pauseAfter } from './backoff.ts';
import { isExpected } from './exit.ts';
import { wireOf } from './types.ts';
import type {
  Effect,
  Event,
  EventOf,
  EventType,
  Exit,
  Policy,
  RefusalReason,
  Report,
  RunId,
  State,
  StateName,
  StateOf,
  Step,
  Transition,
  Unit,
} from './types.ts';

/** Least pause between two launches of a unit whose runs end at once (startsecs=0 with autorestart would spin). */
export const restartFloorMs = 1000;
/** Least pause between two kills. */
const killFloorMs = 1000;

type Asked<N extends StateName> =
  'start' | 'stop' | 'shutdown' | 'signal' | 'appeared' | Timed<N> | Told<N> | Haunted<N>;
type Timed<N extends StateName> = StateOf<N> extends { until: number } ? 'deadline' : never;
type Told<N extends StateName> = StateOf<N> extends { run: RunId } ? Report['type'] : never;
type Haunted<N extends StateName> = StateOf<N> extends { after: RunId } ? 'ghost' : never;
type Cell<N extends StateName, T extends EventType> = (
  unit: Unit,
  state: StateOf<N>,
  event: EventOf<T>,
  policy: Policy,
) => Step;
type Row<N extends StateName> = { readonly [T in Asked<N>]: Cell<N, T> };
export type Table = { readonly [N in StateName]: Row<N> };

/** Carries one event out. Pure. */
export const step = (unit: Unit, event: Event, policy: Policy): Step => stepBy(machine, unit, event, policy);

/** The same by another table: tests seed faults in one and must find them. */
export function stepBy(table: Table, unit: Unit, event: Event, policy: Policy): Step {
  const { state } = unit;
  if ('run' in event && (!('run' in state) || state.run !== event.run)) return stay(unit);
  if (event.type === 'deadline' && (!('until' in state) || event.at < state.until)) return stay(unit);
  if (event.type === 'ghost' && (!('after' in state) || state.after !== event.after)) return stay(unit);
  // The row is the state's own and the guards leave only events that the row has: what the compiler cannot follow is that
  // `state` and `event` were looked up by the very names that index the table.
  const row = table[state.name] as unknown as Record<
    string,
    (unit: Unit, state: State, event: Event, policy: Policy) => Step
  >;
  const cell = row[event.type];
  return cell === undefined ? stay(unit) : cell(unit, state, event, policy);
}

const stay = (unit: Unit): Step => ({ unit, effects: [] });
const refuse =
  (refused: RefusalReason) =>
  (unit: Unit): Step => ({ unit, effects: [], refused });

/** Told of on every change; what is not said is nothing. */
type Facts = Partial<Omit<Transition, 'from' | 'to' | 'tries'>>;

/** Goes to `state`; tells it when the wire state changes (or `tell` insists). */
function go(
  unit: Unit,
  state: State,
  change: Partial<Unit> = {},
  facts: Facts = {},
  then: readonly Effect[] = [],
): Step {
  const next: Unit = { ...unit, ...change, state };
  const from = wireOf[unit.state.name];
  const to = wireOf[state.name];
  if (from === to) return { unit: next, effects: then };
  const told: Effect = {
    do: 'publish',
    from,
    to,
    tries: next.retries,
    pid: 0,
    exit: null,
    expected: true,
    cause: '',
    ...facts,
  };
  return { unit: next, effects: [told, ...then] };
}

/** Carries out `more` on the result of `first`, keeping all effects in order. */
function andThen(first: Step, more: (unit: Unit) => Step): Step {
  const second = more(first.unit);
  return { ...second, effects: [...first.effects, ...second.effects] };
}

function launch(unit: Unit): Step {
  const run = unit.lastRun + 1;
  return go(unit, { name: 'LAUNCHING', run }, { lastRun: run, spawnError: '' }, {}, [{ do: 'launch', run }]);
}

/** The same for what was found running: no retry is counted. */
const launchFound = (unit: Unit): Step =>
  launch({ ...unit, retries: unit.retries - 1, foundRun: unit.lastRun + 1 });

/** Takes over what somebody else started. */
function adopt(unit: Unit, event: { at: number; pid: number; since: number }, policy: Policy): Step {
  const run = unit.lastRun + 1;
  const { pid, since } = event;
  const until = since + policy.startMs;
  const starting = go(unit, starts(run, pid, since, policy), { lastRun: run, spawnError: '' }, { pid }, [
    { do: 'adopt', run },
  ]);
  return !policy.awaitReady && event.at >= until
    ? andThen(starting, (u) => up(u, { run, pid, since }, policy))
    : starting;
}

function spawned(
  unit: Unit,
  run: RunId,
  news: { pid: number; since: number; at: number },
  policy: Policy,
): Step {
  const { pid, since } = news;
  const until = since + policy.startMs;
  const starting = go(unit, starts(run, pid, since, policy), {}, { pid });
  return !policy.awaitReady && news.at >= until
    ? andThen(starting, (u) => up(u, { run, pid, since }, policy))
    : starting;
}

const starts = (run: RunId, pid: number, since: number, policy: Policy): State =>
  policy.awaitReady
    ? { name: 'WAITING', run, pid, since }
    : { name: 'STARTING', run, pid, since, until: since + policy.startMs };

function up(
  unit: Unit,
  { run, pid, since }: { run: RunId; pid: number; since: number },
  policy: Policy,
  cause = '',
): Step {
  const retries = policy.backoff.resetAfterMs > 0 ? unit.retries : 0;
  return go(unit, { name: 'RUNNING', run, pid, since }, { retries, spawnError: '' }, { pid, cause });
}

/** A launch failed, or a run was too short. */
function failed(
  unit: Unit,
  after: RunId,
  at: number,
  policy: Policy,
  message: string,
  facts: Facts = {},
): Step {
  const retries = unit.retries + 1;
  const until = at + pauseAfter(retries, policy.backoff);
  const backoff = go(
    unit,
    { name: 'BACKOFF', after, until },
    { retries, spawnError: message },
    { cause: message, ...facts },
    [{ do: 'clearGhost', after }],
  );
  return policy.startRetries >= 0 && retries > policy.startRetries
    ? andThen(backoff, (u) => giveUp(u, 'too many start retries too quickly'))
    : backoff;
}

const giveUp = (unit: Unit, cause: string, spawnError = unit.spawnError): Step =>
  go(unit, { name: 'FATAL' }, { retries: 0, spawnError }, { cause });

function ended(
  unit: Unit,
  state: { pid: number; since: number },
  event: { at: number; exit: Exit },
  policy: Policy,
): Step {
  const { exit } = event;
  const expected = isExpected(exit, policy.exitCodes);
  const spawnError = expected
    ? ''
    : exit.kind === 'code'
      ? `Bad exit code ${String(exit.code)}`
      : 'Bad exit code -1';
  const again = policy.autorestart === 'always' || (policy.autorestart === 'unexpected' && !expected);
  // One that came up and did not last waits like one that failed; it is not given up, for it does come up.
  const retries = event.at - state.since < policy.backoff.resetAfterMs ? unit.retries + 1 : 0;
  const pause = retries === 0 ? 0 : pauseAfter(retries, policy.backoff);
  const next: State = again
    ? { name: 'RESTARTING', exit, expected, until: Math.max(event.at + pause, state.since + restartFloorMs) }
    : { name: 'EXITED', exit, expected };
  return go(unit, next, { retries, spawnError }, { pid: state.pid, exit, expected });
}

const stopping = (unit: Unit, run: RunId, pid: number, at: number, policy: Policy): Step =>
  go(unit, { name: 'STOPPING', run, pid, until: at + policy.stopWaitMs }, {}, { pid }, [{ do: 'stop', run }]);

const lose = (unit: Unit, run: RunId, pid: number, wish: 'up' | 'down', reason: string): Step =>
  go(unit, { name: 'UNKNOWN', run, pid, wish, reason }, {}, { pid, cause: reason });

const stopped = (unit: Unit, pid: number, exit: Exit | null): Step =>
  go(unit, { name: 'STOPPED' }, {}, { pid, exit });

const pass = (unit: Unit, state: { run: RunId }, event: { signal: string }): Step => ({
  unit,
  effects: [{ do: 'signal', run: state.run, signal: event.signal }],
});

/** The kill did not end it, or was not heard: again, at the same distance. */
function killAgain(unit: Unit, state: { run: RunId } & State, at: number, policy: Policy): Step {
  const until = at + Math.max(killFloorMs, policy.stopWaitMs);
  return {
    unit: { ...unit, state: { ...state, until } as State },
    effects: [{ do: 'kill', run: state.run }],
  };
}

const adoption = (unit: Unit, _state: State, event: EventOf<'appeared'>, policy: Policy): Step =>
  adopt(unit, event, policy);

const resting = {
  start: launch,
  stop: refuse('not-running'),
  shutdown: stay,
  signal: refuse('not-running'),
  appeared: adoption,
};
/** With a run under way, whoever starts it starts what we launch anyway. */
const busy = { start: refuse('already-started'), appeared: stay };

/** Every cell that can mean something; `Row` leaves no other. Exported for the test that all of them are reached. */
export const machine: Table = {
  STOPPED: resting,
  FATAL: resting,
  EXITED: resting,

  LAUNCHING: {
    ...busy,
    stop: (u, s, e, p) =>
      go(u, { name: 'CANCELLING', run: s.run, until: e.at + p.stopWaitMs }, {}, {}, [
        { do: 'cancel', run: s.run },
      ]),
    shutdown: (u, s, e, p) =>
      go(u, { name: 'CANCELLING', run: s.run, until: e.at + p.stopWaitMs }, {}, {}, [
        { do: 'cancel', run: s.run },
      ]),
    signal: refuse('not-running'),
    spawned: (u, s, e, p) => spawned(u, s.run, e, p),
    spawnFailed: (u, s, e, p) => failed(u, s.run, e.at, p, e.message),
    // A run is spawned before it exits; should a runner break that, the launch has failed, and the unit does not hang.
    exited: (u, s, e, p) => failed(u, s.run, e.at, p, 'Exited before it was seen to start', { exit: e.exit }),
    lost: (u, s, e) => lose(u, s.run, 0, 'up', e.reason),
    found: (u, s, e, p) => spawned(u, s.run, e, p),
    signalFailed: stay,
    ready: stay,
  },

  STARTING: {
    ...busy,
    stop: (u, s, e, p) => stopping(u, s.run, s.pid, e.at, p),
    shutdown: (u, s, e, p) => stopping(u, s.run, s.pid, e.at, p),
    signal: pass,
    spawned: stay,
    spawnFailed: stay,
    exited: (u, s, e, p) =>
      e.diedAt >= s.until
        ? andThen(up(u, s, p), (unit) => ended(unit, s, e, p))
        : failed(u, s.run, e.at, p, 'Exited too quickly (process log may have details)', {
            pid: s.pid,
            exit: e.exit,
          }),
    lost: (u, s, e) => lose(u, s.run, s.pid, 'up', e.reason),
    found: (u, s, e, p) => spawned(u, s.run, e, p),
    signalFailed: (u, s, e) => lose(u, s.run, s.pid, 'up', e.message),
    ready: stay,
    deadline: (u, s, _e, p) => up(u, s, p),
  },

  WAITING: {
    ...busy,
    stop: (u, s, e, p) => stopping(u, s.run, s.pid, e.at, p),
    shutdown: (u, s, e, p) => stopping(u, s.run, s.pid, e.at, p),
    signal: pass,
    spawned: stay,
    spawnFailed: stay,
    ready: (u, s, _e, p) => up(u, s, p, 'it says that it is ready'),
    // Whatever startsecs says: who never was ready never was up.
    exited: (u, s, e, p) =>
      failed(u, s.run, e.at, p, 'Exited before it was ready (process log may have details)', {
        pid: s.pid,
        exit: e.exit,
      }),
    lost: (u, s, e) => lose(u, s.run, s.pid, 'up', e.reason),
    found: (u, s, e) => go(u, { ...s, pid: e.pid, since: e.since }),
    signalFailed: (u, s, e) => lose(u, s.run, s.pid, 'up', e.message),
  },

  RUNNING: {
    ...busy,
    stop: (u, s, e, p) => stopping(u, s.run, s.pid, e.at, p),
    shutdown: (u, s, e, p) => stopping(u, s.run, s.pid, e.at, p),
    signal: pass,
    spawned: stay,
    spawnFailed: stay,
    exited: ended,
    lost: (u, s, e) => lose(u, s.run, s.pid, 'up', e.reason),
    found: (u, s, e) => go(u, { ...s, pid: e.pid, since: e.since }),
    signalFailed: (u, s, e) => lose(u, s.run, s.pid, 'up', e.message),
    ready: stay,
  },

  BACKOFF: {
    start: (u, _s, e) => (e.now === true ? launch(u) : refuse('already-started')(u)),
    stop: (u) => stopped(u, 0, null),
    shutdown: (u) => giveUp(u, 'the daemon is shutting down'),
    signal: refuse('not-running'),
    appeared: adoption,
    deadline: launch,
    ghost: (u, s, e) => {
      switch (e.verdict) {
        case 'nothing':
        case 'cleared':
          return stay(u);
        case 'adopt':
          // When that has just failed it waits like after any failure: a way that does not open is not tried without a pause.
          return s.after === u.foundRun ? stay(u) : launchFound(u);
        case 'hopeless':
          return giveUp(u, e.reason, e.reason);
      }
    },
  },

  CANCELLING: {
    start: refuse('is-stopping'),
    stop: refuse('not-running'),
    shutdown: stay,
    signal: refuse('not-running'),
    appeared: stay,
    // The launch could not be called back: what came up is stopped.
    spawned: (u, s, e, p) => stopping(u, s.run, e.pid, e.at, p),
    spawnFailed: (u) => stopped(u, 0, null),
    exited: (u, _s, e) => stopped(u, 0, e.exit),
    lost: (u, s, e) => lose(u, s.run, 0, 'down', e.reason),
    found: (u, s, e, p) => stopping(u, s.run, e.pid, e.at, p),
    signalFailed: stay,
    ready: stay,
    deadline: (u, s, e, p) => killAgain(u, s, e.at, p),
  },

  STOPPING: {
    start: refuse('is-stopping'),
    stop: refuse('not-running'),
    shutdown: stay,
    signal: pass,
    appeared: stay,
    spawned: stay,
    spawnFailed: stay,
    exited: (u, s, e) => stopped(u, s.pid, e.exit),
    lost: (u, s, e) => lose(u, s.run, s.pid, 'down', e.reason),
    found: stay,
    signalFailed: (u, s, e) => lose(u, s.run, s.pid, 'down', e.message),
    ready: stay,
    deadline: (u, s, e, p) => killAgain(u, s, e.at, p),
  },

  RESTARTING: {
    start: launch,
    stop: (u) => stopped(u, 0, null),
    shutdown: (u, s) => go(u, { name: 'EXITED', exit: s.exit, expected: s.expected }),
    signal: refuse('not-running'),
    appeared: adoption,
    deadline: launch,
  },

  UNKNOWN: {
    start: (u, s) => ({ unit: { ...u, state: { ...s, wish: 'up' } }, effects: [], refused: 'unknown-state' }),
    stop: (u, s) => ({
      unit: { ...u, state: { ...s, wish: 'down' } },
      effects: [{ do: 'stop', run: s.run }],
    }),
    shutdown: (u, s) => ({
      unit: { ...u, state: { ...s, wish: 'down' } },
      effects: [{ do: 'stop', run: s.run }],
    }),
    signal: refuse('unknown-state'),
    appeared: stay,
    spawned: (u, s, e, p) => (s.wish === 'up' ? spawned(u, s.run, e, p) : stopping(u, s.run, e.pid, e.at, p)),
    // With a pid it was up when it was lost: then its launch cannot have failed, and only an exit ends it.
    spawnFailed: (u, s, e, p) =>
      s.pid !== 0 ? stay(u) : s.wish === 'up' ? failed(u, s.run, e.at, p, e.message) : stopped(u, 0, null),
    exited: (u, s, e, p) =>
      s.wish === 'up' ? ended(u, { pid: s.pid, since: e.at }, e, p) : stopped(u, s.pid, e.exit),
    lost: (u, s, e) => ({ unit: { ...u, state: { ...s, reason: e.reason } }, effects: [] }),
    found: (u, s, e, p) => (s.wish === 'up' ? spawned(u, s.run, e, p) : stopping(u, s.run, e.pid, e.at, p)),
    signalFailed: (u, s, e) => ({ unit: { ...u, state: { ...s, reason: e.message } }, effects: [] }),
    // It is told again when it is found.
    ready: stay,
  },
};
