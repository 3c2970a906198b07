/** Python's `shlex`: the POSIX split of a command line, and the tokens of `environment=` (supervisord.md 1.7). */

export type Split = { readonly words: readonly string[] } | { readonly error: string };

const SPACE = ' \t\r\n';

/**
 * `shlex.split(text)`: what the process runner does with `command` at each start. Quotes group, a backslash escapes, nothing else is
 * special; newlines are white space.
 *
 * @returns words, or Python's error text: `No closing quotation`, `No escaped character`.
 */
export function splitCommand(text: string): Split {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  let escaped = false;
  for (const char of text) {
    if (escaped) {
      // Inside double quotes a backslash escapes only itself and the quote.
      word = (word ?? '') + (quote !== '' && char !== '\\' && char !== quote ? '\\' : '') + char;
      escaped = false;
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"') escaped = true;
      else word = (word ?? '') + char;
    } else if (SPACE.includes(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === '\\') {
      word ??= '';
      escaped = true;
    } else if (char === '"' || char === "'") {
      word ??= '';
      quote = char;
    } else word = (word ?? '') + char;
  }
  if (escaped) return { error: 'No escaped character' };
  if (quote !== '') return { error: 'No closing quotation' };
  if (word !== null) words.push(word);
  return { words };
}

const WORD = /^[A-Za-z0-9_/.+\-():]$/;

/**
 * The non-POSIX tokens of `environment=`: a quoted text is one token with its quotes, a character that is no word character is a token of
 * its own, `#` hides the rest of the line.
 */
export function environmentTokens(text: string): Split {
  const words: string[] = [];
  const chars = [...text];
  let token = '';
  let state: 'space' | 'word' | 'quote' = 'space';
  let quote = '';
  const emit = () => {
    words.push(token);
    token = '';
    state = 'space';
  };
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    if (state === 'quote') {
      token += char;
      if (char === quote) emit();
    } else if (SPACE.includes(char)) {
      if (token !== '') emit();
      state = 'space';
    } else if (char === '#') {
      // As Python: the word before the comment stays open, and the next line goes on with it.
      while (at < chars.length && chars[at] !== '\n') at += 1;
    } else if (state === 'word') {
      if (WORD.test(char) || char === '"' || char === "'") token += char;
      else {
        emit();
        words.push(char);
      }
    } else if (char === '"' || char === "'") {
      token = char;
      quote = char;
      state = 'quote';
    } else {
      token = char;
      if (WORD.test(char)) state = 'word';
      else emit();
    }
  }
  // `emit` changes the state behind the compiler's back; widening it again is what it is.
  if ((state as string) === 'quote') return { error: 'No closing quotation' };
  if (token !== '') words.push(token);
  return { words };
}
