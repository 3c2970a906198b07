/**
 * What a manager says of a process beside what the Engine says of its container: where the two differ, by name. STARTING, STOPPING and
 * UNKNOWN claim nothing about a container, and an Engine that cannot be asked contradicts nobody.
 */
import type { ContainerState, ContainerView, ProcessView } from './view.ts';

export type LieKind =
  /** Said to be down (STOPPED, EXITED, FATAL, BACKOFF), and it runs. */
  | 'runs'
  /** Said to be up, and it does not run. */
  | 'does-not-run'
  /** Said to be up, and it stands still. */
  | 'paused'
  /** The time since when it is up is not the container's. */
  | 'since'
  /** The exit code is not the container's. */
  | 'exit-code';

export interface Lie {
  readonly kind: LieKind;
  /** The manager's words. */
  readonly says: string;
  /** The Engine's. */
  readonly truth: string;
}

/** Whole seconds are told, and two clocks are read one after the other. */
const toleranceSeconds = 2;

/** Running, standing still, or between two lives of its restart policy: there is something to stop. */
export const isUp = (state: ContainerState): boolean =>
  state === 'running' || state === 'paused' || state === 'restarting';

export function liesOf(says: ProcessView, container: ContainerView): readonly Lie[] {
  if (container.state === 'unknown') return [];
  switch (says.state) {
    case 'STOPPED':
    case 'EXITED':
    case 'FATAL':
    case 'BACKOFF':
      return isUp(container.state)
        ? [{ kind: 'runs', says: says.state, truth: container.state }]
        : exitLies(says, container);
    case 'RUNNING':
      return runningLies(says, container);
    case 'STARTING':
    case 'STOPPING':
    case 'UNKNOWN':
      return [];
  }
}

function runningLies(says: ProcessView, container: ContainerView): readonly Lie[] {
  if (!isUp(container.state)) return [{ kind: 'does-not-run', says: says.state, truth: container.state }];
  const paused: Lie[] =
    container.state === 'paused' && !says.description.includes('paused')
      ? [{ kind: 'paused', says: says.state, truth: 'paused' }]
      : [];
  return [...paused, ...clockLies(says, container)];
}

function clockLies(says: ProcessView, container: ContainerView): readonly Lie[] {
  if (container.started_at === null) return [];
  const startedAt = Date.parse(container.started_at) / 1000;
  const ahead = startedAt - says.start;
  // A real supervisord tells when it started the proxy; on a busy machine the container comes up seconds later, and that is no lie. (It
  // cannot be a later life: a client ends with the life that it is attached to.)
  const isSlowLaunch = ahead > 0 && says.container === null;
  if (isSlowLaunch || Math.abs(ahead) <= toleranceSeconds) return [];
  return [{ kind: 'since', says: upSince(says.start), truth: upSince(startedAt) }];
}

function exitLies(says: ProcessView, container: ContainerView): readonly Lie[] {
  if (says.state !== 'EXITED' || container.state !== 'exited' || container.exit_code === null) return [];
  if (says.exitStatus === container.exit_code) return [];
  return [
    {
      kind: 'exit-code',
      says: `exit status ${String(says.exitStatus)}`,
      truth: `exit status ${String(container.exit_code)}`,
    },
  ];
}

const upSince = (seconds: number): string =>
  `up since ${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
