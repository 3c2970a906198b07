/** `[include]` (supervisord.md 1.4): files of the main file's own patterns, merged in order. */
import { expand } from './expand.ts';
import { fillHere, findOption, readIni } from './ini.ts';
import type { Ini } from './ini.ts';
import type { ConfigWorld } from './model.ts';
import { dirName, joinPath } from './paths.ts';
import type { FormatNames } from './percent-format.ts';
import type { ProblemList } from './problem-list.ts';
import { splitSpaces } from './python-text.ts';

export interface Included {
  readonly ini: Ini;
  /** In order; a file that is no text or cannot be opened is named too, as supervisord does. */
  readonly files: readonly string[];
}

/** The `code` that node:fs gives an error; null: it has none. */
export function errorCode(error: unknown): string | null {
  // Any object may have a `code`; reading it is safe, and its type is looked at.
  const code = error instanceof Error ? (error as Error & { readonly code?: unknown }).code : null;
  return typeof code === 'string' ? code : null;
}

/** @param here directory of the main file. An include inside an included file has no effect, and is warned about. */
export function readIncludes(
  main: Ini,
  here: string,
  names: FormatNames,
  world: ConfigWorld,
  problems: ProblemList,
): Included {
  const section = main.sections.get('include');
  if (section === undefined) return { ini: main, files: [] };
  let ini = fillHere(main, here);
  const option = findOption(ini, 'include', 'files');
  const at = { place: option?.place ?? section.place, section: 'include', key: 'files' };
  if (option === null) {
    problems.error({
      ...at,
      message: '.ini file has [include] section, but no files setting',
      hint: 'add files = conf.d/*.conf',
    });
    return { ini, files: [] };
  }
  const all = new Map([['here', here], ['host_node_name', world.hostName], ...names]);
  const patterns = expand(option.value, all, 'include.files');
  if ('error' in patterns) {
    problems.error({ ...at, message: patterns.error, hint: patterns.hint });
    return { ini, files: [] };
  }
  const files: string[] = [];
  for (const pattern of splitSpaces(patterns.value).map((each) => joinPath(here, each))) {
    const matches = world.glob(pattern);
    if (matches.length === 0) problems.warn({ ...at, message: `No file matches via include "${pattern}"` });
    for (const file of [...matches].sort()) {
      files.push(file);
      const read = readIncluded(ini, file, world, problems);
      if (read !== null) ini = fillHere(read, dirName(file));
    }
  }
  const nested = ini.sections.get('include')?.options.get('files');
  if (nested !== undefined && nested.place.file !== option.place.file) {
    const message = 'an [include] inside an included file has no effect';
    problems.warn({
      message,
      place: nested.place,
      section: 'include',
      key: 'files',
      hint: 'name the files in the main file',
    });
  }
  return { ini, files };
}

function readIncluded(into: Ini, file: string, world: ConfigWorld, problems: ProblemList): Ini | null {
  let text: string;
  try {
    text = world.readFile(file);
  } catch (error) {
    if (errorCode(error) === 'EILSEQ' && error instanceof Error) {
      problems.error({
        message: error.message,
        place: { file, line: 0 },
        section: null,
        hint: 'the file is not UTF-8',
      });
    } else {
      const message = `cannot read included file "${file}", ignored`;
      problems.warn({
        message,
        place: null,
        section: 'include',
        key: 'files',
        hint: `the system says ${errorCode(error) ?? 'no reason'}`,
      });
    }
    return null;
  }
  const { ini, error } = readIni(text, file, into);
  if (error !== null)
    problems.error({
      message: error.message,
      place: { file, line: error.line },
      section: null,
      hint: syntaxHint(text),
    });
  return ini;
}

/** What to do about a syntax error. */
export function syntaxHint(text: string): string {
  if (text.startsWith('\ufeff'))
    return 'the file starts with a byte order mark: save it as UTF-8 without one';
  return 'every line is a [section], key=value, a comment, or an indented continuation';
}
