/**
 * Takes the Engine's framed output apart: 8 bytes (stream 1 or 2, three zeros, big-endian length), then so many bytes. Pure, and without
 * copies of the payload. docker-modem's own has no back-pressure and turns raw on a bad header; this one says so.
 */

type Channel = 'stdout' | 'stderr';

const headerBytes = 8;

/** The function that is returned throws an Error on bytes that are no frame; after that the demultiplexer is of no more use. */
export function createDemux(take: (channel: Channel, data: Uint8Array) => void): (chunk: Uint8Array) => void {
  /** A header that is cut by the end of a chunk. */
  const header = new Uint8Array(headerBytes);
  let headerFilled = 0;
  let channel: Channel = 'stdout';
  let left = 0;
  const begin = (bytes: Uint8Array, at: number): void => {
    channel = channelOf(bytes, at);
    left = lengthOf(bytes, at);
  };
  return (chunk) => {
    for (let at = 0; at < chunk.byteLength;) {
      if (left > 0) {
        const data = chunk.subarray(at, at + left);
        at += data.byteLength;
        left -= data.byteLength;
        take(channel, data);
      } else if (headerFilled === 0 && chunk.byteLength - at >= headerBytes) {
        begin(chunk, at);
        at += headerBytes;
      } else {
        const part = chunk.subarray(at, at + headerBytes - headerFilled);
        header.set(part, headerFilled);
        headerFilled += part.byteLength;
        at += part.byteLength;
        if (headerFilled < headerBytes) continue;
        begin(header, 0);
        headerFilled = 0;
      }
    }
  };
}

/** By hand, and no view made for each frame: there is one for each line. */
const lengthOf = (bytes: Uint8Array, at: number): number =>
  (bytes[at + 4] ?? 0) * 0x1000000 +
  (bytes[at + 5] ?? 0) * 0x10000 +
  (bytes[at + 6] ?? 0) * 0x100 +
  (bytes[at + 7] ?? 0);

/** 0 is stdin, which some Engines write for stdout. */
function channelOf(bytes: Uint8Array, at: number): Channel {
  const stream = bytes[at] ?? 255;
  if (stream > 2 || bytes[at + 1] !== 0 || bytes[at + 2] !== 0 || bytes[at + 3] !== 0) {
    throw new Error(
      `Cannot read container output: wanted a frame header, found bytes ${[...bytes.subarray(at, at + headerBytes)].join(' ')}`,
    );
  }
  return stream === 2 ? 'stderr' : 'stdout';
}
