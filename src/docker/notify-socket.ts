/**
 * The socket over which one program's container says how it is (sd_notify). The directory is ours alone and the socket is open to all:
 * whoever reaches it came by the bind mount, so that what is heard is said by that container's processes (docs/decisions/0008).
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../core/message-of.ts';
import { parseNotify } from '../core/notify-message.ts';
import type { NotifyMessage } from '../core/notify-message.ts';

export interface NotifySocket {
  readonly path: string;
  /** One listener: the program's runner. */
  listen(take: (message: NotifyMessage) => void): void;
  close(): void;
}

/** Nobody says so much about himself. */
const longestBytes = 4096;

/** Rejects with a sentence when it cannot be had. */
export async function openNotifySocket(path: string): Promise<NotifySocket> {
  let take: (message: NotifyMessage) => void = () => undefined;
  try {
    const { DgramSocket } = await import('node-unix-socket');
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    chmodSync(dirname(path), 0o700);
    // A container that outlived a daemon holds on to the former file, and is not heard any more.
    rmSync(path, { force: true });
    const socket = new DgramSocket();
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      if (data.byteLength <= longestBytes) take(parseNotify(data.toString('utf8')));
    });
    socket.bind(path);
    chmodSync(path, 0o666);
    return {
      path,
      listen(next) {
        take = next;
      },
      // The file stays: a container that exists is mounted onto it when somebody starts it.
      close: () => {
        socket.close();
      },
    };
  } catch (error) {
    throw new Error(`Cannot make the socket of docker_notify at ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
