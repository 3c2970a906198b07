/** What a program says between its tokens is an event, whatever the reads cut through. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCapture } from '../../../src/core/events/capture.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const B = '<!--XSUPERVISOR:BEGIN-->';
const E = '<!--XSUPERVISOR:END-->';

function run(chunks: readonly string[], maxBytes = 1000) {
  const capture = createCapture(maxBytes);
  const pieces = [...chunks.flatMap((chunk) => capture.take(bytes(chunk))), ...capture.end()];
  const of = (kind: string) => pieces.filter((piece) => piece.kind === kind).map(({ data }) => text(data));
  return { text: of('text').join(''), captured: of('captured').join(''), messages: of('message') };
}

describe('capture', () => {
  it('what stands between the tokens is the message, and nothing of it is for the log', () => {
    expect(run([`a\n${B}hello${E}b\n`])).toEqual({ text: 'a\nb\n', captured: 'hello', messages: ['hello'] });
  });
  it('short output is not held back, and the last words are not lost', () => {
    expect(createCapture(10).take(bytes('bye'))).toEqual([{ kind: 'text', data: bytes('bye') }]);
    expect(run(['bye', '<!--XSUP']).text).toBe('bye<!--XSUP');
  });
  it('a message without its end is none', () => {
    expect(run([`${B}half`])).toEqual({ text: '', captured: 'half', messages: [] });
  });
  it('a message that is too long loses its beginning, as much as comes in', () => {
    expect(run([`${B}aaaa`, 'bb', E], 5).messages).toEqual(['aabb']);
  });
  it('any cutting into reads gives the same', () => {
    const part = fc.constantFrom('x', '<', '<!--', B, E, 'hello', '\n');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), fc.array(fc.nat(120)), (parts, cuts) => {
        const all = parts.join('');
        const places = [0, ...cuts.filter((cut) => cut < all.length).sort((a, b) => a - b), all.length];
        const pieces = places.slice(1).map((place, index) => all.slice(places[index], place));
        expect(run(pieces)).toEqual(run([all]));
      }),
    );
  });
});
