import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * Sends a whole body and resolves when the system has it, or the client has left.
 */
export function sendBody(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
): Promise<void> {
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length });
  return new Promise((resolve) => {
    // `close` follows `finish`, and comes alone when the client has left.
    response.once('close', resolve);
    response.once('finish', resolve);
    response.end(bytes);
    if (response.destroyed) resolve();
  });
}

/** An error in the shape of supervisord's: a small HTML fragment (supervisord.md 5.1). */
export function sendError(response: ServerResponse, status: number): Promise<void> {
  const message = STATUS_CODES[status] ?? 'Error';
  const lines = [
    '<head>',
    '<title>Error response</title>',
    '</head>',
    '<body>',
    '<h1>Error response</h1>',
    `<p>Error code ${status}.`,
    `<p>Message: ${message}.`,
    '</body>',
    '',
  ];
  return sendBody(response, status, 'text/html', lines.join('\r\n'));
}

/**
 * An error after which the connection ends. What the client still sends is read and dropped first, for as long as the server's
 * time-out for requests allows: Python's client writes headers and body apart, and if we were gone in between, it would see a
 * broken pipe and not our answer.
 */
export async function sendErrorAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
): Promise<void> {
  response.setHeader('Connection', 'close');
  await new Promise<void>((resolve) => {
    if (request.readableEnded || request.destroyed) {
      resolve();
      return;
    }
    request.once('end', resolve);
    request.once('close', resolve);
    request.on('error', () => resolve());
    request.resume();
  });
  await sendError(response, status);
}
