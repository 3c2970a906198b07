/**
 * Takes a container's output up where it was left, through the Engine's log: after a lost attachment, a death of the Engine or of ours.
 * Where its log driver cannot be read, that is said, and what went by is lost.
 */
import type { Readable } from 'node:stream';
import { messageOf } from '../core/message-of.ts';
import type { Log } from '../log/activity-log.ts';
import type { Attachment, Outlets } from './attachment.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './engine-error.ts';
import type { ContainerFacts } from './facts.ts';
import { createEntryReader } from './log-entries.ts';
import {
  advance,
  advanceTo,
  beginningOf,
  createSkipper,
  earliest,
  fromTheBeginning,
} from './log-position.ts';
import type { Channel, LogPosition } from './log-position.ts';
import type { LogCursor, SavedCursor } from './log-cursor.ts';

export interface TakeUpDeps {
  readonly engine: Engine;
  readonly cursor: LogCursor;
  readonly log: Log;
  /** Program name, for logs. */
  readonly program: string;
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
  const stream = await openLog(deps, facts, from, true);
  if (stream === null) return null;
  const position = placeOf(deps, from);
  let stdin: ReturnType<Engine['attachStdin']> | null = null;
  const ended = pump(deps, stream, facts, position, outlets).then((lastWords) => ({
    exit: null,
    lastWords,
    complainedOn: null,
  }));
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
        const socket = await stdin;
        if (!socket.writable) return 'closed';
        if (socket.writableLength > 1024 * 1024) return 'full';
        socket.write(data);
        return 'written';
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
    const stream = await openLog(deps, facts, from, false);
    if (stream === null) return;
    const watch = setInterval(() => {
      if (performance.now() - heard > patienceMs) stream.destroy(new Error('it holds back'));
    }, 1000);
    let heard = performance.now();
    stream.on('data', () => (heard = performance.now()));
    stream.pause();
    const trouble = await pump(deps, stream, facts, placeOf(deps, from), outlets);
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
  { cursor }: TakeUpDeps,
  stream: Readable,
  facts: ContainerFacts,
  position: LogPosition,
  outlets: Outlets,
): Promise<string> {
  const merged = outlets.stdout === outlets.stderr;
  try {
    const read = createEntryReader(facts.tty);
    // Of two streams in one, which the log may hold in another order, no line has a place of its own.
    const skipper = createSkipper(position, merged ? undefined : cursor.lastLines());
    let here: LogPosition = {
      stdout: beginningOf(position.stdout.since),
      stderr: beginningOf(position.stderr.since),
    };
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      for (const { channel, stamp, data } of read(chunk)) {
        const into: Channel = merged ? 'stdout' : channel;
        here = advanceTo(here, into, stamp, data);
        const isBoth = skipper.isThrough('stdout') && skipper.isThrough('stderr');
        await outlets[into].push(skipper.take(into, stamp, data), { position: here, isBoth });
      }
    }
    return '';
  } catch (error) {
    return error instanceof EngineError ? error.message : messageOf(error);
  }
}
