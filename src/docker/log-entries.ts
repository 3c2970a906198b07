/**
 * Takes the answer of `logs` with timestamps apart into the log's entries. Pure.
 *
 * Framed, an entry is a frame: `TIME TEXT`, with its newline, or without one where the Engine cut a line of more than 16 KiB. A terminal's
 * log has no frames: there an entry is a line, or a part of one, since the Engine writes the same time again at each of its cuts.
 */
import { partBytes } from './log-position.ts';
import type { Channel } from './log-position.ts';

export interface LogEntry {
  readonly channel: Channel;
  /** RFC 3339 with nine digits: such times sort as text. */
  readonly stamp: string;
  readonly data: Uint8Array;
}

const headerBytes = 8;
const newline = 10;
const space = 32;
/** `2026-11-28T23:58:06.513220828Z`. */
const stampBytes = 30;
/** What is longer is no line. */
const longestBytes = 1024 * 1024;

/** Takes pieces of the answer; null: it has ended. Throws an Error on what is no entry. */
export type EntryReader = (chunk: Uint8Array | null) => LogEntry[];

export function createEntryReader(tty: boolean): EntryReader {
  let rest: Uint8Array = new Uint8Array(0);
  const cut = tty ? cutLine : cutFrame;
  return (chunk) => {
    if (chunk === null) {
      // A terminal's last line may have no end.
      const last =
        tty && rest.byteLength > stampBytes ? [{ channel: 'stdout' as const, ...stamped(rest) }] : [];
      rest = new Uint8Array(0);
      return last;
    }
    const entries: LogEntry[] = [];
    rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let piece = cut(rest); piece !== null; piece = cut(rest)) {
      rest = rest.subarray(piece.length);
      entries.push(piece.entry);
    }
    return entries;
  };
}

interface Cut {
  readonly length: number;
  readonly entry: LogEntry;
}

function cutFrame(bytes: Uint8Array): Cut | null {
  if (bytes.byteLength < headerBytes) return null;
  const length = headerBytes + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
  if (bytes.byteLength < length) return null;
  const { stamp, data } = stamped(bytes.subarray(headerBytes, length));
  return { length, entry: { channel: bytes[0] === 2 ? 'stderr' : 'stdout', stamp, data } };
}

/** A long line comes in parts: what has no end would be kept, and looked through, for ever. */
function cutLine(bytes: Uint8Array): Cut | null {
  const part = stampBytes + 1 + partBytes;
  const end = bytes.subarray(0, part + 1).indexOf(newline);
  const length = end === -1 ? lengthOfLongLine(bytes, part) : end + 1;
  return length === null
    ? null
    : { length, entry: { channel: 'stdout', ...stamped(bytes.subarray(0, length)) } };
}

function lengthOfLongLine(bytes: Uint8Array, part: number): number | null {
  const next = bytes.subarray(part, part + stampBytes + 1);
  if (next.byteLength < stampBytes + 1) return null;
  if (Buffer.compare(next, bytes.subarray(0, stampBytes + 1)) === 0) return part;
  // `local` cuts otherwise, and loses what it cuts off.
  const end = bytes.indexOf(newline, part);
  if (end === -1 && bytes.byteLength > longestBytes)
    throw new Error(`Cannot read container log: a line of more than ${String(longestBytes)} bytes`);
  return end === -1 ? null : end + 1;
}

function stamped(entry: Uint8Array): { readonly stamp: string; readonly data: Uint8Array } {
  const stamp = Buffer.from(entry.buffer, entry.byteOffset, Math.min(stampBytes, entry.byteLength)).toString(
    'latin1',
  );
  if (entry[stampBytes] !== space || !stamp.endsWith('Z')) {
    throw new Error(`Cannot read container log: wanted a time and a space, found "${stamp}"`);
  }
  return { stamp, data: entry.subarray(stampBytes + 1) };
}
