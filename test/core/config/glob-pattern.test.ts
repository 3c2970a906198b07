import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesSegment } from '../../../src/core/config/glob-pattern.ts';

test.each([
  ['*.conf', 'a.conf', true],
  ['*.conf', '.a.conf', false],
  ['.*', '.a', true],
  ['?.conf', 'ab.conf', false],
  ['[ab]*', 'bx', true],
  ['[!ab]*', 'bx', false],
  ['[a-c]', 'b', true],
  ['[!a-c]', 'd', true],
  ['[]]', ']', true],
  ['[a-]', '-', true],
  ['[a', '[a', true],
  ['a[', 'a[', true],
  ['**.conf', 'x.conf', true],
  ['a*b*c', 'axxbxxc', true],
  ['a*b*c', 'axxbxx', false],
  ['', '', true],
  ['*', '', true],
  ['a.b', 'axb', false],
])('%s and %s: %s', (pattern, name, wanted) => {
  expect(matchesSegment(pattern, name)).toBe(wanted);
});

test('a name without marks matches itself alone', () => {
  const plain = fc.string().map((text) => text.replace(/[*?[]/g, ''));
  fc.assert(
    fc.property(plain, plain, (one, other) => {
      expect(matchesSegment(one, one)).toBe(true);
      expect(matchesSegment(one, other)).toBe(one === other);
    }),
  );
});

test('many stars do not take long', () => {
  expect(matchesSegment('*a'.repeat(200) + 'b', 'a'.repeat(2000))).toBe(false);
});
