/** Makes units: the one place, with core/config, where the kind of a program is looked at. */
import { messageOf } from '../core/message-of.ts';
import { basename } from 'node:path';
import type { Config, ProcessSpec } from '../core/config/model.ts';
import { createContainerRunner } from '../docker/container-runner.ts';
import { resolveEndpoint, systemEndpointWorld } from '../docker/endpoint.ts';
import type { Endpoint } from '../docker/endpoint.ts';
import { connectEngine } from '../docker/engine.ts';
import { absentView } from '../docker/facts.ts';
import { createGate } from '../docker/gate.ts';
import { createLink } from '../docker/link.ts';
import type { EngineLink } from '../docker/link.ts';
import { createOwners } from '../docker/owners.ts';
import type { Log } from '../log/activity-log.ts';
import { createAutoLog } from '../log/auto-logs.ts';
import { createProcessLogs } from '../log/process-logs.ts';
import type { ProcessLogFiles } from '../log/process-logs.ts';
import type { PipeMaker } from '../process/pipes.ts';
import { createProcessRunner } from '../process/process-runner.ts';
import { createBrokenRunner } from '../supervisor/broken-runner.ts';
import type { Bus } from '../supervisor/bus.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Runner } from '../supervisor/runner.ts';
import { supervise } from '../supervisor/supervised.ts';
import type { Supervised } from '../supervisor/supervised.ts';
import { notifySocketOf } from './notify-socket-of.ts';
import { serverUrlOf } from './server-url.ts';

export interface UnitMakerDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly pipes: PipeMaker;
  /** The daemon's own environment, as it was given. */
  readonly environment: Readonly<Record<string, string>>;
  readonly toSyslog: (line: string) => void;
}

export interface UnitMaker {
  make(spec: ProcessSpec, mayAdopt: () => boolean): Promise<Supervised>;
  logsOf(unit: Supervised): ProcessLogFiles | undefined;
  close(): void;
}

/** About this many starts at once is as fast as any number (measured, baselines.md A3), and kinder to the Engine. */
const startsAtOnce = 8;
/** Same on all daemons of a host, so that two of them see each other. */
export const ownersDirectory = '/run/dockvisor/owners';

export function createUnitMaker(deps: UnitMakerDeps): UnitMaker {
  const { config, log } = deps;
  const links = new Map<string, Promise<EngineLink>>();
  const gate = createGate(startsAtOnce);
  const owners = createOwners(ownersDirectory, config.daemon.identifier);
  const logs = new Map<Supervised, ProcessLogFiles>();

  function linkTo(endpoint: Endpoint): Promise<EngineLink> {
    const key = JSON.stringify(endpoint);
    const known = links.get(key);
    if (known !== undefined) return known;
    const link = connectEngine(endpoint).then((engine) => createLink(engine, log));
    links.set(key, link);
    return link;
  }

  function environmentOf(spec: ProcessSpec): Readonly<Record<string, string>> {
    const url = spec.serverUrl ?? serverUrlOf(config.servers);
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
    const environment = environmentOf(spec);
    const { docker } = spec;
    if (docker === null) return createProcessRunner(spec, { clock, pipes, environment });
    const endpoint = resolveEndpoint(docker.host, docker.certPath, { ...systemEndpointWorld, environment });
    return createContainerRunner(spec, docker, {
      notify: docker.notify === true ? await notifySocketOf(config.file, spec, endpoint) : null,
      clock,
      log,
      link: await linkTo(endpoint),
      gate,
      pipes,
      owners,
      environment: { ...environment, ...hostForClient(spec, endpoint) },
      project:
        docker.target.by === 'compose' ? (docker.target.project ?? composeProject(spec, environment)) : '',
      onGhost: (found, done) => {
        deps.bus.publish({ type: 'ghost', group: spec.group, process: spec.name, found, done });
      },
    });
  }

  return {
    async make(spec, mayAdopt) {
      const files = createProcessLogs(spec, {
        stripAnsi: config.daemon.stripAnsi,
        autoPath: (channel) =>
          createAutoLog(config.daemon.childlogdir, spec.name, channel, config.daemon.identifier),
        onTrouble: (message) => {
          log.error(message);
        },
        onOutput: (channel, data) => {
          const { eventsEnabled } = channel === 'stdout' ? spec.stdout : spec.stderr;
          if (eventsEnabled) {
            deps.bus.publish({
              type: 'process-output',
              group: spec.group,
              process: spec.name,
              channel,
              data,
            });
          }
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
          warn: (message) => {
            log.warn(message);
          },
          onBug: (error, where) => {
            log.critical(
              `bug in ${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
            );
          },
        },
      );
      const unit: Supervised = {
        ...supervised,
        close() {
          supervised.close();
          files.close();
          logs.delete(unit);
        },
      };
      logs.set(unit, files);
      return unit;
    },
    logsOf: (unit) => logs.get(unit),
    close() {
      for (const link of links.values())
        void link.then((one) => {
          one.close();
        });
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

/** A client that is told nothing on its command line must speak to the Engine that the program names. */
export function hostForClient(spec: ProcessSpec, endpoint: Endpoint): Readonly<Record<string, string>> {
  const { docker } = spec;
  if (
    docker === null ||
    docker.host === null ||
    docker.invocation?.host != null ||
    docker.invocation?.context != null
  )
    return {};
  if (docker.host.startsWith('context:')) return { DOCKER_CONTEXT: docker.host.slice('context:'.length) };
  const tls = endpoint.kind === 'tcp' && endpoint.tls !== null && docker.certPath !== null;
  return {
    DOCKER_HOST: endpoint.name,
    ...(tls ? { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: docker.certPath } : {}),
  };
}

/** Compose's default project: COMPOSE_PROJECT_NAME, or the base name of its directory, in lower case, of letters, digits, `-` and `_`. */
export function composeProject(spec: ProcessSpec, environment: Readonly<Record<string, string>>): string {
  const named = environment['COMPOSE_PROJECT_NAME'];
  if (named !== undefined && named !== '') return named;
  const target = spec.docker?.target;
  const written = target?.by === 'compose' ? target.projectDirectory : null;
  const directory = written ?? spec.directory ?? process.cwd();
  return basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}
