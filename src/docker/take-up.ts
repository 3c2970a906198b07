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
import { createContinuation } from './log-continuation.ts';
import type { LogCursor, SavedCursor } from './log-cursor.ts';
import { watchPlace } from './log-order.ts';
import { beginningOf, channels, earliest, otherOf, stampOf } from './log-position.ts';
import type { LogPosition } from './log-position.ts';
import { createStartFinder } from './log-start.ts';
import type { Start } from './log-start.ts';
import { entriesOf, slowDiskMs, withPatience } from './read-log.ts';
import { mostAheadMs } from './wall-clock.ts';
import type { WallClock } from './wall-clock.ts';
import { within } from './within.ts';

export interface TakeUpDeps {
  readonly engine: Engine;
  readonly wallClock: WallClock;
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
  /** In which the place is looked for. */
  search: Readable | null;
  /** Nothing is left out by time. */
  isWhole: boolean;
}

const newReader = (): Reader => ({ stopped: false, stream: null, search: null, isWhole: false });

function stop(reader: Reader): void {
  reader.stopped = true;
  reader.stream?.destroy();
  reader.search?.destroy();
}

function stopReaders({ readers }: TakeUpDeps): void {
  for (const reader of readers) stop(reader);
  readers.clear();
}

/** How often the clock is looked at by who follows a log, in ms. */
const clockMs = 1000;

/** Follows the log from where it was left. null: it cannot be read. Rejects with EngineError. */
export async function followLog(
  deps: TakeUpDeps,
  facts: ContainerFacts,
  from: SavedCursor,
  outlets: Outlets,
): Promise<Attachment | null> {
  stopReaders(deps);
  const reader = newReader();
  deps.readers.add(reader);
  const setBacks = deps.wallClock.setBacks();
  const opened = await openLog(deps, reader, facts, from, { follow: true, whole: false });
  if (opened === null) return null;
  let stdin: ReturnType<Engine['attachStdin']> | null = null;
  // An Engine that was asked for what is younger than a time leaves out what comes later with an older one.
  const watch = setInterval(() => {
    if (reader.isWhole || deps.wallClock.setBacks() === setBacks) return;
    deps.log.info(`the clock was set back: the log of ${deps.program} is taken up anew`);
    reader.stream?.destroy();
  }, clockMs);
  const ended = pump(deps, reader, opened, { facts, outlets, follow: true }).then((lastWords) => {
    clearInterval(watch);
    return { exit: null, lastWords, complainedOn: null };
  });
  return {
    kind: 'api',
    pid: null,
    ended,
    detach() {
      stop(reader);
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
    const reader = newReader();
    const opened = await openLog(deps, reader, facts, from, { follow: false, whole: false });
    if (opened === null) return;
    const trouble = await pump(deps, reader, opened, { facts, outlets, follow: false });
    if (trouble === '') cursor.finish();
    else deps.log.warn(`the end of the output of ${deps.program} cannot be read yet: ${trouble}`);
  } catch (error) {
    deps.log.warn(`the end of the output of ${deps.program} cannot be read: ${messageOf(error)}`);
  }
}

/** A log that is read from some place on. */
interface OpenedLog {
  readonly stream: Readable;
  /** From its beginning, because no time tells where the place is. */
  readonly isWhole: boolean;
}

async function openLog(
  { engine, log, program }: TakeUpDeps,
  reader: Reader,
  facts: ContainerFacts,
  { position, at, unordered }: SavedCursor,
  { follow, whole }: { readonly follow: boolean; readonly whole: boolean },
): Promise<OpenedLog | null> {
  const isWhole = whole || unordered !== '' || isCountedFromTheBeginning(position);
  const since = position === null ? stampOf(at) : earliest(position);
  const stream = await engine.logs(facts.id, { since: isWhole ? '' : since, follow, tail: null });
  if (stream === null) {
    log.warn(
      `the log driver of container ${facts.name} cannot be read: what ${program} printed while nobody was attached is lost`,
    );
    return null;
  }
  reader.stream = stream;
  reader.isWhole = isWhole;
  // Somebody else reads it to its end meanwhile.
  if (reader.stopped) stream.destroy();
  return { stream, isWhole };
}

/** A log that is rotated loses its beginning. */
const isCountedFromTheBeginning = (position: LogPosition | null): boolean =>
  position !== null &&
  channels.some((channel) => position[channel].since === '' && position[channel].lines > 0);

const byClock = ({ at }: SavedCursor): LogPosition => ({
  stdout: beginningOf(stampOf(at)),
  stderr: beginningOf(stampOf(at)),
});

function warnOfTheClock({ log, program }: TakeUpDeps, { at }: SavedCursor): void {
  log.warn(
    `where the log of ${program} was left is known by time only: lines about ${stampOf(at)} may be lost or doubled`,
  );
}

/** Finds the place in the whole log. Rejects with EngineError, or when the log holds back. */
async function locate(
  deps: TakeUpDeps,
  reader: Reader,
  facts: ContainerFacts,
  left: SavedCursor,
  merged: boolean,
): Promise<Start> {
  const finder = createStartFinder({
    place: left.position ?? byClock(left),
    isKnown: left.position !== null,
    known: deps.cursor.known(),
    at: left.at,
    merged,
    isOrdered: left.unordered === '',
    aheadMs: mostAheadMs(deps.engine),
  });
  const stream = await deps.engine.logs(facts.id, { since: '', follow: false, tail: null });
  reader.search = stream;
  if (reader.stopped) stream?.destroy();
  if (stream !== null)
    for await (const entries of entriesOf(withPatience(stream), facts))
      for (const entry of entries) finder.take(entry);
  return finder.start();
}

interface Pumping {
  readonly facts: ContainerFacts;
  readonly outlets: Outlets;
  readonly follow: boolean;
  /** How often it has been begun again from the beginning of the log. */
  readonly again?: number;
}

/** Resolves with what went wrong; `''`: nothing. */
async function pump(
  deps: TakeUpDeps,
  reader: Reader,
  { stream, isWhole }: OpenedLog,
  pumping: Pumping,
): Promise<string> {
  const { cursor } = deps;
  const { facts, outlets, follow } = pumping;
  const merged = outlets.stdout === outlets.stderr;
  try {
    // What is still on its way to the log was taken, too.
    if (!(await within(Promise.all([outlets.stdout.idle(), outlets.stderr.idle()]), slowDiskMs)))
      return 'what was read before is not written yet';
    const left = cursor.of(facts.id);
    if (left === null) return '';
    if (left.unordered !== '' && !isWhole) return await pumpWhole(deps, reader, stream, pumping);
    const start: Start = isWhole
      ? await locate(deps, reader, facts, left, merged)
      : {
          from: { stdout: 0, stderr: 0 },
          place: left.position ?? byClock(left),
          isExact: left.position !== null,
          first: '',
        };
    if (!start.isExact) warnOfTheClock(deps, left);
    const continuation = createContinuation({
      ...start,
      byTime: !isWhole,
      merged,
      last: merged ? cursor.known() : cursor.lastLines(),
    });
    const isLost = isWhole || left.position === null ? () => false : watchPlace(left.position);
    let { first } = start;
    const chunks = follow ? (stream as AsyncIterable<Uint8Array>) : withPatience(stream);
    for await (const entries of entriesOf(chunks, facts)) {
      for (const entry of entries) {
        if (reader.stopped) return 'another reader goes on';
        // Rotated between the two readings: numbers of entries do not hold any more.
        const isRotated = first !== '' && entry.stamp !== first;
        first = '';
        if (isRotated || isLost(entry.stamp)) return await pumpWhole(deps, reader, stream, pumping);
        const next = continuation.take(entry);
        // What was left out by time may have been new.
        if (!isWhole && continuation.isTurned()) return await pumpWhole(deps, reader, stream, pumping);
        if (next === null) continue;
        const { into, data, isPlace } = next;
        const place = { ...next.place, isBoth: next.place.isBoth && outlets[otherOf(into)].isIdle() };
        if (isPlace) cursor.taken(into, data, place);
        const room = outlets[into].push(data, place);
        if (room !== null) await room;
      }
    }
    return '';
  } catch (error) {
    return messageOf(error);
  }
}

const mostAgain = 3;

/** From its beginning: no time tells where the place is. */
async function pumpWhole(
  deps: TakeUpDeps,
  reader: Reader,
  former: Readable,
  pumping: Pumping,
): Promise<string> {
  former.destroy();
  const again = (pumping.again ?? 0) + 1;
  if (again > mostAgain) return 'its log is rotated faster than it can be read';
  const left = deps.cursor.of(pumping.facts.id);
  if (left === null) return '';
  const opened = await openLog(deps, reader, pumping.facts, left, {
    follow: pumping.follow,
    whole: true,
  });
  return opened === null
    ? 'its log driver cannot be read'
    : pump(deps, reader, opened, { ...pumping, again });
}
