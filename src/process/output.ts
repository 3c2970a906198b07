/** From a stream to who takes it, at the speed of the slower side, with nothing made for each piece. */
import type { Readable } from 'node:stream';
import type { OutputChannel, RunOutput, Take } from '../supervisor/runner.ts';
import type { Child } from './child.ts';
import { DirectSocket } from './direct-socket.ts';

/**
 * Resolves when the stream has ended, or was destroyed, and all that came was taken; the stream is destroyed then. Rejects with the
 * stream's error, or with what `take` threw.
 */
export function pump(stream: Readable, take: Take): Promise<void> {
  return new Promise((resolve, reject) => {
    let isBusy = false;
    let isOver = false;
    const finish = (): void => {
      isOver = true;
      stream.destroy();
      if (!isBusy) resolve();
    };
    const fail = (error: unknown): void => {
      reject(error instanceof Error ? error : new Error(String(error)));
      finish();
    };
    const give = (chunk: Uint8Array): void => {
      try {
        const taken = take(chunk);
        if (taken === null) return;
        isBusy = true;
        stream.pause();
        taken
          .then(() => {
            isBusy = false;
            if (isOver) resolve();
            else stream.resume();
          })
          .catch(fail);
      } catch (error) {
        fail(error);
      }
    };
    if (stream instanceof DirectSocket) stream.giveTo(give);
    stream.on('data', give);
    stream.on('error', fail);
    // Not `once`, which makes three objects for each: there are four of these for each program, and a second call does no harm.
    stream.on('end', finish);
    stream.on('close', finish);
    // One that was destroyed before anybody listened tells nothing any more.
    if (stream.destroyed) finish();
  });
}

const channelOf = (stream: Readable): OutputChannel => ({ readBy: (take) => pump(stream, take) });

export const outputOf = (child: Child): RunOutput => ({
  stdout: channelOf(child.stdout),
  stderr: child.stderr === null ? null : channelOf(child.stderr),
});
