/** Python's `text % mapping` (supervisord.md 1.5), with Python's own error texts. */
import { pyRepr } from './python-text.ts';
import { floatText } from './percent-float.ts';

/** process_num and numprocs are numbers; all else is text. */
export type FormatValue = string | number;
export type FormatNames = ReadonlyMap<string, FormatValue>;

/** `missing`: a KeyError. `malformed`: any other exception's text. */
export type Formatted =
  { readonly value: string } | { readonly missing: string } | { readonly malformed: string };

/** A width or precision beyond this is refused: Python would try to build the string. */
const WIDEST = 100_000;

interface Spec {
  readonly left: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly alternate: boolean;
  readonly zero: boolean;
  /** -1: not given. */
  readonly width: number;
  readonly precision: number;
  readonly char: string;
  /** Index of `char` in code points. */
  readonly index: number;
}

class Malformed extends Error {}

type Argument = FormatValue | FormatNames;

function typeName(value: Argument): string {
  return typeof value === 'string' ? 'str' : typeof value === 'number' ? 'int' : 'dict';
}

function text(value: Argument, asciiOnly: boolean, quoted: boolean): string {
  if (typeof value === 'string') return quoted ? pyRepr(value, asciiOnly) : value;
  if (typeof value === 'number') return String(value);
  return `{${[...value].map(([key, each]) => `${pyRepr(key, asciiOnly)}: ${text(each, asciiOnly, true)}`).join(', ')}}`;
}

function cut(value: string, precision: number): string {
  return precision < 0 ? value : [...value].slice(0, precision).join('');
}

function pad(body: string, spec: Spec, head = '', zeros = false): string {
  const missing = Math.max(0, spec.width - [...head, ...body].length);
  if (spec.left) return head + body + ' '.repeat(missing);
  return zeros ? head + '0'.repeat(missing) + body : ' '.repeat(missing) + head + body;
}

function integer(value: Argument, spec: Spec): string {
  if (typeof value !== 'number') {
    const wanted = 'oxX'.includes(spec.char) ? 'an integer' : 'a real number';
    throw new Malformed(`%${spec.char} format: ${wanted} is required, not ${typeName(value)}`);
  }
  const base = spec.char === 'o' ? 8 : spec.char === 'x' || spec.char === 'X' ? 16 : 10;
  let digits = Math.abs(value).toString(base).padStart(spec.precision, '0');
  if (spec.char === 'X') digits = digits.toUpperCase();
  const sign = value < 0 ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  return pad(digits, spec, sign + (spec.alternate && base !== 10 ? '0' + spec.char : ''), spec.zero);
}

function float(value: Argument, spec: Spec): string {
  if (typeof value !== 'number') throw new Malformed(`must be real number, not ${typeName(value)}`);
  const digits = floatText(
    Math.abs(value),
    spec.char,
    spec.precision < 0 ? 6 : spec.precision,
    spec.alternate,
  );
  const sign = value < 0 ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  return pad(digits, spec, sign, spec.zero);
}

function character(value: Argument): string {
  if (typeof value === 'string' && [...value].length === 1) return value;
  if (typeof value !== 'number') throw new Malformed('%c requires int or char');
  if (value < 0 || value > 0x10ffff) throw new Malformed('%c arg not in range(0x110000)');
  return String.fromCodePoint(value);
}

function convert(value: Argument, spec: Spec): string {
  switch (spec.char) {
    case 's':
      return pad(cut(text(value, false, false), spec.precision), spec);
    case 'r':
      return pad(cut(text(value, false, true), spec.precision), spec);
    case 'a':
      return pad(cut(text(value, true, true), spec.precision), spec);
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return integer(value, spec);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return float(value, spec);
    case 'c':
      return pad(character(value), spec);
    default: {
      const code = spec.char.codePointAt(0) ?? 0;
      const shown = code >= 31 && code < 126 ? spec.char : '?';
      throw new Malformed(
        `unsupported format character '${shown}' (0x${code.toString(16)}) at index ${String(spec.index)}`,
      );
    }
  }
}

class Missing extends Error {}

function run(format: string, names: FormatNames): string {
  const chars = [...format];
  let at = 0;
  let argument: Argument = names;
  let used = false;
  const next = (): string => {
    const char = chars[at];
    if (char === undefined) throw new Malformed('incomplete format');
    at += 1;
    return char;
  };
  const take = (): Argument => {
    if (used) throw new Malformed('not enough arguments for format string');
    used = true;
    return argument;
  };
  const key = (): void => {
    const start = at;
    for (let depth = 1; depth > 0; at += 1) {
      const char = chars[at];
      if (char === undefined) throw new Malformed('incomplete format key');
      depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    }
    const name = chars.slice(start, at - 1).join('');
    const value = names.get(name);
    if (value === undefined) throw new Missing(name);
    argument = value;
    used = false;
  };
  const size = (first: string, what: string): [number, string] => {
    if (first === '*') {
      const value = take();
      if (typeof value !== 'number') throw new Malformed('* wants int');
      return [value, next()];
    }
    let char = first;
    let value = 0;
    while (char >= '0' && char <= '9') {
      value = value * 10 + Number(char);
      if (value > WIDEST) throw new Malformed(`${what} too big`);
      char = next();
    }
    return [value, char];
  };

  let out = '';
  while (at < chars.length) {
    let char = next();
    if (char !== '%') {
      out += char;
      continue;
    }
    char = next();
    if (char === '%') {
      out += char;
      continue;
    }
    if (char === '(') {
      key();
      char = next();
    }
    let flags = '';
    while ('-+ #0'.includes(char)) {
      flags += char;
      char = next();
    }
    let width = -1;
    if (char === '*' || (char >= '0' && char <= '9')) [width, char] = size(char, 'width');
    if (width < -1) {
      flags += '-';
      width = -width;
    }
    let precision = -1;
    if (char === '.') {
      [precision, char] = size(next(), 'precision');
      precision = Math.max(0, precision);
    }
    if ('hlL'.includes(char)) char = next();
    const spec = {
      left: flags.includes('-'),
      plus: flags.includes('+'),
      space: flags.includes(' '),
      alternate: flags.includes('#'),
      zero: flags.includes('0'),
      width,
      precision,
      char,
      index: at - 1,
    };
    out += convert(take(), spec);
  }
  return out;
}

/** `format % names`. Never throws. */
export function formatPercent(format: string, names: FormatNames): Formatted {
  try {
    return { value: run(format, names) };
  } catch (error) {
    if (error instanceof Missing) return { missing: error.message };
    if (error instanceof Malformed) return { malformed: error.message };
    throw error;
  }
}
