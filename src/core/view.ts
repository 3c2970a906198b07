/**
 * The view: one plain object for each unit, made by the supervisor and printed by every surface (RPC, CLI, page, metrics).
 */
import type { WireStateName } from './unit/states.ts';

/** The Engine's word for a container, `missing` when there is none, `unknown` when the Engine cannot be asked. */
export type ContainerState =
  'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead' | 'missing' | 'unknown';

/** A container as the contract prints it (CONTRACT section 3). `null` means known to be none. */
export interface ContainerView {
  readonly name: string;
  readonly id: string | null;
  readonly image: string | null;
  readonly engine: string;
  readonly state: ContainerState;
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /** Main process on the host; null when it does not run. */
  readonly pid: number | null;
  /** null while it runs, and when it never ran. */
  readonly exit_code: number | null;
  readonly oom_killed: boolean;
  /** RFC 3339 with milliseconds; null: never. */
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly restart_policy: string;
  /** The Engine's own sentence about a failed start, or why it cannot be asked; `''` when there is nothing to say. */
  readonly error: string;
}

export interface ProxyView {
  readonly kind: 'cli' | 'api';
  /** null: no child process (api), or none at the moment. */
  readonly pid: number | null;
}

export interface ProcessView {
  readonly group: string;
  readonly name: string;
  readonly state: WireStateName;
  /** Wall times in whole seconds since the epoch; 0: never. */
  readonly start: number;
  readonly stop: number;
  readonly now: number;
  readonly spawnError: string;
  /** Exit code; -1 for a death by signal, 0 when unknown. */
  readonly exitStatus: number;
  /** Path, or `''` for none. */
  readonly stdoutLogfile: string;
  readonly stderrLogfile: string;
  /** 0: none. For a container: its main process on the host. */
  readonly pid: number;
  /** See `describe`. */
  readonly description: string;
  readonly container: ContainerView | null;
  readonly proxy: ProxyView | null;
  /** When it is tried again, in ms from `now`; part of `description`. Absent or null: no pause is waited for. */
  readonly nextTryMs?: number | null;
  /** What it says of itself; part of `description`. Absent or `''`: nothing. */
  readonly status?: string;
}
