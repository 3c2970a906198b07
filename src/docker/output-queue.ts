/** A bounded queue of output with one writer at a time and one reader: who writes waits for room, so a slow log slows the container. */

import type { Place } from './log-cursor.ts';

export interface OutputQueue extends AsyncIterable<Uint8Array> {
  /** Resolves when there is room for more. `place`: where it is in the Engine's log, for what comes from there. */
  push(chunk: Uint8Array, place?: Place): Promise<void>;
  /** Resolves when the reader has done with all that was pushed. */
  idle(): Promise<void>;
  /** Bytes pushed so far: what does not grow is quiet. */
  pushed(): number;
  /** No more will come. Resolves when the reader has taken everything. */
  end(): Promise<void>;
}

/** Bytes held for a reader that is behind. */
const bound = 256 * 1024;

/** `taken`: told of each piece when the reader has done with it. */
export function createOutputQueue(
  taken: (chunk: Uint8Array, place: Place | null) => void = () => undefined,
): OutputQueue {
  const chunks: { readonly chunk: Uint8Array; readonly place: Place | null }[] = [];
  let held = 0;
  let total = 0;
  let ended = false;
  let isRead = false;
  let wakeReader: () => void = () => undefined;
  let wakeWriter: () => void = () => undefined;
  let finish: () => void = () => undefined;
  const idlers: (() => void)[] = [];
  const wakeIdle = (): void => {
    for (const resolve of idlers.splice(0)) resolve();
  };
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  async function* read(): AsyncGenerator<Uint8Array> {
    isRead = true;
    try {
      for (;;) {
        const next = chunks.shift();
        if (next !== undefined) {
          const { chunk, place } = next;
          yield chunk;
          taken(chunk, place);
          held -= chunk.byteLength;
          if (held < bound) wakeWriter();
          if (held === 0) wakeIdle();
        } else if (ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        }
      }
    } finally {
      // The reader has gone: nobody may wait for it.
      ended = true;
      chunks.length = 0;
      held = 0;
      wakeWriter();
      wakeIdle();
      finish();
    }
  }

  return {
    async push(chunk, place) {
      if (ended || chunk.byteLength === 0) return;
      chunks.push({ chunk, place: place ?? null });
      held += chunk.byteLength;
      total += chunk.byteLength;
      wakeReader();
      while (held >= bound && !ended) {
        await new Promise<void>((resolve) => {
          wakeWriter = resolve;
        });
      }
    },
    idle: () =>
      held === 0 || ended
        ? Promise.resolve()
        : new Promise((resolve) => {
            idlers.push(resolve);
          }),
    pushed: () => total,
    end() {
      ended = true;
      wakeReader();
      wakeWriter();
      // Nothing waits, and nobody came to read: there is nothing to wait for.
      return isRead || chunks.length > 0 ? finished : Promise.resolve();
    },
    [Symbol.asyncIterator]: read,
  };
}
