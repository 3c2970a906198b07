/** Reads what an Engine's log holds, entry by entry. */
import type { Readable } from 'node:stream';
import type { Engine } from './engine.ts';
import type { ContainerFacts } from './facts.ts';
import { createEntryReader } from './log-entries.ts';
import type { LogEntry } from './log-entries.ts';
import { createTurns } from './log-order.ts';
import { advance, beginningOf, endBytes, endingsOf, fromTheBeginning, moved } from './log-position.ts';
import type { Channel, LastLines, LogPosition } from './log-position.ts';
import { createTail } from './tail.ts';

/** How long the log may hold back when it is read to its end, in ms. */
const patienceMs = 10_000;
/** How long what was read may take to be written, in ms. */
export const slowDiskMs = 60_000;
/** So many entries show where the log ends; a longer run of one time is one line of over 300 KiB, and shows nothing. */
const tailEntries = 20;

/** Entries as they come, some at a time. */
export async function* entriesOf(
  chunks: AsyncIterable<Uint8Array>,
  { tty }: ContainerFacts,
): AsyncGenerator<readonly LogEntry[]> {
  const read = createEntryReader(tty);
  for await (const chunk of chunks) yield read(chunk);
  yield read(null);
}

/** What is read must not hold back: it is there already. */
export async function* withPatience(stream: Readable): AsyncGenerator<Uint8Array> {
  let heard = performance.now();
  const watch = setInterval(() => {
    if (performance.now() - heard > patienceMs) stream.destroy(new Error('it holds back'));
  }, 1000);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      // Whoever takes it has a limit of his own: a slow disk is not the log's fault.
      heard = performance.now() + slowDiskMs;
      yield chunk;
      heard = performance.now();
    }
  } finally {
    clearInterval(watch);
  }
}

/**
 * Where the log of a container ends now. null: that cannot be told at the moment. `taken`: the last lines that were taken; a log that ends with
 * others is further than the reader. Rejects with EngineError.
 */
export async function endOfLog(
  engine: Engine,
  facts: ContainerFacts,
  merged: boolean,
  taken: LastLines | null = null,
): Promise<LogPosition | null | 'unreadable'> {
  const stream = await engine.logs(facts.id, { since: '', follow: false, tail: tailEntries });
  if (stream === null) return 'unreadable';
  const turns = createTurns();
  let ofLast = fromTheBeginning;
  let count = 0;
  let last = '';
  const ends = { stdout: createTail(endBytes), stderr: createTail(endBytes) };
  for await (const entries of entriesOf(withPatience(stream), facts)) {
    for (const { channel, stamp, data } of entries) {
      const into: Channel = merged ? 'stdout' : channel;
      const before = turns.count();
      turns.take(channel, stamp);
      ends[into].add(data);
      // What is younger, and stands before the clock was set back, is no end.
      if (stamp > last || turns.count() > before) {
        last = stamp;
        count = 0;
        ofLast = { stdout: beginningOf(last), stderr: beginningOf(last) };
      }
      if (stamp !== last) continue;
      count++;
      ofLast = moved(ofLast, into, advance(ofLast[into], data));
    }
  }
  const isOurs = (channel: Channel): boolean => {
    const [line, known] = [endingsOf(ends[channel].bytes()).at(-1), taken?.[channel].at(-1)];
    return line === undefined || known === undefined || line.endsWith(known) || known.endsWith(line);
  };
  return count === tailEntries || !isOurs('stdout') || !isOurs('stderr') ? null : ofLast;
}
