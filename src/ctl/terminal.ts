/** Questions to whoever is at stdin, the shell's lines, and lines for a program. readline is loaded with this file only. */
import { createInterface, type CompleterResult } from 'node:readline';
import { Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { EndOfInput, Interrupted, isTerminal } from './input.ts';
import { readHistory, rememberLine, writeHistory } from './history.ts';

export type Complete = (line: string) => Promise<CompleterResult>;

export interface Terminal {
  /**
   * The answer, without its line end. `shown`: edited, with history; `hidden`: not echoed, which only a terminal can do.
   *
   * @throws EndOfInput, Interrupted
   */
  readonly ask: (question: string, kind: 'shown' | 'hidden', complete?: Complete) => Promise<string>;
  /** Lines as they are typed, until the input ends or `signal` aborts. Ctrl-C is a signal meanwhile. */
  readonly lines: (signal: AbortSignal) => AsyncIterable<string>;
  readonly close: () => void;
}

/** `prompt`: where questions go when there is no terminal, as supervisorctl puts them into its output; null: nowhere. */
export function openTerminal(
  stdin: NodeJS.ReadableStream,
  stdout: NodeJS.WritableStream,
  historyFile: string | null,
  prompt: ((question: string) => void) | null,
): Terminal {
  return isTerminal(stdin) ? openTty(stdin, stdout, historyFile) : openPipe(stdin, prompt);
}

function openTty(stdin: ReadStream, stdout: NodeJS.WritableStream, historyFile: string | null): Terminal {
  let history = historyFile === null ? [] : readHistory(historyFile);
  /** Lines that were pasted together come in one turn: the others wait for the next question. */
  const ahead: string[] = [];
  let hasEnded = false;
  return {
    // An interface for each question: between them the terminal is not raw, and Ctrl-C is a signal again.
    ask: (question, kind, complete) => {
      const next = ahead.shift();
      if (next !== undefined) return Promise.resolve(next);
      if (hasEnded) return Promise.reject(new EndOfInput());
      const isHidden = kind === 'hidden';
      const lines = createInterface({
        input: stdin,
        output: isHidden ? nowhere() : stdout,
        terminal: true,
        history: isHidden ? [] : [...history],
        historySize: Number.MAX_SAFE_INTEGER,
        ...(complete === undefined
          ? {}
          : { completer: (line: string, done: CompleterDone) => void completeWith(complete, line, done) }),
      });
      return new Promise((resolve, reject) => {
        let isClosedByUs = false;
        let isInterrupted = false;
        const closeSoon = () =>
          setImmediate(() => {
            isClosedByUs = true;
            lines.close();
          });
        lines.on('line', (line) => ahead.push(line));
        lines.once('line', closeSoon);
        lines.once('SIGINT', () => {
          isInterrupted = true;
          closeSoon();
        });
        lines.once('close', () => {
          // Ctrl-D after lines that are still to be taken; on an empty line it only answers this question.
          hasEnded ||= !isClosedByUs && ahead.length > 0;
          const line = ahead.shift();
          if (line !== undefined) {
            if (isHidden) stdout.write('\n');
            else history = rememberLine(history, line);
            resolve(line);
          } else reject(isInterrupted ? new Interrupted() : new EndOfInput());
        });
        // Only now, with echo off, is a password asked for: who types ahead is not shown either.
        if (isHidden) stdout.write(question);
        lines.setPrompt(isHidden ? '' : question);
        lines.prompt();
      });
    },
    lines: async function* (signal) {
      while (ahead.length > 0 && !signal.aborted) yield ahead.shift() ?? '';
      if (!signal.aborted) yield* typedLines(stdin, signal);
    },
    close: () => {
      if (historyFile !== null) writeHistory(historyFile, history);
    },
  };
}

/**
 * Edited by the terminal itself, since readline would wipe what a program has written on the line. From a stream of its own: Ctrl-D
 * ends that one, and the shell asks on.
 */
async function* typedLines(stdin: ReadStream, signal: AbortSignal): AsyncGenerator<string> {
  const own = new ReadStream((stdin as ReadStream & { readonly fd: number }).fd); // every tty.ReadStream has it; the types forgot
  const lines = createInterface({ input: own, terminal: false });
  const close = () => lines.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    yield* lines;
  } finally {
    signal.removeEventListener('abort', close);
    lines.close();
    own.destroy();
  }
}

type CompleterDone = (error: null, result: CompleterResult) => void;

async function completeWith(complete: Complete, line: string, done: CompleterDone): Promise<void> {
  // A server that cannot be asked completes nothing.
  done(null, await complete(line).catch((): CompleterResult => [[], line]));
}

function openPipe(stdin: NodeJS.ReadableStream, prompt: ((question: string) => void) | null): Terminal {
  const lines = createInterface({ input: stdin, terminal: false });
  const ahead: string[] = [];
  const waiting = new Set<(line: string | null) => void>();
  let hasEnded = false;
  lines.on('line', (line) => {
    const [first] = waiting;
    if (first === undefined) ahead.push(line);
    else first(line);
  });
  lines.on('close', () => {
    hasEnded = true;
    for (const one of waiting) one(null);
  });
  /** null: no more, or `signal` has aborted. */
  const nextLine = (signal: AbortSignal | null): Promise<string | null> => {
    if (signal?.aborted === true) return Promise.resolve(null);
    const line = ahead.shift();
    if (line !== undefined || hasEnded) return Promise.resolve(line ?? null);
    return new Promise((resolve) => {
      const take = (given: string | null) => {
        waiting.delete(take);
        signal?.removeEventListener('abort', stop);
        resolve(given);
      };
      const stop = () => take(null);
      waiting.add(take);
      signal?.addEventListener('abort', stop, { once: true });
    });
  };
  return {
    ask: async (question) => {
      prompt?.(question);
      const line = await nextLine(null);
      if (line === null) throw new EndOfInput('EOF when reading a line');
      return line;
    },
    lines: async function* (signal) {
      for (;;) {
        const line = await nextLine(signal);
        if (line === null) return;
        yield line;
      }
    },
    close: () => lines.close(),
  };
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
