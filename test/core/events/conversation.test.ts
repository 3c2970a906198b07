/** A listener's side of the talk: what is said split, together, wrongly, and at random. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busy, hear, listening, longestLine } from '../../../src/core/events/conversation.ts';
import type { Conversation, Heard, ResultRule } from '../../../src/core/events/conversation.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
function say(from: Conversation, chunks: readonly Uint8Array[], rule: ResultRule = 'ok'): Heard {
  let heard: Heard = { conversation: from, verdicts: [] };
  for (const chunk of chunks) {
    const next = hear(heard.conversation, chunk, rule);
    heard = { conversation: next.conversation, verdicts: [...heard.verdicts, ...next.verdicts] };
  }
  return heard;
}
const told = (from: Conversation, ...texts: readonly string[]) => {
  const { conversation, verdicts } = say(from, texts.map(bytes));
  return [conversation.name, ...verdicts.map((verdict) => verdict.type)];
};

describe('a listener that keeps to the protocol', () => {
  it('is READY after READY, however it comes', () => {
    expect(told(listening, 'READY\n')).toEqual(['READY', 'ready']);
    expect(told(listening, 'RE', 'AD', 'Y', '\n')).toEqual(['READY', 'ready']);
    expect(told(listening, 'READ')).toEqual(['ACKNOWLEDGED']);
  });
  it('is done with its event after RESULT 2 and OK, byte by byte or with the next READY', () => {
    expect(told(busy, ...'RESULT 2\nOK')).toEqual(['ACKNOWLEDGED', 'processed']);
    expect(told(busy, 'RESULT 2\nOKREADY\n')).toEqual(['READY', 'processed', 'ready']);
  });
  it('rejects with any other answer, also with none', () => {
    expect(told(busy, 'RESULT 4\nFAIL')).toEqual(['ACKNOWLEDGED', 'rejected']);
    expect(told(busy, 'RESULT 0\n')).toEqual(['ACKNOWLEDGED', 'rejected']);
    expect(told(busy, 'RESULT 3\nOK\n')).toEqual(['ACKNOWLEDGED', 'rejected']);
  });
  it('counts its answer in bytes', () => {
    expect(told(busy, 'RESULT 3\n€READY\n')).toEqual(['READY', 'rejected', 'ready']);
  });
  it('may write anything in the place of "RESULT ", and the number as Python reads it', () => {
    expect(told(busy, 'XXXXXXX2\nOK')).toEqual(['ACKNOWLEDGED', 'processed']);
    expect(told(busy, 'RESULT  +2 \r\nOK')).toEqual(['ACKNOWLEDGED', 'processed']);
  });
  it('may announce more than will ever come, and is counted on exactly', () => {
    const [line, answer] = [`RESULT ${'9'.repeat(20)}\n`, 'x'.repeat(9000)];
    const cut = say(busy, [bytes(line), ...[...answer].map(bytes)]);
    expect(cut).toEqual(say(busy, [bytes(line + answer)]));
  });
  it('is believed with any answer when its judge is a Python handler that is not here', () => {
    expect(say(busy, [bytes('RESULT 5\nhello')], 'any').verdicts).toEqual([{ type: 'processed' }]);
  });
});

describe('a listener that does not', () => {
  it('is UNKNOWN after a greeting, and after READY twice, and hears no more', () => {
    expect(told(listening, 'hello\n')).toEqual(['UNKNOWN', 'broken']);
    expect(told(listening, 'READY\nREADY\n')).toEqual(['UNKNOWN', 'ready', 'broken']);
    expect(told(listening, 'hello\n', 'READY\n')).toEqual(['UNKNOWN', 'broken']);
  });
  it('is UNKNOWN after a result line that is none, which is told', () => {
    expect(say(busy, [bytes('RESULT abc\n')]).verdicts).toEqual([{ type: 'broken', line: 'RESULT abc' }]);
    expect(say(busy, [Uint8Array.of(82, 255, 10)]).verdicts).toEqual([
      { type: 'broken', line: "Undecodable: b'R\\xff'" },
    ]);
    expect(told(busy, 'RESULT -1\n')).toEqual(['UNKNOWN', 'broken']);
    // A space of Latin-1: Python takes the number from bytes, and knows ASCII's spaces only.
    expect(say(busy, [Buffer.from('RESULT 2\xa0\nOK', 'latin1')]).conversation.name).toBe('UNKNOWN');
  });
  it('does not fill the memory with a line that never ends', () => {
    expect(told(busy, 'x'.repeat(longestLine), 'x')).toEqual(['UNKNOWN', 'broken']);
  });
});

describe('at random', () => {
  const word = fc.constantFrom(
    'READY\n',
    'RESULT 2\n',
    'OK',
    'RESULT 2\nOK',
    'RESULT 4\nFAIL',
    'RESULT 0\n',
    'R',
    '\n',
    'RESULT x\n',
  );
  const talk = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.array(word, { maxLength: 8 }).map((words) => bytes(words.join(''))),
  );
  const from = fc.constantFrom<Conversation>(listening, busy, { name: 'READY' });

  it('any bytes in any pieces give the same as all at once', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(from, talk, fc.array(fc.nat(40)), (start, all, cuts) => {
        const places = [0, ...cuts.filter((cut) => cut < all.length).sort((a, b) => a - b), all.length];
        const pieces = places.slice(1).map((place, index) => all.slice(places[index], place));
        const whole = say(start, [all]);
        for (const { type } of whole.verdicts) seen.add(type);
        expect(say(start, pieces)).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
    expect([...seen].sort()).toEqual(['broken', 'processed', 'ready', 'rejected']);
  });
});
