/** Failures of the Engine by family, from the status code; sentences are shown and never read. */

export type EngineErrorFamily =
  | 'not-found'
  | 'conflict'
  | 'unavailable'
  | 'not-modified'
  | 'invalid'
  | 'unsupported'
  | 'cancelled'
  | 'unknown';

export class EngineError extends Error {
  readonly family: EngineErrorFamily;
  readonly operation: string;

  constructor(family: EngineErrorFamily, operation: string, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'EngineError';
    this.family = family;
    this.operation = operation;
  }
}

/** Makes one of whatever dockerode throws. `timedOut`: our own limit ran out. */
export function engineErrorOf(
  error: unknown,
  operation: string,
  engine: string,
  timedOut: boolean,
): EngineError {
  if (error instanceof EngineError) return error;
  const thrown = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  if (timedOut) {
    return new EngineError(
      'unavailable',
      operation,
      `${engine} does not answer (${operation} took too long)`,
      error,
    );
  }
  const status = thrown['statusCode'];
  if (typeof status === 'number')
    return new EngineError(familyOf(status), operation, sentenceOf(thrown), error);
  if (thrown['name'] === 'AbortError')
    return new EngineError('cancelled', operation, `${operation} was called off`, error);
  const code = typeof thrown['code'] === 'string' ? thrown['code'] : '';
  return new EngineError(
    'unavailable',
    operation,
    `cannot reach ${engine}: ${reasonOf(code, thrown)}`,
    error,
  );
}

function familyOf(status: number): EngineErrorFamily {
  if (status === 304) return 'not-modified';
  if (status === 404) return 'not-found';
  if (status === 409) return 'conflict';
  if (status >= 400 && status < 500) return 'invalid';
  if (status === 501) return 'unsupported';
  return status === 502 || status === 503 || status === 504 ? 'unavailable' : 'unknown';
}

/** The Engine's own sentence where it came as JSON; for attach it is null or a Buffer, and dockerode's sentence must do. */
function sentenceOf(thrown: Record<string, unknown>): string {
  const json = thrown['json'];
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string')
    return json.message;
  if (Buffer.isBuffer(json)) return json.toString('utf8').trim();
  return typeof thrown['message'] === 'string' ? thrown['message'] : 'no reason given';
}

function reasonOf(code: string, thrown: Record<string, unknown>): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such socket (is the Engine running?)';
    case 'ECONNREFUSED':
      return 'nobody listens there (is the Engine running?)';
    case 'EACCES':
      return 'permission denied';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection broke before it answered';
    default:
      return typeof thrown['message'] === 'string' && thrown['message'] !== '' ? thrown['message'] : code;
  }
}
