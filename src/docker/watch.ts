/** Keeps the Engine's word about one program's container: asked afresh after each event and each comparison, never remembered for truth. */
import type { ContainerTarget, DockerSpec, ProcessSpec } from '../core/config/model.ts';
import type { ContainerView } from '../core/view.ts';
import type { ListedContainer } from './engine.ts';
import { EngineError } from './engine-error.ts';
import type { ContainerEvent } from './events.ts';
import { absentView, viewOf, wallOf } from './facts.ts';
import type { ContainerFacts } from './facts.ts';
import type { EngineLink, Listing } from './link.ts';
import { isUpSince } from './uptime.ts';

/** `name` is the display name while there is no container. */
export interface WatchTarget {
  readonly find: ContainerTarget | { readonly by: 'nothing' };
  /** Compose's project, already derived; only for `by: 'compose'`. */
  readonly project: string;
  readonly name: string;
  /**
   * What a former daemon had up: found by its id where nothing is found otherwise (it has no name, or another one by now). `isMade`: by the
   * program's own `docker run`, and so it is the program's before any other of the name, as long as it runs.
   */
  readonly former?: { readonly id: string; readonly startedAt: string; readonly isMade: boolean } | null;
}

export interface WatchListener {
  /** At once, in the Engine's order, before anything was asked. */
  event(event: ContainerEvent): void;
  /** The answer of a fresh inspect; null: there is no such container. */
  facts(facts: ContainerFacts | null): void;
  /** The Engine, or this container at the Engine, cannot be asked. */
  lost(reason: string): void;
}

export interface ContainerWatch {
  /** Asks the Engine; calls at one time share one question. Rejects with EngineError. */
  look(): Promise<ContainerFacts | null>;
  /** Follow this id, whatever it is called (a rename must not lose it); null: find it by the target again. */
  pin(id: string | null): void;
  /** What is found from now on, for `docker run` with a `--cidfile`. */
  retarget(find: WatchTarget['find']): void;
  /** What a former daemon had up is looked for no more. */
  forgetFormer(): void;
  view(): ContainerView;
  close(): void;
}

/** What runs is looked at in any case after so many comparisons: where the list says how long it is up, and where it does not. */
const seldom = 60;
const often = 6;

/** Events that change nothing that we tell. */
const dull = /^(exec_|attach|resize|top|copy|export|commit|archive|kill$|restart$)/;

export function createWatch(target: WatchTarget, link: EngineLink, listener: WatchListener): ContainerWatch {
  const { engine } = link;
  let { find } = target;
  let former = target.former ?? null;
  let pinned: string | null = null;
  /** Counts the lives that were followed: an answer to a question from a former one is no news of the next. */
  let generation = 0;
  let comparisons = 0;
  /** Start of the life that was doubted last, in ms. */
  let doubted: number | null = null;
  let known: ContainerFacts | null = null;
  let asked = false;
  let trouble: string | null = null;
  let current: Promise<ContainerFacts | null> | null = null;
  let next: Promise<ContainerFacts | null> | null = null;

  async function inspect(): Promise<ContainerFacts | null> {
    try {
      const ref = pinned ?? (await refOf(find));
      const asking = generation;
      const facts = await inspectAny(ref);
      // Asked by a name that another, or nobody, has by now: its id is known meanwhile.
      const isOther = pinned !== null && ref !== pinned && facts?.id !== pinned;
      if (asking !== generation || isOther) return await inspect();
      known = facts;
      asked = true;
      trouble = null;
      listener.facts(facts);
      return facts;
    } catch (error) {
      if (error instanceof EngineError && error.family === 'unavailable') {
        trouble = error.message;
        listener.lost(error.message);
        link.suspect();
      }
      throw error;
    }
  }

  async function inspectAny(ref: string | null): Promise<ContainerFacts | null> {
    const made = former?.isMade === true ? await inspectFormer() : null;
    if (made?.alive === true) return made;
    const facts = ref === null ? null : await engine.inspect(ref);
    return facts ?? made ?? (await inspectFormer());
  }

  async function inspectFormer(): Promise<ContainerFacts | null> {
    if (former === null || pinned !== null) return null;
    const { id, startedAt } = former;
    const facts = await engine.inspect(id);
    return facts?.startedAt === startedAt ? facts : null;
  }

  async function refOf(wanted: WatchTarget['find']): Promise<string | null> {
    switch (wanted.by) {
      case 'name':
        return wanted.name;
      case 'compose':
        return composeContainer(await engine.list(), target.project, wanted.service);
      case 'cidfile':
      case 'nothing':
        return null;
    }
  }

  function look(): Promise<ContainerFacts | null> {
    if (current === null) {
      current = inspect().finally(() => {
        current = null;
      });
      return current;
    }
    next ??= current
      .catch(() => null)
      .then(() => {
        next = null;
        return look();
      });
    return next;
  }

  /** For news that nobody waits for: a failure was told to the listener already. */
  const lookSoon = (): void => {
    look().catch(() => undefined);
  };

  const concerns = (
    id: string,
    names: readonly string[],
    labels: Readonly<Record<string, string>>,
  ): boolean => {
    if (pinned !== null) return id === pinned;
    if (find.by === 'name')
      return names.includes(find.name) || id === find.name || (known !== null && id === known.id);
    return find.by === 'compose' && isComposeContainer(labels, target.project, find.service);
  };

  /** A restart that no event told of leaves id and state as they were. It shows in how long the container is up, where the list tells that. */
  function isDoubtful(found: ListedContainer | undefined, { from, to }: Listing): boolean {
    comparisons++;
    const started = known === null ? null : wallOf(known.startedAt);
    const agrees =
      found === undefined || started === null ? null : isUpSince(found.status, started, from, to);
    if (agrees === true) return comparisons % seldom === 0;
    const isNew = agrees === false && doubted !== started;
    doubted = started;
    // An Engine whose clock is not ours disagrees each time.
    return isNew || comparisons % often === 0;
  }

  const unlisten = link.listen({
    event(event) {
      const names = [event.name, (event.labels['oldName'] ?? '').replace(/^\//, '')];
      if (!concerns(event.id, names, event.labels)) return;
      listener.event(event);
      if (!dull.test(event.action)) lookSoon();
    },
    compare(listing) {
      const { containers, byId } = listing;
      const found =
        pinned === null
          ? containers.find(({ id, names, labels }) => concerns(id, names, labels))
          : byId.get(pinned);
      const same =
        asked &&
        trouble === null &&
        found?.id === known?.id &&
        (found === undefined ||
          (found.state === known?.state && (known === null || found.names.includes(known.name))));
      if (!same || (pinned !== null && isDoubtful(found, listing))) lookSoon();
    },
    down(reason) {
      trouble = reason;
      listener.lost(reason);
    },
  });
  if (link.status().up) lookSoon();

  return {
    look,
    pin(id) {
      if (id === null && pinned !== null) generation++;
      pinned = id;
      if (id !== null && id !== known?.id) lookSoon();
    },
    retarget(wanted) {
      find = wanted;
    },
    forgetFormer() {
      const wasFound = former !== null && pinned === null && known?.id === former.id;
      former = null;
      // Under its name there may be none, or another one.
      if (wasFound) lookSoon();
    },
    view() {
      const status = link.status();
      const reason = trouble ?? (status.up ? null : status.reason);
      if (reason !== null || !asked) {
        const seen = known === null ? null : viewOf(known, engine.name);
        const absent = absentView(
          seen?.name ?? target.name,
          engine.name,
          'unknown',
          reason ?? 'not asked yet',
        );
        return { ...absent, id: seen?.id ?? null, image: seen?.image ?? null };
      }
      return known === null
        ? absentView(target.name, engine.name, 'missing', '')
        : viewOf(known, engine.name);
    },
    close: () => {
      unlisten();
    },
  };
}

const isComposeContainer = (
  labels: Readonly<Record<string, string>>,
  project: string,
  service: string,
): boolean =>
  labels['com.docker.compose.project'] === project &&
  labels['com.docker.compose.service'] === service &&
  labels['com.docker.compose.oneoff'] !== 'True';

/** The first by number: a program stands for one container. */
function composeContainer(all: readonly ListedContainer[], project: string, service: string): string | null {
  const number = (one: ListedContainer): number =>
    Number(one.labels['com.docker.compose.container-number'] ?? 0);
  const ours = all.filter(({ labels }) => isComposeContainer(labels, project, service));
  return ours.sort((a, b) => number(a) - number(b))[0]?.id ?? null;
}

/** What a program's container is called while there is none. */
export function displayName(docker: DockerSpec, spec: ProcessSpec): string {
  switch (docker.target.by) {
    case 'name':
      return docker.target.name;
    case 'compose':
      return docker.target.service;
    case 'cidfile':
      return spec.name;
  }
}
