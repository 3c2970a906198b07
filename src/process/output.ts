import type { RunOutput } from '../supervisor/runner.ts';
import type { Child } from './child.ts';

/** A socket that is destroyed while it is read (a drain limit) ends the reading; that is no error. */
async function* chunksOf(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'ABORT_ERR') throw error;
  }
}

export const outputOf = (child: Child): RunOutput => ({
  stdout: chunksOf(child.stdout as AsyncIterable<Uint8Array>),
  stderr: child.stderr === null ? null : chunksOf(child.stderr as AsyncIterable<Uint8Array>),
});
