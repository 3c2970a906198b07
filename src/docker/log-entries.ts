/**
 * Takes the answer of `logs` with timestamps apart into the log's entries. Pure.
 *
 * Framed, an entry is a frame: `TIME TEXT`, with its newline, or without one where the Engine cut a line of more than 16 KiB. A terminal's
 * log has no frames: there an entry is a line, and within it the Engine writes the same time again at each of its cuts.
 */
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
/** Where the Engine cuts lines. */
const cutBytes = 16 * 1024;

/** Throws an Error on what is no entry. */
export function createEntryReader(tty: boolean): (chunk: Uint8Array) => LogEntry[] {
  let rest: Uint8Array = new Uint8Array(0);
  const cut = tty ? cutLine : cutFrame;
  return (chunk) => {
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

function cutLine(bytes: Uint8Array): Cut | null {
  const end = bytes.indexOf(newline);
  if (end === -1) return null;
  const { stamp, data } = stamped(bytes.subarray(0, end + 1));
  return { length: end + 1, entry: { channel: 'stdout', stamp, data: withoutInnerStamps(data, stamp) } };
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

function withoutInnerStamps(line: Uint8Array, stamp: string): Uint8Array {
  if (line.byteLength <= cutBytes) return line;
  const again = Buffer.from(`${stamp} `, 'latin1');
  const parts: Uint8Array[] = [];
  let at = 0;
  while (
    line.byteLength - at > cutBytes &&
    again.equals(line.subarray(at + cutBytes, at + cutBytes + again.byteLength))
  ) {
    parts.push(line.subarray(at, at + cutBytes));
    at += cutBytes + again.byteLength;
  }
  return Buffer.concat([...parts, line.subarray(at)]);
}
