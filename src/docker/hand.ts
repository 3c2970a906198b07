/** A container in the hands of somebody who does not run it: `supervisor/hand.ts`, over the Engine. */
import type { DockerSpec, ProcessSpec } from '../core/config/model.ts';
import type { Log } from '../log/activity-log.ts';
import type { ContainerHand, Sighting } from '../supervisor/hand.ts';
import type { StopOrder } from '../supervisor/runner.ts';
import { clearGhost } from './clear-ghost.ts';
import { pointAt } from './client.ts';
import { viewOf } from './facts.ts';
import type { ContainerFacts } from './facts.ts';
import { ownerByLabels } from './ghosts.ts';
import { recogniseMainProcess } from './kernel.ts';
import type { MainProcess } from './kernel.ts';
import type { EngineLink } from './link.ts';
import type { Owners } from './owners.ts';
import { stopContainer } from './stop-container.ts';
import { createWatch, displayName } from './watch.ts';

export interface HandDeps {
  readonly link: EngineLink;
  readonly owners: Owners;
  readonly log: Log;
  /** Compose's project of the target, derived; `''` for other targets. */
  readonly project: string;
  readonly onGhost: (found: string, done: string) => void;
}

interface Stopping {
  readonly seen: Sighting;
  readonly over: AbortController;
  done: Promise<void>;
}

export function createHand(spec: ProcessSpec, docker: DockerSpec, deps: HandDeps): ContainerHand {
  const { link, owners, log } = deps;
  const ourProject = deps.project === '' ? null : deps.project;
  const { target } = docker;
  let facts: ContainerFacts | null = null;
  let main: MainProcess | null = null;
  /** StartedAt of the life that the Engine has told the end of. */
  let ended: string | null = null;
  /** StartedAt of the life whose main process the kernel says is gone, while the Engine cannot tell of it. */
  let gone: string | null = null;
  let stopping: Stopping | null = null;
  let isLost = false;
  let tellNews: () => void = () => undefined;

  const watch = createWatch({ find: target, project: deps.project, name: displayName(docker, spec) }, link, {
    event(event) {
      if (event.action === 'die') ended = facts?.startedAt ?? null;
    },
    facts(now) {
      // To him who asked an answer is no news: only what has changed is.
      const isNews = isLost || now?.id !== facts?.id || !isAlike(now, facts);
      isLost = false;
      gone = null;
      facts = now;
      main = now?.alive === true && link.engine.local ? recogniseMainProcess(now.pid, now.id) : null;
      // What lives is followed by its id: a rename must not lose it.
      watch.pin(now?.alive === true ? now.id : null);
      if (stopping !== null && isOver(now, stopping.seen)) stopping.over.abort();
      if (isNews) tellNews();
    },
    lost() {
      if (!isLost) tellNews();
      isLost = true;
    },
  });

  const sightingOf = (seen: ContainerFacts): Sighting => ({
    container: viewOf(seen, link.engine.name),
    startedAt: seen.startedAt,
    daemon: owners.other(seen.id),
    owner: ownerByLabels(seen.labels, ourProject),
  });

  /** An Engine that is silent has told of a container that ran: what the kernel saw since then is newer. */
  function lastSighting(): Sighting | null {
    if (facts === null) return null;
    const seen = sightingOf(facts);
    return facts.startedAt === gone ? { ...seen, container: { ...seen.container, state: 'unknown' } } : seen;
  }

  async function stop(seen: Sighting, order: StopOrder, over: AbortController): Promise<void> {
    if (isOver(facts, seen) || seen.startedAt === gone) return;
    await stopContainer({
      order,
      link,
      watch,
      log,
      program: spec.name,
      over: over.signal,
      facts: () => facts,
      main: () => main,
      isTold: () => ended === seen.startedAt,
      goneByKernel: () => {
        gone = seen.startedAt;
        over.abort();
      },
    });
  }

  return {
    engine: link.engine.name,
    async look() {
      if (target.by === 'cidfile' && target.path !== undefined) pointAt(target.path, watch);
      const seen = await watch.look();
      return seen === null ? null : sightingOf(seen);
    },
    view: () => watch.view(),
    last: lastSighting,
    stop(seen, order) {
      if (stopping?.seen.startedAt === seen.startedAt) return stopping.done;
      const mine: Stopping = { seen, over: new AbortController(), done: Promise.resolve() };
      stopping?.over.abort();
      stopping = mine;
      mine.done = stop(seen, order, mine.over).finally(() => {
        if (stopping === mine) stopping = null;
      });
      return mine.done;
    },
    callOffStop() {
      stopping?.over.abort();
    },
    clearGhost: (seen) =>
      clearGhost({
        spec,
        docker,
        engine: link.engine,
        watch,
        owners,
        project: deps.project,
        log,
        onGhost: deps.onGhost,
        // What runs under the name that `start` is given is attached to by the next try; and what has changed is looked at anew.
        isSettled: (now) =>
          !isSame(now, seen) || (now.state === 'running' && docker.invocation?.verb !== 'run'),
        useStartInstead: null,
      }),
    onNews(news) {
      tellNews = news;
    },
    close() {
      stopping?.over.abort();
      watch.close();
    },
  };
}

/** A restart policy's next life is the same thing to stop; without one, another life is somebody else's wish. */
function isOver(facts: ContainerFacts | null, seen: Sighting): boolean {
  if (facts === null || facts.id !== seen.container.id) return true;
  if (facts.state === 'restarting') return false;
  return !facts.alive || (facts.restartPolicy === 'no' && facts.startedAt !== seen.startedAt);
}

const isSame = (facts: ContainerFacts, seen: Sighting): boolean =>
  facts.id === seen.container.id &&
  facts.startedAt === seen.startedAt &&
  facts.state === seen.container.state;

const isAlike = (a: ContainerFacts | null, b: ContainerFacts | null): boolean =>
  a?.state === b?.state && a?.startedAt === b?.startedAt;
