import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environmentTokens, splitCommand } from '../../../src/core/config/shlex.ts';
import { parseEnvironment } from '../../../src/core/config/values.ts';

describe('a command is split as POSIX shlex does', () => {
  test.each([
    ['', []],
    ['a b\tc\nd', ['a', 'b', 'c', 'd']],
    [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
    [`a''b ""`, ['ab', '']],
    [`a\\ b`, ['a b']],
    [`"a\\"b\\$c\\\\"`, ['a"b\\$c\\']],
    [`'a\\b'`, ['a\\b']],
    ['a;b #c', ['a;b', '#c']],
    ['é😀 x', ['é😀', 'x']],
  ])('%j', (text, words) => {
    expect(splitCommand(text)).toEqual({ words });
  });

  test.each([
    [`a "b`, 'No closing quotation'],
    [`a 'b`, 'No closing quotation'],
    ['a\\', 'No escaped character'],
    ['"a\\', 'No escaped character'],
  ])('%j has no words', (text, error) => {
    expect(splitCommand(text)).toEqual({ error });
  });
});

describe('environment', () => {
  test.each([
    ['A=1,B=2', { A: '1', B: '2' }],
    ['A=1,B=2,', { A: '1', B: '2' }],
    ['A="",B=2', { A: '', B: '2' }],
    ['A=a b', { A: 'a' }],
    ['A=$HOME', { A: '$' }],
    ['A=50%', { A: '50' }],
    ['A=~/x', { A: '~' }],
    ['A=1#x', { A: '1' }],
    [`A='1,2',B=3`, { A: '1,2', B: '3' }],
    [`A='{"a":1}'`, { A: '{"a":1}' }],
    [`A='"x"'`, { A: 'x' }],
    [`A="a\\"b"`, { A: 'a\\' }],
    ['A=é1', { A: 'é' }],
    ['A==1', { A: '=' }],
    ['A=1;B=2', { A: '1', B: '2' }],
    ['1-a.b=x', { '1-a.b': 'x' }],
    [`A="two\nlines"`, { A: 'two\nlines' }],
    ['A=a/b.c+d-(e):f', { A: 'a/b.c+d-(e):f' }],
  ])('%j', (text, wanted) => {
    expect(parseEnvironment(text)).toEqual({ value: wanted });
  });

  test.each(['A=', 'A=a,b', 'A=1 B=2', 'A=a@b', 'A=[1]', 'A={"a":1}', 'A', '='])(
    '%j is incomplete',
    (text) => {
      expect(parseEnvironment(text)).toMatchObject({
        error: `Unexpected end of key/value pairs in value '${text}'`,
      });
    },
  );

  test('an open quote is told', () => {
    expect(parseEnvironment('A="a')).toMatchObject({ error: 'No closing quotation' });
  });

  test('a key called __proto__ is a key', () => {
    const result = parseEnvironment('__proto__=1');
    expect('value' in result && Object.keys(result.value)).toEqual(['__proto__']);
  });
});

const noise = fc
  .array(fc.constantFrom('a', '1', '=', ',', ' ', '\n', '"', "'", '\\', '#', '$', 'é', '😀'))
  .map((each) => each.join(''));

test('any text is split without a throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), noise), (text) => {
      for (const result of [splitCommand(text), environmentTokens(text)]) {
        expect('words' in result || /^No (closing quotation|escaped character)$/.test(result.error)).toBe(
          true,
        );
      }
    }),
  );
});

test('a quoted word is itself', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      const text = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
      expect(splitCommand(text)).toEqual({ words });
    }),
  );
});
