/** One python3 that reads as supervisord does, asked as often as one likes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** `type`: the class of Python's exception. */
export type Answer = { readonly value: unknown } | { readonly error: string; readonly type: string };

export interface Witness {
  /** One question at a time. */
  ask(reader: string, question: unknown): Promise<Answer>;
  end(): Promise<void>;
}

export function startWitness(): Witness {
  // Debian's own, which is supervisord's; what it has to say about itself is for the person who reads the test's output.
  const child = spawn('/usr/bin/python3', [join(import.meta.dirname, 'witness.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  // That it has ended is told by its output, which ends too.
  child.stdin.on('error', () => undefined);
  return {
    async ask(reader, question) {
      child.stdin.write(`${JSON.stringify([reader, question])}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error('the witness has ended: see what it wrote above');
      // The witness writes nothing else.
      return JSON.parse(line.value) as Answer;
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
