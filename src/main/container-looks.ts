/** Looks at programs' containers for those who judge and do not manage. */
import { messageOf } from '../core/message-of.ts';
import type { DockerSpec, ProcessSpec } from '../core/config/model.ts';
import { resolveEndpoint, systemEndpointWorld } from '../docker/endpoint.ts';
import { absentView, viewOf } from '../docker/facts.ts';
import type { ContainerFacts } from '../docker/facts.ts';
import { ownerByLabels } from '../docker/ghosts.ts';
import { holderOf, ownersDirectory } from '../docker/owners.ts';
import { createWatch, displayName } from '../docker/watch.ts';
import type { ContainerWatch } from '../docker/watch.ts';
import type { ContainerSeen } from '../doctor/evidence.ts';
import { silentLog } from '../log/every-level.ts';
import { createEngines } from './engines.ts';
import type { Home } from './engines.ts';

export interface ContainerLooks {
  /** `ref`: this one instead of the one that the program names. Never rejects: what cannot be looked at is `unknown`, with the reason. */
  look(spec: ProcessSpec, docker: DockerSpec, ref: string | null): Promise<ContainerLook>;
  /** The docker client's options that lead to the program's Engine from a shell here; empty: none are needed. */
  clientOptions(spec: ProcessSpec, docker: DockerSpec): readonly string[];
  close(): void;
}

export interface ContainerLook {
  readonly seen: ContainerSeen;
  /** With all nanoseconds, and what else inspect tells; null: missing or unknown. */
  readonly facts: ContainerFacts | null;
  readonly home: Home | null;
}

export interface LooksFrom {
  /** The manager's environment and directory: a program's Engine and Compose project depend on them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const nothing = (): void => undefined;

export function createContainerLooks({ environment, cwd }: LooksFrom): ContainerLooks {
  // The links' own news are for daemons.
  const engines = createEngines(silentLog);
  const watches = new Map<string, ContainerWatch>();
  const environmentOf = (spec: ProcessSpec): Readonly<Record<string, string>> => ({
    ...environment,
    ...spec.environment,
  });

  function watchOf(
    spec: ProcessSpec,
    docker: DockerSpec,
    { link, project }: Home,
    ref: string | null,
  ): ContainerWatch {
    const key = `${spec.group}:${spec.name} ${ref ?? ''}`;
    const known = watches.get(key);
    if (known !== undefined) return known;
    const find = ref === null ? docker.target : ({ by: 'name', name: ref } as const);
    const made = createWatch({ find, project, name: displayName(docker, spec) }, link, {
      event: nothing,
      facts: nothing,
      lost: nothing,
    });
    watches.set(key, made);
    return made;
  }

  function unknown(name: string, engine: string, why: string, home: Home | null): ContainerLook {
    const view = absentView(name, engine, 'unknown', why);
    return { seen: { view, tty: false, openStdin: false, owner: null, holder: null }, facts: null, home };
  }

  return {
    async look(spec, docker, ref) {
      const name = displayName(docker, spec);
      let home: Home | null = null;
      try {
        home = await engines.homeOf(
          { ...spec, directory: spec.directory ?? cwd },
          docker,
          environmentOf(spec),
        );
        const { engine } = home.link;
        if (docker.target.by === 'cidfile' && ref === null)
          return unknown(name, engine.name, 'its command names no container', home);
        const facts = await watchOf(spec, docker, home, ref).look();
        if (facts === null) {
          const view = absentView(ref ?? name, engine.name, 'missing', '');
          return { seen: { view, tty: false, openStdin: false, owner: null, holder: null }, facts, home };
        }
        const { tty, openStdin, labels, id } = facts;
        const owner = ownerByLabels(labels, home.project === '' ? null : home.project);
        const view = viewOf(facts, engine.name);
        return { seen: { view, tty, openStdin, owner, holder: holderOf(ownersDirectory, id) }, facts, home };
      } catch (error) {
        return unknown(name, home?.link.engine.name ?? docker.host ?? '', messageOf(error), home);
      }
    },

    clientOptions(spec, docker) {
      const here = (
        written: string | null,
        from: Readonly<Record<string, string | undefined>>,
      ): string | null => {
        try {
          return resolveEndpoint(written, docker.certPath, { ...systemEndpointWorld, environment: from })
            .name;
        } catch {
          return null;
        }
      };
      const wanted = here(docker.host, environmentOf(spec));
      if (wanted === null || wanted === here(null, process.env)) return [];
      return docker.host?.startsWith('context:') === true
        ? ['--context', docker.host.slice('context:'.length)]
        : ['-H', wanted];
    },

    close() {
      for (const watch of watches.values()) watch.close();
      engines.close();
    },
  };
}
