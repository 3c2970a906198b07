/** The last bytes of a stream, in a ring: nothing is made for each piece, and no piece is kept alive. */
export interface Tail {
  add(data: Uint8Array): void;
  /** A copy, oldest first. */
  bytes(): Uint8Array;
  clear(): void;
}

/** `limit`: how many bytes are kept. They are asked for when the first one comes. */
export function createTail(limit: number): Tail {
  let ring: Uint8Array | null = null;
  let filled = 0;
  /** Where the next byte goes. */
  let at = 0;
  return {
    add(data) {
      ring ??= new Uint8Array(limit);
      const part = data.byteLength > limit ? data.subarray(-limit) : data;
      const room = limit - at;
      if (part.byteLength <= room) {
        ring.set(part, at);
      } else {
        ring.set(part.subarray(0, room), at);
        ring.set(part.subarray(room), 0);
      }
      at = (at + part.byteLength) % limit;
      filled = Math.min(limit, filled + part.byteLength);
    },
    bytes() {
      if (ring === null) return new Uint8Array(0);
      return filled < limit
        ? ring.slice(0, filled)
        : Buffer.concat([ring.subarray(at), ring.subarray(0, at)]);
    },
    clear() {
      filled = 0;
      at = 0;
    },
  };
}
