/** A supervisor in memory for the surfaces' tests: does what its script says, at once, and writes down what was asked. */
import { formatName } from '../../src/core/names.ts';
import { isRunning, isSignallable, isStopped, type WireStateName } from '../../src/core/unit/states.ts';
import { createRpcEndpoint } from '../../src/rpc/endpoint.ts';
import { buildFault } from '../../src/rpc/xml.ts';
import type { ChannelSpec, GroupSpec, LogLevel, ProcessSpec } from '../../src/core/config/model.ts';
import type { GroupPlan } from '../../src/core/config/update-plan.ts';
import type { ContainerView, ProcessView, ProxyView } from '../../src/core/view.ts';
import type { HistoryEntry } from '../../src/core/history/entry.ts';
import { rulesOf } from '../../src/supervisor/history.ts';
import type { Changes, ConfigInfo, GroupOutcome, LogRef } from '../../src/supervisor/ports.ts';
import type { Manager, Outcome, Refusal } from '../../src/supervisor/ports.ts';

export interface FakeProcess {
  readonly group: string;
  readonly name: string;
  state: WireStateName;
  pid: number;
  /** What start answers instead of 'done'. */
  readonly startRefusal: Refusal | null;
  readonly stopRefusal: Refusal | null;
  readonly clearRefusal: Refusal | null;
  readonly autostart: boolean;
  readonly priority: number;
  /** null: no log file. */
  stdout: string | null;
  stderr: string | null;
  readonly description: string;
  readonly container: ContainerView | null;
  readonly proxy: ProxyView | null;
  /** What arrived on its stdin. */
  stdin: string;
}

export interface FakeManager extends Manager {
  readonly processes: FakeProcess[];
  /** Names of methods with their words, in order. */
  readonly asked: string[];
  moodNow: 'RUNNING' | 'SHUTDOWN';
  changes: Changes | Refusal;
  plans: readonly GroupPlan[] | Refusal;
  mainLog: string | null;
  /** What has happened, of all processes. */
  past: readonly HistoryEntry[];
  /** Groups that reread found and addGroup may add. */
  readonly available: Set<string>;
  /** Awaited by start and stop with `wait`. */
  hold: Promise<void>;
  /** Makes the next call of views() throw: a bug. */
  isBroken: boolean;
  /** Sends bytes to those who follow any log. */
  feed(text: string): void;
  readonly followers: number;
}

/** What openHttpServer takes, over this manager. */
export function serving(manager: Manager, log: (level: LogLevel, message: string) => void = () => undefined) {
  return { manager, log, rpc: createRpcEndpoint({ manager, log, supervisorVersion: '4.2.5' }) };
}

/** The same as a supervisord serves it, which knows no `dockvisor.*`. */
export function servingAsSupervisord(manager: Manager) {
  const { rpc, ...rest } = serving(manager);
  return {
    ...rest,
    rpc: (text: string): ReturnType<typeof rpc> =>
      text.includes('<methodName>dockvisor.')
        ? Promise.resolve({ body: buildFault(1, 'UNKNOWN_METHOD'), afterwards: () => undefined })
        : rpc(text),
  };
}

/** `g:p` or `p`, and what is not usual about it. */
export function fakeProcess(name: string, unusual: Partial<FakeProcess> = {}): FakeProcess {
  const [group = name, process = group] = name.split(':');
  const state = unusual.state ?? 'STOPPED';
  return {
    group,
    name: process,
    state,
    pid: state === 'RUNNING' ? 4321 : 0,
    startRefusal: null,
    stopRefusal: null,
    clearRefusal: null,
    autostart: true,
    priority: 999,
    stdout: '',
    stderr: '',
    description: state === 'RUNNING' ? 'pid 4321, uptime 0:00:12' : 'Not started',
    container: null,
    proxy: null,
    stdin: '',
    ...unusual,
  };
}

export const fakeContainer: ContainerView = {
  name: 'web',
  id: '1968125122eb',
  image: 'nginx:1.27',
  engine: 'unix:///var/run/docker.sock',
  state: 'running',
  health: 'healthy',
  pid: 2635,
  exit_code: null,
  oom_killed: false,
  started_at: '2026-11-21T02:12:04.815Z',
  finished_at: null,
  restart_policy: 'no',
  error: '',
};

const refuse = (refused: Refusal['refused'], text = ''): Refusal => ({ refused, text });

export function createFakeManager(list: readonly FakeProcess[]): FakeManager {
  const processes = [...list];
  const asked: string[] = [];
  const followers = new Set<(chunk: Uint8Array) => void>();
  const find = (group: string, name: string) =>
    processes.find((one) => one.group === group && one.name === name) ?? null;
  const inGroup = (group: string) => {
    const found = processes.filter((one) => one.group === group);
    return found.length === 0 ? null : found;
  };
  const nameOf = (one: FakeProcess) => formatName(one.group, one.name);

  const start = (one: FakeProcess): Outcome => {
    if (isRunning(one.state)) return refuse('ALREADY_STARTED', nameOf(one));
    if (one.startRefusal !== null) {
      one.state = 'FATAL';
      return one.startRefusal;
    }
    one.state = 'RUNNING';
    one.pid = 4321;
    return 'done';
  };
  const isToTry = ({ state }: FakeProcess): boolean => state === 'BACKOFF' || state === 'FATAL';
  const stop = (one: FakeProcess): Outcome => {
    if (!isRunning(one.state)) return refuse('NOT_RUNNING', nameOf(one));
    if (one.stopRefusal !== null) return one.stopRefusal;
    one.state = 'STOPPED';
    one.pid = 0;
    return 'done';
  };
  const signal = (one: FakeProcess, name: string): Outcome => {
    if (!/^(SIG)?(HUP|USR1|TERM|0|1|15)$/.test(name)) return refuse('BAD_SIGNAL', name);
    return isSignallable(one.state) ? 'done' : refuse('NOT_RUNNING', nameOf(one));
  };
  const line = (one: FakeProcess, outcome: Outcome): GroupOutcome => ({
    group: one.group,
    process: one.name,
    outcome,
  });
  const textOf = (log: LogRef): string | null => {
    if (log.kind === 'main') return manager.mainLog;
    return find(log.group, log.process)?.[log.channel] ?? null;
  };

  const manager: FakeManager = {
    identifier: 'supervisor',
    pid: 1234,
    processes,
    asked,
    moodNow: 'RUNNING',
    changes: { added: [], changed: [], removed: [] },
    plans: [],
    past: [],
    mainLog: 'main log\n',
    available: new Set(),
    hold: Promise.resolve(),
    isBroken: false,
    feed: (text) => followers.forEach((follow) => follow(new TextEncoder().encode(text))),
    get followers() {
      return followers.size;
    },

    mood: () => manager.moodNow,
    views: () => {
      if (manager.isBroken) throw new Error('the house is on fire');
      return processes.map(viewOf).sort((a, b) => compare(a.group, b.group) || compare(a.name, b.name));
    },
    view: (group, process) => {
      const found = find(group, process);
      return found === null ? null : viewOf(found);
    },
    groups: () => groupsOf(processes),
    configInfo: () =>
      groupsOf(processes).flatMap((group) =>
        group.processes.map((spec): ConfigInfo => ({
          spec,
          groupPriority: group.priority,
          inUse: !manager.available.has(group.name),
        })),
      ),

    history: (group, process, after, limit) => {
      const found = find(group, process);
      if (found === null) return null;
      const entries = manager.past.filter(
        (entry) =>
          entry.seq > after &&
          (entry.kind === 'daemon' || (entry.group === group && entry.process === process)),
      );
      return { rules: rulesOf(specOf(found)), entries: limit === 0 ? [] : entries.slice(-limit) };
    },

    start: async (group, process, wait) => {
      asked.push(`start ${group}:${process} ${wait}`);
      if (wait) await manager.hold;
      const one = find(group, process);
      return one === null ? refuse('BAD_NAME', formatName(group, process)) : start(one);
    },
    retry: (group, process) => {
      asked.push(`retry ${group}:${process}`);
      const one = find(group, process);
      return Promise.resolve(one === null ? refuse('BAD_NAME', formatName(group, process)) : start(one));
    },
    retryGroup: (group) => {
      asked.push(`retryGroup ${group}`);
      const found = inGroup(group)?.filter(isToTry);
      return Promise.resolve(found?.map((one) => line(one, start(one))) ?? null);
    },
    retryAll: () => Promise.resolve(processes.filter(isToTry).map((one) => line(one, start(one)))),
    startGroup: (group, wait) => {
      asked.push(`startGroup ${group} ${wait}`);
      const found = inGroup(group)?.filter((one) => !isRunning(one.state));
      return Promise.resolve(found?.map((one) => line(one, start(one))) ?? null);
    },
    startAll: () =>
      Promise.resolve(processes.filter((one) => !isRunning(one.state)).map((one) => line(one, start(one)))),
    stop: async (group, process, wait) => {
      asked.push(`stop ${group}:${process} ${wait}`);
      if (wait) await manager.hold;
      const one = find(group, process);
      return one === null ? refuse('BAD_NAME', formatName(group, process)) : stop(one);
    },
    stopGroup: (group, wait) => {
      asked.push(`stopGroup ${group} ${wait}`);
      const found = inGroup(group)?.filter((one) => isRunning(one.state));
      return Promise.resolve(found?.map((one) => line(one, stop(one))) ?? null);
    },
    stopAll: () =>
      Promise.resolve(processes.filter((one) => isRunning(one.state)).map((one) => line(one, stop(one)))),
    signal: (group, process, name) => {
      asked.push(`signal ${group}:${process} ${name}`);
      const one = find(group, process);
      return Promise.resolve(
        one === null ? refuse('BAD_NAME', formatName(group, process)) : signal(one, name),
      );
    },
    signalGroup: (group, name) =>
      Promise.resolve(
        inGroup(group)
          ?.filter((one) => isSignallable(one.state))
          .map((one) => line(one, signal(one, name))) ?? null,
      ),
    signalAll: (name) =>
      Promise.resolve(
        processes.filter((one) => isSignallable(one.state)).map((one) => line(one, signal(one, name))),
      ),

    reread: () => Promise.resolve(manager.changes),
    planUpdate: () => Promise.resolve(manager.plans),
    updateGroup: (name) => {
      asked.push(`updateGroup ${name}`);
      if ('refused' in manager.plans) return Promise.resolve(refuse('BAD_NAME', name));
      return Promise.resolve(manager.plans.find(({ group }) => group === name) ?? null);
    },
    addGroup: (name) => {
      asked.push(`addGroup ${name}`);
      if (inGroup(name) !== null && !manager.available.has(name)) {
        return Promise.resolve(refuse('ALREADY_ADDED', name));
      }
      return Promise.resolve(manager.available.delete(name) ? 'done' : refuse('BAD_NAME', name));
    },
    removeGroup: (name) => {
      asked.push(`removeGroup ${name}`);
      const found = inGroup(name);
      if (found === null) return Promise.resolve(refuse('BAD_NAME', name));
      if (!found.every((one) => isStopped(one.state))) return Promise.resolve(refuse('STILL_RUNNING', name));
      manager.available.add(name);
      return Promise.resolve('done');
    },
    shutdown: () => {
      asked.push('shutdown');
      manager.moodNow = 'SHUTDOWN';
    },
    restart: () => {
      asked.push('restart');
    },

    readLog: (log, offset, length) => {
      const text = textOf(log);
      if (text === null) return Promise.resolve(refuse('NO_FILE'));
      if (text === 'unreadable') return Promise.resolve(refuse('FAILED'));
      if (offset < 0 ? length !== 0 : length < 0) return Promise.resolve(refuse('BAD_ARGUMENTS'));
      const bytes = Buffer.from(text);
      const part =
        offset < 0
          ? bytes.subarray(offset)
          : bytes.subarray(offset, length === 0 ? undefined : offset + length);
      return Promise.resolve(part.toString());
    },
    tailLog: (log, offset, length) => {
      const text = textOf(log);
      if (text === null) return Promise.resolve(refuse('NO_FILE'));
      const size = text.length;
      return Promise.resolve({
        text: text.slice(Math.max(0, size - length)),
        offset: size,
        overflow: size > offset + length,
      });
    },
    followLog: (log, signal) => {
      const text = textOf(log);
      return Promise.resolve(text === null ? null : follow(text, signal, followers));
    },
    clearLog: (log) => {
      if ('kind' in log) manager.mainLog = '';
      const one = 'kind' in log ? null : find(log.group, log.process);
      if (one !== null && one.clearRefusal !== null) return Promise.resolve(one.clearRefusal);
      if (one !== null) [one.stdout, one.stderr] = ['', ''];
      return Promise.resolve('done');
    },
    writeStdin: (group, process, data) => {
      const one = find(group, process);
      if (one === null || one.pid === 0) {
        return Promise.resolve(refuse('NOT_RUNNING', formatName(group, process)));
      }
      one.stdin += new TextDecoder().decode(data);
      return Promise.resolve('done');
    },
    sendRemoteEvent: (type, data) => {
      asked.push(`sendRemoteEvent ${type} ${data}`);
    },
  };
  return manager;
}

async function* follow(
  text: string,
  signal: AbortSignal,
  followers: Set<(chunk: Uint8Array) => void>,
): AsyncGenerator<Uint8Array> {
  const queue: Uint8Array[] = [Buffer.from(text).subarray(-1024)];
  let wake: () => void = () => undefined;
  const add = (chunk: Uint8Array) => {
    queue.push(chunk);
    wake();
  };
  const end = () => wake();
  followers.add(add);
  signal.addEventListener('abort', end);
  try {
    while (!signal.aborted) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    followers.delete(add);
    signal.removeEventListener('abort', end);
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function viewOf(one: FakeProcess): ProcessView {
  return {
    group: one.group,
    name: one.name,
    state: one.state,
    start: one.pid === 0 ? 0 : 1_800_000_000,
    stop: 0,
    now: 1_800_000_012,
    spawnError: '',
    exitStatus: 0,
    stdoutLogfile: one.stdout === null ? '' : `/var/log/${one.name}.out`,
    stderrLogfile: one.stderr === null ? '' : `/var/log/${one.name}.err`,
    pid: one.pid,
    description: one.description,
    container: one.container,
    proxy: one.proxy,
  };
}

function groupsOf(processes: readonly FakeProcess[]): GroupSpec[] {
  const names = [...new Set(processes.map((one) => one.group))];
  return names.map((name) => ({
    name,
    priority: 999,
    processes: processes.filter((one) => one.group === name).map(specOf),
  }));
}

const autoLog: ChannelSpec = {
  target: { kind: 'auto' },
  maxBytes: 52_428_800,
  backups: 10,
  captureMaxBytes: 0,
  format: 'plain',
  eventsEnabled: false,
  syslog: false,
};

function specOf(one: FakeProcess): ProcessSpec {
  return {
    group: one.group,
    name: one.name,
    section: `program:${one.name}`,
    place: { file: '/etc/supervisord.conf', line: 1 },
    command: '/bin/cat',
    directory: null,
    environment: {},
    priority: one.priority,
    autostart: one.autostart,
    autorestart: 'unexpected',
    startSeconds: 1,
    startRetries: 3,
    backoff: { kind: 'linear', initialSeconds: 1, maxSeconds: 0, jitter: 0, resetAfterSeconds: 0 },
    exitCodes: [0],
    stopSignal: { name: 'TERM', number: 15 },
    stopSignalWritten: false,
    stopWaitSeconds: 10,
    stopAsGroup: false,
    killAsGroup: false,
    user: null,
    umask: null,
    redirectStderr: false,
    stdout: autoLog,
    stderr: one.stderr === null ? { ...autoLog, target: { kind: 'none' } } : autoLog,
    serverUrl: null,
    docker: null,
  };
}
