/** Questions to whoever sits at stdin, and the shell's lines. readline is loaded with this file only. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface, type CompleterResult } from 'node:readline';
import { Writable } from 'node:stream';

export type Complete = (line: string) => Promise<CompleterResult>;

export interface Terminal {
  /**
   * The next line of the input; null when there is none, or the user pressed Ctrl-C or Ctrl-D. The question is shown only on a
   * terminal: with input from a pipe the output is data.
   */
  readonly ask: (question: string, kind: 'shown' | 'hidden', complete?: Complete) => Promise<string | null>;
  readonly close: () => void;
}

const historySize = 1000;

export function openTerminal(
  stdin: NodeJS.ReadStream | NodeJS.ReadableStream,
  stdout: NodeJS.WritableStream,
  historyFile: string | null,
): Terminal {
  const isTerminal = 'isTTY' in stdin && stdin.isTTY;
  return isTerminal ? openTty(stdin, stdout, historyFile) : openPipe(stdin);
}

function openTty(
  stdin: NodeJS.ReadableStream,
  stdout: NodeJS.WritableStream,
  historyFile: string | null,
): Terminal {
  let history = historyFile === null ? [] : readHistory(historyFile);
  const ahead: string[] = [];
  let hasEnded = false;
  return {
    // An interface for each question: between them the terminal is not raw, and Ctrl-C is a signal again.
    ask: (question, kind, complete) => {
      const next = ahead.shift();
      if (next !== undefined || hasEnded) return Promise.resolve(next ?? null);
      if (kind === 'hidden') stdout.write(question);
      const lines = createInterface({
        input: stdin,
        output: kind === 'hidden' ? nowhere() : stdout,
        terminal: true,
        history: kind === 'hidden' ? [] : [...history],
        historySize,
        ...(complete === undefined
          ? {}
          : { completer: (line: string, done: CompleterDone) => void completeWith(complete, line, done) }),
      });
      return new Promise((resolve) => {
        // Lines that were pasted together come in one turn: the others wait for the next question.
        let isClosedByUs = false;
        const closeSoon = () =>
          setImmediate(() => {
            isClosedByUs = true;
            lines.close();
          });
        lines.on('line', (line) => ahead.push(line));
        lines.once('line', closeSoon);
        lines.once('SIGINT', closeSoon);
        lines.once('close', () => {
          // Ctrl-D after lines that are still to be taken; on an empty line it only answers this question.
          hasEnded ||= !isClosedByUs && ahead.length > 0;
          const line = ahead.shift() ?? null;
          if (line !== null && line !== '' && kind === 'shown')
            history = [line, ...history].slice(0, historySize);
          resolve(line);
        });
        lines.setPrompt(kind === 'hidden' ? '' : question);
        lines.prompt();
      });
    },
    close: () => {
      if (historyFile !== null) writeHistory(historyFile, history);
    },
  };
}

type CompleterDone = (error: null, result: CompleterResult) => void;

async function completeWith(complete: Complete, line: string, done: CompleterDone): Promise<void> {
  // A server that cannot be asked completes nothing.
  done(null, await complete(line).catch((): CompleterResult => [[], line]));
}

function openPipe(stdin: NodeJS.ReadableStream): Terminal {
  const lines = createInterface({ input: stdin, terminal: false });
  const ahead: string[] = [];
  const waiting: ((line: string | null) => void)[] = [];
  let ended = false;
  lines.on('line', (line) => {
    const next = waiting.shift();
    if (next === undefined) ahead.push(line);
    else next(line);
  });
  lines.on('close', () => {
    ended = true;
    for (const next of waiting.splice(0)) next(null);
  });
  return {
    ask: () => {
      const line = ahead.shift();
      if (line !== undefined || ended) return Promise.resolve(line ?? null);
      return new Promise((resolve) => waiting.push(resolve));
    },
    close: () => lines.close(),
  };
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** Newest first, as readline holds it; the file is oldest first, as Python's readline writes it. */
function readHistory(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').reverse();
  } catch {
    return [];
  }
}

function writeHistory(file: string, history: readonly string[]): void {
  try {
    writeFileSync(
      file,
      [...history]
        .reverse()
        .map((line) => `${line}\n`)
        .join(''),
      { mode: 0o600 },
    );
  } catch {
    // A history that cannot be kept is not worth a word, to supervisorctl either.
  }
}
