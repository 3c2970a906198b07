/**
 * Reads a shell script that is one simple command without anything for the shell to do: then its words are known, and the shell may be
 * looked through. Everything else is null.
 */

/** Assignments before the command (`A=b docker …`), and its words with quotes taken away. */
export interface SimpleCommand {
  readonly assignments: readonly string[];
  readonly words: readonly string[];
}

/** Not quoted, these make the shell act: operators, redirections, expansions, patterns, groups. */
const ACTIVE = new Set('|&;<>()$`*?[]{}\n');
const RESERVED = new Set(
  '! if then else elif fi for while until do done case esac function time select coproc [['.split(' '),
);

interface Word {
  readonly text: string;
  readonly quotedFrom: number;
}

function readWords(script: string): readonly Word[] | null {
  const words: Word[] = [];
  let text: string | null = null;
  let quotedFrom = Infinity;
  const end = () => {
    if (text !== null) words.push({ text, quotedFrom });
    text = null;
    quotedFrom = Infinity;
  };
  const chars = [...script.replace(/\\\n/g, '').trim()];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    const so: string = text ?? '';
    if (char === ' ' || char === '\t') end();
    else if (char === "'" || char === '"') {
      quotedFrom = Math.min(quotedFrom, so.length);
      text = so;
      for (at += 1; chars[at] !== char; at += 1) {
        let inner = chars[at];
        if (inner === undefined) return null;
        if (char === '"') {
          if (inner === '$' || inner === '`') return null;
          const escaped = chars[at + 1];
          if (inner === '\\' && escaped !== undefined && '$`"\\'.includes(escaped)) {
            inner = escaped;
            at += 1;
          }
        }
        text += inner;
      }
    } else if (char === '\\') {
      const escaped = chars[(at += 1)];
      if (escaped === undefined) return null;
      quotedFrom = Math.min(quotedFrom, so.length);
      text = so + escaped;
    } else if (ACTIVE.has(char) || ((char === '~' || char === '#') && text === null)) return null;
    else text = so + char;
  }
  end();
  return words;
}

/** The one simple command of a script; null when it is anything more. */
export function readSimpleCommand(script: string): SimpleCommand | null {
  const words = readWords(script);
  if (words === null) return null;
  const isAssignment = (word: Word) => {
    const name = /^[A-Za-z_][A-Za-z0-9_]*=/.exec(word.text)?.[0];
    return name !== undefined && word.quotedFrom >= name.length;
  };
  const first = words.findIndex((word) => !isAssignment(word));
  const command = words[first];
  if (first < 0 || command === undefined || (RESERVED.has(command.text) && command.quotedFrom === Infinity))
    return null;
  // `A=~/x` is expanded by the shell too.
  if (words.slice(0, first).some((word) => /^[^=]*=~/.test(word.text))) return null;
  return {
    assignments: words.slice(0, first).map((word) => word.text),
    words: words.slice(first).map((word) => word.text),
  };
}
