/** What the doctor finds: a lie, a conflict, or a place that could not be looked at; each with the commands that mend it. */
import type { LieKind } from '../core/truth.ts';

export interface Remedy {
  /** To be typed in this order, each as it stands. Empty: no command mends it. */
  readonly mend: readonly string[];
  /** What to know about it, or to do where no command helps; one sentence. null: the commands say it all. */
  readonly advice: string | null;
}

/** The manager's word against the Engine's (or, of a plain program, the kernel's). */
export interface LieFound extends Remedy {
  readonly kind: LieKind;
  readonly says: string;
  readonly truth: string;
}

export type ConflictKind =
  /** The container has a restart policy of its own. */
  | 'restart-policy'
  /** Two programs stand for one container. */
  | 'two-programs'
  /** A dockvisord that is not the manager has it. */
  | 'other-daemon'
  /** A Compose project or a Swarm service has it. */
  | 'other-owner'
  /** A `run` whose name is taken. */
  | 'name-in-the-way'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'dead'
  | 'missing'
  | 'failed-start'
  | 'unhealthy'
  /** Made with `-i`, and nobody holds its stdin. */
  | 'waits-for-stdin'
  /** Its TTY keeps the client from passing TERM on. */
  | 'tty-stop'
  | 'client-does-not-wait'
  /** In the file, and the manager does not know it. */
  | 'not-in-manager'
  | 'not-in-file'
  /** What runs is another container than the file names. */
  | 'changed-in-file'
  /** A real supervisord lies, and nothing is there that would mend it by itself. */
  | 'no-plug-in';

export interface Conflict extends Remedy {
  readonly kind: ConflictKind;
  readonly text: string;
}

export type TroubleKind = 'configuration' | 'manager' | 'engine' | 'client';

/** Something that could not be looked at: what, why, and what was wanted of it. */
export interface Trouble extends Remedy {
  readonly kind: TroubleKind;
  readonly text: string;
}

export const remedy = (mend: readonly string[], advice: string | null = null): Remedy => ({ mend, advice });
