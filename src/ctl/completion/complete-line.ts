/** What may stand where the cursor is in a command line of ours, for the scripts that `dockvisor completion` prints. */
import { formatName } from '../../core/names.ts';
import { ctlOptions, ctlVerbs, ownVerbs, shells, signals, type OptionWord, type VerbWords } from './words.ts';

/** A process that the daemon knows. */
export interface KnownName {
  readonly group: string;
  readonly name: string;
}

/** `file`: what the shell itself completes. Else the words that fit. */
export type Completed = 'file' | readonly string[];

/**
 * @param words after the program's name, up to the one that has been begun, which may be empty.
 * @param known asks the daemon that these options of the client lead to; empty when it does not answer in time.
 */
export async function completeLine(
  program: 'dockvisor' | 'dockvisorctl',
  words: readonly string[],
  known: (options: readonly string[]) => Promise<readonly KnownName[]>,
): Promise<Completed> {
  const begun = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const own = program === 'dockvisor' ? ownVerbs : new Map<string, VerbWords>();
  const at = firstWord(before);
  const verb = at === null ? null : (before[at] ?? '');
  const verbWords = verb === null ? null : (own.get(verb) ?? ctlVerbs.get(verb) ?? null);
  const options = verb === null ? ctlOptions : (verbWords?.options ?? []);
  const value = valueOf(before.at(-1), options);
  if (value !== null) return value === 'FILE' ? 'file' : [];
  const found = async (): Promise<readonly string[]> => {
    if (begun.startsWith('-')) return options.map((option) => option.split(' ')[0] ?? '');
    if (at === null) return [...own.keys(), ...ctlVerbs.keys()].sort();
    return wordsFor(verbWords, words.length - at - 2, () => known(before.slice(0, at)), begun);
  };
  return [...new Set(await found())].filter((word) => word.startsWith(begun));
}

/** Where the verb is: the first word that is neither an option nor the value of one. */
function firstWord(words: readonly string[]): number | null {
  const at = words.findIndex(
    (word, index) => !word.startsWith('-') && valueOf(words[index - 1], ctlOptions) === null,
  );
  return at < 0 ? null : at;
}

/** What follows this word by one of the options; null: nothing does. */
function valueOf(word: string | undefined, options: readonly OptionWord[]): string | null {
  const option = options.map((one) => one.split(' ')).find(([name]) => name === word);
  return option?.[1] ?? null;
}

/** `place`: how many words stand between the verb and what has been begun. */
async function wordsFor(
  verb: VerbWords | null,
  place: number,
  known: () => Promise<readonly KnownName[]>,
  begun: string,
): Promise<readonly string[]> {
  switch (verb?.takes) {
    case 'verbs':
      return [...ctlVerbs.keys()];
    case 'shells':
      return shells;
    case 'groups':
      return (await known()).map(({ group }) => group);
    case 'signal':
      return place === 0 ? signals : names(await known(), begun);
    case 'processes':
      return names(await known(), begun);
    case 'nothing':
    case undefined:
      return [];
  }
}

/** `web`, `g:a` and `g:*`; and `all`, which supervisorctl takes. Nothing when nothing is known: the daemon may be away. */
function names(known: readonly KnownName[], begun: string): readonly string[] {
  const found = known.flatMap(({ group, name }) =>
    group === name && !begun.includes(':') ? [formatName(group, name)] : [`${group}:${name}`, `${group}:*`],
  );
  return found.length === 0 ? [] : [...found, 'all'];
}
