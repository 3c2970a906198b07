/** The shell's history file: oldest first, a line each, as Python's readline writes it. Here it is newest first, as node's holds it. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';

/** Passwords have been typed into shells: nobody else reads it. */
const mode = 0o600;

export function readHistory(file: string): readonly string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').reverse();
  } catch {
    return [];
  }
}

/** Neither an empty line nor the last one over again. */
export function rememberLine(history: readonly string[], line: string): readonly string[] {
  return line === '' || line === history[0] ? history : [line, ...history];
}

export function writeHistory(file: string, history: readonly string[]): void {
  try {
    writeFileSync(
      file,
      history
        .toReversed()
        .map((line) => `${line}\n`)
        .join(''),
      { mode },
    );
    chmodSync(file, mode);
  } catch {
    // A history that cannot be kept is not worth a word, to supervisorctl either.
  }
}
