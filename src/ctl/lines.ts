const lineEnd = 0x0a;

export interface LineCutter {
  /** The whole lines that have come, without their ends. */
  readonly push: (chunk: Uint8Array) => readonly Buffer[];
  /** What has come of a line that does not end; null: nothing. */
  readonly rest: () => Buffer | null;
}

/** Cuts a stream of bytes into lines. One that is longer than `limit` bytes comes in pieces, so that memory stays bounded. */
export function createLineCutter(limit: number): LineCutter {
  let held = Buffer.alloc(0);
  return {
    push: (chunk) => {
      const lines: Buffer[] = [];
      let from = 0;
      held = Buffer.concat([held, chunk]);
      for (;;) {
        const end = held.indexOf(lineEnd, from);
        if (end >= 0 && end - from <= limit) {
          lines.push(held.subarray(from, end));
          from = end + 1;
        } else if (end >= 0 || held.length - from > limit) {
          const cut = wholeCharacters(held, from, from + limit);
          lines.push(held.subarray(from, cut));
          from = cut;
        } else break;
      }
      // A copy: what is left must not keep the whole chunk alive.
      held = Buffer.from(held.subarray(from));
      return lines;
    },
    rest: () => {
      const rest = held;
      held = Buffer.alloc(0);
      return rest.length === 0 ? null : rest;
    },
  };
}

/** `end`, or up to three bytes before it, so that no UTF-8 character is split. */
function wholeCharacters(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > end - 4 && at > start + 1 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return ((bytes[at] ?? 0) & 0xc0) === 0x80 ? end : at;
}
