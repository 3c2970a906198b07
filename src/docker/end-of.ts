/** The last `limit` bytes of what has come so far: `before` and then `data`. A copy: a view would keep the whole of a chunk alive. */
export const endOf = (before: Uint8Array, data: Uint8Array, limit: number): Uint8Array =>
  data.byteLength >= limit
    ? data.slice(-limit)
    : Buffer.concat([before.subarray(Math.max(0, before.byteLength + data.byteLength - limit)), data]);
