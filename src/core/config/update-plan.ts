/** What `update` and `reload` would do to get from the active groups to a fresh reading. Pure: nothing is done. */
import { diffGroups } from './diff.ts';
import type { Difference } from './diff.ts';
import type { GroupSpec } from './model.ts';

/**
 * - `add`: it is new, and started if `autostart=true`
 * - `remove`: it is stopped, and gone
 * - `restart`: it is stopped, and started as it is written now
 * - `change`: what has changed is taken on without a restart
 * - `keep`: nothing of it has changed
 */
export type PlannedAct = 'add' | 'remove' | 'restart' | 'change' | 'keep';

export interface ProcessPlan {
  readonly process: string;
  readonly act: PlannedAct;
  /** Of this process; `[]` unless `act` is `restart` or `change`. */
  readonly reasons: readonly Difference[];
}

export interface GroupPlan {
  readonly group: string;
  readonly act: 'add' | 'change' | 'remove';
  /** Of the group itself: its priority, the list of its processes, the events of a pool. */
  readonly reasons: readonly Difference[];
  /** Those of the fresh reading in its order, then those that go. */
  readonly processes: readonly ProcessPlan[];
}

/** Nothing that runs is any different for these: they say what is done with it later. */
const takenOnLive: ReadonlySet<string> = new Set([
  'priority',
  'autostart',
  'autorestart',
  'startsecs',
  'startretries',
  'backoff',
  'backoff_initial',
  'backoff_max',
  'backoff_jitter',
  'backoff_reset_after',
  'exitcodes',
  'stopsignal',
  'stopwaitsecs',
  'stopasgroup',
  'killasgroup',
  'docker_on_ghost',
  'docker_restart_policy',
]);
/** Removals first, then changes, then additions: the order in which `update` goes about it. Groups without a difference are left out. */
export function planUpdate(active: readonly GroupSpec[], fresh: readonly GroupSpec[]): readonly GroupPlan[] {
  const diff = diffGroups(active, fresh);
  const was = new Map(active.map((group) => [group.name, group]));
  const is = new Map(fresh.map((group) => [group.name, group]));
  const all = (name: string, act: 'add' | 'remove', groups: ReadonlyMap<string, GroupSpec>): GroupPlan => ({
    group: name,
    act,
    reasons: [],
    processes: (groups.get(name)?.processes ?? []).map((each) => ({ process: each.name, act, reasons: [] })),
  });
  return [
    ...diff.removed.map((name) => all(name, 'remove', was)),
    ...diff.changed.flatMap((name) => {
      const [before, after] = [was.get(name), is.get(name)];
      if (before === undefined || after === undefined) return [];
      return [changed(before, after, diff.reasons.get(name) ?? [])];
    }),
    ...diff.added.map((name) => all(name, 'add', is)),
  ];
}

function changed(was: GroupSpec, is: GroupSpec, reasons: readonly Difference[]): GroupPlan {
  const ofGroup = reasons.filter((reason) => reason.process === null);
  // The listeners of a pool share what they are told: they are stopped and started together.
  const isPool = was.pool !== undefined || is.pool !== undefined;
  const isOther = isPool && reasons.some(({ key }) => !takenOnLive.has(key));
  const [before, after] = [was, is].map((group) => new Map(group.processes.map((each) => [each.name, each])));
  const planOf = (process: string): ProcessPlan => {
    const own = reasons.filter((reason) => reason.process === process);
    if (before?.has(process) !== true) return { process, act: 'add', reasons: [] };
    if (isOther) return { process, act: 'restart', reasons: own };
    if (own.length === 0) return { process, act: 'keep', reasons: [] };
    return {
      process,
      act: own.every(({ key }) => takenOnLive.has(key)) ? 'change' : 'restart',
      reasons: own,
    };
  };
  const gone = was.processes.filter(({ name }) => after?.has(name) !== true);
  return {
    group: is.name,
    act: 'change',
    reasons: ofGroup,
    processes: [
      ...is.processes.map(({ name }) => planOf(name)),
      ...gone.map(({ name }): ProcessPlan => ({ process: name, act: 'remove', reasons: [] })),
    ],
  };
}
