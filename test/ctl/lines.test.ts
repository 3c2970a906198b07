import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineCutter } from '../../src/ctl/lines.ts';

const cut = (chunks: readonly Uint8Array[], limit: number): readonly string[] => {
  const cutter = createLineCutter(limit);
  const lines = chunks.flatMap((chunk) => cutter.push(chunk));
  return [...lines, ...[cutter.rest() ?? []].flat()].map((line) => line.toString('utf8'));
};

test('lines come whole, however the bytes come', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 7 }), (texts, size) => {
      const lines = texts.map((text) => text.replaceAll('\n', ''));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(cut(chunks, 1000)).toEqual(lines);
    }),
  );
});

test('a line without an end comes in pieces, none of them a broken character', () => {
  expect(cut([Buffer.from('☃'.repeat(5))], 7)).toEqual(['☃☃', '☃☃', '☃']);
  expect(cut([Buffer.from('abcdefgh\nij')], 3)).toEqual(['abc', 'def', 'gh', 'ij']);
  expect(cut([Buffer.alloc(9, 0x80)], 4).length).toBe(3);
});
