/** Random configurations: every text is read or refused in words, and nothing else happens. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { expand } from '../../src/core/config/expand.ts';
import { readIni } from '../../src/core/config/ini.ts';
import { splitCommand } from '../../src/core/config/shlex.ts';
import { parseEnvironment } from '../../src/core/config/values.ts';
import { MAIN, read } from '../core/config/fake-world.ts';
import { configText } from './config-text.ts';
import { fuzz } from './fuzz.ts';
import { commandText, environmentText, formatNames, formatText, iniText } from './texts.ts';

const linesOf = (text: string): number => text.split(/\r\n|\r|\n/).length;

fuzz('an INI file is read whole, or its error is told with its line', iniText, (text) => {
  const { ini, error } = readIni(text, 'F');
  const last = linesOf(text);
  if (error !== null) {
    expect(error.message).toMatch(/^(File contains no section headers|Source contains parsing errors)/);
    expect(error.line).toBeGreaterThan(0);
    expect(error.line).toBeLessThanOrEqual(last);
  }
  for (const { options } of [...ini.sections.values(), { options: ini.defaults }]) {
    for (const [name, option] of options) {
      expect(name).toBe(option.name);
      expect(option.place.line).toBeGreaterThan(0);
      expect(option.place.line).toBeLessThanOrEqual(last);
    }
  }
});

fuzz('line ends make no difference', iniText, (text) => {
  const unix = text.replace(/\r\n?/g, '\n');
  expect(readIni(text, 'F')).toEqual(readIni(unix, 'F'));
  expect(readIni(unix.replaceAll('\n', '\r\n'), 'F')).toEqual(readIni(unix, 'F'));
});

fuzz('a configuration is read, or every problem is told with its place', configText, (text) => {
  const { config, problems } = read(text);
  const last = linesOf(text);
  expect(config === null).toBe(problems.some((problem) => problem.severity === 'error'));
  for (const { message, place } of problems) {
    expect(message).not.toBe('');
    if (place !== null) expect([place.file, place.line <= last]).toEqual([MAIN, true]);
  }
});

fuzz('a command is split, or refused', commandText, (text) => {
  const split = splitCommand(text);
  if ('error' in split) expect(split.error).toMatch(/^No (closing quotation|escaped character)$/);
  else expect(split.words.join('').length).toBeLessThanOrEqual(text.length);
});

fuzz('words in quotes come back', fc.array(fc.string({ unit: 'binary' })), (words) => {
  const text = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
  expect(splitCommand(text)).toEqual({ words });
});

fuzz('an environment is read, or refused', environmentText, (text) => {
  const parsed = parseEnvironment(text);
  if ('error' in parsed) expect(parsed.error).toMatch(/^(Unexpected end of key|No closing quotation)/);
  else for (const value of Object.values(parsed.value)) expect(typeof value).toBe('string');
});

const plainValue = fc.string({ unit: 'binary' }).map((value) => value.replaceAll(/["']/g, ''));
fuzz(
  'values in quotes come back',
  fc.dictionary(fc.constantFrom('A', 'B', '__proto__'), plainValue),
  (pairs) => {
    const text = Object.entries(pairs)
      .map(([key, value]) => `${key}="${value}"`)
      .join(',');
    expect(Object.entries(parsedValue(text))).toEqual(Object.entries(pairs));
  },
);

function parsedValue(text: string): object {
  const parsed = parseEnvironment(text);
  if ('error' in parsed) throw new Error(parsed.error);
  return parsed.value;
}

fuzz('a format is expanded, or refused', formatText, (format) => {
  const result = expand(format, formatNames, 's.o');
  if ('error' in result) expect(result.error).toMatch(/^Format string /);
  else expect(result.value.length).toBeLessThan(4096 + format.length * 4);
});

fuzz('percent signs are escaped by doubling', fc.string({ unit: 'binary' }), (text) => {
  expect(expand(text.replaceAll('%', '%%'), formatNames, 's.o')).toEqual({ value: text });
});
