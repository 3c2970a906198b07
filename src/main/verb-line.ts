/** What the command lines of our own verbs have in common. */
import { existsSync } from 'node:fs';
import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { noConfigFound, searchPath } from '../core/config/search-path.ts';

/** null: parsed, go on. A number: help was printed (0) or the line is wrong and said to be so (2), and this is the exit code. */
export function parseVerb(command: Command, argv: readonly string[]): number | null {
  command.exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** The file that is named, else the first that is found as `program` would; null: there is none, which is said on stderr. */
export function findConfig(named: string | undefined, program: 'dockvisord' | 'supervisord'): string | null {
  const candidates = searchPath(program, process.cwd());
  const file = named ?? candidates.find((path) => existsSync(path));
  if (file !== undefined) return file;
  process.stderr.write(`Error: ${noConfigFound(candidates)}\n`);
  return null;
}

export const wantsColour = (): boolean => process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
