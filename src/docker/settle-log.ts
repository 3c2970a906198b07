/**
 * Finds out, in a quiet moment, where a container's log ends, so that the place of what is taken live is known by a time and a short count:
 * for one that was found running, and for one that has counted far. A log that is rotated loses its beginning, from which nobody could count.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outlets } from './attachment.ts';
import type { ContainerFacts } from './facts.ts';
import type { EngineLink } from './link.ts';
import type { LogCursor } from './log-cursor.ts';
import { endOfLog } from './take-up.ts';

export interface SettleOptions {
  readonly link: EngineLink;
  readonly cursor: LogCursor;
  readonly facts: ContainerFacts;
  readonly outlets: Outlets;
  /** Aborted when the life is over. */
  readonly over: AbortSignal;
}

/** How long nothing may have come for a moment to be quiet, in ms. */
const quietMs = 1000;
const unknownPauseMs = 5000;
const knownPauseMs = 60_000;
/** So many lines are counted without a thought. */
const manyLines = 10_000;

/** Never rejects. */
export async function settleLog({ link, cursor, facts, outlets, over }: SettleOptions): Promise<void> {
  const count = (): number => outlets.stdout.pushed() + outlets.stderr.pushed();
  const isUnknown = (): boolean => cursor.of(facts.id)?.position == null;
  while (!over.aborted) {
    try {
      await sleep(isUnknown() ? unknownPauseMs : knownPauseMs, undefined, { signal: over });
      const position = cursor.of(facts.id)?.position ?? null;
      const isFar = position === null || position.stdout.lines + position.stderr.lines > manyLines;
      // What comes from the log knows its place.
      if (!isFar || !cursor.isWhole() || !link.status().up) continue;
      const before = count();
      await sleep(quietMs, undefined, { signal: over });
      if (count() !== before) continue;
      const end = await endOfLog(link.engine, facts, outlets.stdout === outlets.stderr);
      if (end === 'unreadable') return;
      // A slow Engine's answer is of then: another life may have begun, whose output this one does not count.
      if (over.aborted) return;
      if (end !== null && count() === before && cursor.isWhole()) cursor.settle(facts.id, end);
    } catch {
      // The life is over, or the Engine is busy: there will be another moment.
    }
  }
}
