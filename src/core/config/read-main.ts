/** The first steps of reading a main file, shared by the daemon's reader and the client's. */
import { errorCode, syntaxHint } from './include.ts';
import { readIni } from './ini.ts';
import type { Ini } from './ini.ts';
import type { ConfigWorld } from './model.ts';
import type { FormatNames } from './percent-format.ts';
import type { ProblemList } from './problem-list.ts';

/** `%(ENV_X)s` for each variable. */
export function environmentNames(environment: Readonly<Record<string, string>>): FormatNames {
  return new Map(Object.entries(environment).map(([key, value]) => [`ENV_${key}`, value]));
}

/** The main file's text, parsed; null after an error that leaves nothing to go on with. */
export function readMain(file: string, world: ConfigWorld, problems: ProblemList): Ini | null {
  let text: string;
  try {
    text = world.readFile(file);
  } catch (error) {
    const code = errorCode(error);
    const message =
      code === 'EILSEQ' && error instanceof Error
        ? error.message
        : code === 'ENOENT' || code === 'ENOTDIR'
          ? `could not find config file ${file}`
          : `could not read config file ${file}`;
    const hint =
      code === 'EILSEQ'
        ? 'the file is not UTF-8'
        : code === 'ENOENT'
          ? null
          : `the system says ${code ?? 'no reason'}`;
    problems.error({ message, place: { file, line: 0 }, section: null, hint });
    return null;
  }
  const { ini, error } = readIni(text, file);
  if (error === null) return ini;
  problems.error({
    message: error.message,
    place: { file, line: error.line },
    section: null,
    hint: syntaxHint(text),
  });
  return error.fatal ? null : ini;
}
