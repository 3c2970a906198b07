import { describe, expect, it } from 'vitest';
import { createEntryReader } from '../../src/docker/log-entries.ts';
import type { LogEntry } from '../../src/docker/log-entries.ts';

const stamp = '2026-11-28T23:58:06.513220828Z';
const frame = (channel: number, payload: string): Buffer => {
  const head = Buffer.alloc(8);
  head[0] = channel;
  head.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([head, Buffer.from(payload)]);
};
const shown = (entries: readonly LogEntry[]): string[] =>
  entries.map(({ channel, stamp: time, data }) => `${channel} ${time} ${Buffer.from(data).toString()}`);

/** Read whole, and byte by byte: it may make no difference. */
function read(tty: boolean, bytes: Buffer): string[] {
  const whole = shown(createEntryReader(tty)(bytes));
  const reader = createEntryReader(tty);
  const pieces = [...bytes].flatMap((byte) => reader(Buffer.of(byte)));
  expect(shown(pieces)).toEqual(whole);
  return whole;
}

describe('entries of a log', () => {
  it('a frame is an entry, with or without an end of line', () => {
    const bytes = Buffer.concat([frame(1, `${stamp} one\n`), frame(2, `${stamp} no end`)]);
    expect(read(false, bytes)).toEqual([`stdout ${stamp} one\n`, `stderr ${stamp} no end`]);
  });

  it("a terminal's entries are lines", () => {
    expect(read(true, Buffer.from(`${stamp} one\r\n${stamp} two\r\n`))).toEqual([
      `stdout ${stamp} one\r\n`,
      `stdout ${stamp} two\r\n`,
    ]);
  });

  it("a terminal's long line comes in the parts that the Engine has made of it, whose times are no text, as all others are", () => {
    const piece = 'x'.repeat(16 * 1024);
    const line = `${stamp} ${piece}${stamp} ${piece}${stamp} end ${stamp} \r\n`;
    expect(shown(createEntryReader(true)(Buffer.from(line)))).toEqual([
      `stdout ${stamp} ${piece}`,
      `stdout ${stamp} ${piece}`,
      `stdout ${stamp} end ${stamp} \r\n`,
    ]);
    // Of a driver that does not cut there.
    expect(shown(createEntryReader(true)(Buffer.from(`${stamp} ${piece}${piece}\r\n`)))).toEqual([
      `stdout ${stamp} ${piece}${piece}\r\n`,
    ]);
  });

  it("a terminal's output without an end is handed on part by part, and what is left of it in the end", () => {
    const piece = 'x'.repeat(16 * 1024);
    const reader = createEntryReader(true);
    const chunk = Buffer.from(`${stamp} ${piece}`.repeat(64));
    let parts = 0;
    for (let n = 0; n < 64; n++) parts += reader(chunk).length;
    // The last one may still get its end.
    expect(parts).toBe(64 * 64 - 1);
    expect(shown(reader(Buffer.from(`${stamp} no end`)))).toEqual([`stdout ${stamp} ${piece}`]);
    expect(shown(reader(null))).toEqual([`stdout ${stamp} no end`]);
    expect(reader(null)).toEqual([]);
    const endless = createEntryReader(true);
    expect(() => {
      for (let n = 0; n < 100; n++)
        endless(Buffer.from(`${stamp} ${'x'.repeat(32 * 1024)}`.slice(n === 0 ? 0 : 31)));
    }).toThrow(/a line of more than/);
  });

  it('what is no entry is refused', () => {
    expect(() => createEntryReader(false)(frame(1, 'no time\n'))).toThrow(
      /wanted a time and a space, found "no time/,
    );
  });
});
