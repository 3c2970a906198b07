/** The words of the machine: states, events, effects. `machine.ts` says how they go together. */
import type { BackoffPolicy } from './backoff.ts';
import type { WireStateName } from './states.ts';

/** Milliseconds on the monotonic clock. Wall time is stamped by the shell on what it publishes. */
export type Instant = number;

/** Number of one attempt, counting from 1 within a unit. Old news is recognised by it. */
export type RunId = number;

/** How a run ended, with evidence. `unknown` is said when nobody saw the end: never a made-up number. */
export type Exit =
  | { readonly kind: 'code'; readonly code: number; readonly oomKilled: boolean }
  | { readonly kind: 'signal'; readonly signal: string; readonly coreDumped: boolean }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What the user wants of a unit while its truth cannot be known. */
export type Wish = 'up' | 'down';

/** Each state carries exactly the facts that are true in it. `until` is the one instant that it waits for. */
export type State =
  | { readonly name: 'STOPPED' }
  | { readonly name: 'LAUNCHING'; readonly run: RunId }
  | {
      readonly name: 'STARTING';
      readonly run: RunId;
      readonly pid: number;
      readonly since: Instant;
      readonly until: Instant;
    }
  /** It runs, and has not said yet that it is ready (docker_notify): nobody knows until when. */
  | { readonly name: 'WAITING'; readonly run: RunId; readonly pid: number; readonly since: Instant }
  | { readonly name: 'RUNNING'; readonly run: RunId; readonly pid: number; readonly since: Instant }
  | { readonly name: 'BACKOFF'; readonly after: RunId; readonly until: Instant }
  | { readonly name: 'CANCELLING'; readonly run: RunId; readonly until: Instant }
  | { readonly name: 'STOPPING'; readonly run: RunId; readonly pid: number; readonly until: Instant }
  | { readonly name: 'EXITED'; readonly exit: Exit; readonly expected: boolean }
  | { readonly name: 'RESTARTING'; readonly exit: Exit; readonly expected: boolean; readonly until: Instant }
  | { readonly name: 'FATAL' }
  | {
      readonly name: 'UNKNOWN';
      readonly run: RunId;
      readonly pid: number;
      readonly wish: Wish;
      readonly reason: string;
    };

export type StateName = State['name'];
export type StateOf<N extends StateName> = Extract<State, { name: N }>;

/** The only translation from our twelve states to supervisord's eight. */
export const wireOf: Readonly<Record<StateName, WireStateName>> = {
  STOPPED: 'STOPPED',
  LAUNCHING: 'STARTING',
  STARTING: 'STARTING',
  WAITING: 'STARTING',
  RUNNING: 'RUNNING',
  BACKOFF: 'BACKOFF',
  CANCELLING: 'STOPPING',
  STOPPING: 'STOPPING',
  EXITED: 'EXITED',
  RESTARTING: 'EXITED',
  FATAL: 'FATAL',
  UNKNOWN: 'UNKNOWN',
};

/** Orders from people; imperative. `shutdown` is a stop because the daemon goes. */
export type Command =
  /** `now`: a pause before the next try is not waited for. */
  | { readonly type: 'start'; readonly now?: boolean }
  | { readonly type: 'stop' | 'shutdown' }
  | { readonly type: 'signal'; readonly signal: string };

/** News from a run; past tense, numbered. `adopted`: it ran before we looked after it; absent: we started it. */
export type Report = { readonly run: RunId } & (
  | { readonly type: 'spawned'; readonly pid: number; readonly since: Instant; readonly adopted?: true }
  | { readonly type: 'spawnFailed'; readonly message: string }
  /** It has said so itself. After `spawned`, and again after each `found`. */
  | { readonly type: 'ready' }
  /** `diedAt`: when it ended, which may be before its last output was read and this was told. */
  | { readonly type: 'exited'; readonly exit: Exit; readonly diedAt: Instant }
  /** Whether it runs can no longer be known (the Engine does not answer). */
  | { readonly type: 'lost'; readonly reason: string }
  /** It is known again, and it runs. */
  | { readonly type: 'found'; readonly pid: number; readonly since: Instant }
  | { readonly type: 'signalFailed'; readonly message: string }
);

/** What a look at the thing in the way came to (`docker_on_ghost`). */
export type GhostVerdict =
  | { readonly verdict: 'nothing' }
  | { readonly verdict: 'cleared' }
  /** It runs and is to be taken over at once; no retry is counted. */
  | { readonly verdict: 'adopt' }
  /** No further try can succeed before somebody acts. `reason` names what, and the command that mends it. */
  | { readonly verdict: 'hopeless'; readonly reason: string };

export type Event = { readonly at: Instant } & (
  | Command
  | Report
  /** What this unit stands for was found running while no run of ours was up: somebody else started it. */
  | { readonly type: 'appeared'; readonly pid: number; readonly since: Instant }
  | ({ readonly type: 'ghost'; readonly after: RunId } & GhostVerdict)
  | { readonly type: 'deadline' }
);

export type EventType = Event['type'];
export type EventOf<T extends EventType> = Event & { type: T };

/** A change of the wire state, told to everybody. `retries`, `pid` and `expected` are those of supervisord's payloads. */
export interface Transition {
  readonly from: WireStateName;
  readonly to: WireStateName;
  /** Retry counter after the change. */
  readonly tries: number;
  /** 0: none. */
  readonly pid: number;
  /** How a run ended; null when none did. */
  readonly exit: Exit | null;
  readonly expected: boolean;
  /** Why, in one clause: shown in logs and, on UNKNOWN and FATAL, to the user. `''`: nothing to add. */
  readonly cause: string;
}

export type Effect =
  | { readonly do: 'launch'; readonly run: RunId }
  /** Take over what runs already. It ends like any run, but is neither `spawned` nor `spawnFailed`, and starts nothing. */
  | { readonly do: 'adopt'; readonly run: RunId }
  | { readonly do: 'cancel'; readonly run: RunId }
  | { readonly do: 'stop'; readonly run: RunId }
  | { readonly do: 'kill'; readonly run: RunId }
  | { readonly do: 'signal'; readonly run: RunId; readonly signal: string }
  | { readonly do: 'clearGhost'; readonly after: RunId }
  | ({ readonly do: 'publish' } & Transition);

/** Why an order was not followed; the RPC turns it into a fault. */
export type RefusalReason = 'already-started' | 'not-running' | 'is-stopping' | 'unknown-state';

/** What the machine needs to know of the configuration. */
export interface Policy {
  /** How long a run must last to count as up; 0 or less: at once. Not looked at with `awaitReady`. */
  readonly startMs: number;
  /** A run counts as up when it has said that it is ready, and not before. */
  readonly awaitReady: boolean;
  /** Further launches after the first; negative: for ever. */
  readonly startRetries: number;
  readonly backoff: BackoffPolicy;
  readonly autorestart: 'never' | 'always' | 'unexpected';
  readonly exitCodes: readonly number[];
  /** Grace between stop and kill, and between one kill and the next. */
  readonly stopWaitMs: number;
}

export interface Unit {
  readonly state: State;
  /** Failed launches in a row, and runs that did not last (`resetAfterMs`). Survives a stop, as supervisord's does. */
  readonly retries: number;
  /** Number of the last run; 0: never launched. */
  readonly lastRun: RunId;
  /** The last run that was launched for what was found running (GhostVerdict `adopt`); 0: none. */
  readonly foundRun: RunId;
  /** Why the last launch failed, or the last exit was unexpected; `''`: no reason to complain. */
  readonly spawnError: string;
}

export interface Step {
  readonly unit: Unit;
  readonly effects: readonly Effect[];
  readonly refused?: RefusalReason;
}

export const newUnit: Unit = {
  state: { name: 'STOPPED' },
  retries: 0,
  lastRun: 0,
  foundRun: 0,
  spawnError: '',
};
