/**
 * Python's idea of white space, of `repr` and of `int()`: supervisord's grammar and error texts are made of them, and JavaScript's differ
 * (its `trim` eats a byte order mark, which supervisord refuses).
 */

const SPACES = new Set(
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
);

/** `str.isspace()` of one UTF-16 unit (all of Python's spaces are in the basic plane). */
export function isSpace(char: string): boolean {
  return SPACES.has(char);
}

/** `str.strip()`, or of the given characters only. */
export function strip(text: string, chars: { has(char: string): boolean } = SPACES): string {
  let start = 0;
  while (start < text.length && chars.has(text.charAt(start))) start += 1;
  return stripEnd(text.slice(start), chars);
}

/** `str.rstrip()`. */
export function stripEnd(text: string, chars: { has(char: string): boolean } = SPACES): string {
  let end = text.length;
  while (end > 0 && chars.has(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** `str.split()` without an argument: words between runs of white space. */
export function splitSpaces(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  for (const char of text) {
    if (!isSpace(char)) word += char;
    else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  if (word !== '') words.push(word);
  return words;
}

/** Lines with their ends, as a Python file opened in text mode gives them: CRLF and lone CR become LF. */
export function textLines(text: string): readonly string[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const last = lines.pop() ?? '';
  const whole = lines.map((line) => line + '\n');
  return last === '' ? whole : [...whole, last];
}

const UNPRINTABLE = /[\p{C}\p{Z}]/u;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function escapeCode(code: number): string {
  if (code <= 0xff) return '\\x' + code.toString(16).padStart(2, '0');
  if (code <= 0xffff) return '\\u' + code.toString(16).padStart(4, '0');
  return '\\U' + code.toString(16).padStart(8, '0');
}

/** `repr(text)`; with `asciiOnly`, `ascii(text)`. */
export function pyRepr(text: string, asciiOnly = false): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const short = SHORT[char];
    if (short !== undefined) out += short;
    else if (char === quote) out += '\\' + char;
    else if (char === ' ') out += char;
    else if (UNPRINTABLE.test(char) || (asciiOnly && code > 0x7e)) out += escapeCode(code);
    else out += char;
  }
  return quote + out + quote;
}

const DIGITS: Readonly<Record<8 | 10, RegExp>> = {
  8: /^([+-]?)(?:0[oO]_?)?([0-7]+(?:_[0-7]+)*)$/,
  10: /^([+-]?)([0-9]+(?:_[0-9]+)*)$/,
};

/** What `int()` strips: the four separators of ASCII, which `strip()` takes, are no space to it. */
const NUMBER_SPACES = new Set([...SPACES].filter((char) => char < '\x1c' || char > '\x1f'));

/** `int(text, base)`; null where Python raises. ASCII digits only. */
export function pyInt(text: string, base: 8 | 10 = 10): number | null {
  const match = DIGITS[base].exec(strip(text, NUMBER_SPACES));
  if (match === null) return null;
  const size = parseInt((match[2] ?? '').replaceAll('_', ''), base);
  return match[1] === '-' && size !== 0 ? -size : size;
}
