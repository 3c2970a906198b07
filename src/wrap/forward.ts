/** A container's output to our own two streams: apart, slowed down by who reads them, and dropped when nobody does any more. */
import type { Writable } from 'node:stream';
import type { OutputChannel, Take } from '../supervisor/runner.ts';

export interface Outlet {
  /** null: there is room for more; else resolves when there is. */
  readonly write: Take;
  /** Resolves when all of it has been handed on, or after a while. */
  flushed(): Promise<void>;
}

/** How long a reader that stands still may keep us from ending, in ms. */
const flushMs = 5000;

/** A broken pipe is no reason to end: the container does its work whether or not anybody listens. */
export function createOutlet(stream: Writable): Outlet {
  let broken = false;
  let wake: () => void = () => undefined;
  stream.on('error', () => {
    broken = true;
    wake();
  });
  stream.on('drain', () => {
    wake();
  });
  return {
    write(data) {
      // A copy: the stream may hold it for longer than the chunk is ours.
      if (broken || stream.write(Buffer.from(data))) return null;
      return new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
    async flushed() {
      if (broken) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, flushMs);
        wake = resolve;
        stream.write('', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}

export const forward = (from: OutputChannel | null, to: Outlet): Promise<void> =>
  from === null ? Promise.resolve() : from.readBy(to.write);
