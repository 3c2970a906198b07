/** XML-RPC and log tails over node:http, to a unix socket or TCP: a client of ours and of a real supervisord alike. */
import { Agent, request, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { buildCall, parseResponse, type XmlRpcValue } from './xml.ts';

/** The server answered with a fault. */
export class FaultReply extends Error {
  override readonly name = 'FaultReply';
  readonly code: number;
  readonly text: string;
  constructor(code: number, text: string) {
    super(text);
    this.code = code;
    this.text = text;
  }
}

/** The server answered with a status other than 200. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;
  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

export class UnknownSchemeError extends Error {
  override readonly name = 'UnknownSchemeError';
  constructor(serverUrl: string) {
    super(`Unknown protocol for serverurl ${serverUrl}`);
  }
}

export interface ServerAccess {
  /** `http://host:port` or `unix:///path`. */
  readonly serverUrl: string;
  readonly username: string | null;
  readonly password: string | null;
}

export interface RpcClient {
  /**
   * @throws FaultReply the server's own no; HttpStatusError any status but 200; UnknownSchemeError; XmlRpcSyntaxError; and
   *   node's errors of sockets, with their `code`.
   */
  readonly call: (method: string, params: readonly XmlRpcValue[]) => Promise<XmlRpcValue>;
  /** Resolves to the response, whatever its status, when its headers are there. Aborting `signal` ends it. */
  readonly get: (path: string, signal: AbortSignal) => Promise<IncomingMessage>;
  readonly close: () => void;
}

/** No time-out: a call with `wait` is answered when the program has started or stopped. Node's connections have none either. */
export function createRpcClient(access: ServerAccess): RpcClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  // A log that is followed keeps its connection: however many they are, none waits for another's end.
  // Kept alive, because to `Connection: close` a real supervisord sends nothing before the end.
  const following = new Agent({ keepAlive: true });
  const headers: Record<string, string> = { 'User-Agent': 'dockvisorctl', Accept: 'text/xml' };
  // supervisorctl sends its login unasked, and only when it has both.
  if (access.username !== null && access.password !== null) {
    const login = Buffer.from(`${access.username}:${access.password}`).toString('base64');
    headers['Authorization'] = `Basic ${login}`;
  }
  const options = (): RequestOptions => ({ ...target(access.serverUrl), agent, headers });
  return {
    call: async (method, params) => {
      const body = Buffer.from(buildCall(method, params));
      const response = await answerOf(
        request({
          ...options(),
          method: 'POST',
          path: '/RPC2',
          headers: { ...headers, 'Content-Type': 'text/xml', 'Content-Length': body.length },
        }),
        body,
      );
      const text = await readAll(response);
      if (response.statusCode !== 200) {
        throw new HttpStatusError(response.statusCode ?? 0, response.statusMessage ?? '');
      }
      const reply = parseResponse(text);
      if (reply.kind === 'fault') throw new FaultReply(reply.code, reply.text);
      return reply.value;
    },
    get: (path, signal) =>
      answerOf(
        request({ ...options(), agent: following, method: 'GET', path: encodeURI(path), signal }),
        null,
      ),
    close: () => {
      agent.destroy();
      following.destroy();
    },
  };
}

function target(serverUrl: string): RequestOptions {
  if (serverUrl.startsWith('unix://')) return { socketPath: serverUrl.slice('unix://'.length) };
  if (!serverUrl.startsWith('http://')) throw new UnknownSchemeError(serverUrl);
  const { hostname, port } = new URL(serverUrl);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) };
}

function answerOf(sent: ClientRequest, body: Buffer | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    // Stays on: an error after the response comes to the response's reader as well.
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer); // no encoding is set: chunks are Buffers
  return Buffer.concat(chunks).toString('utf8');
}
