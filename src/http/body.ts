import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'text'; readonly text: string }
  /** No Content-Length, as supervisord asks for one (411). */
  | { readonly kind: 'length-missing' }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'not-utf8' }
  /** The client left before the end. */
  | { readonly kind: 'cut-off' };

/** Reads a request's body as UTF-8, at most `maxBytes`. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const length = request.headers['content-length'];
  if (length === undefined) return { kind: 'length-missing' };
  // node:http has checked that it is a number, and will not give more bytes than it says.
  if (Number(length) > maxBytes) return { kind: 'too-long' };
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set: chunks are Buffers
  } catch {
    return { kind: 'cut-off' };
  }
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { kind: 'not-utf8' };
  }
}
