/** The HTTP doors of the daemon: XML-RPC, the tails of logs, and what others add (the page, metrics). */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { LogLevel, ServerSpec } from '../core/config/model.ts';
import type { Manager } from '../supervisor/ports.ts';
import { isAuthorized } from './basic-auth.ts';
import { isForeignPost } from './foreign-post.ts';
import { listenError } from './listen-error.ts';
import { listenUnix } from './listen-unix.ts';
import { answerLogtail } from './logtail-route.ts';
import { sendBody, sendError, sendErrorAndClose } from './reply.ts';
import { answerRpc, type HttpRpc } from './rpc-route.ts';

export { ListenError } from './listen-error.ts';
export type { HttpRpc } from './rpc-route.ts';

export type HttpLog = (level: LogLevel, message: string) => void;

/**
 * A further route, asked after auth and after the routes of this folder. `path` is decoded and without its query. False: it is
 * not its; true, or a promise of it: answered. It must end the response itself, and be quick to end it when `closing` aborts.
 */
export type HttpRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  about: { readonly path: string; readonly closing: AbortSignal },
) => boolean | Promise<boolean>;

export interface HttpLimits {
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  /** From the first byte (or the connection) to the end of the headers. */
  readonly headerTimeoutMs: number;
  /** From the first byte to the end of the request's body. The answer may take for ever: `wait=true` holds it. */
  readonly requestTimeoutMs: number;
  /** How long a whole answer may lie there without the client taking a byte of it. Not for tails, which have no end. */
  readonly answerTimeoutMs: number;
  /**
   * A connection without a request. Long on purpose: event listeners (superlance) keep one open and may speak on it once an
   * hour, at TICK_3600, and Python's client does not come back from a closed one.
   */
  readonly idleTimeoutMs: number;
  /** How long close() waits for answers that are held or on their way. */
  readonly closeGraceMs: number;
}

export const defaultLimits: HttpLimits = {
  maxBodyBytes: 8 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  headerTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  answerTimeoutMs: 60_000,
  idleTimeoutMs: 2 * 60 * 60 * 1000,
  closeGraceMs: 1000,
};

/** A TCP connection on which nothing moves is asked after this time whether its other end is still there. */
const probeMs = 60_000;

export interface HttpServerOptions {
  readonly manager: Manager;
  readonly rpc: HttpRpc;
  readonly log: HttpLog;
  readonly routes?: readonly HttpRoute[];
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpServer {
  readonly spec: ServerSpec;
  /** For an inet server the port that it got, which differs from the spec's 0; null for a unix one. */
  readonly port: number | null;
  /** Takes nothing new, ends idle connections and tails, gives held answers a moment, takes the socket's name away. */
  readonly close: () => Promise<void>;
}

/** @throws ListenError with supervisord's sentence when the address cannot be had. */
export async function openHttpServer(spec: ServerSpec, options: HttpServerOptions): Promise<HttpServer> {
  const { log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const closing = new AbortController();
  const open = new Set<ServerResponse>();
  const answer = answerer(spec, options, limits, closing.signal);
  const lastOf = new WeakMap<Socket, Promise<void>>();

  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headerTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: Math.min(limits.headerTimeoutMs, 5000),
      keepAlive: true,
      keepAliveInitialDelay: probeMs,
      // supervisorctl's tail -f sends an empty Host.
      requireHostHeader: false,
      insecureHTTPParser: false,
    },
    (request, response) => {
      open.add(response);
      response.once('close', () => open.delete(response));
      response.setHeader('Server', 'dockvisor');
      if (closing.signal.aborted) response.setHeader('Connection', 'close');
      // A client that leaves while we write is no news; without a listener it would be an uncaught error.
      response.on('error', () => undefined);
      response.once('finish', () => logAccess(request, response, log));
      // The answer is whole and on its way; once it is out, node:http puts the idle time-out in place of this one.
      response.once('prefinish', () => {
        response.setTimeout(limits.answerTimeoutMs, () => request.socket.destroy());
      });
      // Calls that are sent without waiting are made in their order, and only one answer lies in memory.
      const { socket } = request;
      const before = lastOf.get(socket) ?? Promise.resolve();
      lastOf.set(
        socket,
        before.then(() => {
          // The former answer's time-out, which node:http leaves when another call has come already.
          socket.setTimeout(0);
          return answer(request, response);
        }),
      );
    },
  );
  server.on('clientError', (error, socket) => {
    const isTooLarge = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW';
    // supervisord, too, drops what does not parse without an answer.
    if (!isTooLarge || !socket.writable) socket.destroy();
    else socket.end('HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n');
  });

  const unclaim = await listen(server, spec, log);
  // Errors of a listening server (EMFILE on accept) must not end the daemon.
  server.on('error', (error) => log('error', `HTTP server: ${error.message}`));
  const address = server.address();
  return {
    spec,
    port: typeof address === 'object' && address !== null ? address.port : null,
    close: async () => {
      const closed = server.listening ? once(server, 'close') : Promise.resolve();
      server.close();
      // The name goes first, so that a daemon that starts now need not ask whether we are alive.
      await unclaim();
      closing.abort();
      for (const response of open) if (!response.headersSent) response.setHeader('Connection', 'close');
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), limits.closeGraceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

function answerer(
  spec: ServerSpec,
  options: HttpServerOptions,
  limits: HttpLimits,
  closing: AbortSignal,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { manager, rpc, log, routes = [] } = options;
  const isOpen = spec.kind === 'inet' && spec.credentials === null && !spec.allowUnauthenticated;
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (spec.credentials !== null && !isAuthorized(request.headers.authorization, spec.credentials)) {
      response.setHeader('WWW-Authenticate', 'Basic realm="default"');
      return sendErrorAndClose(request, response, 401);
    }
    const path = decodePath(request.url ?? '/');
    if (path === null) return sendErrorAndClose(request, response, 400);
    if (isForeignPost(request, isOpen)) return sendErrorAndClose(request, response, 403);
    if (path.startsWith('/RPC2')) {
      return answerRpc(request, response, { rpc, maxBodyBytes: limits.maxBodyBytes });
    }
    if (path.startsWith('/logtail') || path.startsWith('/mainlogtail')) {
      return answerLogtail(request, response, path, { manager, closing });
    }
    if (path === '/ok.html' && (request.method === 'GET' || request.method === 'POST')) {
      request.resume();
      return sendBody(response, 200, 'text/plain', 'OK');
    }
    for (const further of routes) if (await further(request, response, { path, closing })) return;
    const known = request.method === 'GET' || request.method === 'HEAD' || request.method === 'POST';
    return sendErrorAndClose(request, response, known ? 404 : 400);
  };
  return async (request, response) => {
    try {
      await route(request, response);
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log('critical', `Handling ${request.method} ${request.url} raised an unexpected exception: ${what}`);
      if (response.headersSent) response.destroy();
      else await sendError(response, 500);
    }
  };
}

async function listen(server: Server, spec: ServerSpec, log: HttpLog): Promise<() => Promise<void>> {
  try {
    if (spec.kind === 'unix') {
      return (await listenUnix(server, spec, (message) => log('warn', message))).unclaim;
    }
    // IPv4 only, as supervisord: `localhost` must not become ::1.
    const host = spec.host === '' ? '0.0.0.0' : (await lookup(spec.host, { family: 4 })).address;
    server.listen({ host, port: spec.port, backlog: 1024 });
    await once(server, 'listening');
    return () => Promise.resolve();
  } catch (error) {
    if (server.listening) server.close();
    throw listenError(error);
  }
}

/** Without the query, percent-decoded (`/logtail/q%3Aq0`); null when it cannot be decoded. */
function decodePath(url: string): string | null {
  const path = url.split('?', 1)[0] ?? '/';
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** supervisord's access line; a unix socket has no address. */
function logAccess(request: IncomingMessage, response: ServerResponse, log: HttpLog): void {
  const { remoteAddress, remotePort } = request.socket;
  const from = remoteAddress === undefined ? 'localhost:0' : `${remoteAddress}:${remotePort ?? 0}`;
  const what = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  log(
    'trace',
    `${from} - - [${accessTime(new Date())}] "${what}" ${response.statusCode} ${bodyBytes(response)}`,
  );
}

function bodyBytes(response: ServerResponse): number {
  const length = response.getHeader('Content-Length');
  return typeof length === 'number' ? length : 0;
}

/** `21/Nov/2026:02:46:27 +0000` */
function accessTime(now: Date): string {
  const [, day, month, year, time] = now.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
