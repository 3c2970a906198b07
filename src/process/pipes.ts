/**
 * Real pipes for children. Node's own 'pipe' is a socket pair, and a child that opens /dev/stdout or /dev/stderr (nginx, `echo x >
 * /dev/stderr`) gets ENXIO from one. A FIFO that is opened at both ends and unlinked is a pipe in every respect.
 *
 * FIFOs are made in batches by `mkfifo`, because Node cannot make one and a process for each would double the cost of a launch.
 */
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectSocket } from './direct-socket.ts';

export interface Pipe {
  /** Our end. */
  readonly reader: Socket;
  /** The child's end: give it to spawn, then call `closeWriter`. */
  readonly writeFd: number;
  closeWriter(): void;
}

/** A pipe the other way round: the child's stdin. */
export interface InputPipe {
  /** Our end; made at the first call, since most programs are never written to. null: it is closed. */
  writer(): Socket | null;
  /** The child's end: give it to spawn, then call `closeReader`. */
  readonly readFd: number;
  closeReader(): void;
  closeWriter(): void;
}

export interface PipeMaker {
  /** `owner`: who may open the pipe again by name (`/dev/stdout`); null: only root and our own user. */
  make(owner: { readonly uid: number; readonly gid: number } | null): Pipe;
  /** For stdin: `while read line; do …; done < /dev/stdin` opens it by name. */
  makeInput(owner: { readonly uid: number; readonly gid: number } | null): InputPipe;
  close(): void;
}

const batchSize = 16;
const mkfifoLimitMs = 5000;

const prefix = 'dockvisor-pipes-';

/** Named by our pid, so that what a daemon that was killed left behind is known, and taken away. */
function makeDirectory(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length))?.[0] : undefined;
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `${prefix}${String(process.pid)}-`));
}

export function createPipeMaker(): PipeMaker {
  let directory: string | null = null;
  let made = 0;
  const ready: string[] = [];

  function refill(): void {
    directory ??= makeDirectory();
    const paths = Array.from({ length: batchSize }, () => join(directory ?? '', String(made++)));
    execFileSync('mkfifo', ['-m', '600', ...paths], {
      timeout: mkfifoLimitMs,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    ready.push(...paths);
  }

  function take(): string {
    if (ready.length === 0) refill();
    const path = ready.pop();
    if (path === undefined) throw new Error('mkfifo made no pipe');
    return path;
  }

  /** Somebody (systemd-tmpfiles, tmpwatch) may take old files out of the temporary directory: then it is made anew. */
  function again<T>(work: () => T): T {
    try {
      return work();
    } catch {
      ready.length = 0;
      directory = null;
      return work();
    }
  }

  function open(owner: { readonly uid: number; readonly gid: number } | null): {
    readFd: number;
    writeFd: number;
  } {
    const path = take();
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const writeFd = openSync(path, constants.O_WRONLY);
      if (owner !== null) chownSync(path, owner.uid, owner.gid);
      unlinkSync(path);
      return { readFd, writeFd };
    } catch (error) {
      closeSync(readFd);
      throw error;
    }
  }

  function openInput(owner: { readonly uid: number; readonly gid: number } | null): {
    readFd: number;
    writeFd: number;
  } {
    const path = take();
    const fds: number[] = [];
    try {
      // A first reader, so that the writer does not wait; the child's own end is a blocking one.
      const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      fds.push(first);
      const writeFd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      fds.push(writeFd);
      const readFd = openSync(path, constants.O_RDONLY);
      fds.push(readFd);
      if (owner !== null) chownSync(path, owner.uid, owner.gid);
      unlinkSync(path);
      closeSync(first);
      return { readFd, writeFd };
    } catch (error) {
      for (const fd of fds) closeSync(fd);
      throw error;
    }
  }

  return {
    makeInput(owner) {
      const { readFd, writeFd } = again(() => openInput(owner));
      let isOpen = true;
      let isClosed = false;
      let socket: Socket | null = null;
      return {
        writer() {
          if (isClosed) return null;
          if (socket === null) {
            socket = new Socket({ fd: writeFd, readable: false, writable: true });
            // A child that closes its stdin makes an error of what is written to it: the write tells.
            socket.on('error', () => undefined);
          }
          return socket;
        },
        readFd,
        closeReader() {
          if (isOpen) closeSync(readFd);
          isOpen = false;
        },
        closeWriter() {
          if (isClosed) return;
          isClosed = true;
          if (socket === null) closeSync(writeFd);
          else socket.destroy();
        },
      };
    },
    make(owner) {
      const { readFd, writeFd } = again(() => open(owner));
      let isOpen = true;
      return {
        reader: new DirectSocket({ fd: readFd, readable: true, writable: false }),
        writeFd,
        closeWriter() {
          if (isOpen) closeSync(writeFd);
          isOpen = false;
        },
      };
    },
    close() {
      if (directory !== null) rmSync(directory, { recursive: true, force: true });
      directory = null;
      ready.length = 0;
    },
  };
}
