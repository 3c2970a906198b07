import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineFormatter, undress } from '../../src/log/line-format.ts';
import type { LineFormat } from '../../src/core/config/model.ts';

const time = Date.UTC(2026, 10, 28, 21, 14, 8, 123);
const formatter = (format: LineFormat) => {
  const made = createLineFormatter(format, { program: 'g:web', channel: 'stdout' }, () => time);
  if (made === null) throw new Error('plain');
  return made;
};
const source = { program: 'g:web', channel: 'stdout' as const };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
function written(format: LineFormat, ...chunks: readonly (string | Uint8Array)[]): string {
  const made = formatter(format);
  const out = chunks.map((chunk) => made.write(Buffer.from(chunk as string)));
  return text(Buffer.concat([...out, made.end()]));
}

test('plain has no formatter', () => {
  expect(createLineFormatter('plain', { program: 'a', channel: 'stdout' }, () => 0)).toBeNull();
});

test('a line is undressed again; what is none comes back as it is', () => {
  const line = 'web | "GET /" 200';
  for (const format of ['plain', 'prefix', 'json'] as const) {
    const dressed = format === 'plain' ? line : written(format, `${line}\n`).trimEnd();
    expect(undress(format, dressed, source)?.text).toBe(line);
    expect(undress(format, 'half a l', source)?.text).toBe('half a l');
  }
});

test('prefix: time and name before each line, and the bytes as they are', () => {
  expect(written('prefix', 'one\ntw', 'o\n\n')).toBe(
    [
      '2026-11-28T21:14:08.123Z g:web | one',
      '2026-11-28T21:14:08.123Z g:web | two',
      '2026-11-28T21:14:08.123Z g:web | ',
      '',
    ].join('\n'),
  );
  expect(written('prefix', Uint8Array.of(0xff, 0x0a))).toContain('| \xff\n');
});

test('json: an object on each line; what is no UTF-8 is U+FFFD', () => {
  expect(JSON.parse(written('json', 'say "hi"\r\n'))).toEqual({
    time: '2026-11-28T21:14:08.123Z',
    program: 'g:web',
    channel: 'stdout',
    line: 'say "hi"',
  });
  const split = Buffer.from('é\n');
  expect(written('json', split.subarray(0, 1), split.subarray(1))).toContain(
    Buffer.from('"line":"é"').toString('latin1'),
  );
  expect(Buffer.from(written('json', Uint8Array.of(0xff, 0x0a)), 'latin1').toString('utf8')).toContain(
    '"\ufffd"',
  );
});

test('a line without an end is held back until the stream ends', () => {
  const made = formatter('prefix');
  expect(text(made.write(Buffer.from('half')))).toBe('');
  expect(text(made.end())).toMatch(/\| half\n$/);
  expect(text(made.end())).toBe('');
});

test('a line that does not end is cut at 64 KiB', () => {
  const made = formatter('prefix');
  const first = text(made.write(Buffer.alloc(100_000, 'x')));
  expect(first.length).toBe('2026-11-28T21:14:08.123Z g:web | '.length + 65_536 + 1);
  expect(text(made.end())).toContain('x'.repeat(100_000 - 65_536));
});

test('however it is cut into chunks, it is written alike', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'é', '\n', '\r', '"')), fc.nat(7), (letters, step) => {
      const bytes = Buffer.from(letters.join(''));
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += step + 1) chunks.push(bytes.subarray(at, at + step + 1));
      for (const format of ['prefix', 'json'] as const)
        expect(written(format, ...chunks)).toBe(written(format, bytes));
    }),
  );
});
