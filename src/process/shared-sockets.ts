/** The sockets of FastCGI programs: made when the first child starts, closed when the last one has ended (supervisord.md 2.7). */
import { chmodSync, chownSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SocketSpec } from '../core/config/model.ts';
import { messageOf } from '../core/message-of.ts';
import { LaunchError } from './child.ts';
import { openListeningSocket } from './listening-socket.ts';
import type { ListeningSocket } from './listening-socket.ts';

/** One child's share of a socket. */
export interface SocketClaim {
  readonly fd: number;
  /** Once only. */
  release(): void;
}

export interface SharedSocket {
  /** Makes the socket when nobody has it. Throws LaunchError when it cannot be made. */
  claim(): SocketClaim;
}

export interface SharedSockets {
  /** One for each address: who says the same address gets the same socket, made as the first of them has it. */
  of(spec: SocketSpec): SharedSocket;
  /** Closes what is still claimed. */
  close(): void;
}

/** As supervisord's SOMAXCONN; the kernel bounds it by net.core.somaxconn. */
const longestBacklog = 4096;

export function createSharedSockets(info: (message: string) => void): SharedSockets {
  const open = new Map<string, { readonly socket: ListeningSocket; claims: number }>();

  function close(url: string): void {
    info(`Closing socket ${url}`);
    const entry = open.get(url);
    open.delete(url);
    entry?.socket.close();
  }

  return {
    of: (spec) => ({
      claim() {
        const { url } = spec;
        let entry = open.get(url);
        if (entry?.socket.isOpen() !== true) {
          info(`Creating socket ${url}`);
          entry = { socket: make(spec), claims: 0 };
          open.set(url, entry);
        }
        const claimed = entry;
        claimed.claims += 1;
        return {
          fd: claimed.socket.fd,
          release() {
            claimed.claims -= 1;
            if (claimed.claims === 0 && open.get(url) === claimed) close(url);
          },
        };
      },
    }),
    close() {
      for (const url of [...open.keys()]) close(url);
    },
  };
}

function make(spec: SocketSpec): ListeningSocket {
  const backlog = spec.backlog ?? longestBacklog;
  try {
    return spec.kind === 'unix' ? makeUnix(spec, backlog) : openListeningSocket(spec, backlog);
  } catch (error) {
    const message = `Could not create FastCGI socket ${spec.url}: ${messageOf(error)}`;
    throw new LaunchError('socket', message, { cause: error });
  }
}

function makeUnix(spec: Extract<SocketSpec, { kind: 'unix' }>, backlog: number): ListeningSocket {
  const { path, owner, mode } = spec;
  // libuv says "permission denied" for a directory that is not there.
  statSync(dirname(path));
  clearStale(path);
  // It listens from the first moment: until it is as it should be, only for us.
  const umask = process.umask(0o177);
  let socket: ListeningSocket;
  try {
    socket = openListeningSocket({ path }, backlog);
  } finally {
    process.umask(umask);
  }
  try {
    if (owner !== null) said('ownership', () => chownSync(path, owner.uid, owner.gid ?? -1));
    said('permissions', () => chmodSync(path, mode));
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Takes a socket of that name away, whoever has made it, as supervisord does: after a daemon that was killed, its orphans still listen,
 * and must not keep the next one from starting. What is no socket stays.
 */
function clearStale(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} exists and is not a socket`);
  unlinkSync(path);
}

function said(what: string, change: () => void): void {
  try {
    change();
  } catch (cause) {
    throw new Error(`Could not change ${what} of socket file: ${messageOf(cause)}`, { cause });
  }
}
