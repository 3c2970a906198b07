/** A log by hand, read by take-up.ts as it is. */
import { Readable } from 'node:stream';
import type { Engine } from '../../src/docker/engine.ts';
import { createLogCursor } from '../../src/docker/log-cursor.ts';
import type { LogCursor, SavedCursor } from '../../src/docker/log-cursor.ts';
import { createOutputQueue } from '../../src/docker/output-queue.ts';
import type { Outlets } from '../../src/docker/attachment.ts';
import { followLog } from '../../src/docker/take-up.ts';
import type { TakeUpDeps } from '../../src/docker/take-up.ts';
import { quietLog } from '../support/quiet-log.ts';
import type { ContainerFacts } from '../../src/docker/facts.ts';

export const origin = Date.UTC(2026, 10, 30, 12);
/** ms after noon. */
export const at = (ms: number): string => new Date(origin + ms).toISOString().replace('Z', '000000Z');

export interface Line {
  channel: 1 | 2;
  stamp: string;
  text: string;
}
export const out = (ms: number, text: string): Line => ({ channel: 1, stamp: at(ms), text });
export const textOf = (lines: readonly Pick<Line, 'text'>[]): string =>
  lines.map(({ text }) => text).join('');
export const err = (ms: number, text: string): Line => ({ channel: 2, stamp: at(ms), text });

/** As the Engine frames it, for what is no terminal. */
export function frameOf({ channel, stamp, text }: Line): Buffer {
  const data = Buffer.from(`${stamp} ${text}`);
  const head = Buffer.alloc(8);
  head[0] = channel;
  head.writeUInt32BE(data.byteLength, 4);
  return Buffer.concat([head, data]);
}

export function createHandLog(tty = false) {
  const entries: Line[] = [];
  const followers = new Map<Readable, string>();
  const asked: { since: string; follow: boolean }[] = [];
  const frame = (line: Line): Buffer => (tty ? Buffer.from(`${line.stamp} ${line.text}`) : frameOf(line));
  const engine = {
    local: true,
    logs: async (
      _ref: string,
      { since, follow, tail }: { since: string; follow: boolean; tail: number | null },
    ): Promise<Readable> => {
      asked.push({ since, follow });
      await Promise.resolve();
      const stream = new Readable({ read: () => undefined });
      for (const entry of entries.filter(({ stamp }) => stamp >= since).slice(tail === null ? 0 : -tail))
        stream.push(frame(entry));
      if (!follow) stream.push(null);
      else {
        followers.set(stream, since);
        stream.once('close', () => followers.delete(stream));
      }
      return stream;
    },
  };
  return {
    engine,
    asked,
    entries,
    followers,
    print(...lines: Line[]) {
      for (const line of lines) {
        entries.push(line);
        for (const [stream, since] of followers) if (line.stamp >= since) stream.push(frame(line));
      }
    },
    /** Who follows it is cut off. `ms`: how long that may take to be seen. */
    async cut(ms?: number) {
      for (const stream of followers.keys()) stream.destroy();
      await rest(ms);
    },
    /** The container ends. */
    end() {
      for (const stream of followers.keys()) stream.push(null);
    },
    /** Rotated, or emptied by `truncate`: the first so many entries are gone. */
    lose(count: number) {
      entries.splice(0, count);
    },
  };
}
export type HandLog = ReturnType<typeof createHandLog>;

export const facts = { id: 'c', name: 'web', tty: false, openStdin: false } as unknown as ContainerFacts;

/** A clock that is far enough on. */
export function handClock(nowMs = 3_600_000) {
  const clock = {
    nowMs,
    setBackCount: 0,
    latest: 0,
    now: () => origin + clock.nowMs,
    setBacks: () => clock.setBackCount,
    latestBefore: () => clock.latest,
    close: () => undefined,
  };
  return clock;
}

/** One daemon. */
export function daemon(
  log: Pick<HandLog, 'engine'>,
  saved: SavedCursor | null,
  { merged = false, clock = handClock(), aheadMs = 1000 } = {},
) {
  const cursor: LogCursor = createLogCursor(clock, saved, aheadMs);
  const heard = { stdout: '', stderr: '' };
  const held: { stderr: Promise<void> | null; stdout: Promise<void> | null } = { stderr: null, stdout: null };
  const queueOf = (name: 'stdout' | 'stderr') => {
    const queue = createOutputQueue((chunk, place) => {
      cursor.taken(name, chunk, place);
    });
    void queue.readBy((chunk) => {
      const add = (): void => {
        heard[name] += Buffer.from(chunk).toString();
      };
      const wait = held[name];
      if (wait === null) {
        add();
        return null;
      }
      return wait.then(add);
    });
    return queue;
  };
  const stdout = queueOf('stdout');
  const outlets: Outlets = { stdout, stderr: merged ? stdout : queueOf('stderr') };
  const warnings: string[] = [];
  const deps: TakeUpDeps = {
    engine: log.engine as unknown as Engine,
    wallClock: clock,
    cursor,
    log: { ...quietLog, warn: (text: string) => void warnings.push(text) },
    program: 'web',
    readers: new Set(),
  };
  return { cursor, heard, outlets, deps, clock, held, warnings };
}

/** The log is followed from where it was left. `ms`: how long the daemon has to read what there is. */
export async function follow({ cursor, deps, outlets }: ReturnType<typeof daemon>, ms?: number) {
  const left = cursor.of('c');
  if (left === null) throw new Error('nothing left');
  const attachment = await followLog(deps, facts, left, outlets);
  await rest(ms);
  return attachment;
}

export const rest = (ms = 30): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
