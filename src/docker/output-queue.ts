/** A bounded queue of output with one writer at a time and one reader: who writes waits for room, so a slow log slows the container. */
import type { OutputChannel, Take } from '../supervisor/runner.ts';
import type { Place } from './log-cursor.ts';

export interface OutputQueue extends OutputChannel {
  /**
   * null: there is room for more; else resolves when there is. `place`: where it is in the Engine's log, for what comes from there. The chunk
   * is copied if it has to wait.
   */
  push(chunk: Uint8Array, place?: Place | null): Promise<void> | null;
  /** Resolves when the reader has done with all that was pushed. */
  idle(): Promise<void>;
  /** Whether that is so now. */
  isIdle(): boolean;
  /** Bytes pushed so far: what does not grow is quiet. */
  pushed(): number;
  /** No more will come. Resolves when the reader has taken everything. */
  end(): Promise<void>;
}

/** Bytes held for a reader that is behind. */
const bound = 256 * 1024;

interface Piece {
  readonly chunk: Uint8Array;
  readonly place: Place | null;
}

/** `taken`: told of each piece when the reader has done with it. */
export function createOutputQueue(
  taken: (chunk: Uint8Array, place: Place | null) => void = () => undefined,
): OutputQueue {
  const pieces: Piece[] = [];
  let held = 0;
  let total = 0;
  let ended = false;
  let take: Take | null = null;
  let isBusy = false;
  let finish: () => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  // Whoever reads is told of it; whoever waits for the end of a reader that has gone has nothing to wait for.
  const gone = finished.catch(() => undefined);
  const wakers = { room: [] as (() => void)[], idle: [] as (() => void)[] };
  const wake = (which: keyof typeof wakers): void => {
    for (const resolve of wakers[which].splice(0)) resolve();
  };
  const until = (which: keyof typeof wakers): Promise<void> =>
    new Promise((resolve) => {
      wakers[which].push(resolve);
    });

  const done = ({ chunk, place }: Piece): void => {
    taken(chunk, place);
    held -= chunk.byteLength;
    if (held < bound) wake('room');
    if (held === 0) wake('idle');
  };

  /** The reader has gone: nobody may wait for it. */
  const drop = (error: unknown): void => {
    ended = true;
    pieces.length = 0;
    held = 0;
    wake('room');
    wake('idle');
    fail(error);
  };

  /** The reader is not done with it yet. */
  function waitFor(piece: Piece, taking: Promise<void>): void {
    isBusy = true;
    taking
      .then(() => {
        isBusy = false;
        done(piece);
        handOn();
      })
      .catch(drop);
  }

  /** Hands on what waits, for as long as the reader is done with each at once. */
  function handOn(): void {
    while (take !== null && !isBusy) {
      const piece = pieces.shift();
      if (piece === undefined) {
        if (ended) finish();
        return;
      }
      try {
        const taking = take(piece.chunk);
        if (taking === null) done(piece);
        else waitFor(piece, taking);
      } catch (error) {
        drop(error);
      }
    }
  }

  /** Past the queue: what the reader is done with at once, as it nearly always is. */
  function handOver(take: Take, chunk: Uint8Array, place: Place | null): void {
    try {
      const taking = take(chunk);
      if (taking === null) {
        taken(chunk, place);
        return;
      }
      held += chunk.byteLength;
      waitFor({ chunk: Buffer.from(chunk), place }, taking);
    } catch (error) {
      drop(error);
    }
  }

  return {
    push(chunk, place = null) {
      if (ended || chunk.byteLength === 0) return null;
      total += chunk.byteLength;
      if (take !== null && held === 0) handOver(take, chunk, place);
      else {
        pieces.push({ chunk: Buffer.from(chunk), place });
        held += chunk.byteLength;
      }
      return held < bound ? null : until('room');
    },
    idle: () => (held === 0 || ended ? Promise.resolve() : until('idle')),
    isIdle: () => held === 0,
    pushed: () => total,
    end() {
      ended = true;
      handOn();
      wake('room');
      // Nothing waits, and nobody came to read: there is nothing to wait for.
      return take !== null || pieces.length > 0 ? gone : Promise.resolve();
    },
    readBy(reader) {
      take = reader;
      handOn();
      return finished;
    },
  };
}
