import { constants } from 'node:os';

/** A server could not be opened. `message` is supervisord's sentence, for `Error: …` and exit 2 (supervisord.md 4.1). */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export const addressInUse =
  'Another program is already listening on a port that one of our HTTP servers is configured to use.  ' +
  'Shut this program down first before starting supervisord.';

/** In supervisord's words for a failed system call. What is not a failed system call is given back as it is. */
export function listenError(cause: unknown): Error {
  if (!(cause instanceof Error) || cause instanceof ListenError) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  if (code === null) return cause;
  if (code === 'EADDRINUSE') return new ListenError(addressInUse, { cause });
  const numbers = new Map<string, number>(Object.entries(constants.errno));
  const number = numbers.get(code);
  const what = number === undefined ? code : `errno.${code} (${number})`;
  return new ListenError(`Cannot open an HTTP server: socket.error reported ${what}`, { cause });
}
