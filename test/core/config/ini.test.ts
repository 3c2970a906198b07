import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillHere, findOption, readIni } from '../../../src/core/config/ini.ts';

function value(text: string, key = 'k', section = 's'): string | undefined {
  const { ini, error } = readIni(text, 'F');
  expect(error).toBeNull();
  return findOption(ini, section, key)?.value;
}

describe('lines', () => {
  test.each([
    ['a comment mark after white space cuts', '[s]\nk=/bin/cat a ;b', '/bin/cat a'],
    ['a comment mark within a word is kept', '[s]\nk=/bin/cat a;b', '/bin/cat a;b'],
    ['a hash after white space cuts', '[s]\nk=a\t#b', 'a'],
    ['a hash within a word is kept', '[s]\nk=a#b', 'a#b'],
    ['quotes give no protection', '[s]\nk=bash -c "a ; b"', 'bash -c "a'],
    ['the first round of marks that has a comment decides', '[s]\nk=x a;b ;c #d', 'x a;b ;c'],
    ['lines that are indented deeper go on', '[s]\nk=/bin/echo\n  one\n  two', '/bin/echo\none\ntwo'],
    ['comments inside a value are dropped and blank lines kept', '[s]\nk=a\n\n ; no\n# no\n b\n\n', 'a\n\nb'],
    ['an indented header is a continuation', '[s]\nk=a\n [t]', 'a\n[t]'],
    ['a colon delimits too', '[s]\nk : v = w', 'v = w'],
    ['names are lower-cased', '[s]\nK=v', 'v'],
    ['the last of two wins', '[s]\nk=1\n[s]\nk=2', '2'],
    ['the default section is a fallback', '[DEFAULT]\nk=d\n[s]\n', 'd'],
    ['an option stands over the default section', '[s]\nk=v\n[DEFAULT]\nk=d', 'v'],
    ['CRLF is a line end', '[s]\r\nk=v\r\n', 'v'],
    ['quotes are kept', '[s]\nk="v"', '"v"'],
    ['an empty value is the empty string', '[s]\nk=', ''],
    ['text after a header is ignored', '[s] x\nk=v', 'v'],
  ])('%s', (_name, text, wanted) => {
    expect(value(text)).toBe(wanted);
  });

  test('a header reaches to its last bracket', () => {
    expect([...readIni('[a]b]\n', 'F').ini.sections.keys()]).toEqual(['a]b']);
  });

  test('every option and section remembers its file and line', () => {
    const first = readIni('\n[s]\n; c\nk=1\n', 'one').ini;
    const { ini } = readIni('[s]\n\nl=2\n', 'two', first);
    expect(ini.sections.get('s')?.place).toEqual({ file: 'one', line: 2 });
    expect(findOption(ini, 's', 'k')?.place).toEqual({ file: 'one', line: 4 });
    expect(findOption(ini, 's', 'l')?.place).toEqual({ file: 'two', line: 3 });
  });

  test('a cut is remembered with what it took', () => {
    const option = findOption(readIni('[s]\nk=a "b ; c"\n', 'F').ini, 's', 'k');
    expect(option?.cuts).toEqual([{ line: 2, kept: 'a "b', removed: '; c"' }]);
  });
});

describe('errors', () => {
  test('all lines without a delimiter are told at the end, in Python words', () => {
    const { ini, error } = readIni('[s]\nfoo\nk=v\n=x\n', 'F');
    expect(error).toEqual({
      message: "Source contains parsing errors: 'F'\n\t[line  2]: 'foo\\n'\n\t[line  4]: '=x\\n'",
      line: 2,
      fatal: false,
    });
    expect(findOption(ini, 's', 'k')?.value).toBe('v');
  });

  test('an option before any header stops the reading', () => {
    const { error } = readIni('\nfoo\n[s]\n', 'F');
    expect(error).toEqual({
      message: "File contains no section headers.\nfile: 'F', line: 2\n'foo\\n'",
      line: 2,
      fatal: true,
    });
  });

  test('a byte order mark is no white space', () => {
    const { error } = readIni('\ufeff[s]\n', 'F');
    expect(error?.message).toBe("File contains no section headers.\nfile: 'F', line: 1\n'\\ufeff[s]\\n'");
  });
});

test('here is filled into sections, and what comes from the default section becomes their own', () => {
  const ini = fillHere(readIni('[DEFAULT]\nd=%(here)s/d\n[s]\nk=%(here)s/k\n', 'F').ini, '/$&');
  expect(findOption(ini, 's', 'k')?.value).toBe('/$&/k');
  expect(ini.sections.get('s')?.options.get('d')?.value).toBe('/$&/d');
});

const noise = fc.array(
  fc.constantFrom(
    '[',
    ']',
    '[s]\n',
    'k',
    '=',
    ':',
    ' ',
    '\t',
    '\n',
    '\r\n',
    ';',
    '#',
    '"',
    '%(here)s',
    'é',
    '\ufeff',
  ),
);

test('any text is read without a throw, and no option is lost its place', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        noise.map((parts) => parts.join('')),
      ),
      (text) => {
        const { ini } = readIni(text, 'F');
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const section of ini.sections.values()) {
          for (const option of section.options.values()) {
            expect(option.place.line).toBeGreaterThan(0);
            expect(option.place.line).toBeLessThanOrEqual(lines);
            expect(option.name).not.toBe('');
          }
        }
      },
    ),
  );
});
