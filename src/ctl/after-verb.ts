/**
 * Options after the verb. supervisorctl takes them for names, and then does the rest of the line with another manager than was meant: here
 * they are options, and one that is not known is refused before anything is done.
 */
import { isOption, takeOption, type GetoptResult, type OptionSpec } from './getopt.ts';

/** Words of the verb's own that look like options. */
const own: ReadonlyMap<string, RegExp> = new Map([
  ['shutdown', /^--keep$/],
  ['maintail', /^--\d/],
  ['tail', /^--\d/],
  ['status', /^--watch(=|$)/],
  ['update', /^--plan$/],
]);
/** What supervisorctl takes as `tail -f`, or as the name of a signal, it has its own sentences for. */
const hasWordsWithDash: ReadonlySet<string> = new Set(['maintail', 'signal', 'tail']);

/** `rest`: what stands after the verb. After `--` everything is a name. @throws UsageError */
export function readAfterVerb(
  verb: string,
  rest: readonly string[],
  specs: readonly OptionSpec[],
): GetoptResult {
  const left = [...rest];
  const options: GetoptResult['options'][number][] = [];
  const words: string[] = [];
  for (let word = left[0]; word !== undefined; word = left[0]) {
    if (word === '--') return { options, words: [...words, ...left.slice(1)] };
    if (!isOption(word) || isOwn(verb, word, specs)) words.push(...left.splice(0, 1));
    else takeOption(left, specs, options);
  }
  return { options, words };
}

function isOwn(verb: string, word: string, specs: readonly OptionSpec[]): boolean {
  if (own.get(verb)?.test(word) === true) return true;
  if (!hasWordsWithDash.has(verb) || word.startsWith('--')) return false;
  const spec = specs.find(({ short }) => short === word.charAt(1));
  return spec === undefined || (!spec.takesValue && word.length > 2);
}
