/**
 * Capture mode (supervisord.md 4.8): what a program writes between two tokens is an event, and not for its log. Pure but for its own memory:
 * chunks in, pieces out. Nothing is held back but what may be the beginning of a token.
 */

export type Piece =
  /** Ordinary output. */
  | { readonly kind: 'text'; readonly data: Uint8Array }
  /** Output between the tokens, as it comes: not for the log file. */
  | { readonly kind: 'captured'; readonly data: Uint8Array }
  /** The closing token has come: all that was captured. */
  | { readonly kind: 'message'; readonly data: Uint8Array };

export interface Capture {
  take(chunk: Uint8Array): readonly Piece[];
  /** The output has ended: what looked like the beginning of a token was none. */
  end(): readonly Piece[];
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const begin = bytesOf('<!--XSUPERVISOR:BEGIN-->');
const end = bytesOf('<!--XSUPERVISOR:END-->');
const none = new Uint8Array();

export function createCapture(maxBytes: number): Capture {
  let held: Uint8Array = none;
  let message: Uint8Array | null = null;

  function give(data: Uint8Array): readonly Piece[] {
    if (data.length === 0) return [];
    if (message === null) return [{ kind: 'text', data }];
    // supervisord's rule: as much is dropped from the front as comes in, once it would be too much.
    const kept = message.length + data.length > maxBytes ? message.subarray(data.length) : message;
    message = joined(kept, data);
    return [{ kind: 'captured', data }];
  }

  return {
    take(chunk) {
      const pieces: Piece[] = [];
      let data = joined(held, chunk);
      held = none;
      for (;;) {
        const token = message === null ? begin : end;
        const at = indexOf(data, token);
        if (at < 0) {
          const cut = data.length - prefixAtEnd(data, token);
          pieces.push(...give(data.subarray(0, cut)));
          held = data.slice(cut);
          return pieces;
        }
        pieces.push(...give(data.subarray(0, at)));
        if (message === null) message = none;
        else {
          pieces.push({ kind: 'message', data: message });
          message = null;
        }
        data = data.subarray(at + token.length);
      }
    },
    end() {
      const rest = held;
      held = none;
      return give(rest);
    },
  };
}

function indexOf(data: Uint8Array, token: Uint8Array): number {
  for (let at = data.indexOf(token[0] ?? 0); at >= 0; at = data.indexOf(token[0] ?? 0, at + 1)) {
    if (startsAt(data, at, token)) return at;
  }
  return -1;
}

const startsAt = (data: Uint8Array, at: number, token: Uint8Array): boolean =>
  at + token.length <= data.length && token.every((byte, index) => data[at + index] === byte);

/** How many bytes at the end are the beginning of the token. */
function prefixAtEnd(data: Uint8Array, token: Uint8Array): number {
  for (let size = Math.min(token.length - 1, data.length); size > 0; size -= 1) {
    if (startsAt(data, data.length - size, token.subarray(0, size))) return size;
  }
  return 0;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
