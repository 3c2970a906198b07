import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDemux } from '../../src/docker/demux.ts';

const frame = (stream: number, data: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(data.byteLength, 4);
  return Buffer.concat([header, data]);
};

describe('the demultiplexer', () => {
  it('gives back every byte of each stream in order, wherever the chunks are cut', () => {
    const pieces = fc.array(
      fc.record({ stream: fc.constantFrom(1, 2), data: fc.uint8Array({ maxLength: 40 }) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 1 }), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(({ stream, data }) => frame(stream, data)));
        const out: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
        const demux = createDemux((channel, data) => out[channel].push(data));
        for (let at = 0, n = 0; at < bytes.byteLength; n++) {
          const size = cuts[n % cuts.length]!;
          demux(bytes.subarray(at, at + size));
          at += size;
        }
        const wanted = (stream: number): Buffer =>
          Buffer.concat(frames.filter((one) => one.stream === stream).map(({ data }) => data));
        expect(Buffer.concat(out.stdout)).toEqual(wanted(1));
        expect(Buffer.concat(out.stderr)).toEqual(wanted(2));
      }),
    );
  });

  it('copies no payload', () => {
    const chunk = frame(1, Buffer.from('hello'));
    const pieces: Uint8Array[] = [];
    createDemux((_channel, data) => pieces.push(data))(chunk);
    expect(pieces[0]!.buffer).toBe(chunk.buffer);
  });

  it('says so when the bytes are no frame, instead of turning raw', () => {
    expect(() => createDemux(() => undefined)(Buffer.from('plain text, no frame'))).toThrow(
      /wanted a frame header, found bytes 112 108 97/,
    );
  });
});
