/** What a fresh reading would change in the active groups (supervisord.md 5.8). Pure comparison: nothing is adopted. */
import type { GroupSpec, ProcessSpec } from './model.ts';

/** One difference. `process` null: of the group itself. `key` is spelt as in the file, or `programs` for the list of processes. */
export interface Difference {
  readonly process: string | null;
  readonly key: string;
  /** For people: `was 1, is 5`. */
  readonly reason: string;
}

export interface GroupDiff {
  /** Names in the order of the fresh reading; `removed` in the order of the active groups. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Why each changed group is changed, by its name. */
  readonly reasons: ReadonlyMap<string, readonly Difference[]>;
}

/** Where a program is written, and its section's name, are no part of what it is. */
type Compared = Exclude<keyof ProcessSpec, 'group' | 'name' | 'section' | 'place'>;

const KEYS: Readonly<Record<Compared, string>> = {
  command: 'command',
  directory: 'directory',
  environment: 'environment',
  priority: 'priority',
  autostart: 'autostart',
  autorestart: 'autorestart',
  startSeconds: 'startsecs',
  startRetries: 'startretries',
  exitCodes: 'exitcodes',
  stopSignal: 'stopsignal',
  stopSignalWritten: 'stopsignal',
  stopWaitSeconds: 'stopwaitsecs',
  stopAsGroup: 'stopasgroup',
  killAsGroup: 'killasgroup',
  user: 'user',
  umask: 'umask',
  redirectStderr: 'redirect_stderr',
  stdout: 'stdout_logfile',
  stderr: 'stderr_logfile',
  serverUrl: 'serverurl',
  docker: 'docker_container',
  listener: 'events',
  socket: 'socket',
};

/** JSON with sorted keys: equal exactly when the plain data are. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : each,
  );
}

/** Environment values may be secrets: only the names of the variables are told. */
function environmentReason(was: ProcessSpec, is: ProcessSpec): string {
  const names = new Set([...Object.keys(was.environment), ...Object.keys(is.environment)]);
  const differing = [...names].filter((name) => was.environment[name] !== is.environment[name]);
  return `${differing.sort().join(', ')} differ${differing.length === 1 ? 's' : ''}`;
}

function compareProcess(was: ProcessSpec, is: ProcessSpec): readonly Difference[] {
  // `KEYS` has exactly the keys of its type.
  return (Object.keys(KEYS) as Compared[]).flatMap((field) => {
    const [before, after] = [canonical(was[field]), canonical(is[field])];
    if (before === after) return [];
    const reason = field === 'environment' ? environmentReason(was, is) : `was ${before}, is ${after}`;
    return [{ process: is.name, key: KEYS[field], reason }];
  });
}

function compareGroup(was: GroupSpec, is: GroupSpec): readonly Difference[] {
  const differences: Difference[] = [];
  if (was.priority !== is.priority) {
    differences.push({
      process: null,
      key: 'priority',
      reason: `was ${String(was.priority)}, is ${String(is.priority)}`,
    });
  }
  const [poolBefore, poolAfter] = [canonical(was.pool), canonical(is.pool)];
  if (poolBefore !== poolAfter) {
    const reason = `was ${poolBefore}, is ${poolAfter}`;
    differences.push({ process: null, key: 'events', reason });
  }
  const [before, after] = [was, is].map((group) => group.processes.map((process) => process.name).join(', '));
  if (before !== after)
    differences.push({ process: null, key: 'programs', reason: `was ${before ?? ''}, is ${after ?? ''}` });
  const old = new Map(was.processes.map((process) => [process.name, process]));
  for (const process of is.processes) {
    const former = old.get(process.name);
    if (former !== undefined) differences.push(...compareProcess(former, process));
  }
  return differences;
}

/** A group is changed as a whole: its priority, its list of processes or its order, or any field of any process. */
export function diffGroups(active: readonly GroupSpec[], fresh: readonly GroupSpec[]): GroupDiff {
  const current = new Map(active.map((group) => [group.name, group]));
  const reasons = new Map<string, readonly Difference[]>();
  for (const group of fresh) {
    const was = current.get(group.name);
    const differences = was === undefined ? [] : compareGroup(was, group);
    if (differences.length > 0) reasons.set(group.name, differences);
  }
  const names = new Set(fresh.map((group) => group.name));
  return {
    added: fresh.filter((group) => !current.has(group.name)).map((group) => group.name),
    changed: [...reasons.keys()],
    removed: active.filter((group) => !names.has(group.name)).map((group) => group.name),
    reasons,
  };
}
