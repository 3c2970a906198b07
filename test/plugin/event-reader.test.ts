import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventReader, EventSyntaxError } from '../../src/plugin/event-reader.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const notification = (name: string, payload: string, serial = 1): string =>
  `ver:3.0 server:supervisor serial:${String(serial)} pool:dockvisor poolserial:${String(serial)} eventname:${name} len:${String([...payload].length)}\n${payload}`;

describe('an event notification', () => {
  it('is its name and the tokens of the first line of its payload', () => {
    const payload = 'processname:cat groupname:pets from_state:RUNNING pid:123';
    const [event] = createEventReader()(encode(notification('PROCESS_STATE_STOPPING', payload, 7)));
    expect(event).toMatchObject({ name: 'PROCESS_STATE_STOPPING', serial: 7 });
    expect(Object.fromEntries(event?.tokens ?? [])).toEqual({
      processname: 'cat',
      groupname: 'pets',
      from_state: 'RUNNING',
      pid: '123',
    });
  });

  it('has a length in code points, whatever they take in bytes', () => {
    const text = notification('REMOTE_COMMUNICATION', 'type:té\nd€𝄞') + notification('TICK_5', 'when:5');
    expect(createEventReader()(encode(text)).map(({ name }) => name)).toEqual([
      'REMOTE_COMMUNICATION',
      'TICK_5',
    ]);
  });

  it('may have no payload at all', () => {
    const [event] = createEventReader()(encode(notification('SUPERVISOR_STATE_CHANGE_STOPPING', '')));
    expect(event?.name).toBe('SUPERVISOR_STATE_CHANGE_STOPPING');
  });

  it('is the same however it is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }),
        (payloads, cuts) => {
          const bytes = encode(payloads.map((one, index) => notification('TICK_5', one, index)).join(''));
          const whole = createEventReader()(bytes);
          const read = createEventReader();
          const pieces: unknown[] = [];
          let from = 0;
          for (const cut of [...cuts, bytes.length]) {
            pieces.push(...read(bytes.subarray(from, from + cut)));
            from += cut;
          }
          pieces.push(...read(bytes.subarray(from)));
          expect(pieces).toEqual(whole);
          expect(whole).toHaveLength(payloads.length);
        },
      ),
    );
  });
});

describe('what is no event notification', () => {
  it.each([
    'hello\n',
    'eventname:TICK_5\n',
    'eventname:TICK_5 len:-1\n',
    'eventname:TICK_5 len:99999999999\n',
    'len:5\n',
    'x'.repeat(10_000),
  ])('is refused: %j', (text) => {
    expect(() => createEventReader()(encode(text))).toThrow(EventSyntaxError);
  });

  it('is refused or waited for, and never makes the reader hang or fail otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          createEventReader()(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(EventSyntaxError);
        }
      }),
    );
  });
});
