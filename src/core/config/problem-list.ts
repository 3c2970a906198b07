/** Collects problems in supervisord's order: the first error is the one it would have stopped at. */
import type { Place, Problem } from './model.ts';

export interface Complaint {
  readonly message: string;
  readonly place: Place | null;
  readonly section: string | null;
  readonly key?: string | null;
  readonly hint?: string | null;
}

export interface ProblemList {
  readonly all: readonly Problem[];
  error(complaint: Complaint): void;
  warn(complaint: Complaint): void;
}

/**
 * The same program may be read many times (each process, each group that names it): a second error of the same key at the same place, and
 * a second warning in the same words, are dropped.
 */
export function createProblemList(): ProblemList {
  const all: Problem[] = [];
  const seen = new Set<string>();
  const add = (severity: Problem['severity'], complaint: Complaint, identity: readonly unknown[]) => {
    const id = JSON.stringify([severity, ...identity]);
    if (seen.has(id)) return;
    seen.add(id);
    const { message, place, section, key = null, hint = null } = complaint;
    all.push({ severity, message, place, section, key, hint });
  };
  return {
    all,
    error: (complaint) => {
      const { message, place, section, key = null } = complaint;
      add(
        'error',
        complaint,
        key === null || key === 'programs' ? [message, section, place] : [section, key, place],
      );
    },
    warn: (complaint) => {
      add('warning', complaint, [complaint.message, complaint.section, complaint.key ?? null]);
    },
  };
}
