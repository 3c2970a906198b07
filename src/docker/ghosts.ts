/**
 * What to do, on BACKOFF, with a container that is in the way: CONTRACT section 4 as a pure table. Removing needs a reason that the user
 * wrote down: `--rm` or `docker_on_ghost=remove`. What belongs to somebody else is never touched.
 */
import type { GhostPolicy } from '../core/config/model.ts';
import type { ContainerFacts } from './facts.ts';

export type GhostAction =
  /** Nothing is in the way: the failure is the container's own. */
  | { readonly do: 'nothing' }
  | { readonly do: 'stop' }
  | { readonly do: 'disable-policy-and-stop' }
  | { readonly do: 'stop-and-remove' }
  | { readonly do: 'remove' }
  | { readonly do: 'adopt' }
  | { readonly do: 'unpause-and-adopt' }
  | { readonly do: 'wait-until-gone' }
  /** Stop it; from now on it is started instead of run. */
  | { readonly do: 'stop-and-start-instead' }
  | { readonly do: 'leave'; readonly reason: string }
  | { readonly do: 'hopeless'; readonly reason: string };

export interface GhostQuestion {
  readonly facts: ContainerFacts | null;
  readonly policy: GhostPolicy;
  /** The command is a `run`: an existing container of its name is a conflict, whatever its state. */
  readonly run: { readonly remove: boolean } | null;
  /** Whether what exists may be started in the place of a `run`: not under somebody else's manager, who runs the command again. */
  readonly mayStartInstead: boolean;
  /** Who else it belongs to, in words (`Compose project "shop"`); null: nobody that we know of. */
  readonly owner: string | null;
}

export function ghostAction({ facts, policy, run, mayStartInstead, owner }: GhostQuestion): GhostAction {
  if (facts === null) return { do: 'nothing' };
  const name = `container "${facts.name}"`;
  const inTheWay = run !== null || (facts.state !== 'exited' && facts.state !== 'created');
  if (!inTheWay) return { do: 'nothing' };
  if (owner !== null) return { do: 'hopeless', reason: `${name} belongs to ${owner}, and is not touched` };
  if (facts.state === 'removing') return { do: 'wait-until-gone' };
  if (policy === 'never')
    return { do: 'leave', reason: `${name} is ${facts.state}, and docker_on_ghost=never leaves it` };
  if (policy === 'remove') return { do: facts.state === 'running' ? 'stop-and-remove' : 'remove' };
  if (facts.state === 'dead') {
    const why = facts.error === '' ? '' : ` (${facts.error})`;
    return { do: 'hopeless', reason: `${name} is dead${why}; mend it with: docker rm -f ${facts.name}` };
  }
  if (run !== null && !mayStartInstead && (policy === 'adopt' || !run.remove)) {
    // Stopping it would help nobody: the next `run` finds the name taken all the same.
    const mend = `mend it with: docker rm -f ${facts.name}, or write docker_on_ghost=remove, or --rm`;
    return {
      do: 'leave',
      reason: `${name} has the name that the command wants, and is ${facts.state}; ${mend}`,
    };
  }
  if (policy === 'adopt' && facts.state === 'paused') return { do: 'unpause-and-adopt' };
  if (policy === 'adopt' && (facts.alive || facts.state === 'restarting')) return { do: 'adopt' };
  // Nothing runs that could be attached to: starting what is there is the nearest to adopting it.
  if (policy === 'adopt') return { do: 'stop-and-start-instead' };
  if (run !== null) return { do: run.remove ? 'stop-and-remove' : 'stop-and-start-instead' };
  return { do: facts.state === 'restarting' ? 'disable-policy-and-stop' : 'stop' };
}

/** Who else a container belongs to, by its labels. `project`: the Compose project that is ours, or null. */
export function ownerByLabels(
  labels: Readonly<Record<string, string>>,
  project: string | null,
): string | null {
  const task = labels['com.docker.swarm.task.id'] ?? labels['com.docker.swarm.task'];
  if (task !== undefined) return `Swarm service "${labels['com.docker.swarm.service.name'] ?? task}"`;
  const other = labels['com.docker.compose.project'];
  return other !== undefined && other !== project ? `Compose project "${other}"` : null;
}
