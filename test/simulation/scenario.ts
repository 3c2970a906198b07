/** What a seed begins with: some programs of all kinds of policies, each with a container that behaves in its own way. */
import type { Config, DockerSpec, GroupSpec, ProcessSpec } from '../../src/core/config/model.ts';
import type { Behaviour } from '../support/behaviour.ts';
import type { Random } from '../support/random.ts';
import { quietDaemon, specWith } from '../support/specs.ts';

export interface Program {
  readonly spec: ProcessSpec;
  readonly container: string;
  readonly behaviour: Behaviour;
  /** Of the container. */
  readonly restartPolicy: string;
  readonly readyAfterMs: number;
  readonly found: 'created' | 'exited' | 'running' | 'paused' | 'missing';
}

const most = 6;

export function createScenario(random: Random): readonly Program[] {
  return Array.from({ length: 1 + random.below(most) }, (_, index) => programOf(`p${String(index)}`, random));
}

function programOf(name: string, random: Random): Program {
  const { pick } = random;
  const container = `c-${name}`;
  const notify = random.below(6) === 0;
  const docker: DockerSpec = {
    attach: 'api',
    target: { by: 'name', name: container },
    invocation: null,
    host: null,
    certPath: null,
    onGhost: pick(['stop', 'stop', 'adopt', 'remove', 'never']),
    restartPolicy: pick(['keep', 'disable']),
    ...(notify ? { notify } : {}),
  };
  const spec = specWith({ name, docker, redirectStderr: random.below(4) === 0, ...policyOf(random) });
  // A disk that is full takes no line and stops no program.
  const target = random.below(10) === 0 ? ({ kind: 'file', path: '/dev/full' } as const) : spec.stdout.target;
  return {
    spec: { ...spec, stdout: { ...spec.stdout, target } },
    container,
    behaviour: behaviourOf(random),
    restartPolicy: pick(['no', 'no', 'no', 'no', 'no', 'always', 'unless-stopped', 'on-failure']),
    readyAfterMs: pick([0, 500, 4000]),
    found: pick(['created', 'created', 'exited', 'running', 'running', 'paused', 'missing']),
  };
}

/** Everything that `update` takes on without a restart. */
export function policyOf(random: Random): Partial<ProcessSpec> {
  const { pick } = random;
  return {
    priority: pick([1, 500, 999]),
    autostart: random.below(5) > 0,
    autorestart: pick(['never', 'always', 'unexpected']),
    startSeconds: pick([0, 1, 1, 5]),
    startRetries: pick([-1, 0, 1, 3, 5]),
    backoff: {
      kind: pick(['linear', 'exponential']),
      initialSeconds: pick([0.5, 1, 2]),
      maxSeconds: pick([3, 20]),
      jitter: pick([0, 0.5]),
      resetAfterSeconds: pick([0, 0, 10]),
    },
    exitCodes: pick([[0], [0, 2], []]),
    stopWaitSeconds: pick([1, 3, 10]),
    stopSignalWritten: random.below(3) === 0,
  };
}

function behaviourOf(random: Random): Behaviour {
  const { pick } = random;
  if (random.below(14) === 0) return { kind: 'missing' };
  return {
    kind: 'numbered',
    everyMs: pick([1000, 4000, 4000, 9000]),
    lines: pick([null, null, null, null, 1, 2, 6]),
    code: pick([0, 1, 2]),
    lingerMs: pick([0, 0, 100, 2500, null]),
    ...pick([{}, { errorEvery: 2 }, { errorEvery: 7 }]),
  };
}

export function configOf(specs: readonly ProcessSpec[]): Config {
  const groups = specs.map((spec): GroupSpec => ({
    name: spec.group,
    priority: spec.priority,
    processes: [spec],
  }));
  return {
    file: 'simulation.conf',
    included: [],
    daemon: { ...quietDaemon, identifier: 'simulation' },
    servers: [],
    groups,
  };
}
