/**
 * The one connection to an Engine: one event stream for all containers, kept up for ever.
 *
 * Events are the fast path, a comparison is the truth: after each (re)connection, and every `compareMs`, all containers are listed and
 * every listener is told to look at its own. The stream is taken up again with `since`, but the Engine keeps only 256 events and forgets
 * them with its own death, so nothing rests on it. An Engine that accepts and does not answer is found out by the list.
 */
import { messageOf } from '../core/message-of.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import type { Log } from '../log/activity-log.ts';
import type { Engine, ListedContainer } from './engine.ts';
import type { ContainerEvent } from './events.ts';
import { createReplay, nameOf } from './replay.ts';
import { watchWallClock } from './wall-clock.ts';
import type { WallClock } from './wall-clock.ts';

export type LinkStatus = { readonly up: true } | { readonly up: false; readonly reason: string };

/** All containers that there were at one moment. */
export interface Listing {
  readonly containers: readonly ListedContainer[];
  readonly byId: ReadonlyMap<string, ListedContainer>;
  /** Wall time in ms when the Engine was asked, and when it had answered. */
  readonly from: number;
  readonly to: number;
}

export interface LinkListener {
  /** Every event of every container, in the Engine's order. Must be quick. */
  event(event: ContainerEvent): void;
  /** The Engine answers (again), or a comparison is due. */
  compare(listing: Listing): void;
  /** The Engine cannot be asked any more. */
  down(reason: string): void;
}

export interface EngineLink {
  readonly engine: Engine;
  /** That of this machine: an Engine elsewhere has its own. */
  readonly wallClock: WallClock;
  status(): LinkStatus;
  /** Told `compare` on the next comparison, not at once. Returns how to stop listening. */
  listen(listener: LinkListener): () => void;
  /** Resolves when the Engine answers; rejects when `signal` aborts first. */
  whenUp(signal: AbortSignal): Promise<void>;
  /** A call found the Engine unreachable: look now. */
  suspect(): void;
  close(): void;
}

/** Why a connection is over; `asked`: the Engine was asked something and did not answer. */
interface Loss {
  readonly reason: string;
  readonly asked: boolean;
}

const compareMs = 10_000;
const firstRetryMs = 100;
const slowestRetryMs = 2_000;

export function createLink(engine: Engine, log: Log): EngineLink {
  const closing = new AbortController();
  const wallClock = watchWallClock();
  const listeners = new Set<LinkListener>();
  const waiters = new Set<() => void>();
  let status: LinkStatus = { up: false, reason: `${engine.name} has not answered yet` };
  let wasUp = false;
  let since: string | null = null;
  /** The last event that was heard. */
  let last = '';
  let comparing: Promise<void> | null = null;
  let checkNow: () => void = () => undefined;

  const tellAll = (tell: (listener: LinkListener) => void): void => {
    for (const listener of [...listeners]) tell(listener);
  };

  async function compare(): Promise<void> {
    const listing = await list();
    tellAll((listener) => {
      listener.compare(listing);
    });
  }

  async function list(): Promise<Listing> {
    const from = Date.now();
    const containers = await engine.list();
    const byId = new Map(containers.map((one) => [one.id, one]));
    return { containers, byId, from, to: Date.now() };
  }

  function goDown(reason: string): void {
    if (!status.up && status.reason === reason) return;
    const wasStatus = status;
    status = { up: false, reason };
    if (wasStatus.up || !wasUp) {
      log.warn(`engine ${engine.name}: ${reason}; states are UNKNOWN until it answers`, {
        engine: engine.name,
      });
    }
    tellAll((listener) => {
      listener.down(reason);
    });
  }

  function hear(event: ContainerEvent): void {
    if (event.time !== '') since = event.time;
    last = nameOf(event);
    tellAll((listener) => {
      listener.event(event);
    });
  }

  /** One connection: negotiated, listening, compared. `lost` resolves with the reason when it is over. */
  async function connect(): Promise<{ readonly lost: Promise<Loss>; drop(): void }> {
    await engine.negotiate();
    const stream = new AbortController();
    const replay = createReplay(last, hear);
    try {
      const { ended } = await engine.events(since, stream.signal, replay.take);
      const listing = await list();
      replay.end();
      if (closing.signal.aborted) throw new Error('closed');
      status = { up: true };
      log.info(
        `engine ${engine.name}: ${wasUp ? 'answers again' : 'connected'}, API ${engine.apiVersion ?? 'unknown'}`,
        {
          engine: engine.name,
        },
      );
      wasUp = true;
      tellAll((listener) => {
        listener.compare(listing);
      });
      for (const resolve of [...waiters]) resolve();
      waiters.clear();
      const streamEnd = ended.then((reason): Loss => ({ reason, asked: false }));
      return {
        lost: Promise.race([streamEnd, keepComparing(stream.signal)]),
        drop: () => {
          stream.abort();
        },
      };
    } catch (error) {
      stream.abort();
      throw error;
    }
  }

  /** Resolves with the reason when a comparison fails. */
  function keepComparing(signal: AbortSignal): Promise<Loss> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (comparing !== null || signal.aborted) return;
        comparing = compare()
          .catch((error: unknown) => {
            resolve({ reason: messageOf(error), asked: true });
          })
          .finally(() => {
            comparing = null;
          });
      };
      const timer = setInterval(look, compareMs);
      checkNow = look;
      signal.addEventListener(
        'abort',
        () => {
          clearInterval(timer);
          checkNow = () => undefined;
          resolve({ reason: 'closed', asked: false });
        },
        { once: true },
      );
    });
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const connection = await pRetry(connect, {
          retries: Number.POSITIVE_INFINITY,
          minTimeout: firstRetryMs,
          maxTimeout: slowestRetryMs,
          signal: closing.signal,
          onFailedAttempt: ({ error }) => {
            goDown(error.message);
          },
        });
        const drop = (): void => {
          connection.drop();
        };
        closing.signal.addEventListener('abort', drop, { once: true });
        if (closing.signal.aborted) drop();
        const { reason, asked } = await connection.lost;
        closing.signal.removeEventListener('abort', drop);
        drop();
        // A stream that ended proves nothing yet: the next attempt to connect, which comes at once, tells.
        if (asked) goDown(reason);
      } catch (error) {
        if (closing.signal.aborted) return;
        // p-retry gives up on what looks like a bug of ours: that is logged, and must neither spin nor end the link.
        log.error(`engine ${engine.name}: ${String(error)}`, { engine: engine.name });
        goDown(String(error));
        await sleep(slowestRetryMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  void run();
  return {
    engine,
    wallClock,
    status: () => status,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    whenUp(signal) {
      if (status.up) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const up = (): void => {
          signal.removeEventListener('abort', gone);
          resolve();
        };
        const gone = (): void => {
          waiters.delete(up);
          reject(new Error('called off'));
        };
        waiters.add(up);
        if (signal.aborted) gone();
        else signal.addEventListener('abort', gone, { once: true });
      });
    },
    suspect: () => {
      checkNow();
    },
    close() {
      closing.abort();
      wallClock.close();
    },
  };
}
