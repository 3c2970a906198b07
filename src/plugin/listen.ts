/** The listener's side of supervisord's protocol (supervisord.md 7.4): READY, an event, RESULT, and so on. Answered at once, always OK. */
import type { Readable, Writable } from 'node:stream';
import { createEventReader, EventSyntaxError } from './event-reader.ts';
import type { ManagerEvent } from './event-reader.ts';

export interface Conversation {
  readonly input: Readable;
  readonly output: Writable;
  readonly take: (event: ManagerEvent) => void;
}

/** Resolves with why it is over: `''` when the other side has closed, else what was wrong. */
export function converse({ input, output, take }: Conversation): Promise<string> {
  return new Promise((resolve) => {
    const read = createEventReader();
    output.on('error', () => {
      resolve('');
    });
    input.on('error', () => {
      resolve('');
    });
    input.on('end', () => {
      resolve('');
    });
    input.on('data', (chunk: Buffer) => {
      try {
        for (const event of read(chunk)) {
          take(event);
          output.write('RESULT 2\nOKREADY\n');
        }
      } catch (error) {
        if (!(error instanceof EventSyntaxError)) throw error;
        input.destroy();
        resolve(error.message);
      }
    });
    output.write('READY\n');
  });
}
