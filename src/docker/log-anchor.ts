/**
 * A place by a time for what comes live and never rests: the lines that were taken last are looked for in the end of the log, which bears
 * times. Pure.
 */
import { createLineMatcher } from './line-matcher.ts';
import type { LogEntry } from './log-entries.ts';
import { createTurns } from './log-order.ts';
import { beginningOf } from './log-position.ts';
import type { Channel, ChannelPosition, LastLines, LogPosition } from './log-position.ts';

export interface AnchorFinder {
  /** The last entries of the log, one by one, from before these lines on. */
  take(entry: LogEntry): void;
  /** `before`: where the reader was when these lines were its last. `now`: where it is, by the same count. null: that cannot be told. */
  anchor(before: LogPosition, now: LogPosition): LogPosition | null;
}

/** `merged`: both channels go into `stdout`. */
export function createAnchorFinder(known: LastLines, merged: boolean): AnchorFinder {
  const matchers = { stdout: createLineMatcher(known.stdout), stderr: createLineMatcher(known.stderr) };
  const entries = { stdout: 0, stderr: 0 };
  const turns = createTurns();
  let first = '';
  let ordinal = 0;

  function placeOf(channel: Channel, before: ChannelPosition, now: ChannelPosition): ChannelPosition | null {
    if (before.since !== now.since) return null;
    const since = now.lines - before.lines;
    const match = matchers[channel].found();
    if (match !== null) return { since: match.since, lines: match.lines + since, bytes: now.bytes };
    return entries[channel] === 0 ? { since: first, lines: since, bytes: now.bytes } : null;
  }

  return {
    take({ channel, stamp, data }) {
      const into = merged ? 'stdout' : channel;
      if (first === '') first = stamp;
      entries[into]++;
      turns.take(channel, stamp);
      matchers[into].take(ordinal++, stamp, data);
    },
    anchor(before, now) {
      // What was stamped before the clock was set back is no place for a channel that is silent.
      if (first === '' || turns.count() > 0) return null;
      const stdout = placeOf('stdout', before.stdout, now.stdout);
      if (stdout === null) return null;
      if (merged) return { stdout, stderr: beginningOf(stdout.since) };
      const stderr = placeOf('stderr', before.stderr, now.stderr);
      return stderr === null ? null : { stdout, stderr };
    },
  };
}
