/** Where a container's output comes from: a client's child process, or the Engine's own socket. Both pump into the run's two queues. */
import { messageOf } from '../core/message-of.ts';
import type { Duplex, Readable } from 'node:stream';
import type { Child } from '../process/child.ts';
import type { Exit } from '../core/unit/types.ts';
import { pump } from '../process/output.ts';
import type { Take } from '../supervisor/runner.ts';
import { createDemux } from './demux.ts';
import type { OutputQueue } from './output-queue.ts';
import { createTail } from './tail.ts';
import { within } from './within.ts';

export interface Outlets {
  readonly stdout: OutputQueue;
  /** The same queue as stdout where stderr is redirected. */
  readonly stderr: OutputQueue;
}

export interface AttachmentEnd {
  /** Of the client; null for the socket. */
  readonly exit: Exit | null;
  readonly lastWords: string;
  /** The channel on which a client that lost its Engine has told so, in one line of its own that no container wrote; null: it has not. */
  readonly complainedOn: 'stdout' | 'stderr' | null;
}

export interface Attachment {
  readonly kind: 'cli' | 'api';
  /** Process id of the client; null for the socket. */
  readonly pid: number | null;
  /** Resolves when all its output has been handed on. Never rejects. */
  readonly ended: Promise<AttachmentEnd>;
  detach(): void;
  write(data: Uint8Array): Promise<'written' | 'closed' | 'full'>;
}

/** How much of the end of a client's stderr is kept for the reason of a failed launch, in bytes. */
const lastWordsBytes = 4096;
/** What a client says when its Engine goes (CLI 20.10 and 28.2 alike; findings.md). */
const complaint =
  /unexpected EOF|error waiting for container|error during connect|Cannot connect to the Docker daemon/;

export function attachmentOfChild(child: Child, outlets: Outlets): Attachment {
  const lastWords = createTail(lastWordsBytes);
  const listen = (chunk: Uint8Array, into: OutputQueue): Promise<void> | null => {
    lastWords.add(chunk);
    return into.push(chunk);
  };
  const merged = child.stderr === null;
  const out = pumpQuietly(child.stdout, (chunk) =>
    merged ? listen(chunk, outlets.stdout) : outlets.stdout.push(chunk),
  );
  const err =
    child.stderr === null
      ? Promise.resolve()
      : pumpQuietly(child.stderr, (chunk) => listen(chunk, outlets.stderr));
  const ended = child.exited.then(async (exit): Promise<AttachmentEnd> => {
    await Promise.all([drainOrDrop(out, child.stdout), drainOrDrop(err, child.stderr)]);
    const words = Buffer.from(lastWords.bytes()).toString('utf8').trim();
    const complained = exit.kind === 'code' && complaint.test(words.split('\n').at(-1) ?? '');
    return {
      exit,
      lastWords: merged ? '' : words,
      complainedOn: complained ? (merged ? 'stdout' : 'stderr') : null,
    };
  });
  return {
    kind: 'cli',
    pid: child.pid,
    ended,
    detach() {
      // The client's own end means nothing to the container; KILL is the one signal that it cannot pass on.
      child.kill('KILL', true);
    },
    write: (data) => child.write(data),
  };
}

/** A grandchild that holds the pipe must not keep the end from being told. */
const drainMs = 2000;

async function drainOrDrop(pumping: Promise<void>, stream: { destroy(): unknown } | null): Promise<void> {
  await within(pumping, drainMs);
  stream?.destroy();
}

/** A stream that breaks under its reader has ended; why, the Engine is asked. */
const pumpQuietly = (stream: Readable, take: Take): Promise<void> =>
  pump(stream, take).catch(() => undefined);

/** Input for a container, as far as it takes it. */
export function writeTo(socket: Duplex, data: Uint8Array): 'written' | 'closed' | 'full' {
  if (!socket.writable) return 'closed';
  if (socket.writableLength > 1024 * 1024) return 'full';
  socket.write(data);
  return 'written';
}

/** Takes framed output. */
function takeFramed(outlets: Outlets): Take {
  let room: Promise<void> | null = null;
  const demux = createDemux((channel, data) => {
    room = outlets[channel].push(data) ?? room;
  });
  return (chunk) => {
    room = null;
    demux(chunk);
    return room;
  };
}

export function attachmentOfSocket(socket: Duplex, tty: boolean, outlets: Outlets): Attachment {
  // An error after the reading has ended (a reset on the way down) is nobody's news.
  socket.on('error', () => undefined);
  const ended = (async (): Promise<AttachmentEnd> => {
    let lastWords = '';
    try {
      await pump(socket, tty ? (chunk) => outlets.stdout.push(chunk) : takeFramed(outlets));
      // Closed before its end, without an error.
      if (!socket.readableEnded) lastWords = 'the socket broke';
    } catch (error) {
      lastWords = messageOf(error);
    }
    return { exit: null, lastWords, complainedOn: null };
  })();
  return {
    kind: 'api',
    pid: null,
    ended,
    detach() {
      socket.destroy();
    },
    write: (data) => Promise.resolve(writeTo(socket, data)),
  };
}
