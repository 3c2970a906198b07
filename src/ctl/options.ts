/** The command line of supervisorctl over its configuration (supervisord.md 6.1). */
import type { CtlConfig, Problem } from '../core/config/model.ts';
import { readAfterVerb } from './after-verb.ts';
import { getopt, UsageError, type GetoptResult, type OptionSpec } from './getopt.ts';
import { pythonRepr } from './python-repr.ts';
import { findVerb } from './verbs.ts';

export interface CtlOptions extends CtlConfig {
  readonly action: readonly string[];
  /** The options that say which manager is meant, as they are to be given again; a login is none of them. */
  readonly place: readonly string[];
  readonly isInteractive: boolean;
  /** Ours: reading verbs print JSON. */
  readonly json: boolean;
}

/** Reads `[supervisorctl]`: of this file, or where null of the first that is found; `config` null: an error is among the problems. */
export type LoadCtlConfig = (file: string | null) => {
  readonly config: CtlConfig | null;
  readonly problems: readonly Problem[];
};

type OptionName =
  | 'configuration'
  | 'help'
  | 'interactive'
  | 'serverurl'
  | 'username'
  | 'password'
  | 'history_file'
  | 'json'
  | 'version';

const specs: readonly (OptionSpec & { readonly key: OptionName })[] = [
  { key: 'help', short: 'h', long: 'help', takesValue: false },
  { key: 'help', short: '?', long: null, takesValue: false },
  { key: 'configuration', short: 'c', long: 'configuration', takesValue: true },
  { key: 'interactive', short: 'i', long: 'interactive', takesValue: false },
  { key: 'serverurl', short: 's', long: 'serverurl', takesValue: true },
  { key: 'username', short: 'u', long: 'username', takesValue: true },
  { key: 'password', short: 'p', long: 'password', takesValue: true },
  { key: 'history_file', short: 'r', long: 'history_file', takesValue: true },
  { key: 'json', short: null, long: 'json', takesValue: false },
  { key: 'version', short: null, long: 'version', takesValue: false },
];

const keyOf = (spec: OptionSpec): OptionName | undefined => specs.find((one) => one === spec)?.key;

export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** `why --help`. */
  | { readonly kind: 'verb-help'; readonly verb: string }
  | { readonly kind: 'run'; readonly options: CtlOptions };

/** @throws UsageError */
export function readCommandLine(argv: readonly string[], loadConfig: LoadCtlConfig): CommandLine {
  const first = getopt(argv, specs);
  const { verb, options: more, words } = readAction(first.words);
  const given = new Map<OptionName, string>();
  for (const { name, value, spec } of [...first.options, ...more]) {
    const key = keyOf(spec);
    if (key === undefined) continue;
    if (key === 'help' && verb !== null && more.some((one) => one.spec === spec))
      return { kind: 'verb-help', verb };
    if (key === 'help' || key === 'version') return { kind: key };
    if (key === 'serverurl' && !isUrl(value)) {
      const shown = pythonRepr(value);
      throw new UsageError(`invalid value for ${name} ${shown}: value ${shown} is not a URL`);
    }
    if (given.has(key) && key !== 'json') throw new UsageError(`conflicting command line option '${name}'`);
    given.set(key, value);
  }
  const { config, problems } = loadConfig(given.get('configuration') ?? null);
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined) throw new UsageError(error.message);
  return {
    kind: 'run',
    options: {
      serverUrl: given.get('serverurl') ?? config?.serverUrl ?? 'http://localhost:9001',
      username: given.get('username') ?? config?.username ?? null,
      password: given.get('password') ?? config?.password ?? null,
      prompt: config?.prompt ?? 'supervisor',
      historyFile: given.get('history_file') ?? config?.historyFile ?? null,
      place: [...placeOf('-c', given.get('configuration')), ...placeOf('-s', given.get('serverurl'))],
      action: words,
      isInteractive: given.has('interactive') || words.length === 0,
      json: given.has('json'),
    },
  };
}

/** The verb with its names, and the options that stand between and after them; `verb` null: it is none that we know. */
function readAction(
  words: readonly string[],
): Pick<GetoptResult, 'options' | 'words'> & { readonly verb: string | null } {
  // A line in one word, "stop web", is one of supervisorctl's, too.
  const [verb = '', ...rest] = [...(words[0]?.trim().split(/\s+/) ?? []), ...words.slice(1)];
  if (findVerb(verb) === undefined) return { verb: null, options: [], words };
  const read = readAfterVerb(verb, rest, specs);
  return { ...read, verb, words: [verb, ...read.words] };
}

/** What a line at the prompt says by options: help of its verb, or what cannot be said there. null: nothing. @throws UsageError */
export function readOptionsAtPrompt(line: string): { readonly helpOf: string } | string | null {
  const { verb, options } = readAction([line]);
  const asked = options.find(({ spec }) => keyOf(spec) !== 'json');
  if (asked === undefined || verb === null) return null;
  return keyOf(asked.spec) === 'help' ? { helpOf: verb } : asked.name;
}

const placeOf = (option: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [option, value];

/** supervisord's test of a URL: a scheme, and something after it. */
function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/)?[^?#]/.test(text);
}
