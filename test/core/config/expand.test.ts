import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expand } from '../../../src/core/config/expand.ts';

const names = new Map<string, string | number>([
  ['a', "it's é"],
  ['n', 7],
  ['big', 12345],
  ['b', 'x"y'],
]);

function out(format: string): string {
  const result = expand(format, names, 's.o');
  return 'value' in result ? result.value : result.error;
}

// Every wanted value is what Python 3.11 gives.
test.each([
  ['%(a)s', "it's é"],
  ['%(n)02d', '07'],
  ['%(n)x', '7'],
  ['%(big)#x', '0x3039'],
  ['%(big)#o', '0o30071'],
  ['%(big)X', '3039'],
  ['%(a)10s|', "    it's é|"],
  ['%(a)-10s|', "it's é    |"],
  ['%(a).2s', 'it'],
  ['%(a)r', '"it\'s é"'],
  ['%(a)a', '"it\'s \\xe9"'],
  ['%(b)r', "'x\"y'"],
  ['%(n)+d', '+7'],
  ['%(n)5d|', '    7|'],
  ['%(n)-5d|', '7    |'],
  ['%(n).3d', '007'],
  ['%(n)f', '7.000000'],
  ['%(big)e', '1.234500e+04'],
  ['%(big)g', '12345'],
  ['%(big).2g', '1.2e+04'],
  ['%(n).120f', `7.${'0'.repeat(120)}`],
  ['%(n).101e', `7.${'0'.repeat(101)}e+00`],
  ['%(n)#.120g', `7.${'0'.repeat(119)}`],
  ['%(n)c', '\x07'],
  ['%(n)ld', '7'],
  ['100%%', '100%'],
  ['%(a)s%%', "it's é%"],
])('%s expands as in Python', (format, wanted) => {
  expect(out(format)).toBe(wanted);
});

test('a conversion without a name gives the whole dictionary', () => {
  expect(out('%s')).toBe(`{'a': "it's é", 'n': 7, 'big': 12345, 'b': 'x"y'}`);
});

describe('what cannot be expanded', () => {
  test('an unknown name lists the names there are, sorted', () => {
    expect(out('%(ENV_NOPE)s')).toBe(
      "Format string '%(ENV_NOPE)s' for 's.o' contains names ('ENV_NOPE') which cannot be expanded. Available names: a, b, big, n",
    );
  });

  test.each([
    ['50%', 'incomplete format'],
    ['%(a', 'incomplete format key'],
    ['%(a)', 'incomplete format'],
    ['%(a)d', '%d format: a real number is required, not str'],
    ['%(a)x', '%x format: an integer is required, not str'],
    ['%(a)f', 'must be real number, not str'],
    ['%(a)c', '%c requires int or char'],
    ['%(a)s %s', 'not enough arguments for format string'],
    ['%(a)*d', '* wants int'],
    ['hello %(a)Y', "unsupported format character 'Y' (0x59) at index 10"],
    ['%(a)%', "unsupported format character '%' (0x25) at index 4"],
    ['%d', '%d format: a real number is required, not dict'],
  ])('%s is badly formatted', (format, why) => {
    expect(out(format)).toBe(`Format string '${format}' for 's.o' is badly formatted: ${why}`);
  });
});

const pieces = fc.array(
  fc.constantFrom(
    '%',
    '%%',
    '(a)',
    '(n)',
    '(',
    ')',
    's',
    'd',
    'r',
    'x',
    'e',
    'g',
    '*',
    '.',
    '0',
    '9',
    '-',
    '#',
    'é',
    ' ',
  ),
);

test('any format gives a text or an error, never a throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((each) => each.join('')),
      ),
      (format) => {
        const result = expand(format, names, 's.o');
        expect('value' in result || result.error.startsWith('Format string ')).toBe(true);
      },
    ),
  );
});

test('a text without a percent sign is itself', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const plain = text.replaceAll('%', '');
      expect(expand(plain, new Map(), 's.o')).toEqual({ value: plain });
      expect(expand(text.replaceAll('%', '%%'), new Map(), 's.o')).toEqual({ value: text });
    }),
  );
});
