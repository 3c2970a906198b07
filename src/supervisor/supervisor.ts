/** The supervisor: groups of units, orders to them, reload by difference, and the way down. What surfaces see of it is `Manager`. */
import { messageOf } from '../core/message-of.ts';
import { diffGroups } from '../core/config/diff.ts';
import { planUpdate } from '../core/config/update-plan.ts';
import type { Config, GroupSpec, ProcessSpec, ReadResult } from '../core/config/model.ts';
import { parseSignal } from '../core/config/signals.ts';
import { formatName } from '../core/names.ts';
import { isRunning, isSignallable } from '../core/unit/states.ts';
import type { HistoryEntry } from '../core/history/entry.ts';
import { wasStopping, wasUp } from '../core/history/taking-up.ts';
import type { Bus } from './bus.ts';
import { autostart, createChanges } from './changes.ts';
import type { Clock } from './clock.ts';
import { Groups, byPriority, compareText } from './groups.ts';
import { rulesOf } from './history.ts';
import { badName, createLogAccess } from './log-access.ts';
import type { LogAccessDeps } from './log-access.ts';
import type { ConfigInfo, GroupOutcome, Manager, Outcome, Refusal } from './ports.ts';
import { refusalOf, retryRefusal, startInUnknown } from './refusals.ts';
import { isStoppedForSure, isUpOrDue, untilStarted, untilStopped } from './waiting.ts';
import type { Supervised } from './supervised.ts';

export interface SupervisorDeps extends LogAccessDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly pid: number;
  /** Makes the unit of a process, at rest. Rejects when it cannot be (a log that cannot be opened, an Engine address that makes no sense). */
  readonly makeUnit: (spec: ProcessSpec, mayAdopt: () => boolean) => Promise<Supervised>;
  /** Reads the configuration afresh. */
  readonly readConfig: () => ReadResult;
  /** What has been kept of what happened; left out: nothing. */
  readonly history?: (
    group: string,
    process: string,
    after: number,
    limit: number,
  ) => readonly HistoryEntry[];
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  /** Before a batch of groups is stopped on the way down: its listeners are let hear what has happened. */
  readonly beforeStop?: (groups: readonly string[]) => Promise<void>;
  /** The way down was asked for over a surface. */
  readonly onShutdown: (keep: boolean) => void;
  readonly onRestart: () => void;
}

/** How a former daemon left things, by `group:process`. */
export interface Former {
  /** Not started, whatever `autostart` says. */
  readonly rest: ReadonlySet<string>;
  /** Started, whatever `autostart` says: what runs is taken over. */
  readonly resume: ReadonlySet<string>;
  /** Brought down, if it runs. */
  readonly stop: ReadonlySet<string>;
}

const nothingFormer: Former = { rest: new Set(), resume: new Set(), stop: new Set() };

export interface Supervisor extends Manager {
  /** Makes the groups of the configuration and starts what is to start by itself, unless a former daemon left it otherwise. */
  boot(former?: Former): Promise<void>;
  /**
   * To another configuration with as few restarts as can be: what has not changed runs on, and what starts by itself and is down is
   * started, as it would be by a start of the daemon.
   */
  reload(config: Config): Promise<void>;
  /**
   * Stops everything, highest priority number first, groups of one number together. Resolves when all are down, or cannot be.
   * What `leaves` says yes to is let go of as it is; `beforeClose` is called when all others are down.
   */
  stopForGood(leaves?: (unit: Supervised) => boolean, beforeClose?: () => void): Promise<void>;
  units(): readonly Supervised[];
}

const isStoppable = (unit: Supervised): boolean => isUpOrDue(unit) || unit.view().state === 'UNKNOWN';

export function createSupervisor(initial: Config, deps: SupervisorDeps): Supervisor {
  const { bus } = deps;
  const groups = new Groups();
  let config = initial;
  /** As last read by `reread`; what `add` takes from. */
  let fresh = initial;
  let mood: 'RUNNING' | 'SHUTDOWN' = 'RUNNING';
  const mayStart = (): boolean => mood === 'RUNNING';
  const changes = createChanges(groups, {
    ...deps,
    mayStart,
    makeUnit: (spec) => deps.makeUnit(spec, mayStart),
  });

  async function start(unit: Supervised, wait: boolean, now = false): Promise<Outcome> {
    const obstacle = unit.runner.check();
    if (obstacle !== null) return { refused: obstacle.fault, text: obstacle.message };
    const refused = unit.send({ type: 'start', now }, now ? 'an order to retry' : 'an order');
    // supervisord says FAILED here, and supervisorctl dies of that with a Python error; the wish is remembered all the same.
    if (refused === 'unknown-state') return startInUnknown(unit);
    if (refused !== undefined) return refusalOf(refused, unit);
    return wait ? untilStarted(unit, deps) : 'done';
  }

  const retry = async (unit: Supervised): Promise<Outcome> => retryRefusal(unit) ?? start(unit, false, true);

  async function stop(unit: Supervised, wait: boolean): Promise<Outcome> {
    const name = formatName(unit.spec.group, unit.spec.name);
    if (!isStoppable(unit)) return { refused: 'NOT_RUNNING', text: name };
    const refused = unit.send({ type: 'stop' });
    if (refused !== undefined) return refusalOf(refused, unit);
    if (!isStoppedForSure(unit)) deps.info(`waiting for ${unit.spec.name} to stop`);
    return wait ? untilStopped(unit, deps) : 'done';
  }

  function signal(unit: Supervised, text: string): Outcome {
    const parsed = parseSignal(text);
    if ('error' in parsed) return { refused: 'BAD_SIGNAL', text };
    const name = formatName(unit.spec.group, unit.spec.name);
    if (!isSignallable(unit.view().state)) return { refused: 'NOT_RUNNING', text: name };
    const refused = unit.send({ type: 'signal', signal: parsed.value.name });
    return refused === undefined ? 'done' : refusalOf(refused, unit);
  }

  async function each(
    units: readonly Supervised[],
    act: (unit: Supervised) => Promise<Outcome>,
  ): Promise<readonly GroupOutcome[]> {
    // In the order in which they are done, as supervisord answers: of several failures the last one is supervisorctl's exit code.
    const done: GroupOutcome[] = [];
    await Promise.all(
      units.map(async (unit) => {
        const outcome = await act(unit);
        done.push({ group: unit.spec.group, process: unit.spec.name, outcome });
      }),
    );
    return done;
  }

  const startable = (units: readonly Supervised[]): readonly Supervised[] =>
    byPriority(units).filter((unit) => !isRunning(unit.view().state));
  const retriable = (units: readonly Supervised[]): readonly Supervised[] =>
    byPriority(units).filter((unit) => retryRefusal(unit) === null);
  const stoppable = (units: readonly Supervised[]): readonly Supervised[] =>
    byPriority(units).filter(isStoppable);
  const signallable = (units: readonly Supervised[]): readonly Supervised[] =>
    byPriority(units).filter((unit) => isSignallable(unit.view().state));
  /** Ascending by group priority, then by process priority. */
  const inOrder = (pick: (units: readonly Supervised[]) => readonly Supervised[]): readonly Supervised[] =>
    groups.all().flatMap((group) => pick(group.units));

  async function stopBatch(units: readonly Supervised[]): Promise<void> {
    for (const unit of [...byPriority(units)].reverse())
      unit.send({ type: 'shutdown' }, 'dockvisord shuts down');
    const waiting = new Set(units.filter((unit) => !isStoppedForSure(unit)));
    if (waiting.size === 0) return;
    const tellWho = (): void => {
      deps.info(
        `waiting for ${[...waiting]
          .map((unit) => unit.spec.name)
          .sort(compareText)
          .join(', ')} to die`,
      );
      disarm = deps.clock.alarm(deps.clock.now() + stillWaitingMs, tellWho);
    };
    let disarm: () => void = () => undefined;
    tellWho();
    await Promise.all(
      [...waiting].map(async (unit) => {
        const outcome = await untilStopped(unit, deps);
        waiting.delete(unit);
        if (outcome !== 'done') deps.warn(`not stopped: ${outcome.text}`);
      }),
    );
    disarm();
  }

  const active = (): readonly GroupSpec[] => groups.all().map((group) => group.spec);

  /** null: `fresh` is the configuration as it is now. */
  function readAgain(): Refusal | null {
    const result = deps.readConfig();
    if (result.config !== null) {
      fresh = result.config;
      return null;
    }
    const first = result.problems.find((problem) => problem.severity === 'error');
    return { refused: 'CANT_REREAD', text: first?.message ?? 'the configuration cannot be read' };
  }

  return {
    get identifier() {
      return config.daemon.identifier;
    },
    pid: deps.pid,
    mood: () => mood,
    views: () =>
      groups
        .units()
        .map((unit) => unit.view())
        .sort((a, b) => compareText(a.group, b.group) || compareText(a.name, b.name)),
    view: (group, process) => groups.unit(group, process)?.view() ?? null,
    groups: () => groups.all().map((group) => group.spec),
    units: () => groups.units(),
    configInfo: () =>
      fresh.groups
        .flatMap((group): ConfigInfo[] =>
          group.processes.map((spec) => ({
            spec,
            groupPriority: group.priority,
            inUse: groups.find(group.name) !== undefined,
          })),
        )
        .sort((a, b) => compareText(a.spec.name, b.spec.name)),

    history(group, process, after, limit) {
      const unit = groups.unit(group, process);
      if (unit === undefined) return null;
      return { rules: rulesOf(unit.spec), entries: deps.history?.(group, process, after, limit) ?? [] };
    },

    async start(group, process, wait) {
      const unit = groups.unit(group, process);
      return unit === undefined ? badName(group, process) : start(unit, wait);
    },
    async retry(group, process) {
      const unit = groups.unit(group, process);
      return unit === undefined ? badName(group, process) : retry(unit);
    },
    async retryGroup(name) {
      const group = groups.find(name);
      return group === undefined ? null : each(retriable(group.units), retry);
    },
    retryAll: () => each(inOrder(retriable), retry),
    async startGroup(name, wait) {
      const group = groups.find(name);
      return group === undefined ? null : each(startable(group.units), (unit) => start(unit, wait));
    },
    startAll: (wait) => each(inOrder(startable), (unit) => start(unit, wait)),
    async stop(group, process, wait) {
      const unit = groups.unit(group, process);
      return unit === undefined ? badName(group, process) : stop(unit, wait);
    },
    async stopGroup(name, wait) {
      const group = groups.find(name);
      return group === undefined ? null : each(stoppable(group.units), (unit) => stop(unit, wait));
    },
    stopAll: (wait) => each(inOrder(stoppable), (unit) => stop(unit, wait)),
    signal(group, process, text) {
      const unit = groups.unit(group, process);
      return Promise.resolve(unit === undefined ? badName(group, process) : signal(unit, text));
    },
    async signalGroup(name, text) {
      const group = groups.find(name);
      return group === undefined
        ? null
        : each(signallable(group.units), (unit) => Promise.resolve(signal(unit, text)));
    },
    signalAll: (text) => each(inOrder(signallable), (unit) => Promise.resolve(signal(unit, text))),

    reread() {
      const refused = readAgain();
      if (refused !== null) return Promise.resolve(refused);
      const { added, changed, removed } = diffGroups(active(), fresh.groups);
      return Promise.resolve({ added, changed, removed });
    },
    planUpdate: () => Promise.resolve(readAgain() ?? planUpdate(active(), fresh.groups)),
    async updateGroup(name) {
      if (![...active(), ...fresh.groups].some((group) => group.name === name))
        return { refused: 'BAD_NAME', text: name };
      const [done] = await changes.update(fresh.groups, name);
      return done ?? null;
    },

    async addGroup(name) {
      const spec = fresh.groups.find((group) => group.name === name);
      return spec === undefined ? { refused: 'BAD_NAME', text: name } : changes.add(spec);
    },
    removeGroup: (name) => Promise.resolve(changes.remove(name)),

    shutdown: deps.onShutdown,
    restart: deps.onRestart,

    ...createLogAccess(groups, deps),

    async writeStdin(group, process, data) {
      const unit = groups.unit(group, process);
      if (unit === undefined) return badName(group, process);
      const name = formatName(group, process);
      if (!isSignallable(unit.view().state) || unit.view().state === 'STOPPING')
        return { refused: 'NOT_RUNNING', text: name };
      switch (await unit.write(data)) {
        case 'written':
          return 'done';
        case 'not-running':
          return { refused: 'NOT_RUNNING', text: name };
        case 'closed':
          return { refused: 'NO_FILE', text: name };
        case 'full':
          return { refused: 'FAILED', text: `${name} does not read its stdin` };
      }
    },

    sendRemoteEvent: (kind, data) => {
      bus.publish({ type: 'remote', kind, data });
    },

    async boot(former = nothingFormer) {
      mood = 'RUNNING';
      const made: Supervised[] = [];
      for (const spec of config.groups) {
        try {
          made.push(...(await changes.make(spec)));
        } catch (error) {
          deps.warn(`group ${spec.name} cannot be made: ${messageOf(error)}`);
        }
      }
      bus.publish({ type: 'supervisor-state', state: 'RUNNING' });
      const isIn = (names: ReadonlySet<string>, { spec }: Supervised): boolean =>
        names.has(`${spec.group}:${spec.name}`);
      autostart(
        made.filter(
          (unit) => !isIn(former.rest, unit) && !isIn(former.stop, unit) && !isIn(former.resume, unit),
        ),
      );
      for (const unit of made) {
        // What waited for its next try goes on waiting.
        if (isIn(former.resume, unit))
          unit.send({ type: 'until' in unit.unit().state ? 'deadline' : 'start' }, wasUp);
        if (isIn(former.stop, unit)) {
          // A launch that is called back at once starts nothing; what it finds running is stopped.
          unit.send({ type: 'start' }, wasStopping);
          unit.send({ type: 'stop' }, wasStopping);
        }
      }
    },

    async reload(next) {
      config = next;
      fresh = next;
      const results = await changes.update(next.groups, null);
      for (const result of results)
        if ('refused' in result)
          deps.warn(`not updated: ${result.text === '' ? result.refused : result.text}`);
      // A start of the daemon would start them.
      if (mayStart()) autostart(startable(groups.units()));
    },

    async stopForGood(leaves = () => false, beforeClose = () => undefined) {
      bus.publish({ type: 'supervisor-state', state: 'STOPPING' });
      mood = 'SHUTDOWN';
      const priorities = [...new Set(groups.all().map((group) => group.spec.priority))].sort((a, b) => b - a);
      for (const priority of priorities) {
        const batch = groups.all().filter((group) => group.spec.priority === priority);
        if (deps.beforeStop !== undefined) await deps.beforeStop(batch.map((group) => group.spec.name));
        await stopBatch(batch.flatMap((group) => group.units.filter((unit) => !leaves(unit))));
      }
      beforeClose();
      for (const group of groups.all()) {
        for (const unit of group.units) unit.close();
        groups.remove(group.spec.name);
      }
    },
  };
}

/** How often those that are still waited for are named, in ms. */
const stillWaitingMs = 3000;
