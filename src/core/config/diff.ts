/** What a fresh reading would change in the active groups (supervisord.md 5.8). Pure comparison: nothing is adopted. */
import type { ChannelSpec, DockerSpec, GroupSpec, ProcessSpec } from './model.ts';

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
/** What is compared under one key of the file: plain data. */
type Aspects = readonly (readonly [key: string, value: unknown])[];

/** Every field of a process under the key that a person would change. The compiler sees to it that none is left out. */
const aspects: { readonly [F in Compared]: (value: ProcessSpec[F], spec: ProcessSpec) => Aspects } = {
  command: (value) => [['command', value]],
  directory: (value) => [['directory', value]],
  environment: (value) => [['environment', value]],
  priority: (value) => [['priority', value]],
  autostart: (value) => [['autostart', value]],
  autorestart: (value) => [['autorestart', value]],
  startSeconds: (value) => [['startsecs', value]],
  startRetries: (value) => [['startretries', value]],
  backoff: (value) => [
    ['backoff', value.kind],
    ['backoff_initial', value.initialSeconds],
    ['backoff_max', value.maxSeconds],
    ['backoff_jitter', value.jitter],
    ['backoff_reset_after', value.resetAfterSeconds],
  ],
  exitCodes: (value) => [['exitcodes', value]],
  // A container has a stop signal of its own, which one that is written stands over, even where it is the same.
  stopSignal: (value, spec) => [
    ['stopsignal', spec.docker === null || spec.stopSignalWritten ? value.name : null],
  ],
  stopSignalWritten: () => [],
  stopWaitSeconds: (value) => [['stopwaitsecs', value]],
  stopAsGroup: (value) => [['stopasgroup', value]],
  killAsGroup: (value) => [['killasgroup', value]],
  user: (value) => [['user', value?.name ?? null]],
  umask: (value) => [['umask', value === null ? null : value.toString(8).padStart(3, '0')]],
  redirectStderr: (value) => [['redirect_stderr', value]],
  stdout: (value) => channelAspects('stdout', value),
  stderr: (value) => channelAspects('stderr', value),
  serverUrl: (value) => [['serverurl', value]],
  docker: dockerAspects,
  listener: (value) => [['events', value ?? false]],
  socket: (value) => [['socket', value ?? null]],
};

function channelAspects(channel: 'stdout' | 'stderr', spec: ChannelSpec): Aspects {
  const { target } = spec;
  return [
    [`${channel}_logfile`, target.kind === 'file' ? target.path : target.kind.toUpperCase()],
    [`${channel}_logfile_maxbytes`, spec.maxBytes],
    [`${channel}_logfile_backups`, spec.backups],
    [`${channel}_capture_maxbytes`, spec.captureMaxBytes],
    [`${channel}_events_enabled`, spec.eventsEnabled],
    [`${channel}_syslog`, spec.syslog],
    [`${channel}_log_format`, spec.format],
  ];
}

function dockerAspects(docker: DockerSpec | null): Aspects {
  return [
    [
      'docker_container',
      docker === null ? null : docker.target.by === 'name' ? docker.target.name : docker.target,
    ],
    ['docker_attach', docker?.attach ?? null],
    ['docker_host', docker?.host ?? null],
    ['docker_cert_path', docker?.certPath ?? null],
    ['docker_on_ghost', docker?.onGhost ?? null],
    ['docker_restart_policy', docker?.restartPolicy ?? null],
    ['docker_notify', docker?.notify ?? false],
    ['docker_notify_watchdog', docker?.watchdogSeconds ?? 0],
  ];
}

const aspectsOf = (spec: ProcessSpec): ReadonlyMap<string, unknown> =>
  new Map((Object.keys(aspects) as Compared[]).flatMap((field) => aspectOf(spec, field)));

/** The table pairs each field with a function of that field's type: what the compiler cannot follow through a common index. */
const aspectOf = (spec: ProcessSpec, field: Compared): Aspects =>
  (aspects[field] as (value: unknown, spec: ProcessSpec) => Aspects)(spec[field], spec);

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
  const [before, after] = [aspectsOf(was), aspectsOf(is)];
  // A program that stands for a container, or no longer does, has changed in that: other keys only follow.
  const isOther = (was.docker === null) !== (is.docker === null);
  const follows = (key: string): boolean =>
    isOther && (key === 'stopsignal' || (key.startsWith('docker_') && key !== 'docker_container'));
  return [...after].flatMap(([key, value]) => {
    const [one, other] = [canonical(before.get(key)), canonical(value)];
    if (one === other || follows(key)) return [];
    const reason = key === 'environment' ? environmentReason(was, is) : `was ${told(one)}, is ${told(other)}`;
    return [{ process: is.name, key, reason }];
  });
}

const told = (json: string): string => (json === 'null' ? 'unset' : json);

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
