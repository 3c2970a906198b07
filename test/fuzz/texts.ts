/** Random texts that are nearly what a reader wants: pure noise is refused in its first character, and finds nothing. */
import fc from 'fast-check';

/** Characters that Python and JavaScript, or two rules of a grammar, may take differently. */
const odd = fc.constantFrom(
  ...'\t\v\f\x1c\x1f\x85\xa0\0\x7f\u1680\u2003\u2028\u2029\u3000\ufeff\u200b\xad',
  ...'éİΣſß😀',
  'e\u0301',
);
const mark = fc.constantFrom(...`;#"'=:[]%()\\,`, ' ;', ' #', '\t;', '%(here)s', '%%', '%(x)d');
const word = fc.constantFrom('a', 'key', 'K', 'value', '1', 'x.y', '/bin/cat', '-v', 'true');
const space = fc.constantFrom('', '', '', ' ', '  ', '\t');

/** Any character of some old alphabets: of new ones Python and Node know differently whether they can be printed. */
const oldCharacter = fc
  .oneof(
    ...[
      [0, 0x2ff],
      [0x400, 0x52f],
      [0x3041, 0x3096],
      [0x4e00, 0x9fa5],
      [0xe000, 0xf8ff],
      [0x1f600, 0x1f64f],
    ].map(([min, max]) => fc.integer({ min: min ?? 0, max: max ?? 0 })),
  )
  .map((code) => String.fromCodePoint(code));
const noise = fc.string({ unit: oldCharacter, maxLength: 3 });

/** Words of a line, and what a grammar makes of it. */
const words = fc
  .array(
    fc.oneof({ weight: 4, arbitrary: word }, { weight: 2, arbitrary: fc.constant(' ') }, mark, odd, noise),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((each) => each.join(''));

const section = fc.constantFrom(
  's',
  's',
  'S',
  'program:x',
  'DEFAULT',
  'default',
  'a]b',
  ' s ',
  '',
  '[t',
  'x;y',
  'x ;y',
);
const end = fc.constantFrom('\n', '\n', '\n', '\n', '\r\n', '\r', '\n\n');

const line = fc.oneof(
  { weight: 2, arbitrary: joined(space, fc.constant('['), section, fc.constant(']'), space, words) },
  { weight: 9, arbitrary: joined(space, word, words, space, fc.constantFrom('=', ':'), space, words) },
  joined(space, words, fc.constantFrom('=', ':'), words),
  { weight: 4, arbitrary: joined(fc.constantFrom(' ', '  ', '\t', '\xa0', '    '), words) },
  { weight: 2, arbitrary: joined(space, fc.constantFrom(';', '#'), words) },
  space,
  words,
);

/** Lines of a configuration: headers, options, continuations, comments, blank lines, and nonsense. */
export const iniText = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.constant('[s]\n') },
      fc.constantFrom('[DEFAULT]\n', '', '\ufeff', ' ; c\n'),
    ),
    fc.array(joined(line, end), { maxLength: 14 }),
    fc.oneof(fc.constant(''), line),
  )
  .map(([start, lines, last]) => start + lines.join('') + last);

/** A command line, or what is taken for one. */
export const commandText = fc
  .array(
    fc.oneof(
      word,
      odd,
      noise,
      fc.constantFrom(...` '"\\`, ' ', '\n', '\r', '$', ';', '#', '&', "''", '""', '\\"', "\\'", '\\\n'),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

/** `environment=`, nearly. */
export const environmentText = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: joined(word, fc.constant('='), word, fc.constantFrom(',', ',', '')) },
      { weight: 2, arbitrary: joined(word, fc.constantFrom('="', "='"), words, fc.constantFrom('",', "',")) },
      {
        weight: 1,
        arbitrary: fc.oneof(mark, odd, fc.constantFrom(' ', '\n', '\r', '\\', '$', '@', '__proto__=1,')),
      },
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** What `%` may be followed by, up to widths that are refused. */
const conversion = joined(
  fc.constant('%'),
  fc.constantFrom('', '(a)', '(n)', '(big)', '(b)', '(nope)', '((a))', '('),
  fc.constantFrom('', '', '', '-', '+', ' ', '0', '#', '-0', '#0', '+ '),
  fc.constantFrom('', '', '', '2', '10', '300', '*', '00007'),
  fc.constantFrom('', '', '', '.', '.0', '.3', '.20', '.*', '.120'),
  fc.constantFrom('', '', '', 'l', 'h', 'L', 'll'),
  fc.constantFrom(...'sdiuoxXeEfFgGcra%zY', '', '\xe9', '😀', '\n'),
);

export const formatText = fc
  .array(fc.oneof({ weight: 3, arbitrary: conversion }, words), { maxLength: 4 })
  .map((parts) => parts.join(''));

/** What `formatText` refers to. */
export const formatNames: ReadonlyMap<string, string | number> = new Map<string, string | number>([
  ['a', "it's é"],
  ['n', 7],
  ['big', 123_456_789],
  ['b', 'x"y\n😀'],
]);

/** One value of a key: numbers, sizes, booleans, lists, names. */
export const valueText = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...'0123456789', '0o', '-', '+', '_', ',') },
      fc.constantFrom('kb', 'MB', 'Gb', 'true', 'OFF', 'Yes', 'no', 'on', ' ', ':', '/', '.', 'e', 'x'),
      odd,
      noise,
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** A signal by name or number, nearly. */
export const signalText = fc.oneof(
  joined(
    fc.constantFrom('', '', 'SIG', 'sig', ' ', 'SIGSIG'),
    fc.constantFrom(
      'TERM',
      'term',
      'Hup',
      'USR1',
      'KILL',
      'RTMIN',
      'RTMAX',
      'CLD',
      'POLL',
      '_DFL',
      '_BLOCK',
      'STKFLT',
      'x',
      '9',
      '64',
      '65',
      '0',
    ),
    fc.constantFrom('', '', ' ', 'x', '\xa0'),
  ),
  valueText,
);
