/**
 * The doors of the supervisor: what surfaces may ask of it (`Manager`), and what it asks of effects (`Runner`, `Run`).
 *
 * Surfaces (rpc, http, ctl's server side) import types from here and from core, and nothing else of the supervisor.
 */
import type { GroupSpec, ProcessSpec } from '../core/config/model.ts';
import type { GroupPlan } from '../core/config/update-plan.ts';
import type { HistoryEntry, Rules } from '../core/history/entry.ts';
import type { ProcessView } from '../core/view.ts';

/** Which log a reader means. */
export type LogRef =
  | { readonly kind: 'main' }
  | {
      readonly kind: 'process';
      readonly group: string;
      readonly process: string;
      readonly channel: 'stdout' | 'stderr';
    };

/** Why something was not done. Each is one of supervisord's faults; `text` is what follows the colon in the fault string. */
export interface Refusal {
  readonly refused:
    | 'BAD_NAME'
    | 'BAD_SIGNAL'
    | 'BAD_ARGUMENTS'
    | 'NO_FILE'
    | 'NOT_EXECUTABLE'
    | 'FAILED'
    | 'ABNORMAL_TERMINATION'
    | 'SPAWN_ERROR'
    | 'ALREADY_STARTED'
    | 'NOT_RUNNING'
    | 'ALREADY_ADDED'
    | 'STILL_RUNNING'
    | 'CANT_REREAD'
    | 'SHUTDOWN_STATE';
  /** `''` when the fault string is its bare name. */
  readonly text: string;
}
export type Outcome = 'done' | Refusal;

/** One line of a group operation: supervisord's status struct. */
export interface GroupOutcome {
  readonly group: string;
  readonly process: string;
  readonly outcome: Outcome;
}

/** Group names, by what `reread` found. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** One row of getAllConfigInfo: the configuration as last read, which may be newer than what runs. */
export interface ConfigInfo {
  readonly spec: ProcessSpec;
  readonly groupPriority: number;
  /** Whether a group of this name is active. */
  readonly inUse: boolean;
}

/** What has happened to a process, and what decides what comes next. */
export interface History {
  readonly rules: Rules;
  /** Of the process and of the daemon itself; oldest first. */
  readonly entries: readonly HistoryEntry[];
}

/** The whole supervisor, as a surface sees it. Names are taken apart by the surface (`core/names.ts`). */
export interface Manager {
  readonly identifier: string;
  readonly pid: number;
  /** supervisord's `getState`: RUNNING or SHUTDOWN (-1). RESTARTING it never is: a reload stops nothing but what it must. */
  mood(): 'RUNNING' | 'SHUTDOWN';
  /** Every process, sorted by group name, then process name, as plain strings. */
  views(): readonly ProcessView[];
  view(group: string, process: string): ProcessView | null;
  /** Active groups by (priority, name). */
  groups(): readonly GroupSpec[];
  configInfo(): readonly ConfigInfo[];
  /** The newest `limit` entries after the one of number `after`. null: no such process. */
  history(group: string, process: string, after: number, limit: number): History | null;

  /**
   * `wait` true: answers when it is RUNNING, or has failed; false: when the launch is under way.
   * The asker's leaving undoes nothing.
   */
  start(group: string, process: string, wait: boolean): Promise<Outcome>;
  /** Of what waits for its next try, or has been given up: a start that does not wait for the pause, nor for what comes of it. */
  retry(group: string, process: string): Promise<Outcome>;
  /** null: no such group. What `retry` would refuse is left out. */
  retryGroup(group: string): Promise<readonly GroupOutcome[] | null>;
  retryAll(): Promise<readonly GroupOutcome[]>;
  /** null: no such group. Processes that run already are left out, as supervisord does. */
  startGroup(group: string, wait: boolean): Promise<readonly GroupOutcome[] | null>;
  startAll(wait: boolean): Promise<readonly GroupOutcome[]>;
  stop(group: string, process: string, wait: boolean): Promise<Outcome>;
  stopGroup(group: string, wait: boolean): Promise<readonly GroupOutcome[] | null>;
  stopAll(wait: boolean): Promise<readonly GroupOutcome[]>;
  /** `signal` as typed: name with or without SIG, or a number. */
  signal(group: string, process: string, signal: string): Promise<Outcome>;
  signalGroup(group: string, signal: string): Promise<readonly GroupOutcome[] | null>;
  signalAll(signal: string): Promise<readonly GroupOutcome[]>;

  /** Reads the configuration again and says what differs; adopts nothing. A bad file: CANT_REREAD with its first problem. */
  reread(): Promise<Changes | Refusal>;
  /** Reads the configuration again and says what `updateGroup` would do, group by group; does nothing. A bad file: CANT_REREAD. */
  planUpdate(): Promise<readonly GroupPlan[] | Refusal>;
  /**
   * Makes one group what the configuration as last read says, or takes it away if that has none of its name, and answers with what was
   * done: null when nothing differs. Only what has changed is stopped and started; the answer waits for the stops.
   */
  updateGroup(name: string): Promise<GroupPlan | Refusal | null>;
  addGroup(name: string): Promise<Outcome>;
  removeGroup(name: string): Promise<Outcome>;
  /** The answer is sent before the mood changes. `keep`: containers run on, for the next daemon to take over. */
  shutdown(keep: boolean): void;
  restart(): void;

  /** supervisord's read rules (supervisord.md 5.6). Text is decoded with U+FFFD for bad bytes. */
  readLog(log: LogRef, offset: number, length: number): Promise<string | Refusal>;
  tailLog(
    log: LogRef,
    offset: number,
    length: number,
  ): Promise<{ readonly text: string; readonly offset: number; readonly overflow: boolean } | Refusal>;
  /** First the last 1024 bytes, then what comes, until `signal` aborts. null: there is no such log file. */
  followLog(log: LogRef, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
  clearLog(
    log: { readonly kind: 'main' } | { readonly group: string; readonly process: string },
  ): Promise<Outcome>;
  writeStdin(group: string, process: string, data: Uint8Array): Promise<Outcome>;
  /** REMOTE_COMMUNICATION event. */
  sendRemoteEvent(type: string, data: string): void;
}
