/**
 * A supervisord that is asked and told over XML-RPC: a real one, or ours. What it says of a process comes back as the same view that our
 * own surfaces print; `container` and `proxy` are null where it is a real one.
 */
import type { ContainerState, ContainerView, ProcessView, ProxyView } from '../core/view.ts';
import { wireStates } from '../core/unit/states.ts';
import type { WireStateName } from '../core/unit/states.ts';
import { createRpcClient, FaultReply } from './client.ts';
import type { ServerAccess } from './client.ts';
import { faultCodes } from './faults.ts';
import { isArray, isStruct } from './xml.ts';
import type { XmlRpcStruct, XmlRpcValue } from './xml.ts';

export interface RemoteSupervisor {
  /** As a person writes it: `unix:///run/supervisor.sock`. */
  readonly url: string;
  /** Sorted as it answers. Rejects when it cannot be asked; a supervisord on its way down answers with the fault SHUTDOWN_STATE. */
  processes(): Promise<readonly ProcessView[]>;
  /** null: it has no such process. */
  process(group: string, process: string): Promise<ProcessView | null>;
  pid(): Promise<number>;
  identification(): Promise<string>;
  /** Resolves when it has taken the order (`wait` false) or has carried it out. A refusal rejects with FaultReply. */
  start(group: string, process: string, wait: boolean): Promise<void>;
  stop(group: string, process: string, wait: boolean): Promise<void>;
  signal(group: string, process: string, signal: string): Promise<void>;
  close(): void;
}

/** How long an answer that waits for nothing may take, in ms: a supervisord that hangs must not hang us. */
const quickMs = 10_000;
/** The same for one that waits for a program. */
const waitingMs = 15 * 60_000;

export const isShuttingDown = (error: unknown): boolean =>
  error instanceof FaultReply && error.code === faultCodes.SHUTDOWN_STATE;

export function connectSupervisor(access: ServerAccess): RemoteSupervisor {
  const client = createRpcClient(access);

  async function call(
    method: string,
    params: readonly XmlRpcValue[],
    limitMs: number = quickMs,
  ): Promise<XmlRpcValue> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${access.serverUrl} does not answer (${method} took too long)`));
      }, limitMs);
    });
    try {
      return await Promise.race([client.call(`supervisor.${method}`, params), limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  const name = (group: string, process: string): string => `${group}:${process}`;
  return {
    url: access.serverUrl,
    async processes() {
      const answer = await call('getAllProcessInfo', []);
      if (!isArray(answer)) throw new Error('getAllProcessInfo gave no list');
      return answer.flatMap((one) => (isStruct(one) ? [processOf(one)] : []));
    },
    async process(group, process) {
      try {
        const answer = await call('getProcessInfo', [name(group, process)]);
        return isStruct(answer) ? processOf(answer) : null;
      } catch (error) {
        if (error instanceof FaultReply && error.code === faultCodes.BAD_NAME) return null;
        throw error;
      }
    },
    pid: async () => Number(await call('getPID', [])),
    identification: async () => textOf(await call('getIdentification', [])),
    async start(group, process, wait) {
      await call('startProcess', [name(group, process), wait], wait ? waitingMs : quickMs);
    },
    async stop(group, process, wait) {
      await call('stopProcess', [name(group, process), wait], wait ? waitingMs : quickMs);
    },
    async signal(group, process, signal) {
      await call('signalProcess', [name(group, process), signal]);
    },
    close() {
      client.close();
    },
  };
}

function processOf(struct: XmlRpcStruct): ProcessView {
  return {
    group: textOf(struct['group']),
    name: textOf(struct['name']),
    state: stateOf(struct['statename']),
    start: numberOf(struct['start']) ?? 0,
    stop: numberOf(struct['stop']) ?? 0,
    now: numberOf(struct['now']) ?? 0,
    spawnError: textOf(struct['spawnerr']),
    exitStatus: numberOf(struct['exitstatus']) ?? 0,
    stdoutLogfile: textOf(struct['stdout_logfile']),
    stderrLogfile: textOf(struct['stderr_logfile']),
    pid: numberOf(struct['pid']) ?? 0,
    description: textOf(struct['description']),
    container: containerOf(struct['container']),
    proxy: proxyOf(struct['proxy']),
  };
}

function containerOf(value: XmlRpcValue | undefined): ContainerView | null {
  if (!isStruct(value)) return null;
  const health = textOf(value['health']);
  return {
    name: textOf(value['name']),
    id: textOrNull(value['id']),
    image: textOrNull(value['image']),
    engine: textOf(value['engine']),
    // Written by another dockvisord: its words are ours.
    state: textOf(value['state']) as ContainerState,
    health: health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : 'none',
    pid: numberOf(value['pid']),
    exit_code: numberOf(value['exit_code']),
    oom_killed: value['oom_killed'] === true,
    started_at: textOrNull(value['started_at']),
    finished_at: textOrNull(value['finished_at']),
    restart_policy: textOf(value['restart_policy']),
    error: textOf(value['error']),
  };
}

function proxyOf(value: XmlRpcValue | undefined): ProxyView | null {
  if (!isStruct(value)) return null;
  return { kind: value['kind'] === 'api' ? 'api' : 'cli', pid: numberOf(value['pid']) };
}

const textOf = (value: XmlRpcValue | undefined): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: XmlRpcValue | undefined): string | null =>
  typeof value === 'string' ? value : null;
const numberOf = (value: XmlRpcValue | undefined): number | null =>
  typeof value === 'number' ? value : null;

/** A word that is none of supervisord's says nothing that could be acted on. */
const stateOf = (value: XmlRpcValue | undefined): WireStateName =>
  (Object.keys(wireStates) as WireStateName[]).find((name) => name === value) ?? 'UNKNOWN';
