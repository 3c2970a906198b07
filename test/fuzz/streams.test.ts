/** Random bytes in random pieces: how they are cut makes no difference, and no more is held back than is said. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { createCapture } from '../../src/core/events/capture.ts';
import { busy, hear, listening, longestLine } from '../../src/core/events/conversation.ts';
import type { Conversation, ResultRule, Verdict } from '../../src/core/events/conversation.ts';
import { createDemux } from '../../src/docker/demux.ts';
import { createEventReader, EventSyntaxError } from '../../src/plugin/event-reader.ts';
import { fuzz } from './fuzz.ts';
import { bytesOf, cutAt, cuts } from './pieces.ts';

const joined = (pieces: readonly Uint8Array[]): Buffer => Buffer.concat(pieces);

/** Bytes that are nearly what is waited for: words of the protocol, and noise. */
function talkOf(...words: readonly string[]): fc.Arbitrary<Uint8Array> {
  const noise = fc.uint8Array({ maxLength: 12 });
  const part = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...words).map(bytesOf) }, noise);
  return fc.array(part, { maxLength: 12 }).map(joined);
}

/** Of a conversation: everything that it keeps of what was said. */
function heldBytes(conversation: Conversation): number {
  switch (conversation.name) {
    case 'ACKNOWLEDGED':
      return conversation.rest.length;
    case 'BUSY':
      return conversation.line.length;
    case 'ANSWERING':
      return conversation.head.length;
    case 'READY':
    case 'UNKNOWN':
      return 0;
  }
}

fuzz(
  'a listener is understood however its words are cut, and an endless one is not kept',
  fc.record({
    from: fc.constantFrom<Conversation>(listening, busy, { name: 'READY' }),
    rule: fc.constantFrom<ResultRule>('ok', 'any'),
    talk: talkOf(
      ...[
        'READY\n',
        'READY',
        'RESULT 2\nOK',
        'RESULT 4\nFAIL',
        'RESULT 0\n',
        'RESULT ',
        'OK',
        '7\n',
        '-1\n',
        '\n',
      ],
      ...['RESULT 99999999999999999999\n', '1_0\n', `RESULT ${'9'.repeat(400)}\n`, 'x'.repeat(longestLine)],
    ),
    cuts,
  }),
  ({ from, rule, talk, cuts }) => {
    const whole = hear(from, talk, rule);
    let now = from;
    const verdicts: Verdict[] = [];
    for (const piece of cutAt(talk, cuts)) {
      const heard = hear(now, piece, rule);
      now = heard.conversation;
      verdicts.push(...heard.verdicts);
      expect(heldBytes(now)).toBeLessThanOrEqual(longestLine);
    }
    expect({ conversation: now, verdicts }).toEqual(whole);
  },
);

const [begin, end] = ['<!--XSUPERVISOR:BEGIN-->', '<!--XSUPERVISOR:END-->'];

fuzz(
  'what is captured does not depend on how it is cut, nothing is lost, and only half a token is held back',
  fc.record({
    output: talkOf(begin, end, begin + end, begin.slice(0, 9), end.slice(0, 20), '<', '<!--', 'words\n'),
    cuts,
  }),
  ({ output, cuts }) => {
    const read = (chunks: readonly Uint8Array[]) => {
      const capture = createCapture(10_000);
      let given = 0;
      let taken = 0;
      const pieces = chunks.flatMap((chunk) => {
        const some = capture.take(chunk);
        taken += chunk.length;
        // Tokens are neither text nor captured.
        for (const { kind, data } of some) given += kind === 'message' ? 0 : data.length;
        return some;
      });
      const rest = joined(capture.end().map(({ data }) => data)).length;
      expect(rest).toBeLessThan(begin.length);
      expect(given + rest).toBeLessThanOrEqual(taken);
      return pieces;
    };
    const told = (pieces: ReturnType<typeof read>) => {
      const of = (kind: string) => pieces.filter((piece) => piece.kind === kind).map(({ data }) => data);
      return [joined(of('text')), joined(of('captured')), of('message').map((data) => Buffer.from(data))];
    };
    const whole = told(read([output]));
    expect(told(read(cutAt(output, cuts)))).toEqual(whole);
    expect(told(read([...output].map((byte) => Uint8Array.of(byte))))).toEqual(whole);
  },
);

fuzz(
  'a message is never longer than its limit and the longest piece',
  fc.record({ output: talkOf(begin, end, 'a', 'bb', 'words\n', 'x'.repeat(50)), limit: fc.nat(60), cuts }),
  ({ output, limit, cuts }) => {
    const chunks = cutAt(output, cuts);
    const longest = Math.max(...chunks.map((chunk) => chunk.length + end.length));
    const capture = createCapture(limit);
    for (const { kind, data } of chunks.flatMap((chunk) => capture.take(chunk))) {
      if (kind === 'message') expect(data.length).toBeLessThanOrEqual(Math.max(limit, longest));
    }
  },
);

/** Frames of the Engine, nearly: mostly right, sometimes with a wrong head, or half a one. */
const frames = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .tuple(fc.constantFrom(0, 1, 1, 2), fc.uint8Array({ maxLength: 30 }))
          .map(([stream, data]) => joined([Uint8Array.of(stream, 0, 0, 0, 0, 0, 0, data.length), data])),
      },
      fc.constant(Buffer.of(1, 0, 0, 0, 255, 255, 255, 255)),
      fc.uint8Array({ maxLength: 9 }),
    ),
    { maxLength: 8 },
  )
  .map(joined);

fuzz(
  'frames are taken apart the same however they are cut, or refused at the same byte',
  fc.record({ bytes: frames, cuts }),
  ({ bytes, cuts }) => {
    const read = (chunks: readonly Uint8Array[]) => {
      const out: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
      const demux = createDemux((channel, data) => out[channel].push(data));
      let error: string | null = null;
      try {
        for (const chunk of chunks) demux(chunk);
      } catch (thrown) {
        if (!(thrown instanceof Error)) throw thrown;
        expect(thrown.message).toMatch(/^Cannot read container output: wanted a frame header, found bytes /);
        error = thrown.message;
      }
      return { stdout: joined(out.stdout), stderr: joined(out.stderr), error };
    };
    const byteByByte = read([...bytes].map((byte) => Uint8Array.of(byte)));
    const pieces = read(cutAt(bytes, cuts));
    expect(pieces).toEqual(byteByByte);
    expect(byteByByte.stdout.length + byteByByte.stderr.length).toBeLessThanOrEqual(bytes.length);
  },
);

const header = (name: string, length: number): string =>
  `ver:3.0 server:s serial:21 pool:p poolserial:10 eventname:${name} len:${String(length)}\n`;

fuzz(
  'events of a supervisord are read the same however they are cut, or refused',
  fc.record({
    talk: talkOf(
      ...[header('TICK_5', 15), 'when:1201063880', header('X', 0), header('Y', 3), 'é😀x', header('Z', -1)],
      ...[
        header('', 3),
        'len:3\n',
        '\n',
        header('BIG', 2 ** 40),
        'processname:a groupname:b\n',
        'x'.repeat(9000),
      ],
    ),
    cuts,
  }),
  ({ talk, cuts }) => {
    const read = (chunks: readonly Uint8Array[]) => {
      const reader = createEventReader();
      const events: unknown[] = [];
      try {
        for (const chunk of chunks) events.push(...reader(chunk));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(EventSyntaxError);
        return { refused: true, events: null };
      }
      return { refused: false, events };
    };
    expect(read(cutAt(talk, cuts))).toEqual(read([talk]));
  },
);
