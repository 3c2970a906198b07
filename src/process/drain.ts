/** Waits for the end of a dead child's output: to its end, or until nothing has come for a while (a grandchild may hold the pipe). */
import type { Socket } from 'node:net';

const quietMs = 100;
const longestMs = 2000;

/** Afterwards the stream is destroyed. Never rejects. */
export function drain(stream: Socket | null): Promise<void> {
  if (stream === null || stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const started = performance.now();
    let seen = stream.bytesRead;
    const watch = setInterval(() => {
      // What is buffered, or held back, waits for a slow log: that is not the child's silence.
      const quiet = stream.bytesRead === seen && stream.readableLength === 0 && !stream.isPaused();
      seen = stream.bytesRead;
      if (quiet || performance.now() - started > longestMs) stream.destroy();
    }, quietMs);
    stream.once('close', () => {
      clearInterval(watch);
      resolve();
    });
  });
}
