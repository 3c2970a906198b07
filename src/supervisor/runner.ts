/**
 * What the supervisor asks of effects: one interface for plain processes and for containers. Kept by `test/contract/runner.ts`:
 *
 * - R1 each launch ends with exactly one of `spawnFailed`, `exited`, and nothing follows it
 * - R2 `spawned` comes before `exited`, even when the exit is known first
 * - R2a `ready` comes between `spawned` and `exited`, and only from who was asked to say it
 * - R3 `exited` comes after all output, or after a drain limit
 * - R4 signalling what is gone is no failure
 * - R5 `cancel` at any moment leaves nothing running
 * - R6 a failed launch says at which stage
 * - R7 nothing is retried inside: retrying is the machine's policy
 * - R8 a container run is `exited` only when the Engine (or, where it is silent, the kernel) says that its process is gone
 */
import type { ProcessSpec } from '../core/config/model.ts';
import type { GhostVerdict, Report } from '../core/unit/types.ts';
import type { ContainerView, ProxyView } from '../core/view.ts';

type WithoutRun<T> = T extends unknown ? Omit<T, 'run'> : never;
/** A report as a run tells it; the shell adds run and time. */
export type RunnerReport = WithoutRun<Report>;

/**
 * Takes one chunk, which is the taker's until it returns: who keeps it copies it. null: the next one may come; else when that is: who is slow
 * slows the writer down.
 */
export type Take = (chunk: Uint8Array) => Promise<void> | null;

/** What a run prints on one channel. Calls, and no iterator: for small pieces two async generators cost more than the writing. */
export interface OutputChannel {
  /** To be called once, at once. Resolves when all has been taken; rejects with what `take` threw, or the reading. */
  readBy(take: Take): Promise<void>;
}

/** `stderr` is null when it goes into `stdout`. */
export interface RunOutput {
  readonly stdout: OutputChannel;
  readonly stderr: OutputChannel | null;
}

export interface StopOrder {
  /** Signal name without SIG; null: the container's own stop signal (a process gets TERM). */
  readonly signal: string | null;
  readonly graceMs: number;
}

/** One attempt. No method throws; what comes of it is reported. */
export interface Run {
  readonly output: RunOutput;
  /** Asked once. */
  stop(order: StopOrder): void;
  /** The grace is over, or a former kill was in vain. */
  kill(): void;
  signal(name: string): void;
  /** Calls a launch back. Ends with `spawnFailed`, or with `spawned` when it was too late. */
  cancel(): void;
  write(data: Uint8Array): Promise<'written' | 'closed' | 'full'>;
}

/** Why a launch could not work, known without launching; `fault` is supervisord's. */
export interface Unlaunchable {
  readonly fault: 'NO_FILE' | 'NOT_EXECUTABLE';
  readonly message: string;
}

/** Makes one unit run. Keeps no lifecycle state of its own. */
export interface Runner {
  /** `obstacle`: why nothing may be started; what runs already is taken over all the same. Absent: nothing speaks against it. */
  launch(tell: (report: RunnerReport) => void, obstacle?: string): Run;
  /** Takes over what `watch` found running: attaches, starts nothing, tells everything but `spawned` and `spawnFailed`. */
  adopt(tell: (report: RunnerReport) => void): Run;
  /** null: nothing speaks against a launch. */
  check(): Unlaunchable | null;
  /** On entering BACKOFF: looks what is in the way and deals with it (CONTRACT section 4). Never rejects. */
  clearGhost(): Promise<GhostVerdict>;
  /** `appeared` is called while no run is up, whenever what this unit stands for is found running. `since` is monotonic. */
  watch(appeared: (found: { readonly pid: number; readonly since: number }) => void): void;
  view(): {
    readonly container: ContainerView | null;
    readonly proxy: ProxyView | null;
    /** What it says of itself (`docker_notify`). */
    readonly status?: string;
  };
  /** Wall time in ms at which the running thing really started, where that is known better than by the launch; else null. */
  startedAt(): number | null;
  /** Another reading of the same process, which differs in nothing that would need another run. */
  reconfigure(spec: ProcessSpec): void;
  /** What a runner of the same program, in the next daemon, needs to go on here: plain data. null: nothing. */
  leave(): unknown;
  /** What has ended has said more than could be read of it: it is read by a later run, or by one in the next daemon. */
  isBehind(): boolean;
  /** The unit is gone from the configuration, or the daemon goes and leaves what runs: stop watching, and let go of what is attached. */
  close(): void;
}

/** A run that never was: every order to it has been carried out. */
export const nothingRuns: Run = {
  output: { stdout: { readBy: () => Promise.resolve() }, stderr: null },
  stop: () => undefined,
  kill: () => undefined,
  signal: () => undefined,
  cancel: () => undefined,
  write: () => Promise.resolve('closed'),
};
