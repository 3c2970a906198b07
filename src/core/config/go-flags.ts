/** Command-line flags as the docker client reads them (Go's pflag): `--name v`, `--name=v`, `-n v`, `-nv`, `-abc`, `--bool=false`. */

export interface FlagTable {
  /** Long name → whether it takes a value. */
  readonly takesValue: ReadonlyMap<string, boolean>;
  /** One letter → long name. */
  readonly short: ReadonlyMap<string, string>;
}

/** Flags in order as [long name, value]; a flag without a value has `true`. `rest`: the words that are no flags. */
export type Flags =
  | { readonly flags: readonly (readonly [string, string])[]; readonly rest: readonly string[] }
  /** A word that the table does not know, or a value that is missing. */
  | { readonly unknown: string };

/** `n|name=` takes a value and has a short form, `rm` is a switch; words apart by white space. Several tables add up. */
export function flagTable(...lists: readonly string[]): FlagTable {
  const takesValue = new Map<string, boolean>();
  const short = new Map<string, string>();
  for (const word of lists.join(' ').trim().split(/\s+/)) {
    const [, letter, name = '', equals] = /^(?:(.)\|)?([^=]*)(=?)$/.exec(word) ?? [];
    takesValue.set(name, equals === '=');
    if (letter !== undefined) short.set(letter, name);
  }
  return { takesValue, short };
}

const FALSE = /^(0|f|F|false|FALSE|False)$/;
const BOOLEAN = /^(0|f|F|false|FALSE|False|1|t|T|true|TRUE|True)$/;

/** @param interspersed false: the first word that is no flag ends them, as before an image or a verb. */
export function readFlags(words: readonly string[], table: FlagTable, interspersed: boolean): Flags {
  const flags: [string, string][] = [];
  const rest: string[] = [];
  let at = 0;
  /** False when it cannot be: no such flag, no value, or a switch with a value that is no boolean. */
  const accept = (name: string | undefined, attached: string | null): boolean => {
    const valued = name === undefined ? undefined : table.takesValue.get(name);
    if (name === undefined || valued === undefined) return false;
    if (!valued) {
      if (attached !== null && !BOOLEAN.test(attached)) return false;
      flags.push([name, attached === null || !FALSE.test(attached) ? 'true' : 'false']);
      return true;
    }
    const value = attached ?? words[(at += 1)];
    if (value === undefined) return false;
    flags.push([name, value]);
    return true;
  };
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return { flags, rest: [...rest, ...words.slice(at + 1)] };
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      if (!accept(name, equals < 0 ? null : word.slice(equals + 1))) return { unknown: word };
    } else if (word.startsWith('-') && word !== '-') {
      for (let letter = 1; letter < word.length; letter += 1) {
        const name = table.short.get(word.charAt(letter));
        const tail = word.slice(letter + 1);
        const valued = name !== undefined && table.takesValue.get(name) === true;
        const attached = tail.startsWith('=') ? tail.slice(1) : valued && tail !== '' ? tail : null;
        if (!accept(name, attached)) return { unknown: word };
        if (attached !== null || valued) break;
      }
    } else if (interspersed) rest.push(word);
    else return { flags, rest: [...rest, ...words.slice(at)] };
  }
  return { flags, rest };
}

/** Last value of a flag; null: not given. */
export function lastFlag(flags: readonly (readonly [string, string])[], name: string): string | null {
  return flags.findLast(([each]) => each === name)?.[1] ?? null;
}

/** Whether a switch is on at the end. */
export function isOn(flags: readonly (readonly [string, string])[], name: string): boolean {
  return lastFlag(flags, name) === 'true';
}
