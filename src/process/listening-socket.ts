/**
 * A listening socket for children to accept on, from which we ourselves never accept.
 *
 * A server of Node accepts whatever comes, from the next turn of the event loop on, and cannot be told not to. So it is made in a thread
 * whose loop makes no such turn: it listens, hands over the number of the descriptor, which is the whole process's, and stands still
 * until the socket is to be closed (docs/decisions/0012-fcgi-sockets.md). What connects meanwhile waits in the kernel's queue.
 */
import { fstatSync } from 'node:fs';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

export type ListenAddress = { readonly path: string } | { readonly host: string; readonly port: number };

export interface ListeningSocket {
  readonly fd: number;
  /** False when the thread has died: the descriptor is closed then, or another's. */
  isOpen(): boolean;
  /** Closed when this returns, and a path is unlinked. */
  close(): void;
}

/** Whose turn it is. */
const opening = 0;
const held = 1;
const closing = 2;
const closed = 3;

/** How long the thread may take for its turn, in ms; a name may have to be looked up. */
const limitMs = 10_000;

/** Text, because a thread cannot be started from a function, and this way is the same bundled and not. */
const thread = `
const { workerData: { port, turn, address, backlog } } = require('node:worker_threads');
const answer = (message, next) => {
  port.postMessage(message);
  Atomics.store(turn, 0, next);
  Atomics.notify(turn, 0);
};
const fail = (error) => {
  answer({ failure: error.message }, ${String(closed)});
  port.close();
};
const listen = (where) => {
  const server = require('node:net').createServer();
  server.once('error', fail);
  // From the listening to the standing still there are only ticks, and no turn of the loop: nothing is accepted.
  server.listen({ ...where, backlog, exclusive: true }, () => {
    answer({ fd: server._handle?.fd ?? null }, ${String(held)});
    Atomics.wait(turn, 0, ${String(held)});
    server.close();
    answer({}, ${String(closed)});
    port.close();
  });
};
// Names are looked up before anything listens; IPv4, as supervisord does.
if ('path' in address) listen(address);
else
  require('node:dns').lookup(address.host, { family: 4 }, (error, host) => {
    if (error) fail(error);
    else listen({ host, port: address.port });
  });
`;

type Answer = { readonly fd: number | null } | { readonly failure: string };

/** Throws an Error with the system's reason when it cannot be had. Waits for the thread: about 0.1 s. */
export function openListeningSocket(address: ListenAddress, backlog: number): ListeningSocket {
  const { port1: here, port2: port } = new MessageChannel();
  const turn = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(thread, {
    eval: true,
    execArgv: [],
    workerData: { port, turn, address, backlog },
    transferList: [port],
  });
  worker.unref();
  // Its death is seen by isOpen.
  worker.on('error', () => undefined);

  /** False: it took too long, and is given up. */
  const waited = (whose: number): boolean => {
    const done = Atomics.wait(turn, 0, whose, limitMs) !== 'timed-out';
    if (!done) void worker.terminate();
    return done;
  };
  if (!waited(opening))
    throw new Error(`no answer from the thread that listens within ${String(limitMs / 1000)} s`);
  // It is our own thread that answers.
  const answer = receiveMessageOnPort(here)?.message as Answer;
  here.close();
  if ('failure' in answer) throw new Error(answer.failure);
  const { fd } = answer;
  if (fd === null || !fstatSync(fd).isSocket()) {
    void worker.terminate();
    throw new Error(`Node ${process.version} does not tell the descriptor of a server`);
  }
  const { ino } = fstatSync(fd);
  const isOpen = (): boolean => {
    try {
      return fstatSync(fd).ino === ino;
    } catch {
      return false;
    }
  };
  return {
    fd,
    isOpen,
    close() {
      if (!isOpen()) return;
      Atomics.store(turn, 0, closing);
      Atomics.notify(turn, 0);
      waited(closing);
    },
  };
}
