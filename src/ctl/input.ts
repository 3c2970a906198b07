/** Who is at the other end of stdin, without loading what is needed to ask them. */
import type { ReadStream } from 'node:tty';
import type { Terminal } from './terminal.ts';

export interface CtlInput {
  readonly isTerminal: boolean;
  readonly open: () => Promise<Terminal>;
}

/** Where an answer was wanted and the input has ended: supervisorctl shows Python's error of it. */
export class EndOfInput extends Error {
  override readonly name = 'EOFError';
}

/** Ctrl-C where an answer was wanted. */
export class Interrupted extends Error {
  override readonly name = 'KeyboardInterrupt';
}

export function isTerminal(stream: NodeJS.ReadableStream): stream is ReadStream {
  return 'isTTY' in stream && stream.isTTY === true;
}
