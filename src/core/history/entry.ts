/**
 * What the history keeps of what happened: each change of a state with its cause and its evidence, each order with where it came from.
 * The same words stand in the file, go over the wire and are printed by `why --json`; so the names are those of JSON. Never a command line
 * and never an environment: they may hold secrets.
 */
import type { ContainerState } from '../view.ts';
import type { WireStateName } from '../unit/states.ts';

/** The Engine's word about the container at that moment. */
export interface Evidence {
  readonly name: string;
  /** The first twelve digits; null: there is none. */
  readonly id: string | null;
  readonly state: ContainerState;
  readonly exit_code: number | null;
  readonly oom_killed: boolean;
  readonly error: string;
}

/** How a run ended; `code` and `signal`: null where it has none. `how`: supervisord's words for it. */
export interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly oom_killed: boolean;
  readonly how: string;
}

export type ProcessHappening =
  | {
      readonly kind: 'state';
      readonly from: WireStateName;
      readonly to: WireStateName;
      /** As the machine tells it; `''`: nothing to add. */
      readonly cause: string;
      /** Failed tries in a row, after the change. */
      readonly tries: number;
      readonly pid: number;
      readonly expected: boolean;
      /** null: nothing ended. */
      readonly exit: End | null;
      readonly container: Evidence | null;
      /** When the life began that came up or ended, RFC 3339. null: none did, or an entry of a version that did not note it. */
      readonly started: string | null;
    }
  /** `order`: `start`, `stop`, `signal HUP`. `why`: `an order …`, or what can stand after "because". */
  | { readonly kind: 'order'; readonly order: string; readonly why: string }
  /** Its main process is known; `adopted`: it ran before we looked after it. */
  | { readonly kind: 'spawned'; readonly pid: number; readonly adopted: boolean }
  | { readonly kind: 'killing'; readonly pid: number }
  /** A container was in the way. */
  | { readonly kind: 'ghost'; readonly found: string; readonly done: string };

export type Happening =
  | ({ readonly group: string; readonly process: string } & ProcessHappening)
  /** Between `stopped` and `started`, and after what has no `stopped`, nobody looked. */
  | { readonly kind: 'daemon'; readonly what: 'started' | 'stopped'; readonly pid: number };

export type HistoryEntry = {
  /** The cursor: rises for ever, over restarts of the daemon too. */
  readonly seq: number;
  /** RFC 3339 with milliseconds, UTC. */
  readonly time: string;
} & Happening;

/** What decides what comes next, as the process runs by it now. */
export interface Rules {
  readonly autostart: boolean;
  /** null: a supervisord does not tell. */
  readonly autorestart: 'never' | 'always' | 'unexpected' | null;
  readonly startsecs: number;
  readonly startretries: number;
  readonly stopwaitsecs: number;
  readonly exitcodes: readonly number[];
  /** RUNNING means that it has said so itself (`docker_notify`). */
  readonly says_ready: boolean;
  /** A start makes its container, where there is none; null: its manager does not tell. */
  readonly makes_container: boolean | null;
}
