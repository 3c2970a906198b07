/** What has been written to a log since a mark was made in it, also when it has been rotated meanwhile. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** A place in a log file, and which file it is, whatever it is called later. */
export interface FileMark {
  readonly path: string;
  readonly inode: number;
  readonly size: number;
}

const chunkBytes = 64 * 1024;
/** So many rotations are followed; a log that was rotated more often since its mark has outrun it. */
const mostBackups = 100;

/** Oldest first. null: the marked file is gone, has been cut short, or stands among files that are no backups of it. */
export function readWrittenSince(mark: FileMark): Iterable<Uint8Array> | null {
  const parts = partsSince(mark);
  return parts === null ? null : readAll(parts);
}

function* readAll(parts: NonNullable<ReturnType<typeof partsSince>>): Generator<Uint8Array> {
  for (const { path, from } of parts) yield* readFrom(path, from);
}

function partsSince({ path, inode, size }: FileMark): readonly { path: string; from: number }[] | null {
  const newer: string[] = [];
  let newest = Infinity;
  for (let n = 0; n <= mostBackups; n++) {
    const name = n === 0 ? path : `${path}.${String(n)}`;
    const stat = statSync(name, { throwIfNoEntry: false });
    // What somebody else has put under such a name is no part of the log: each backup was written to its end before the next one.
    if (stat === undefined || stat.mtimeMs > newest) return null;
    newest = stat.mtimeMs;
    if (stat.ino === inode)
      return stat.size < size
        ? null
        : [{ path: name, from: size }, ...newer.reverse().map((each) => ({ path: each, from: 0 }))];
    newer.push(name);
  }
  return null;
}

function* readFrom(path: string, from: number): Generator<Uint8Array> {
  const fd = openSync(path, 'r');
  try {
    for (let at = from; ;) {
      const chunk = Buffer.alloc(chunkBytes);
      const read = readSync(fd, chunk, 0, chunkBytes, at);
      if (read === 0) return;
      at += read;
      yield chunk.subarray(0, read);
    }
  } finally {
    closeSync(fd);
  }
}

/** The end of a log of so many bytes, also where it has just been rotated, and when it was written, in ms of wall time. null: there is none. */
export function readEnd(path: string, bytes: number): { readonly bytes: Buffer; readonly at: number } | null {
  const parts: Uint8Array[] = [];
  let wanted = bytes;
  let at = 0;
  for (const name of [path, `${path}.1`]) {
    const stat = statSync(name, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) break;
    at = Math.max(at, stat.mtimeMs);
    parts.unshift(...readFrom(name, Math.max(0, stat.size - wanted)));
    wanted -= Math.min(wanted, stat.size);
    if (wanted === 0) break;
  }
  return parts.length === 0 ? null : { bytes: Buffer.concat(parts), at };
}
