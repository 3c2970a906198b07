/**
 * Finds out where a container's log ends, so that the place of what is taken live is known by a time and a short count: for one that was
 * found running, for one that has just been made, and for one that has counted far. In a quiet moment that is the end of its log; where there
 * is none, the last lines that were taken are looked for in it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outlets } from './attachment.ts';
import type { Engine } from './engine.ts';
import type { ContainerFacts } from './facts.ts';
import type { EngineLink } from './link.ts';
import type { LogCursor } from './log-cursor.ts';
import { createAnchorFinder } from './log-anchor.ts';
import { earliest } from './log-position.ts';
import type { LastLines, LogPosition } from './log-position.ts';
import { endOfLog, entriesOf, withPatience } from './read-log.ts';

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
/** How long a line may take from the log to us, in ms. */
const onItsWayMs = 200;
const unknownPauseMs = 5000;
const knownPauseMs = 60_000;
/** So often a place that is no good one is looked at after a short pause. */
const quickTries = 3;
/** So many lines are counted without a thought. */
const manyLines = 10_000;
/** What prints more lines in a quiet moment's time is a flood, and is let come. */
const floodLines = 5000;
/** So many entries before the lines that are looked for show whether they stand there once. */
const moreEntries = 200;

/** Never rejects. */
export async function settleLog({ link, cursor, facts, outlets, over }: SettleOptions): Promise<void> {
  const count = (): number => outlets.stdout.pushed() + outlets.stderr.pushed();
  const isMerged = outlets.stdout === outlets.stderr;
  const place = (): LogPosition | null => cursor.of(facts.id)?.position ?? null;
  // What comes from the log knows its place.
  const isLive = (): boolean => cursor.isWhole() && link.status().up;
  for (let tries = 0; !over.aborted;) {
    try {
      const isGood = isGoodPlace(place());
      await sleep(isGood || tries >= quickTries ? knownPauseMs : unknownPauseMs, undefined, { signal: over });
      const before = place();
      // A client that prefixes what it passes on, and says things of its own: its lines cannot be counted.
      if (before === null) return;
      // While times do not tell the order, its log would be read from its beginning.
      const isOrdered = (cursor.of(facts.id)?.unordered ?? '') === '';
      if (!isLive() || (isGoodPlace(before) && isOrdered && linesOf(before) <= manyLines)) continue;
      tries++;
      const [pushed, known] = [count(), cursor.known()];
      await sleep(quietMs, undefined, { signal: over });
      const isQuiet = count() === pushed;
      const end = isQuiet
        ? await endOfLog(link.engine, facts, isMerged, known)
        : await amidst(link.engine, facts, { before, now: place, known, merged: isMerged });
      if (end === 'unreadable') return;
      // What is in the log already may still be on its way to us.
      if (isQuiet) await sleep(onItsWayMs, undefined, { signal: over });
      // A slow Engine's answer is of then: another life may have begun, whose output this one does not count.
      if (over.aborted) return;
      // A line without an end is not in the log yet.
      if (isQuiet && end !== null && isUnfinished(before, end)) continue;
      if (end === null || !isLive() || (isQuiet && count() !== pushed)) continue;
      cursor.settle(facts.id, end);
      tries = 0;
    } catch {
      // The life is over, or the Engine is busy: there will be another moment.
    }
  }
}

const isUnfinished = (before: LogPosition, end: LogPosition): boolean =>
  before.stdout.bytes !== end.stdout.bytes || before.stderr.bytes !== end.stderr.bytes;

/** A log that is rotated loses its beginning, from which nobody could count. */
const isGoodPlace = (position: LogPosition | null): boolean =>
  position !== null && (linesOf(position) === 0 || earliest(position) !== '');

const linesOf = ({ stdout, stderr }: LogPosition): number => stdout.lines + stderr.lines;

interface Amidst {
  /** Where the reader was when these lines were its last. */
  readonly before: LogPosition;
  readonly now: () => LogPosition | null;
  readonly known: LastLines;
  readonly merged: boolean;
}

/** For what never rests: by its last lines. null: that cannot be told. Rejects with EngineError. */
async function amidst(
  engine: Engine,
  facts: ContainerFacts,
  { before, now, known, merged }: Amidst,
): Promise<LogPosition | null | 'unreadable'> {
  const then = now();
  const since = then === null ? 0 : linesOf(then) - linesOf(before);
  if (since > floodLines) return null;
  const stream = await engine.logs(facts.id, { since: '', follow: false, tail: since + moreEntries });
  if (stream === null) return 'unreadable';
  const finder = createAnchorFinder(known, merged);
  for await (const entries of entriesOf(withPatience(stream), facts))
    for (const entry of entries) finder.take(entry);
  const here = now();
  return here === null ? null : finder.anchor(before, here);
}
