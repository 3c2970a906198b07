/**
 * Takes the Engine's framed output apart: 8 bytes (stream 1 or 2, three zeros, big-endian length), then so many bytes. Pure, and without
 * copies of the payload. docker-modem's own has no back-pressure and turns raw on a bad header; this one says so.
 */

export interface Piece {
  readonly channel: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

const headerBytes = 8;

/** Throws an Error on bytes that are no frame; after that the demultiplexer is of no more use. */
export function createDemux(): (chunk: Uint8Array) => Piece[] {
  const header = new Uint8Array(headerBytes);
  let headerFilled = 0;
  let channel: Piece['channel'] = 'stdout';
  let left = 0;
  return (chunk) => {
    const pieces: Piece[] = [];
    for (let at = 0; at < chunk.byteLength;) {
      if (left > 0) {
        const data = chunk.subarray(at, at + left);
        pieces.push({ channel, data });
        at += data.byteLength;
        left -= data.byteLength;
        continue;
      }
      const part = chunk.subarray(at, at + headerBytes - headerFilled);
      header.set(part, headerFilled);
      headerFilled += part.byteLength;
      at += part.byteLength;
      if (headerFilled === headerBytes) {
        channel = channelOf(header);
        left = new DataView(header.buffer).getUint32(4);
        headerFilled = 0;
      }
    }
    return pieces;
  };
}

/** 0 is stdin, which some Engines write for stdout. */
function channelOf(header: Uint8Array): Piece['channel'] {
  const [stream = 255, ...zeros] = header.subarray(0, 4);
  if (stream > 2 || zeros.some((byte) => byte !== 0)) {
    throw new Error(
      `Cannot read container output: wanted a frame header, found bytes ${[...header].join(' ')}`,
    );
  }
  return stream === 2 ? 'stderr' : 'stdout';
}
