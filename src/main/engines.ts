/** Which Engine a program's container lives on, and one link to each: for the daemon, and for all who only look. */
import { basename } from 'node:path';
import type { DockerSpec, ProcessSpec } from '../core/config/model.ts';
import { resolveEndpoint, systemEndpointWorld } from '../docker/endpoint.ts';
import type { Endpoint } from '../docker/endpoint.ts';
import { connectEngine } from '../docker/engine.ts';
import { createLink } from '../docker/link.ts';
import type { EngineLink } from '../docker/link.ts';
import type { Log } from '../log/activity-log.ts';

/** Where one program's container lives. */
export interface Home {
  readonly link: EngineLink;
  readonly endpoint: Endpoint;
  /** Compose's project of the target, derived; `''` for other targets. */
  readonly project: string;
}

export interface Engines {
  /** `environment`: the program's whole environment. Rejects when the address makes no sense. */
  homeOf(spec: ProcessSpec, docker: DockerSpec, environment: Readonly<Record<string, string>>): Promise<Home>;
  close(): void;
}

export function createEngines(log: Log): Engines {
  const links = new Map<string, Promise<EngineLink>>();

  function linkTo(endpoint: Endpoint): Promise<EngineLink> {
    const key = JSON.stringify(endpoint);
    const known = links.get(key);
    if (known !== undefined) return known;
    const link = connectEngine(endpoint).then((engine) => createLink(engine, log));
    links.set(key, link);
    return link;
  }

  return {
    async homeOf(spec, docker, environment) {
      const endpoint = resolveEndpoint(docker.host, docker.certPath, { ...systemEndpointWorld, environment });
      const { target } = docker;
      const project = target.by === 'compose' ? (target.project ?? composeProject(spec, environment)) : '';
      return { link: await linkTo(endpoint), endpoint, project };
    },
    close() {
      for (const link of links.values())
        void link.then((one) => {
          one.close();
        });
    },
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

/** `environment`: the program's whole own. */
export const environmentOfClient = (
  spec: ProcessSpec,
  endpoint: Endpoint,
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  ...leanClient(spec),
  ...environment,
  ...hostForClient(spec, endpoint),
});

/**
 * Who copies one stream needs one thread of Go's: its start then costs a third less CPU, and it is half a megabyte to one smaller
 * (docs/bench.md). Not `run`, whose `-e GOMAXPROCS` would hand it on to the container.
 */
function leanClient({ docker }: ProcessSpec): Readonly<Record<string, string>> {
  const { verb, client } = docker?.invocation ?? {};
  return (verb === 'start' || verb === 'attach') && client !== 'podman' ? { GOMAXPROCS: '1' } : {};
}

/** A client that is told nothing on its command line must speak to the Engine that the program names. */
function hostForClient(spec: ProcessSpec, endpoint: Endpoint): Readonly<Record<string, string>> {
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
