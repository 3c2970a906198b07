/**
 * Takes a container's output up where it was left, through the Engine's log: after a lost attachment, a death of the Engine or of ours.
 * Where its log driver cannot be read, that is said, and what went by is lost.
 */
import type { Readable } from 'node:stream';
import { messageOf } from '../core/message-of.ts';
import type { Log } from '../log/activity-log.ts';
import { writeTo } from './attachment.ts';
import type { Attachment, Outlets } from './attachment.ts';
import type { Engine } from './engine.ts';
import type { ContainerFacts } from './facts.ts';
import { createEntryReader } from './log-entries.ts';
import {
  advance,
  advanceTo,
  beginningOf,
  createSkipper,
  earliest,
  fromTheBeginning,
  isFarBehind,
} from './log-position.ts';
import type { Channel, LogPosition } from './log-position.ts';
import type { LogCursor, SavedCursor } from './log-cursor.ts';

export interface TakeUpDeps {
  readonly engine: Engine;
  readonly cursor: LogCursor;
  readonly log: Log;
  /** Program name, for logs. */
  readonly program: string;
  /** Who reads this program's log now: one at a time, since each goes by what was taken. */
  readonly readers: Set<Reader>;
}

interface Reader {
  stopped: boolean;
  stream: Readable | null;
}

function stopReaders({ readers }: TakeUpDeps): void {
  for (const reader of readers) {
    reader.stopped = true;
    reader.stream?.destroy();
  }
  readers.clear();
}

/** How often the clock is looked at, and how far back is far, in ms. */
const clockMs = 1000;
const setBackMs = 500;

/**
 * An Engine that was asked for what is younger than a time leaves out what comes later with an older one: after the clock was set back,
 * that is everything. Returns how to stop.
 */
function watchClock(setBack: () => void): () => void {
  let offset = Date.now() - performance.now();
  const timer = setInterval(() => {
    const now = Date.now() - performance.now();
    if (now < offset - setBackMs) setBack();
    offset = now;
  }, clockMs);
  return () => {
    clearInterval(timer);
  };
}

/** How long the log may hold back when it is read to its end, in ms. */
const patienceMs = 10_000;
/** So many entries show where the log ends; a longer run of one time is one line of over 300 KiB, and shows nothing. */
const tailEntries = 20;

/** Follows the log from where it was left. null: it cannot be read. Rejects with EngineError. */
export async function followLog(
  deps: TakeUpDeps,
  facts: ContainerFacts,
  from: SavedCursor,
  outlets: Outlets,
): Promise<Attachment | null> {
  stopReaders(deps);
  const reader: Reader = { stopped: false, stream: null };
  deps.readers.add(reader);
  const stream = await openLog(deps, facts, from, true);
  if (stream === null) return null;
  reader.stream = stream;
  // Somebody else reads it to its end meanwhile.
  if (reader.stopped) stream.destroy();
  let stdin: ReturnType<Engine['attachStdin']> | null = null;
  const unwatch = watchClock(() => {
    deps.log.warn(`the clock was set back: lines of ${deps.program} from about now may be lost`);
    deps.cursor.lose();
    stream.destroy();
  });
  const ended = pump(deps, reader, stream, facts, outlets).then((lastWords) => {
    unwatch();
    return { exit: null, lastWords, complainedOn: null };
  });
  return {
    kind: 'api',
    pid: null,
    ended,
    detach() {
      stream.destroy();
      void stdin?.then(
        (socket) => socket.destroy(),
        () => undefined,
      );
    },
    async write(data) {
      if (!facts.openStdin) return 'closed';
      try {
        stdin ??= deps.engine.attachStdin(facts.id);
        return writeTo(await stdin, data);
      } catch {
        stdin = null;
        return 'closed';
      }
    },
  };
}

/** Reads what is left of the log of a container that has ended, or runs on elsewhere. Never rejects: what cannot be read is told as lost. */
export async function readRest(deps: TakeUpDeps, facts: ContainerFacts, outlets: Outlets): Promise<void> {
  const { cursor } = deps;
  const from = cursor.of(facts.id);
  if (from === null || cursor.isWhole()) return;
  try {
    stopReaders(deps);
    const reader: Reader = { stopped: false, stream: null };
    const stream = await openLog(deps, facts, from, false);
    if (stream === null) return;
    let heard = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - heard > patienceMs) stream.destroy(new Error('it holds back'));
    }, 1000);
    const trouble = await pump(deps, reader, stream, facts, outlets, () => {
      heard = performance.now();
    });
    clearInterval(watch);
    if (trouble === '') cursor.finish();
    else deps.log.warn(`the end of the output of ${deps.program} cannot be read yet: ${trouble}`);
  } catch (error) {
    deps.log.warn(`the end of the output of ${deps.program} cannot be read: ${messageOf(error)}`);
  }
}

/** Where the log of a container ends now. null: that cannot be told at the moment. Rejects with EngineError. */
export async function endOfLog(
  engine: Engine,
  facts: ContainerFacts,
  merged: boolean,
): Promise<LogPosition | null | 'unreadable'> {
  const stream = await engine.logs(facts.id, { since: '', follow: false, tail: tailEntries });
  if (stream === null) return 'unreadable';
  const read = createEntryReader(facts.tty);
  const entries = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) entries.push(...read(chunk));
  const last = entries.reduce((latest, { stamp }) => (stamp > latest ? stamp : latest), '');
  if (last === '') return fromTheBeginning;
  // The clock was set back: what is younger stands before it.
  if (isFarBehind(beginningOf(entries.at(-1)?.stamp ?? ''), last)) return null;
  const ofLast = entries.filter(({ stamp }) => stamp === last);
  if (ofLast.length === tailEntries) return null;
  const position = { stdout: beginningOf(last), stderr: beginningOf(last) };
  for (const { channel, data } of ofLast) {
    const into: Channel = merged ? 'stdout' : channel;
    position[into] = advance(position[into], data);
  }
  return position;
}

async function openLog(
  { engine, log, program }: TakeUpDeps,
  facts: ContainerFacts,
  from: SavedCursor,
  follow: boolean,
): Promise<Readable | null> {
  const since = from.position === null ? stampOf(from.at) : earliest(from.position);
  const stream = await engine.logs(facts.id, { since, follow, tail: null });
  if (stream === null) {
    log.warn(
      `the log driver of container ${facts.name} cannot be read: what ${program} printed while nobody was attached is lost`,
    );
  }
  return stream;
}

function placeOf({ log, program }: TakeUpDeps, { position, at }: SavedCursor): LogPosition {
  if (position !== null) return position;
  const since = stampOf(at);
  log.warn(
    `where the log of ${program} was left is known by time only: lines about ${since} may be lost or doubled`,
  );
  return { stdout: beginningOf(since), stderr: beginningOf(since) };
}

const stampOf = (wall: number): string => `${new Date(wall).toISOString().slice(0, 23)}000000Z`;

/** Resolves with what went wrong; `''`: nothing. */
async function pump(
  deps: TakeUpDeps,
  reader: Reader,
  stream: Readable,
  facts: ContainerFacts,
  outlets: Outlets,
  heard: () => void = () => undefined,
): Promise<string> {
  const { cursor } = deps;
  const merged = outlets.stdout === outlets.stderr;
  try {
    // What is still on its way to the log was taken, too.
    await Promise.all([outlets.stdout.idle(), outlets.stderr.idle()]);
    const left = cursor.of(facts.id);
    if (left === null) return '';
    const position = placeOf(deps, left);
    const read = createEntryReader(facts.tty);
    // Of two streams in one, which the log may hold in another order, no line has a place of its own.
    const skipper = createSkipper(position, merged ? undefined : cursor.lastLines());
    let here: LogPosition = {
      stdout: beginningOf(position.stdout.since),
      stderr: beginningOf(position.stderr.since),
    };
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      heard();
      for (const { channel, stamp, data } of read(chunk)) {
        if (reader.stopped) return 'another reader goes on';
        const into: Channel = merged ? 'stdout' : channel;
        here = advanceTo(here, into, stamp, data);
        const isBoth = skipper.isThrough('stdout') && skipper.isThrough('stderr');
        const room = outlets[into].push(skipper.take(into, stamp, data), { position: here, isBoth });
        if (room !== null) await room;
      }
    }
    return '';
  } catch (error) {
    return messageOf(error);
  }
}
