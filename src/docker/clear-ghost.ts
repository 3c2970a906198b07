/** Deals with what is in the way of a program, as `ghosts.ts` decides, and says what came of it. */
import { messageOf } from '../core/message-of.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DockerSpec, ProcessSpec } from '../core/config/model.ts';
import type { GhostVerdict } from '../core/unit/types.ts';
import type { Log } from '../log/activity-log.ts';
import type { Engine } from './engine.ts';
import type { ContainerFacts } from './facts.ts';
import { ghostAction, ownerByLabels } from './ghosts.ts';
import type { GhostAction } from './ghosts.ts';
import type { Owners } from './owners.ts';
import type { ContainerWatch } from './watch.ts';

export interface ClearGhostOptions {
  readonly spec: ProcessSpec;
  readonly docker: DockerSpec;
  readonly engine: Engine;
  readonly watch: ContainerWatch;
  readonly owners: Owners;
  readonly project: string;
  readonly log: Log;
  readonly onGhost: (found: string, done: string) => void;
  /** Nothing is to be done about what is found after all: it was taken over meanwhile, or the next try takes it as it is. */
  readonly isSettled: (facts: ContainerFacts) => boolean;
  /** From now on the container that exists is started, although the command is a `run`; null: that is not ours to decide. */
  readonly useStartInstead: (() => void) | null;
}

/** How long a removal in progress is waited for, in ms. */
const removalMs = 60_000;
const pollMs = 250;

/** Never rejects: what goes wrong is logged, and the next try tells. */
export async function clearGhost(options: ClearGhostOptions): Promise<GhostVerdict> {
  const { spec, docker, watch, log } = options;
  try {
    const facts = await watch.look();
    if (facts === null || options.isSettled(facts)) return { verdict: 'nothing' };
    const action = ghostAction({
      facts,
      policy: docker.onGhost,
      run: docker.invocation?.verb === 'run' && docker.target.by === 'name' ? docker.invocation : null,
      mayStartInstead: options.useStartInstead !== null,
      owner:
        ownerByLabels(facts.labels, options.project === '' ? null : options.project) ??
        options.owners.other(facts.id),
    });
    const verdict = await carryOut(action, facts, options);
    if (action.do !== 'nothing') {
      const done = 'reason' in action ? action.reason : action.do;
      log.warn(`ghost of ${spec.name}: container ${facts.name} was ${facts.state}: ${done}`, {
        container: facts.id,
      });
      options.onGhost(facts.state, action.do);
    }
    return verdict;
  } catch (error) {
    log.warn(`clearing the way for ${spec.name} failed: ${messageOf(error)}`);
    return { verdict: 'nothing' };
  }
}

async function carryOut(
  action: GhostAction,
  facts: ContainerFacts,
  options: ClearGhostOptions,
): Promise<GhostVerdict> {
  const { engine, spec } = options;
  const stop = (): Promise<void> => engine.stop(facts.id, spec.stopWaitSeconds * 1000, null);
  switch (action.do) {
    case 'nothing':
    case 'leave':
      return { verdict: 'nothing' };
    case 'hopeless':
      return { verdict: 'hopeless', reason: action.reason };
    case 'adopt':
      return { verdict: 'adopt' };
    case 'unpause-and-adopt':
      await engine.unpause(facts.id);
      return { verdict: 'adopt' };
    case 'stop':
      await stop();
      return { verdict: 'cleared' };
    case 'disable-policy-and-stop':
      await engine.disableRestartPolicy(facts.id);
      await stop();
      return { verdict: 'cleared' };
    case 'stop-and-start-instead':
      if (facts.alive) await stop();
      options.log.warn(
        `${spec.name}: the name ${facts.name} is taken and the command is a run without --rm: docker start -a ${facts.name} is used instead`,
      );
      options.useStartInstead?.();
      return { verdict: 'cleared' };
    case 'stop-and-remove':
      if (facts.alive) await stop();
      await removeWhenIdle(engine, facts.id, true);
      return { verdict: 'cleared' };
    case 'remove':
      await engine.remove(facts.id, true);
      return { verdict: 'cleared' };
    case 'wait-until-gone':
      await untilGone(options);
      return { verdict: 'cleared' };
  }
}

/** With `--rm` the Engine removes it by itself once it has stopped: then ours finds it gone, or in progress. */
async function removeWhenIdle(engine: Engine, id: string, force: boolean): Promise<void> {
  try {
    await engine.remove(id, force);
  } catch (error) {
    if ((await engine.inspect(id)) !== null) throw error;
  }
}

async function untilGone({ watch }: ClearGhostOptions): Promise<void> {
  const limit = performance.now() + removalMs;
  while ((await watch.look())?.state === 'removing' && performance.now() < limit) await sleep(pollMs);
}
