/** Finds what a command line would execute, with supervisord's words for what speaks against it (supervisord.md 3.5). */
import { pyRepr } from '../core/config/python-text.ts';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { splitCommand } from '../core/config/shlex.ts';
import type { Unlaunchable } from '../supervisor/runner.ts';

export interface FoundCommand {
  /** Path to execute. */
  readonly file: string;
  /** All words, the program's name as written first. */
  readonly words: readonly string[];
}

const defaultPath = '/bin:/usr/bin:/usr/local/bin';

/** `path`: the PATH of the program's own environment, else the daemon's; absent: supervisord's default. */
export function findCommand(command: string, path: string | undefined): FoundCommand | Unlaunchable {
  const split = splitCommand(command);
  if ('error' in split) return no('NOT_EXECUTABLE', `can't parse command ${pyRepr(command)}: ${split.error}`);
  return findWords(split.words, path);
}

export function findWords(words: readonly string[], path: string | undefined): FoundCommand | Unlaunchable {
  const program = words[0];
  if (program === undefined) return no('NOT_EXECUTABLE', 'command is empty');
  const candidates = program.includes('/')
    ? [program]
    : (path ?? defaultPath).split(':').map((directory) => join(directory, program));
  const file = candidates.find((candidate) => kindOf(candidate) !== 'missing');
  if (file === undefined) return no('NO_FILE', `can't find command '${program}'`);
  if (kindOf(file) === 'directory') return no('NOT_EXECUTABLE', `command at '${file}' is a directory`);
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return no('NOT_EXECUTABLE', `command at '${file}' is not executable`);
  }
  return { file, words };
}

const no = (fault: Unlaunchable['fault'], message: string): Unlaunchable => ({ fault, message });

function kindOf(path: string): 'missing' | 'directory' | 'file' {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file';
  } catch {
    return 'missing';
  }
}
