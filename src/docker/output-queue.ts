/** A bounded queue of output with one writer at a time and one reader: who writes waits for room, so a slow log slows the container. */

export interface OutputQueue extends AsyncIterable<Uint8Array> {
  /** Resolves when there is room for more. */
  push(chunk: Uint8Array): Promise<void>;
  /** Bytes pushed so far: what does not grow is quiet. */
  pushed(): number;
  /** No more will come. Resolves when the reader has taken everything. */
  end(): Promise<void>;
}

/** Bytes held for a reader that is behind. */
const bound = 256 * 1024;

export function createOutputQueue(): OutputQueue {
  const chunks: Uint8Array[] = [];
  let held = 0;
  let total = 0;
  let ended = false;
  let isRead = false;
  let wakeReader: () => void = () => undefined;
  let wakeWriter: () => void = () => undefined;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  async function* read(): AsyncGenerator<Uint8Array> {
    isRead = true;
    try {
      for (;;) {
        const chunk = chunks.shift();
        if (chunk !== undefined) {
          yield chunk;
          held -= chunk.byteLength;
          if (held < bound) wakeWriter();
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
      finish();
    }
  }

  return {
    async push(chunk) {
      if (ended || chunk.byteLength === 0) return;
      chunks.push(chunk);
      held += chunk.byteLength;
      total += chunk.byteLength;
      wakeReader();
      while (held >= bound && !ended) {
        await new Promise<void>((resolve) => {
          wakeWriter = resolve;
        });
      }
    },
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
