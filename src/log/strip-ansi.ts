/** Removes the escape sequences that supervisord's `strip_ansi` removes (supervisord.md 4.7), also when split over chunks. */
export function createAnsiStripper(): (chunk: Uint8Array) => Uint8Array {
  const enders = new Set([...'HfABCDRsuJKhlpm'].map((letter) => letter.charCodeAt(0)));
  const escape = 0x1b;
  const bracket = 0x5b;
  /** A sequence longer than this is no sequence; it is given out as it is. */
  const longest = 32;
  let held: number[] = [];
  return (chunk) => {
    const out: number[] = [];
    for (const byte of chunk) {
      if (held.length === 0) {
        if (byte === escape) held.push(byte);
        else out.push(byte);
      } else if (held.length === 1 && byte !== bracket) {
        // What follows an escape byte may be the beginning of the next sequence.
        out.push(...held);
        held = byte === escape ? [byte] : [];
        if (byte !== escape) out.push(byte);
      } else if (held.length > 1 && enders.has(byte)) {
        held = [];
      } else {
        held.push(byte);
        if (held.length > longest) {
          out.push(...held);
          held = [];
        }
      }
    }
    return Uint8Array.from(out);
  };
}
