/**
 * A log file that is renamed when it is full, by supervisord's rules (supervisord.md 4.7): the size is looked at after each write, so
 * a file may exceed its limit by one chunk; `.1` is the newest backup; no backups means that the file starts anew.
 *
 * What is not a regular file (a pipe, a terminal, `/dev/stdout`) is never rotated: supervisord dies of that, or logs an error for each line.
 * Writes are synchronous: that is the fastest way into the page cache, and it is the back-pressure.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FileMark } from './written-since.ts';

export interface LogSink {
  write(chunk: Uint8Array): void;
  /** Closes and opens again by name: somebody renamed the file. */
  reopen(): void;
  /** Empties the file; backups stay. */
  clear(): void;
  /** Where it is written now; null: it is no regular file. */
  mark(): FileMark | null;
  close(): void;
}

export interface RotatingFileOptions {
  readonly path: string;
  /** 0: never rotate. */
  readonly maxBytes: number;
  readonly backups: number;
  /** Told once when writing fails, and once when it works again or is closed, with how many bytes were lost. */
  readonly onTrouble: (message: string) => void;
}

/**
 * Our own descriptors, by the names they have for a child. They are written to as they are: under systemd, and in many containers, they are
 * sockets, which cannot be opened again by name (ENXIO).
 */
const ownDescriptors: Readonly<Record<string, number>> = {
  '/dev/stdout': 1,
  '/dev/stderr': 2,
  '/dev/fd/1': 1,
  '/dev/fd/2': 2,
};

/** How long a write to a full pipe may hold the daemon up before the chunk counts as lost, in ms. */
const pipePatienceMs = 1000;

/** Throws what node:fs throws when the file cannot be opened. */
export function openRotatingFile(options: RotatingFileOptions): LogSink {
  const { path, maxBytes, backups, onTrouble } = options;
  const own = ownDescriptors[path];
  let fd = own ?? openSync(path, 'a', 0o644);
  let { size, inode, rotates } = look();
  let isTroubled = false;
  let lost = 0;

  /** `inode` null: no regular file. */
  function look(): { size: number; inode: number | null; rotates: boolean } {
    const stat = fstatSync(fd);
    const isOurFile = stat.isFile() && own === undefined;
    return { size: stat.size, inode: isOurFile ? stat.ino : null, rotates: isOurFile && maxBytes > 0 };
  }

  function open(flag: 'a' | 'w'): void {
    mkdirSync(dirname(path), { recursive: true });
    fd = openSync(path, flag, 0o644);
    ({ size, inode, rotates } = look());
  }

  function rotate(): void {
    closeSync(fd);
    fd = -1;
    if (backups > 0) {
      for (let n = backups - 1; n >= 1; n--)
        renameIfThere(`${path}.${String(n)}`, `${path}.${String(n + 1)}`);
      renameIfThere(path, `${path}.1`);
    }
    open('w');
  }

  function write(chunk: Uint8Array): void {
    let done = 0;
    try {
      if (fd === -1) open('a');
      writeAll(fd, chunk, (bytes) => {
        done += bytes;
        size += bytes;
      });
      if (rotates && size >= maxBytes) rotate();
    } catch (error) {
      const isNews = !isTroubled;
      isTroubled = true;
      // A full disk takes the beginning of a chunk, and what cannot be rotated takes all of it.
      const missing = chunk.byteLength - done;
      lost += missing;
      if (isNews)
        onTrouble(
          missing === 0
            ? `cannot rotate ${path}: ${String(error)}`
            : `cannot write to ${path}: ${String(error)}; output is being lost`,
        );
      return;
    }
    if (isTroubled) tellLost(`writing to ${path} works again`);
  }

  /** The count begins anew first: who is told may write to this very file. */
  function tellLost(what: string): void {
    const bytes = lost;
    lost = 0;
    isTroubled = false;
    onTrouble(`${what}; ${String(bytes)} bytes were lost`);
  }

  return {
    write,
    reopen() {
      if (own !== undefined) return;
      if (fd !== -1) closeSync(fd);
      fd = -1;
      open('a');
    },
    clear() {
      if (own !== undefined || !fstatSync(fd).isFile()) return;
      truncateSync(path, 0);
      size = 0;
    },
    mark: () => (inode === null ? null : { path, inode, size }),
    close() {
      if (lost > 0) tellLost(`${path} is closed`);
      if (fd !== -1 && own === undefined) closeSync(fd);
      fd = own ?? -1;
    },
  };
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** `written`: told of each part. */
function writeAll(fd: number, chunk: Uint8Array, written: (bytes: number) => void): void {
  const started = performance.now();
  for (let done = 0; done < chunk.byteLength;) {
    try {
      const bytes = writeSync(fd, chunk, done);
      done += bytes;
      written(bytes);
    } catch (error) {
      // A pipe that somebody made non-blocking and nobody empties: wait a little, but never hang the daemon.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() - started > pipePatienceMs)
        throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
