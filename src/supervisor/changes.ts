/** Changes of what is active: groups that come, go, or become what a fresh reading says, with as few restarts as can be. */
import { planUpdate } from '../core/config/update-plan.ts';
import type { GroupPlan, PlannedAct } from '../core/config/update-plan.ts';
import type { GroupSpec, ProcessSpec } from '../core/config/model.ts';
import { messageOf } from '../core/message-of.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Group, Groups } from './groups.ts';
import type { Outcome, Refusal } from './ports.ts';
import type { Supervised } from './supervised.ts';
import { isStoppedForSure, isUpOrDue, untilStopped } from './waiting.ts';

export interface ChangesDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Makes the unit of a process, at rest. Rejects when it cannot be. */
  readonly makeUnit: (spec: ProcessSpec) => Promise<Supervised>;
  /** False while the daemon goes down: nothing is made or started then. */
  readonly mayStart: () => boolean;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

export interface Changes {
  /** Makes a group at rest. Rejects when one of its units cannot be made; none is left then. */
  make(spec: GroupSpec): Promise<readonly Supervised[]>;
  add(spec: GroupSpec): Promise<Outcome>;
  remove(name: string): Outcome;
  /** From what is active to `fresh`, for one group (its name) or all (null): carries out `planUpdate`, and answers with what was done. */
  update(fresh: readonly GroupSpec[], only: string | null): Promise<readonly (GroupPlan | Refusal)[]>;
}

export function createChanges(groups: Groups, deps: ChangesDeps): Changes {
  const { bus } = deps;
  /** Names of groups that are being changed: one thing at a time. */
  const busy = new Set<string>();

  async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    busy.add(name);
    try {
      return await work();
    } finally {
      busy.delete(name);
    }
  }

  async function make(spec: GroupSpec): Promise<readonly Supervised[]> {
    const units = await makeAll(spec.processes);
    groups.add({ spec, units });
    bus.publish({ type: 'group-added', group: spec.name });
    return units;
  }

  async function makeAll(specs: readonly ProcessSpec[]): Promise<readonly Supervised[]> {
    const made = await Promise.allSettled(specs.map(deps.makeUnit));
    const units = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = made.find((result) => result.status === 'rejected');
    if (failed === undefined) return units;
    for (const unit of units) unit.close();
    throw failed.reason instanceof Error ? failed.reason : new Error(String(failed.reason));
  }

  async function add(spec: GroupSpec): Promise<Outcome> {
    // One that is being made counts: its units are made while others give orders.
    if (groups.find(spec.name) !== undefined || busy.has(spec.name))
      return { refused: 'ALREADY_ADDED', text: spec.name };
    return alone(spec.name, () => addAlone(spec));
  }

  async function addAlone(spec: GroupSpec): Promise<Outcome> {
    const tooLate = { refused: 'SHUTDOWN_STATE', text: spec.name } as const;
    // An update that waited for others comes here when all is down.
    if (!deps.mayStart()) return tooLate;
    try {
      const made = await make(spec);
      if (!deps.mayStart()) return tooLate;
      autostart(made);
      return 'done';
    } catch (error) {
      return { refused: 'FAILED', text: messageOf(error) };
    }
  }

  function remove(name: string): Outcome {
    const group = groups.find(name);
    if (group === undefined) return { refused: 'BAD_NAME', text: name };
    if (busy.has(name)) return { refused: 'STILL_RUNNING', text: name };
    return removeAlone(group);
  }

  function removeAlone(group: Group): Outcome {
    const { name } = group.spec;
    // UNKNOWN is one of supervisord's stopped states; but what is not known to be down must not be let go of.
    if (!group.units.every(isStoppedForSure)) return { refused: 'STILL_RUNNING', text: name };
    for (const unit of group.units) unit.close();
    groups.remove(name);
    bus.publish({ type: 'group-removed', group: name });
    return 'done';
  }

  /** All at once; the first that is not stopped for sure is the answer. */
  async function stopAll(units: readonly Supervised[], why: string): Promise<Outcome> {
    const outcomes = await Promise.all(
      units
        .filter((unit) => !isStoppedForSure(unit))
        .map((unit) => {
          unit.send({ type: 'stop' }, why);
          deps.info(`waiting for ${unit.spec.name} to stop`);
          return untilStopped(unit, deps);
        }),
    );
    return outcomes.find((outcome) => outcome !== 'done') ?? 'done';
  }

  async function change(group: Group, spec: GroupSpec, plan: GroupPlan): Promise<Outcome> {
    const withAct = (...acts: readonly PlannedAct[]): readonly Supervised[] =>
      plan.processes.flatMap(({ process, act }) => {
        const unit = group.units.find((each) => each.spec.name === process);
        return unit !== undefined && acts.includes(act) ? [unit] : [];
      });
    const leaving = withAct('restart', 'remove');
    // What ran is to run again, whatever autostart says; and what somebody ordered up meanwhile.
    const ran = new Set<string>();
    const noteWhatRuns = (): void => {
      for (const unit of leaving) if (isWantedUp(unit)) ran.add(unit.spec.name);
    };
    noteWhatRuns();
    // Whoever waited for the same stop may have started it again meanwhile: what runs is not let go of.
    while (!leaving.every(isStoppedForSure)) {
      const stopped = await stopAll(leaving, changed);
      if (stopped !== 'done') return stopped;
      noteWhatRuns();
    }
    if (!deps.mayStart()) return { refused: 'SHUTDOWN_STATE', text: spec.name };
    const specOf = (name: string): ProcessSpec | undefined =>
      spec.processes.find((each) => each.name === name);
    for (const unit of leaving) unit.close();
    const staying = withAct('keep', 'change');
    for (const unit of staying) unit.reconfigure(specOf(unit.spec.name) ?? unit.spec);
    const fresh = spec.processes.filter(({ name }) => !staying.some((unit) => unit.spec.name === name));
    let made: readonly Supervised[];
    try {
      made = await makeAll(fresh);
    } catch (error) {
      groups.replace({ spec: { ...spec, processes: staying.map((unit) => unit.spec) }, units: staying });
      return { refused: 'FAILED', text: messageOf(error) };
    }
    const byName = new Map([...staying, ...made].map((unit) => [unit.spec.name, unit]));
    groups.replace({ spec, units: spec.processes.flatMap(({ name }) => byName.get(name) ?? []) });
    // Whoever keeps a list of the group's processes (a pool of listeners, a dashboard) takes it afresh.
    if (staying.length === 0) {
      bus.publish({ type: 'group-removed', group: spec.name });
      bus.publish({ type: 'group-added', group: spec.name });
    }
    for (const unit of made)
      if (unit.spec.autostart || ran.has(unit.spec.name)) unit.send({ type: 'start' }, changed);
    return 'done';
  }

  /** Of groups that differ, or of one (its name). */
  function plansOf(fresh: readonly GroupSpec[], only: string | null): readonly GroupPlan[] {
    const active = groups.all().map(({ spec }) => spec);
    const isMeant = ({ name }: GroupSpec): boolean => only === null || name === only;
    return planUpdate(active.filter(isMeant), fresh.filter(isMeant));
  }

  /** null: there is nothing to do any more. */
  async function carryOut(name: string, fresh: readonly GroupSpec[]): Promise<GroupPlan | Refusal | null> {
    if (busy.has(name)) return { refused: 'FAILED', text: `${name} is being updated already` };
    // What was planned may have been done by others while this one waited: a group that they added must not be made a second time.
    const [plan] = plansOf(fresh, name);
    if (plan === undefined) return null;
    return alone(name, async () => {
      const outcome = await carryOutAlone(plan, fresh);
      if (outcome !== 'done') return outcome;
      deps.info(`updated: ${summaryOf(plan)}`);
      return plan;
    });
  }

  async function carryOutAlone(plan: GroupPlan, fresh: readonly GroupSpec[]): Promise<Outcome> {
    const group = groups.find(plan.group);
    const spec = fresh.find(({ name }) => name === plan.group);
    if (group === undefined) return spec === undefined ? 'done' : addAlone(spec);
    if (spec !== undefined) return change(group, spec, plan);
    const stopped = await stopAll(group.units, 'it has left the configuration');
    return stopped === 'done' ? removeAlone(group) : stopped;
  }

  return {
    make,
    add,
    remove,
    async update(fresh, only) {
      const plans = plansOf(fresh, only);
      const carryOutAll = (some: readonly GroupPlan[]): Promise<(GroupPlan | Refusal | null)[]> =>
        Promise.all(some.map(({ group }) => carryOut(group, fresh)));
      // What goes may hold what is to come: a container's name, a port.
      const gone = await carryOutAll(plans.filter(isRemoval));
      const stayed = await carryOutAll(plans.filter((plan) => !isRemoval(plan)));
      return [...gone, ...stayed].filter((done) => done !== null);
    },
  };
}

/** UNKNOWN is none of supervisord's running states; but what is wanted of it is known. */
function isWantedUp(unit: Supervised): boolean {
  const { state } = unit.unit();
  return state.name === 'UNKNOWN' ? state.wish === 'up' : isUpOrDue(unit);
}

const isRemoval = ({ act }: GroupPlan): boolean => act === 'remove';

export const autostart = (units: readonly Supervised[]): void => {
  for (const unit of units) if (unit.spec.autostart) unit.send({ type: 'start' }, 'it has autostart=true');
};

/** Why an update gives orders. */
const changed = 'its configuration has changed';

/** For the log: keys, and never values, which may be secrets. */
function summaryOf({ group, act, reasons, processes }: GroupPlan): string {
  if (act !== 'change') return `${group} ${act === 'add' ? 'added' : 'removed'}`;
  const keysOf = (list: readonly { readonly key: string }[]): string =>
    list.length === 0 ? '' : ` (${list.map(({ key }) => key).join(', ')})`;
  const parts = processes
    .filter(({ act: each }) => each !== 'keep')
    .map(({ process, act: each, reasons: why }) => `${process} ${words[each]}${keysOf(why)}`);
  return `${group}${keysOf(reasons)}: ${parts.length === 0 ? 'no process is touched' : parts.join('; ')}`;
}

const words: Readonly<Record<PlannedAct, string>> = {
  add: 'added',
  remove: 'removed',
  restart: 'restarted',
  change: 'changed without a restart',
  keep: 'kept',
};
