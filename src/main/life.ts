/** The life of the daemon: from a configuration to everything that runs by it, and from one configuration to the next. */
import { messageOf } from '../core/message-of.ts';
import type { Config, GroupSpec, LogLevel, ReadResult } from '../core/config/model.ts';
import type { Left } from '../docker/left.ts';
import { createListeners } from '../listener/listeners.ts';
import type { Log } from '../log/activity-log.ts';
import { removeOldAutoLogs } from '../log/auto-logs.ts';
import { followLogFile, readLogFile, tailLogFile } from '../log/read.ts';
import { createSyslog } from '../log/syslog.ts';
import { createRpcEndpoint } from '../rpc/endpoint.ts';
import { createPipeMaker } from '../process/pipes.ts';
import { sentenceFor } from '../supervisor/activity.ts';
import { happeningOf } from '../supervisor/history.ts';
import { createBus } from '../supervisor/bus.ts';
import type { Bus } from '../supervisor/bus.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import type { Rest } from '../supervisor/rest.ts';
import type { Supervised } from '../supervisor/supervised.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { systemClock } from '../system/clock.ts';
import { createDoors } from './doors.ts';
import type { MainLog } from './main-log.ts';
import { openHistoryFile } from './history-file.ts';
import { leftOf, restOf } from './left-of.ts';
import { isToGoOn, openStateFile, stateDirectoryOf, stateName } from './state-file.ts';
import { createStateKeeper, keyOf, resumptionOf } from './state-keeper.ts';
import { createUnitMaker } from './units.ts';
import { supervisorVersion } from './version.ts';

export interface LifeOptions {
  readonly config: Config;
  readonly log: Log;
  readonly environment: Readonly<Record<string, string>>;
  readonly readConfig: () => ReadResult;
  readonly mainLog: Pick<MainLog, 'path' | 'clear'>;
  /** `keep`: containers run on. */
  readonly onShutdown: (keep: boolean) => void;
  readonly onRestart: () => void;
}

export interface Life {
  readonly supervisor: Supervisor;
  readonly bus: Bus;
  /** Groups are made and what starts by itself is started, but for what is to be left (`group:process`). */
  boot(leaveStopped: readonly string[]): Promise<void>;
  /** Process logs are closed and opened again by name (USR2). */
  reopenLogs(): void;
  /** Goes over to another configuration; only what differs is touched. Rejects with ListenError, having touched nothing but doors. */
  reload(next: Config): Promise<void>;
  /** Stops every program, then the doors. `keep`: containers run on, for the next daemon. */
  end(how: { readonly keep: boolean }): Promise<void>;
}

/** Rejects with ListenError when an address cannot be had; nothing is left open then. */
export async function beginLife(options: LifeOptions): Promise<Life> {
  const { log } = options;
  let { config } = options;
  const bus = createBus((error) => {
    log.critical(`bug in a listener: ${String(error)}`);
  });
  const pipes = createPipeMaker();
  const syslog = createSyslog((message) => {
    log.error(message);
  });
  const stateDirectory = stateDirectoryOf(config, options.environment);
  const history = openHistoryFile(stateDirectory, stateName(config), log);
  /** By `group:process`; for the boot only. */
  const lefts = new Map<string, { readonly left: Left | null; readonly rest: Rest | null }>();
  const units = createUnitMaker({
    left: (spec) => lefts.get(keyOf(spec))?.left ?? null,
    rest: (spec) => lefts.get(keyOf(spec))?.rest ?? null,
    config: () => config,
    clock: systemClock,
    bus,
    log,
    pipes,
    environment: options.environment,
    toSyslog: (line) => {
      syslog.write(line);
    },
    onTalk: (spec, chunk) => {
      listeners.hear(spec.group, spec.name, chunk);
    },
  });
  const startSeconds = (group: string, process: string): number =>
    supervisor.units().find(({ spec }) => spec.group === group && spec.name === process)?.spec.startSeconds ??
    0;
  bus.subscribe((event) => {
    const sentence = sentenceFor(event, startSeconds);
    if (sentence === null) return;
    const fields = 'process' in event ? { group: event.group, process: event.process } : {};
    log[sentence.level](sentence.text, fields);
  });
  bus.subscribe((event) => {
    const happening = happeningOf(event, supervisor.view);
    if (happening !== null) history.append(happening, systemClock.wall());
  });
  const tellDaemon = (what: 'started' | 'stopped'): void => {
    history.append({ kind: 'daemon', what, pid: process.pid }, systemClock.wall());
  };
  const groupOf = (name: string): GroupSpec | undefined =>
    supervisor.groups().find((group) => group.name === name);
  bus.subscribe((event) => {
    const group = event.type === 'group-added' ? groupOf(event.group) : undefined;
    if (group !== undefined) units.rehearse(group);
  });

  const listeners = createListeners({
    bus,
    clock: systemClock,
    identifier: config.daemon.identifier,
    log,
    groupOf,
    unitsOf: (group) => supervisor.units().filter(({ spec }) => spec.group === group),
    containerOf: (group, process) => supervisor.view(group, process)?.container?.name ?? null,
  });
  const supervisor = createSupervisor(config, {
    bus,
    clock: systemClock,
    pid: process.pid,
    makeUnit: units.make,
    readConfig: options.readConfig,
    logs: { read: readLogFile, tail: tailLogFile, follow: followLogFile },
    mainLog: options.mainLog.path,
    clearMainLog() {
      if (options.mainLog.path() === null) return { refused: 'NO_FILE', text: '' };
      options.mainLog.clear();
      log.info('reopening log file');
      return 'done';
    },
    clearProcessLog(unit) {
      try {
        units.logsOf(unit)?.clear();
        return 'done';
      } catch (error) {
        return { refused: 'FAILED', text: messageOf(error) };
      }
    },
    info: (message) => {
      log.info(message);
    },
    warn: (message) => {
      log.warn(message);
    },
    history: history.read,
    beforeStop: listeners.settle,
    onShutdown: options.onShutdown,
    onRestart: options.onRestart,
  });

  const tell = (level: LogLevel, message: string): void => log[level](message);
  const rpc = createRpcEndpoint({ manager: supervisor, supervisorVersion, log: tell });
  const doors = createDoors({ manager: supervisor, rpc, log: tell });
  const closeAll = async (): Promise<void> => {
    await doors.close();
    listeners.close();
    units.close();
    syslog.close();
    pipes.close();
  };
  try {
    await doors.open(config.servers);
  } catch (error) {
    await closeAll();
    throw error;
  }
  // Not before: a daemon that holds the doors is no former one. And not later: logs of AUTO are cleared away by the boot.
  const stateFile = openStateFile(stateDirectory, stateName(config), log);
  const { former } = stateFile;
  const goesOn = isToGoOn(former);
  for (const spec of config.groups.flatMap(({ processes }) => processes)) {
    const program = former?.programs[keyOf(spec)];
    lefts.set(keyOf(spec), { left: leftOf(program, goesOn, spec, log), rest: restOf(program, goesOn) });
  }
  const keeper = createStateKeeper({
    file: stateFile,
    bus,
    clock: systemClock,
    units: () => supervisor.units(),
    marksOf: (unit) => units.logsOf(unit)?.marks() ?? { stdout: null, stderr: null },
  });

  const tellBehind = ({ spec, runner }: Supervised): void => {
    const container = runner.view().container?.name ?? 'its container';
    log.warn(
      `${spec.name}: what ${container} printed last could not be read, for the Engine was away; the next start of it, under the next dockvisord too, goes on there`,
    );
  };

  return {
    supervisor,
    bus,
    async boot(leaveStopped) {
      if (!config.daemon.nocleanup) removeOldAutoLogs(config.daemon.childlogdir, config.daemon.identifier);
      const resumption = resumptionOf(former, config);
      if (former !== null)
        log.info(`taking up what dockvisord pid ${String(former.pid)} left in ${stateFile.path}`);
      tellDaemon('started');
      await supervisor.boot({ ...resumption, rest: new Set([...resumption.rest, ...leaveStopped]) });
      lefts.clear();
      keeper.begin();
    },
    reopenLogs() {
      for (const unit of supervisor.units()) units.logsOf(unit)?.reopen();
    },
    async reload(next) {
      await doors.open(next.servers);
      config = next;
      await supervisor.reload(next);
    },
    async end({ keep }) {
      // Containers only: a process that nobody is the parent of cannot be taken over by the next daemon.
      const leaves = (unit: Supervised): boolean => keep && unit.spec.docker !== null;
      if (!keep) keeper.beginWayDown();
      await supervisor.stopForGood(leaves, () => {
        if (keep) keeper.leave();
        else for (const unit of keeper.forget()) tellBehind(unit);
      });
      tellDaemon('stopped');
      await closeAll();
    },
  };
}
