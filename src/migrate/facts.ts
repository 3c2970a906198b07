/** What is known before anything is done: the running supervisord, its file, and each of its programs. */
import type { Problem } from '../core/config/model.ts';
import type { RawSection } from '../core/config/read-sections.ts';
import type { Evidence, ManagerSeen } from '../doctor/evidence.ts';
import type { LieFound } from '../doctor/findings.ts';

/** How a daemon was started, so that it can be started again. */
export interface Launched {
  readonly pid: number;
  /** Tells this process from a later one of the same pid. */
  readonly startTicks: string;
  /** Interpreter, script, options: as it was started. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
}

export interface OldFacts {
  readonly launched: Launched;
  /** Absolute path of the file that its command line names; null: it names none, and was found by the search path. */
  readonly file: string | null;
  /** Systemd's unit that it runs in; null: none. */
  readonly unit: string | null;
  /** The unit is masked: systemd will not start it again. */
  readonly unitMasked: boolean;
  /** What its parent is called; null: it is nobody's child (pid 1's). */
  readonly parent: string | null;
}

export interface Candidate {
  readonly evidence: Evidence;
  readonly lies: readonly LieFound[];
}

export interface Facts {
  /** As it was named. */
  readonly file: string;
  /** The same, absolute. */
  readonly path: string;
  readonly manager: ManagerSeen;
  /** null: it is not on this machine, or not ours to read. */
  readonly old: OldFacts | null;
  readonly candidates: readonly Candidate[];
  readonly sections: readonly RawSection[];
  /** Warnings of `check`. */
  readonly problems: readonly Problem[];
  /** Addresses of the file that somebody else than the old manager listens on. */
  readonly takenAddresses: readonly string[];
  readonly hasServer: boolean;
  readonly isRoot: boolean;
}
