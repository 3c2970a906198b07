/** XML-RPC over a unix socket, to ours and to the real supervisord alike. */
import { request } from 'node:http';
import { buildCall, isArray, isStruct, parseResponse } from '../../src/rpc/xml.ts';
import type { XmlRpcStruct, XmlRpcValue } from '../../src/rpc/xml.ts';

export class RpcFault extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

const limitMs = 60_000;

/** Rejects with RpcFault, or with the connection's error when nobody listens. */
export async function callRpc(
  socketPath: string,
  method: string,
  params: readonly XmlRpcValue[] = [],
): Promise<XmlRpcValue> {
  const body = buildCall(method, params);
  const text = await new Promise<string>((resolve, reject) => {
    const ask = request(
      {
        socketPath,
        path: '/RPC2',
        method: 'POST',
        agent: false,
        timeout: limitMs,
        headers: { 'Content-Type': 'text/xml', 'Content-Length': Buffer.byteLength(body) },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
          else reject(new Error(`${method}: HTTP ${String(answer.statusCode)}`));
        });
      },
    );
    ask.on('timeout', () => ask.destroy(new Error(`${method}: no answer`)));
    ask.on('error', reject);
    ask.end(body);
  });
  const response = parseResponse(text);
  if (response.kind === 'fault') throw new RpcFault(response.code, response.text);
  return response.value;
}

/** What of getProcessInfo is compared. `container` and `proxy` are null under a real supervisord. */
export interface ProcessInfo {
  readonly name: string;
  readonly state: string;
  readonly description: string;
  readonly spawnError: string;
  readonly pid: number;
  /** Seconds since the epoch. */
  readonly start: number;
  readonly exitStatus: number;
  readonly stdoutLogfile: string;
  readonly container: ContainerInfo | null;
  readonly proxyPid: number | null;
}

export interface ContainerInfo {
  readonly name: string;
  readonly id: string;
  readonly state: string;
  readonly health: string;
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly error: string;
}

export async function readProcesses(socketPath: string): Promise<readonly ProcessInfo[]> {
  const answer = await callRpc(socketPath, 'supervisor.getAllProcessInfo');
  if (!isArray(answer)) throw new Error('getAllProcessInfo gave no list');
  return answer.map((one) => {
    if (!isStruct(one)) throw new Error('getAllProcessInfo gave something that is no struct');
    return {
      name: text(one, 'name'),
      state: text(one, 'statename'),
      description: text(one, 'description'),
      spawnError: text(one, 'spawnerr'),
      pid: number(one, 'pid') ?? 0,
      start: number(one, 'start') ?? 0,
      exitStatus: number(one, 'exitstatus') ?? 0,
      stdoutLogfile: text(one, 'stdout_logfile'),
      container: containerOf(one['container']),
      proxyPid: isStruct(one['proxy']) ? number(one['proxy'], 'pid') : null,
    };
  });
}

function containerOf(value: XmlRpcValue | undefined): ContainerInfo | null {
  if (!isStruct(value)) return null;
  return {
    name: text(value, 'name'),
    id: text(value, 'id'),
    state: text(value, 'state'),
    health: text(value, 'health'),
    exitCode: number(value, 'exit_code'),
    oomKilled: value['oom_killed'] === true,
    startedAt: text(value, 'started_at'),
    error: text(value, 'error'),
  };
}

function text(struct: XmlRpcStruct, key: string): string {
  const value = struct[key];
  return typeof value === 'string' ? value : '';
}

function number(struct: XmlRpcStruct, key: string): number | null {
  const value = struct[key];
  return typeof value === 'number' ? value : null;
}
