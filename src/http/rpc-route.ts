import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './body.ts';
import { sendBody, sendError, sendErrorAndClose } from './reply.ts';

/**
 * XML-RPC from text to text (`createRpcEndpoint` of rpc/endpoint.ts). null: not XML-RPC. `afterwards` is called when the answer
 * is out, or the client has left.
 */
export type HttpRpc = (
  text: string,
) => Promise<{ readonly body: string; readonly afterwards: () => void } | null>;

/** `POST /RPC2`. Any fault is a 200; what is not XML-RPC is a 400 (supervisord.md 5.2). */
export async function answerRpc(
  request: IncomingMessage,
  response: ServerResponse,
  { rpc, maxBodyBytes }: { readonly rpc: HttpRpc; readonly maxBodyBytes: number },
): Promise<void> {
  if (request.method !== 'POST') return sendErrorAndClose(request, response, 400);
  const body = await readBody(request, maxBodyBytes);
  switch (body.kind) {
    case 'length-missing':
      return sendErrorAndClose(request, response, 411);
    case 'too-long':
      return sendErrorAndClose(request, response, 413);
    case 'not-utf8':
      return sendError(response, 400);
    case 'cut-off':
      return;
    case 'text':
  }
  const answer = await rpc(body.text);
  if (answer === null) return sendError(response, 400);
  try {
    await sendBody(response, 200, 'text/xml', answer.body);
  } finally {
    answer.afterwards();
  }
}
