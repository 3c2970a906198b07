/** What a call can end with, and how supervisorctl prints what it did not expect (supervisord.md 6.1). */
import { FaultReply, HttpStatusError, UnknownSchemeError } from '../rpc/client.ts';
import { pythonRepr } from './python-repr.ts';

/** The code of a failed system call (`ENOENT`), or null. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Python's class and text for the failures of a connection. */
const socketErrors: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['ENOENT', ['FileNotFoundError', '[Errno 2] No such file or directory']],
  ['ECONNREFUSED', ['ConnectionRefusedError', '[Errno 111] Connection refused']],
  ['EACCES', ['PermissionError', '[Errno 13] Permission denied']],
  ['EPERM', ['PermissionError', '[Errno 1] Operation not permitted']],
  ['EPIPE', ['BrokenPipeError', '[Errno 32] Broken pipe']],
  ['ENOTSOCK', ['OSError', '[Errno 88] Socket operation on non-socket']],
  ['ETIMEDOUT', ['TimeoutError', '[Errno 110] Connection timed out']],
  ['EHOSTUNREACH', ['OSError', '[Errno 113] No route to host']],
  ['ENETUNREACH', ['OSError', '[Errno 101] Network is unreachable']],
  ['ENOTFOUND', ['socket.gaierror', '[Errno -2] Name or service not known']],
  ['EAI_AGAIN', ['socket.gaierror', '[Errno -3] Temporary failure in name resolution']],
]);

/** The `error: <class …>, …: file: … line: …` line: scripts look for its beginning; the place is only for its shape. */
export function errorLine(error: unknown): string {
  const [type, text] = pythonShape(error);
  return `error: <class '${type}'>, ${text}: file: dockvisorctl line: 0`;
}

function pythonShape(error: unknown): readonly [string, string] {
  if (error instanceof FaultReply) {
    return ['xmlrpc.client.Fault', `<Fault ${error.code}: ${pythonRepr(error.text)}>`];
  }
  if (error instanceof HttpStatusError) {
    return [
      'xmlrpc.client.ProtocolError',
      `<ProtocolError for 127.0.0.1/RPC2: ${error.status} ${error.message}>`,
    ];
  }
  if (error instanceof UnknownSchemeError) return ['ValueError', error.message];
  if (!(error instanceof Error)) return ['Exception', String(error)];
  if (error.message === 'socket hang up') {
    return ['http.client.RemoteDisconnected', 'Remote end closed connection without response'];
  }
  const code = systemCode(error);
  if (code === 'ECONNRESET') return ['ConnectionResetError', '[Errno 104] Connection reset by peer'];
  if (error.name === 'XmlRpcSyntaxError') return ['xml.parsers.expat.ExpatError', error.message];
  return socketErrors.get(code ?? '') ?? [error.name, error.message];
}
