/** The wrappers that are looked through to find a docker client: `sudo`, `exec`, `env`, `nice`, and one `sh -c` (CONTRACT section 2). */
import { readSimpleCommand } from './simple-shell.ts';

export interface Unwrapped {
  /** The wrappers' own words, to put before the client; `exec` and the shell are gone. */
  readonly prefix: readonly string[];
  readonly words: readonly string[];
  /** What `env` and assignments set. */
  readonly environment: ReadonlyMap<string, string>;
}

/** A wrapper's options: which take a value, and which mean that its command is not run plainly, in the foreground. */
interface Options {
  readonly valued: string;
  readonly longValued: RegExp;
  readonly other: string;
  readonly longOther: RegExp;
}

const SUDO: Options = {
  valued: 'ughpCTUrtDRac',
  longValued:
    /^--(user|group|host|prompt|close-from|command-timeout|other-user|role|type|chdir|chroot|auth-type|login-class)$/,
  other: 'belvVK',
  longOther: /^--(background|edit|list|validate|version|remove-timestamp|help)$/,
};
const ENV: Options = {
  valued: 'uC',
  longValued: /^--(unset|chdir)$/,
  other: 'S0',
  longOther: /^--(split-string.*|null|help|version)$/,
};
const NICE: Options = {
  valued: 'n',
  longValued: /^--adjustment$/,
  other: '',
  longOther: /^--(help|version)$/,
};

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Index of the first word after a wrapper's options; null when an option makes it something else. */
function afterOptions(words: readonly string[], options: Options): number | null {
  let at = 1;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return at + 1;
    if (!word.startsWith('-')) return at;
    if (word.startsWith('--')) {
      if (options.longOther.test(word)) return null;
      at += options.longValued.test(word) ? 1 : 0;
      continue;
    }
    for (let letter = 1; letter < word.length; letter += 1) {
      const char = word.charAt(letter);
      if (options.other.includes(char)) return null;
      if (!options.valued.includes(char)) continue;
      // `-u X` takes the next word, `-uX` has its value with it.
      if (letter === word.length - 1) at += 1;
      break;
    }
  }
  return at;
}

function shellScript(words: readonly string[]): string | null {
  let command = false;
  for (const word of words.slice(1)) {
    if (word === '--login' || word === '--norc' || word === '--noprofile' || word === '--posix') continue;
    if (/^-[a-zA-Z]+$/.test(word)) {
      // `-o option` would take a word of its own: not looked through.
      if (/[^abefhilmnpuvxc]/.test(word.slice(1)) || word.includes('n')) return null;
      command ||= word.includes('c');
    } else return command ? word : null;
  }
  return null;
}

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/** Takes the wrappers away; null when one of them is used in a way that hides the command. */
export function unwrapCommand(command: readonly string[]): Unwrapped | null {
  const prefix: string[] = [];
  const environment = new Map<string, string>();
  let words = command;
  let opened = false;
  const skip = (count: number) => {
    prefix.push(...words.slice(0, count));
    words = words.slice(count);
  };
  const takeAssignments = () => {
    for (;;) {
      const match = ASSIGNMENT.exec(words[0] ?? '');
      if (match === null) return;
      environment.set(match[1] ?? '', match[2] ?? '');
      skip(1);
    }
  };
  for (;;) {
    const name = baseName(words[0] ?? '');
    if (name === 'sudo') {
      const count = afterOptions(words, SUDO);
      if (count === null) return null;
      skip(count);
      takeAssignments();
    } else if (name === 'env') {
      const count = afterOptions(words, ENV);
      if (count === null) return null;
      skip(count);
      takeAssignments();
    } else if (name === 'nice') {
      const count = afterOptions(words, NICE);
      if (count === null) return null;
      skip(count);
    } else if (words[0] === 'exec') {
      words = words.slice(1);
      if (words[0]?.startsWith('-') === true) return null;
    } else if (/^(sh|bash|dash|ash|zsh|ksh)$/.test(name) && !opened) {
      const script = shellScript(words);
      const simple = script === null ? null : readSimpleCommand(script);
      if (simple === null) return null;
      opened = true;
      if (simple.assignments.length > 0) {
        prefix.push('env', ...simple.assignments);
        for (const text of simple.assignments) {
          const match = ASSIGNMENT.exec(text);
          if (match !== null) environment.set(match[1] ?? '', match[2] ?? '');
        }
      }
      words = simple.words;
      // `env A=b exec x` would look for a program called exec.
      if (words[0] === 'exec') words = words.slice(1);
    } else return { prefix, words, environment };
    if (words.length === 0) return null;
  }
}
