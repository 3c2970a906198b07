import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseNameSpec } from '../core/names.ts';
import type { LogRef, Manager } from '../supervisor/ports.ts';
import { sendError, sendErrorAndClose } from './reply.ts';

/**
 * `GET /logtail/<name>[/stdout|/stderr]` and `GET /mainlogtail` (supervisord.md 5.10): the end of a log, then what comes,
 * until the client leaves or `closing` aborts.
 */
export async function answerLogtail(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { manager, closing }: { readonly manager: Manager; readonly closing: AbortSignal },
): Promise<void> {
  if (request.method !== 'GET') return sendErrorAndClose(request, response, 400);
  const log = logOf(path, manager);
  if (log === null) return sendError(response, 404);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  const chunks = await manager.followLog(log, signal);
  if (chunks === null) return sendError(response, 404);

  // Without Content-Length: chunked for HTTP/1.1, until the end of the connection for 1.0.
  response.writeHead(200, { 'Content-Type': 'text/plain;charset=utf-8', 'X-Accel-Buffering': 'no' });
  response.flushHeaders();
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) break;
      // The next chunk is asked for only when this one is on its way: a slow reader slows the reading of the log.
      if (chunk.length > 0 && !response.write(chunk)) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  response.end();
}

/** null: there is no such log, whatever the reason: 404. */
function logOf(path: string, manager: Manager): LogRef | null {
  if (path.startsWith('/mainlogtail')) return { kind: 'main' };
  const [, , name, channel = 'stdout', ...rest] = path.split('/');
  if (name === undefined || rest.length > 0 || (channel !== 'stdout' && channel !== 'stderr')) return null;
  const { group, process } = parseNameSpec(name);
  if (process === null || manager.view(group, process) === null) return null;
  return { kind: 'process', group, process, channel };
}
