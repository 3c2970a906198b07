/**
 * A log file that is renamed when it is full, by supervisord's rules (supervisord.md 4.7): the size is looked at after each write, so
 * a file may exceed its limit by one chunk; `.1` is the newest backup; no backups means that the file starts anew.
 *
 * What is not a regular file (a pipe, a terminal, `/dev/stdout`) is never rotated: supervisord dies of that, or logs an error for each line.
 * Writes are synchronous: that is the fastest way into the page cache, and it is the back-pressure.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { FileMark } from './written-since.ts';

export interface LogSink {
  write(chunk: Uint8Array): void;
  /** Closes and opens again by name: somebody renamed the file. */
  reopen(): void;
  /** Before a run: the same, if the name is another file's by now, or nobody's. */
  freshen(): void;
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
  const file = new RotatingFile(options);
  file.open();
  return file;
}

/** The same, with nothing opened yet: each write tries it, so that one that cannot be opened is told with the first loss. */
export const unopenedRotatingFile = (options: RotatingFileOptions): LogSink => new RotatingFile(options);

/** A class, and no closures: there are two of them for each program. */
class RotatingFile implements LogSink {
  readonly #options: RotatingFileOptions;
  /** -1: closed. */
  #fd = -1;
  #size = 0;
  /** null: no regular file. */
  #inode: number | null = null;
  #rotates = false;
  #isTroubled = false;
  #lost = 0;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  open(): void {
    this.#fd = this.#own() ?? openSync(this.#options.path, 'a', 0o644);
    this.#look();
  }

  #own(): number | undefined {
    return ownDescriptors[this.#options.path];
  }

  #look(): void {
    const stat = fstatSync(this.#fd);
    const isOurFile = stat.isFile() && this.#own() === undefined;
    this.#size = stat.size;
    this.#inode = isOurFile ? stat.ino : null;
    this.#rotates = isOurFile && this.#options.maxBytes > 0;
  }

  #open(flag: 'a' | 'w'): void {
    const { path } = this.#options;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, flag, 0o644);
    this.#look();
  }

  #rotate(): void {
    const { path, backups } = this.#options;
    closeSync(this.#fd);
    this.#fd = -1;
    if (backups > 0) {
      for (let n = backups - 1; n >= 1; n--)
        renameIfThere(`${path}.${String(n)}`, `${path}.${String(n + 1)}`);
      renameIfThere(path, `${path}.1`);
    }
    this.#open('w');
  }

  write(chunk: Uint8Array): void {
    let done = 0;
    try {
      if (this.#fd === -1) this.#open('a');
      while (done < chunk.byteLength) {
        const bytes = writeSome(this.#fd, chunk, done);
        done += bytes;
        this.#size += bytes;
      }
      if (this.#rotates && this.#size >= this.#options.maxBytes) this.#rotate();
    } catch (error) {
      const { path, onTrouble } = this.#options;
      const isNews = !this.#isTroubled;
      this.#isTroubled = true;
      // A full disk takes the beginning of a chunk, and what cannot be rotated takes all of it.
      const missing = chunk.byteLength - done;
      this.#lost += missing;
      if (isNews)
        onTrouble(
          missing === 0
            ? `cannot rotate ${path}: ${String(error)}`
            : `cannot write to ${path}: ${String(error)}; output is being lost`,
        );
      return;
    }
    if (this.#isTroubled) this.#tellLost(`writing to ${this.#options.path} works again`);
  }

  /** The count begins anew first: who is told may write to this very file. */
  #tellLost(what: string): void {
    const bytes = this.#lost;
    this.#lost = 0;
    this.#isTroubled = false;
    this.#options.onTrouble(`${what}; ${String(bytes)} bytes were lost`);
  }

  reopen(): void {
    if (this.#own() !== undefined) return;
    if (this.#fd !== -1) closeSync(this.#fd);
    this.#fd = -1;
    this.#open('a');
  }

  freshen(): void {
    if (this.#inode === null || this.#fd === -1) return;
    if (inodeAt(this.#options.path) !== this.#inode) this.reopen();
  }

  clear(): void {
    if (this.#own() !== undefined) return;
    if (this.#fd === -1) this.#open('a');
    if (!fstatSync(this.#fd).isFile()) return;
    truncateSync(this.#options.path, 0);
    this.#size = 0;
  }

  mark(): FileMark | null {
    if (this.#inode === null || this.#fd === -1) return null;
    // Others may write to it, too.
    return { path: this.#options.path, inode: this.#inode, size: fstatSync(this.#fd).size };
  }

  close(): void {
    if (this.#lost > 0) this.#tellLost(`${this.#options.path} is closed`);
    const own = this.#own();
    if (this.#fd !== -1 && own === undefined) closeSync(this.#fd);
    this.#fd = own ?? -1;
  }
}

/** undefined: there is none, or nobody can tell. */
function inodeAt(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Returns how many bytes of `chunk`, from `from` on, were written. */
function writeSome(fd: number, chunk: Uint8Array, from: number): number {
  let fullSince: number | null = null;
  for (;;) {
    try {
      return from === 0 ? writeSync(fd, chunk) : writeSync(fd, chunk, from);
    } catch (error) {
      fullSince ??= performance.now();
      // A pipe that somebody made non-blocking and nobody empties: wait a little, but never hang the daemon.
      if (
        (error as NodeJS.ErrnoException).code !== 'EAGAIN' ||
        performance.now() - fullSince > pipePatienceMs
      )
        throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
