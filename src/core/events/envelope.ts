/** supervisord's wire header (supervisord.md 7.2), and the serials in it. */
import type { EventText } from './happening.ts';

export interface Address {
  /** The daemon's identifier. */
  readonly server: string;
  readonly pool: string;
  readonly serial: bigint;
  readonly poolSerial: bigint;
}

/** What is written to a listener: the header line, then the payload, and nothing after it. */
export const envelope = ({ name, payload }: EventText, to: Address): string =>
  `ver:3.0 server:${to.server} serial:${String(to.serial)} pool:${to.pool} ` +
  `poolserial:${String(to.poolSerial)} eventname:${name} len:${String(codePoints(payload))}\n${payload}`;

/** `len` counts characters as Python does: listeners read that many from a text stream. */
export function codePoints(text: string): number {
  let count = 0;
  // A string is iterated by code points.
  for (const point of text) count += point === '' ? 0 : 1;
  return count;
}

const lastSerial = 2n ** 63n - 1n;

/** The serial after this one; null: the first. */
export const serialAfter = (serial: bigint | null): bigint =>
  serial === null || serial >= lastSerial ? 0n : serial + 1n;
