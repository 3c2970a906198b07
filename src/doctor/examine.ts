/**
 * Looks, and looks again before it accuses: between two words of two witnesses a container may have ended, and a manager may be about to
 * say so. A lie is what is told at every look.
 */
import type { Evidence, ManagerSeen } from './evidence.ts';
import type { LieFound } from './findings.ts';
import { liesFound } from './lies.ts';

export interface Judged {
  readonly evidence: Evidence;
  readonly lies: readonly LieFound[];
}

/** `only`: these programs, by `keyOf`; null: all. */
export type Look = (only: ReadonlySet<string> | null) => Promise<readonly Evidence[]>;

/** When the accused are looked at again, in ms after the look before. */
const pausesMs = [400, 1000] as const;

export const keyOf = ({ group, process }: { readonly group: string; readonly process: string }): string =>
  `${group}:${process}`;

export async function examine(
  look: Look,
  manager: ManagerSeen | null,
  pause: (ms: number) => Promise<unknown>,
): Promise<readonly Judged[]> {
  const judge = (evidence: Evidence): Judged => ({
    evidence,
    lies: manager === null ? [] : liesFound(evidence, manager),
  });
  let judged = (await look(null)).map(judge);
  for (const ms of pausesMs) {
    const accused = new Set(
      judged.filter(({ lies }) => lies.length > 0).map(({ evidence }) => keyOf(evidence)),
    );
    if (accused.size === 0) break;
    await pause(ms);
    const again = new Map((await look(accused)).map((evidence) => [keyOf(evidence), judge(evidence)]));
    judged = judged.map((before) => {
      const now = again.get(keyOf(before.evidence));
      return now === undefined
        ? before
        : { ...now, lies: now.lies.filter((lie) => isTold(before.lies, lie)) };
    });
  }
  return judged;
}

const isTold = (lies: readonly LieFound[], lie: LieFound): boolean =>
  lies.some(({ kind }) => kind === lie.kind);
