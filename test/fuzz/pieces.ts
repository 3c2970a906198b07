/** Bytes in pieces. */
import fc from 'fast-check';

/** `all` cut at random places: pieces that together are `all`. */
export function cutAt(all: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b);
  return [...places, all.length].map((end, index) => all.subarray(places[index - 1] ?? 0, end));
}

export const cuts = fc.array(fc.nat(1000), { maxLength: 12 });
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
