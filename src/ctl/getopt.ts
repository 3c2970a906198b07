/**
 * Python's getopt, as supervisorctl uses it. Not commander: the errors (`option --bogus not recognized`, `option -c requires
 * argument`, `option --s not a unique prefix`), prefixes of long options, and the end of options at the first word that is
 * none are supervisorctl's face, and commander has its own of each.
 */
export interface OptionSpec {
  /** One letter, or null. */
  readonly short: string | null;
  readonly long: string | null;
  readonly takesValue: boolean;
}

export interface GetoptResult {
  /** As written by their full names, `-c` or `--configuration`, in order. */
  readonly options: readonly { readonly name: string; readonly value: string; readonly spec: OptionSpec }[];
  readonly words: readonly string[];
}

/** A command line that cannot be taken; `message` goes after `Error: `, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function getopt(argv: readonly string[], specs: readonly OptionSpec[]): GetoptResult {
  const words = [...argv];
  const options: Taken[] = [];
  while (words[0] !== undefined && isOption(words[0])) {
    if (words[0] === '--') return { options, words: words.slice(1) };
    takeOption(words, specs, options);
  }
  return { options, words };
}

type Taken = GetoptResult['options'][number];

export const isOption = (word: string): boolean => word.startsWith('-') && word !== '-';

/** Takes the first of `words`, which is an option, with its value. @throws UsageError */
export function takeOption(words: string[], specs: readonly OptionSpec[], options: Taken[]): void {
  const word = words.shift() ?? '';
  const take = (spec: OptionSpec, name: string, attached: string | null) => {
    if (!spec.takesValue) return options.push({ name, value: '', spec });
    const value = attached ?? words.shift();
    if (value === undefined) throw new UsageError(`option ${name} requires argument`);
    return options.push({ name, value, spec });
  };
  if (!word.startsWith('--')) {
    takeShorts(word.slice(1), specs, take);
    return;
  }
  const equals = word.indexOf('=');
  const written = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const spec = findLong(written, specs);
  const name = `--${spec.long}`;
  if (equals >= 0 && !spec.takesValue) throw new UsageError(`option ${name} must not have an argument`);
  take(spec, name, equals < 0 ? null : word.slice(equals + 1));
}

function takeShorts(
  letters: string,
  specs: readonly OptionSpec[],
  take: (spec: OptionSpec, name: string, attached: string | null) => void,
): void {
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters.charAt(at);
    const spec = specs.find((one) => one.short === letter);
    if (spec === undefined) throw new UsageError(`option -${letter} not recognized`);
    const rest = letters.slice(at + 1);
    take(spec, `-${letter}`, spec.takesValue && rest !== '' ? rest : null);
    if (spec.takesValue) return;
  }
}

function findLong(written: string, specs: readonly OptionSpec[]): OptionSpec {
  const possible = specs.filter((one) => one.long?.startsWith(written));
  const exact = possible.find((one) => one.long === written);
  const [first, second] = possible;
  if (first === undefined) throw new UsageError(`option --${written} not recognized`);
  if (exact !== undefined) return exact;
  if (second !== undefined) throw new UsageError(`option --${written} not a unique prefix`);
  return first;
}
