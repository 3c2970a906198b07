/**
 * Listening on a path, claimed as supervisord claims it (supervisord.md 2.1): the socket is made as `<file>.<pid>`, gets
 * its mode and owner there, and is then hard-linked to its name. Nobody can reach it before it is as it should be, and of two
 * daemons that start together exactly one gets the name.
 */
import { chmod, chown, link, lstat, rename, unlink } from 'node:fs/promises';
import { createConnection, type Server } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerSpec } from '../core/config/model.ts';
import { ListenError, addressInUse } from './listen-error.ts';

type UnixSpec = Extract<ServerSpec, { kind: 'unix' }>;

/** Two daemons that clear the same stale socket wait this long before they race again. */
const retryMs = 300;
const maxTries = 10;

/** Resolves to what takes the name away again, if by then it is still this socket's. */
export async function listenUnix(
  server: Server,
  spec: UnixSpec,
  log: (message: string) => void,
): Promise<{ readonly unclaim: () => Promise<void> }> {
  const temporary = `${spec.path}.${process.pid}`;
  await unlink(temporary).catch(() => undefined);
  try {
    await bind(server, temporary);
    await chmod(temporary, spec.mode);
    if (spec.owner !== null) await giveTo(temporary, spec.owner, spec.path);
    const made = await lstat(temporary);
    await claim(temporary, spec.path, log);
    return {
      unclaim: async () => {
        const now = await lstat(spec.path).catch(() => null);
        if (now !== null && now.ino === made.ino && now.dev === made.dev) {
          await unlink(spec.path).catch(() => undefined);
        }
      },
    };
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

async function bind(server: Server, path: string): Promise<void> {
  // The path can be reached from bind on: until chmod by nobody but us. Node binds inside listen(), so the umask holds.
  const umask = process.umask(0o177);
  try {
    server.listen({ path, backlog: 1024 });
  } finally {
    process.umask(umask);
  }
  await once(server, 'listening');
}

async function giveTo(
  path: string,
  owner: { readonly uid: number; readonly gid: number | null },
  name: string,
): Promise<void> {
  try {
    await chown(path, owner.uid, owner.gid ?? -1);
  } catch (cause) {
    if (errorCode(cause) !== 'EPERM') throw cause;
    throw new ListenError(
      `Not permitted to chown ${name} to uid/gid (${owner.uid}, ${owner.gid ?? -1}); adjust "sockchown" value in ` +
        'config file or on command line to values that the current user can successfully chown',
      { cause },
    );
  }
}

async function claim(temporary: string, path: string, log: (message: string) => void): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    try {
      await link(temporary, path);
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') {
        // Some filesystems have no hard links (shared folders of virtual machines). Then the claim is not atomic.
        const taken = await lstat(path).then(
          () => true,
          () => false,
        );
        if (taken) throw error;
        await rename(temporary, path);
        return;
      }
    }
    if (await isAnswered(path)) throw new ListenError(addressInUse);
    const found = await lstat(path).catch(() => null);
    if (found !== null && !found.isSocket()) {
      throw new ListenError(`Cannot open an HTTP server: ${path} exists and is not a socket`);
    }
    log(`Unlinking stale socket ${path}`);
    await unlink(path).catch(() => undefined);
    await delay(retryMs);
  }
  throw new ListenError(addressInUse);
}

/** Whoever takes a connection lives, even if it is too busy to say a word: its socket is not ours to unlink. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    const settle = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', settle(true));
    // EAGAIN: somebody listens, and the queue of those who wait is full.
    socket.once('error', (error) => settle(errorCode(error) === 'EAGAIN')());
  });
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
