/**
 * A whole daemon less its doors: the real supervisor, machine, runners, link and process logs, put together as `src/main/units.ts` does,
 * over a connection to the hostile Engine. What passes between the parts is told to a witness.
 */
import type { Config, ProcessSpec } from '../../src/core/config/model.ts';
import type { NotifyMessage } from '../../src/core/notify-message.ts';
import type { EventType, RefusalReason, StateName, Unit } from '../../src/core/unit/types.ts';
import { createContainerRunner } from '../../src/docker/container-runner.ts';
import { createGate } from '../../src/docker/gate.ts';
import { createLink } from '../../src/docker/link.ts';
import type { EngineLink } from '../../src/docker/link.ts';
import type { NotifySocket } from '../../src/docker/notify-socket.ts';
import type { Owners } from '../../src/docker/owners.ts';
import type { Log } from '../../src/log/activity-log.ts';
import { silentLog } from '../../src/log/every-level.ts';
import { createProcessLogs } from '../../src/log/process-logs.ts';
import type { ProcessLogFiles } from '../../src/log/process-logs.ts';
import type { PipeMaker } from '../../src/process/pipes.ts';
import { leftOf, restOf } from '../../src/main/left-of.ts';
import { bootId, isToGoOn } from '../../src/main/state-file.ts';
import type { DaemonState, ProgramState } from '../../src/main/state-file.ts';
import { keyOf, programStateOf, resumptionOf } from '../../src/main/state-keeper.ts';
import { createBus } from '../../src/supervisor/bus.ts';
import type { BusEvent } from '../../src/supervisor/bus.ts';
import type { Clock } from '../../src/supervisor/clock.ts';
import type { Runner, RunnerReport } from '../../src/supervisor/runner.ts';
import { supervise } from '../../src/supervisor/supervised.ts';
import type { EventInput, Supervised, SupervisedDeps } from '../../src/supervisor/supervised.ts';
import { createSupervisor } from '../../src/supervisor/supervisor.ts';
import type { Supervisor } from '../../src/supervisor/supervisor.ts';
import { systemClock } from '../../src/system/clock.ts';
import type { Engine } from '../../src/docker/engine.ts';

export interface Witness {
  /** The machine of a program is given an event. */
  visited(state: StateName, event: EventType): void;
  /** An order is being given to a unit; null: it has been given. */
  giving(program: string, event: EventInput | null): void;
  /** What the supervisor sent to a unit for somebody, and whether it was taken. */
  order(program: string, event: EventInput, refused: RefusalReason | undefined, before: Unit): void;
  bus(event: BusEvent, unit: Unit | null): void;
  clearing(program: string, begins: boolean): void;
  output(program: string, channel: string, text: string): void;
  /** A runner of the program begins to whom nobody has left anything. */
  beginsAnew(program: string): void;
  log(level: string, message: string): void;
  bug(error: unknown, where: string): void;
}

/** A part that is broken on purpose, in the place of the real one. */
export interface Sabotage {
  readonly link?: (link: EngineLink) => EngineLink;
  readonly runner?: (runner: Runner, engine: Engine, container: string) => Runner;
}

export interface DaemonOptions {
  readonly config: () => Config;
  readonly engine: Engine;
  readonly owners: Owners;
  readonly witness: Witness;
  readonly isDiskFull: () => boolean;
  readonly sabotage: Sabotage;
  /** What a former daemon that was killed has left. */
  readonly former: DaemonState | null;
}

export interface SimulatedDaemon {
  readonly supervisor: Supervisor;
  unit(program: string): Supervised | undefined;
  boot(): Promise<void>;
  isBooted(): boolean;
  /** What the next daemon finds of this one's programs, whenever it is killed. */
  leave(shutsDown: boolean): DaemonState | null;
  /** The program's container says something over its socket. */
  hear(program: string, message: NotifyMessage): void;
  close(): void;
  /** Its process is gone: the kernel closes its files, and nobody is told any more. */
  letGo(): void;
}

/** Here the places in the logs are exact, whenever it is killed. */
const noMarks = { stdout: null, stderr: null };

const noPipes: PipeMaker = {
  make: () => {
    throw new Error('the simulation has no client processes');
  },
  makeInput: () => {
    throw new Error('the simulation has no client processes');
  },
  close: () => undefined,
};

export function createSimulatedDaemon(options: DaemonOptions): SimulatedDaemon {
  const { witness, engine, sabotage } = options;
  const log = logTo(witness);
  const plainLink = createLink(engine, log);
  const link = sabotage.link?.(plainLink) ?? plainLink;
  const gate = createGate(8);
  const ears = new Map<string, (message: NotifyMessage) => void>();
  const bus = createBus((error) => {
    witness.bug(error, 'a listener');
  });
  const find = (program: string): Supervised | undefined =>
    supervisor.units().find(({ spec }) => spec.name === program);
  bus.subscribe((event) => {
    witness.bus(event, 'process' in event ? (find(event.process)?.unit() ?? null) : null);
  });

  /** For the boot only; a unit that an update makes is the former one's successor, and not its daemon's. */
  const formerOf = (spec: ProcessSpec): ProgramState | undefined =>
    isBooted ? undefined : options.former?.programs[keyOf(spec)];
  let isBooted = false;
  const goesOn = isToGoOn(options.former);

  function runnerFor(spec: ProcessSpec): Runner {
    const { docker } = spec;
    const left = leftOf(formerOf(spec), goesOn, spec, log);
    if (left === null) witness.beginsAnew(spec.name);
    if (docker?.target.by !== 'name') throw new Error(`${spec.name} has no container of a name`);
    const runner = createContainerRunner(spec, docker, {
      notify: docker.notify === true ? notifySocketOf(spec.name) : null,
      clock: systemClock,
      log,
      link,
      gate,
      pipes: noPipes,
      owners: options.owners,
      environment: () => ({}),
      project: '',
      left,
      onGhost: (found, done) => {
        bus.publish({ type: 'ghost', group: spec.group, process: spec.name, found, done });
      },
    });
    return sabotage.runner?.(runner, engine, docker.target.name) ?? runner;
  }

  const notifySocketOf = (program: string): NotifySocket => ({
    path: `/run/${program}`,
    listen: (take) => ears.set(program, take),
    close: () => ears.delete(program),
  });

  /** Logs that the kernel closes when the process goes. */
  const opened = new Set<ProcessLogFiles>();
  let isGone = false;

  function makeUnit(spec: ProcessSpec, mayAdopt: () => boolean): Supervised {
    const files = createProcessLogs(spec, {
      stripAnsi: false,
      now: () => Date.now(),
      autoPath: () => '',
      onTrouble: (message) => {
        if (!isGone) witness.log('error', message);
      },
      onOutput: (channel, chunk) => {
        witness.output(spec.name, channel, Buffer.from(chunk).toString());
      },
      onMessage: () => undefined,
      onTalk: () => undefined,
      toSyslog: () => undefined,
    });
    opened.add(files);
    const logs = {
      ...files,
      open() {
        if (options.isDiskFull())
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        files.open();
      },
    };
    const given = (event: EventType): void => {
      witness.visited(supervised.unit().state.name, event);
    };
    const deps: SupervisedDeps = {
      clock: ringing(() => {
        given('deadline');
      }),
      bus,
      mayAdopt,
      onBug: (error, where) => {
        witness.bug(error, where);
      },
    };
    const rest = restOf(formerOf(spec), goesOn);
    const supervised = supervise(spec, witnessed(runnerFor(spec), spec.name, given), logs, deps, rest);
    const { send, close } = supervised;
    return Object.assign(supervised, {
      send(event: EventInput, why?: string) {
        const before = supervised.unit();
        given(event.type);
        witness.giving(spec.name, event);
        const refused = send(event, why);
        witness.giving(spec.name, null);
        witness.order(spec.name, event, refused, before);
        return refused;
      },
      close() {
        close();
        files.close();
        opened.delete(files);
      },
    });
  }

  function witnessed(runner: Runner, program: string, given: (event: EventType) => void): Runner {
    const heard =
      (tell: (report: RunnerReport) => void) =>
      (report: RunnerReport): void => {
        given(report.type);
        tell(report);
      };
    return {
      ...runner,
      launch: (tell, obstacle) => runner.launch(heard(tell), obstacle),
      adopt: (tell) => runner.adopt(heard(tell)),
      async clearGhost() {
        witness.clearing(program, true);
        const verdict = await runner.clearGhost();
        witness.clearing(program, false);
        given('ghost');
        return verdict;
      },
      watch(appeared) {
        runner.watch((found) => {
          given('appeared');
          appeared(found);
        });
      },
    };
  }

  const supervisor = createSupervisor(options.config(), {
    bus,
    clock: systemClock,
    pid: 1,
    makeUnit: (spec, mayAdopt) => Promise.resolve(makeUnit(spec, mayAdopt)),
    readConfig: () => ({ config: options.config(), problems: [], included: [] }),
    logs: {
      read: () => Promise.resolve({ text: '' }),
      tail: () => Promise.resolve({ text: '', offset: 0, overflow: false }),
      follow: () => Promise.resolve(null),
    },
    mainLog: () => null,
    clearMainLog: () => 'done',
    clearProcessLog: () => 'done',
    info: log.info,
    warn: log.warn,
    onShutdown: () => undefined,
    onRestart: () => undefined,
  });

  return {
    supervisor,
    unit: find,
    async boot() {
      await supervisor.boot(resumptionOf(options.former, options.config()));
      isBooted = true;
    },
    isBooted: () => isBooted,
    leave(shutsDown) {
      // As `state-keeper.ts`: what the former has left stands until the boot is over.
      if (!isBooted) return options.former;
      const programs = supervisor
        .units()
        .map((unit) => [keyOf(unit.spec), programStateOf(unit, noMarks)] as const);
      return { written: '', pid: 0, boot: bootId(), shutsDown, programs: Object.fromEntries(programs) };
    },
    hear: (program, message) => ears.get(program)?.(message),
    close() {
      link.close();
    },
    letGo() {
      isGone = true;
      for (const files of opened) files.close();
      opened.clear();
    },
  };
}

const ringing = (onRing: () => void): Clock => ({
  ...systemClock,
  alarm: (at, ring) =>
    systemClock.alarm(at, () => {
      onRing();
      ring();
    }),
});

function logTo(witness: Witness): Log {
  const at = (level: string) => (message: string) => {
    witness.log(level, message);
  };
  return {
    ...silentLog,
    critical: at('critical'),
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
  };
}
