/** Makes units: the one place, with core/config, where the kind of a program is looked at. */
import { messageOf } from '../core/message-of.ts';
import type { Config, GroupSpec, ProcessSpec } from '../core/config/model.ts';
import { createContainerRunner } from '../docker/container-runner.ts';
import { absentView } from '../docker/facts.ts';
import { createGate } from '../docker/gate.ts';
import type { Left } from '../docker/left.ts';
import { createOwners, ownersDirectory } from '../docker/owners.ts';
import type { Log } from '../log/activity-log.ts';
import { createAutoLog } from '../log/auto-logs.ts';
import { createProcessLogs } from '../log/process-logs.ts';
import type { ProcessLogFiles } from '../log/process-logs.ts';
import type { PipeMaker } from '../process/pipes.ts';
import { createProcessRunner } from '../process/process-runner.ts';
import { createSharedSockets } from '../process/shared-sockets.ts';
import { createBrokenRunner } from '../supervisor/broken-runner.ts';
import type { Bus } from '../supervisor/bus.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Rest } from '../supervisor/rest.ts';
import type { Runner } from '../supervisor/runner.ts';
import { supervise } from '../supervisor/supervised.ts';
import type { Supervised } from '../supervisor/supervised.ts';
import { createFloodGear } from '../system/flood-gear.ts';
import { createEngines, environmentOfClient } from './engines.ts';
import { notifySocketOf } from './notify-socket-of.ts';
import { serverUrlOf } from './server-url.ts';

export interface UnitMakerDeps {
  /** As it is now: a reload changes it. */
  readonly config: () => Config;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly pipes: PipeMaker;
  /** The daemon's own environment, as it was given. */
  readonly environment: Readonly<Record<string, string>>;
  readonly toSyslog: (line: string) => void;
  /** What a former daemon left of it; null: nothing (any more). */
  readonly left: (spec: ProcessSpec) => Left | null;
  /** How a former daemon left it resting; null: it did not (any more). */
  readonly rest: (spec: ProcessSpec) => Rest | null;
  /** What a listener says. */
  readonly onTalk: (spec: ProcessSpec, chunk: Uint8Array) => void;
}

export interface UnitMaker {
  make(spec: ProcessSpec, mayAdopt: () => boolean): Promise<Supervised>;
  logsOf(unit: Supervised): ProcessLogFiles | undefined;
  /** Makes a new group's sockets and closes them again: what speaks against them is logged now, and not at some start. */
  rehearse(group: GroupSpec): void;
  close(): void;
}

/** About this many starts at once is as fast as any number (measured, baselines.md A3), and kinder to the Engine. */
const startsAtOnce = 8;

export function createUnitMaker(deps: UnitMakerDeps): UnitMaker {
  const { log } = deps;
  const engines = createEngines(log);
  const gate = createGate(startsAtOnce);
  const owners = createOwners(ownersDirectory, deps.config().daemon.identifier);
  const logs = new Map<Supervised, ProcessLogFiles>();
  const sockets = createSharedSockets((message) => {
    log.info(message);
  });

  function environmentOf(spec: ProcessSpec): Readonly<Record<string, string>> {
    const url = spec.serverUrl ?? serverUrlOf(deps.config().servers);
    return {
      ...deps.environment,
      SUPERVISOR_ENABLED: '1',
      ...(url === null ? {} : { SUPERVISOR_SERVER_URL: url }),
      SUPERVISOR_PROCESS_NAME: spec.name,
      SUPERVISOR_GROUP_NAME: spec.group,
      ...spec.environment,
    };
  }

  async function runnerFor(spec: ProcessSpec): Promise<Runner> {
    const { clock, pipes } = deps;
    const environment = (): Readonly<Record<string, string>> => environmentOf(spec);
    const { docker } = spec;
    if (docker === null) {
      const socket = spec.socket === undefined ? {} : { socket: sockets.of(spec.socket) };
      return createProcessRunner(spec, { clock, pipes, environment, ...socket });
    }
    const { link, endpoint, project } = await engines.homeOf(spec, docker, environment());
    return createContainerRunner(spec, docker, {
      notify: docker.notify === true ? await notifySocketOf(deps.config().file, spec, endpoint) : null,
      clock,
      log,
      link,
      gate,
      pipes,
      owners,
      environment: () => environmentOfClient(spec, endpoint, environment()),
      project,
      left: deps.left(spec),
      onPlaced: (now) => {
        deps.bus.publish({ type: 'placed', group: spec.group, process: spec.name, now });
      },
      onGhost: (found, done) => {
        deps.bus.publish({ type: 'ghost', group: spec.group, process: spec.name, found, done });
      },
    });
  }

  const tookOutput = createFloodGear();

  return {
    async make(spec, mayAdopt) {
      const { stripAnsi, childlogdir, identifier } = deps.config().daemon;
      let pid = 0;
      const pidNow = (): number => {
        const { state } = supervised.unit();
        if ('pid' in state) pid = state.pid;
        return pid;
      };
      const files = createProcessLogs(spec, {
        stripAnsi,
        now: deps.clock.wall,
        autoPath: (channel) => createAutoLog(childlogdir, spec.name, channel, identifier),
        onTrouble: (message) => {
          log.error(message);
        },
        onOutput: (channel, data) => {
          tookOutput(data.byteLength);
          const { eventsEnabled } = channel === 'stdout' ? spec.stdout : spec.stderr;
          if (eventsEnabled) {
            deps.bus.publish({
              type: 'process-output',
              group: spec.group,
              process: spec.name,
              pid: pidNow(),
              channel,
              data,
            });
          }
        },
        onMessage: (channel, data) => {
          const names = { group: spec.group, process: spec.name };
          deps.bus.publish({ type: 'process-message', ...names, pid: pidNow(), channel, data });
        },
        onTalk: (chunk) => {
          deps.onTalk(spec, chunk);
        },
        toSyslog: deps.toSyslog,
      });
      const supervised = supervise(
        spec,
        await runnerFor(spec).catch((error: unknown) => brokenRunner(spec, error)),
        files,
        {
          clock: deps.clock,
          bus: deps.bus,
          mayAdopt,
          onBug: (error, where) => {
            log.critical(
              `bug in ${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
            );
          },
        },
        deps.rest(spec),
      );
      const { close } = supervised;
      const unit = Object.assign(supervised, {
        close() {
          close();
          files.close();
          logs.delete(unit);
        },
      });
      logs.set(unit, files);
      return unit;
    },
    logsOf: (unit) => logs.get(unit),
    rehearse(group) {
      const specs = group.processes.flatMap(({ socket }) => (socket === undefined ? [] : [socket]));
      for (const spec of new Map(specs.map((each) => [each.url, each])).values()) {
        try {
          sockets.of(spec).claim().release();
        } catch (error) {
          log.error(messageOf(error));
        }
      }
    },
    close() {
      sockets.close();
      engines.close();
    },
  };
}

function brokenRunner(spec: ProcessSpec, error: unknown): Runner {
  const message = messageOf(error);
  const engine = spec.docker?.host ?? '';
  return createBrokenRunner(
    message,
    spec.docker === null ? null : absentView(spec.name, engine, 'unknown', message),
  );
}
