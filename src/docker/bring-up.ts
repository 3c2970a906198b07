/** From what is there to what runs: takes over, starts by the Engine, or starts by the user's own client. */
import { messageOf } from '../core/message-of.ts';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DockerInvocation, DockerSpec, ProcessSpec, RestartPolicyRule } from '../core/config/model.ts';
import { attachmentOfSocket } from './attachment.ts';
import type { Attachment, Outlets } from './attachment.ts';
import { complaintOf, followCidfile, pointAt, startClient } from './client.ts';
import type { ContainerRun } from './container-run.ts';
import type { ContainerRunnerDeps } from './container-runner.ts';
import { EngineError } from './engine-error.ts';
import type { ContainerFacts } from './facts.ts';
import type { LogCursor } from './log-cursor.ts';
import { fromTheBeginning } from './log-position.ts';
import { attachWords, startInsteadWords, startWords } from './proxy-command.ts';
import { endOfLog } from './read-log.ts';
import { followLog, readRest } from './take-up.ts';
import type { TakeUpDeps } from './take-up.ts';
import type { ContainerWatch, WatchTarget } from './watch.ts';

export interface BringUpOptions {
  readonly spec: ProcessSpec;
  readonly docker: DockerSpec;
  /** As it is now: it may change while a container runs. */
  readonly restartPolicy: () => RestartPolicyRule;
  readonly deps: ContainerRunnerDeps;
  readonly watch: ContainerWatch;
  readonly target: WatchTarget;
  readonly cursor: LogCursor;
  /** StartedAt of the life that a former daemon had up; null: none. */
  readonly life: string | null;
  /** Full id of its container; null: not known. */
  readonly formerContainer: string | null;
  /** Where a client that a former daemon was running writes the id of a container without a name; null: nowhere. */
  readonly formerCidfile: string | null;
  /** Whether a running container of this name is the program's own. */
  readonly mayTakeOver: (facts: ContainerFacts) => boolean;
  /** Whether it is a paused one that a dockvisord had up, and that lives on. */
  readonly isOursPaused: (facts: ContainerFacts) => boolean;
  /** Whether a former daemon was just starting it, and it came up without that one. */
  readonly isOfFormerLaunch: (facts: ContainerFacts) => boolean;
  /** Whether its main process is gone, whatever the Engine still says. */
  readonly isGone: (facts: ContainerFacts) => boolean;
}

/** What the Engine said of the container, and when by the monotonic clock. */
export interface Seen {
  readonly facts: ContainerFacts | null;
  readonly at: number;
}

export interface BringUp {
  /** Waits, outside the gate, while a container is between two lives of its own restart policy, or its end is not in the Engine's books. */
  settled(to: ContainerRun): Promise<Seen>;
  /**
   * Ends when the run is up, or has told its failure; rejects when it must be told. `seen`: by `settled`. `obstacle`: why nothing may be
   * started; what runs already is taken over all the same.
   */
  bringUp(to: ContainerRun, seen: Seen, obstacle?: string): Promise<void>;
  /** Makes a run of what runs already; starts nothing. */
  takeOver(to: ContainerRun, facts: ContainerFacts): void;
  /** Attaches to what runs. Rejects with EngineError or LaunchError, or when the life is `over` first. */
  attach(facts: ContainerFacts, outlets: Outlets, over: AbortSignal): Promise<Attachment>;
  /** Reads what is left of the output of a container that has ended. Never rejects. */
  readRest(facts: ContainerFacts, outlets: Outlets): Promise<void>;
  /** A launch was called back, or its way cleared: what ended while no daemon was there has been judged by that, and the next launch is one like any other. */
  calledOff(): void;
  /** StartedAt of the life that a former daemon had up, until it is known what became of it; then null. */
  unseenLife(): string | null;
  /** Where a client that is making a container without a name writes its id, where that file is ours; null: nowhere. */
  cidfile(): string | null;
  /** From now on the container that exists is started, although the command is a `run`. */
  useStartInstead(): void;
}

/** How long a container that restarts by its own policy may take to settle before a launch goes on, in ms. */
const settleMs = 70_000;
const settlePollMs = 500;
/** How old what was seen may be, in ms. */
const freshMs = 50;
/** How long the client of a daemon that was killed may take to make its container before another is made, in ms. */
const formerClientMs = 3000;
const formerClientPollMs = 50;

/** The client that starts the container, where there is one: it must stay for as long as the container runs. */
export const clientOf = (docker: DockerSpec): DockerInvocation | null =>
  docker.attach === 'cli' && docker.invocation?.detached === false ? docker.invocation : null;

export function createBringUp(options: BringUpOptions): BringUp {
  const { spec, docker, restartPolicy, deps, watch, target, cursor, mayTakeOver, isOursPaused, isGone } =
    options;
  let unseen = options.life;
  const { clock, link, log } = deps;
  const client = clientOf(docker);
  const takeUp: TakeUpDeps = {
    engine: link.engine,
    wallClock: link.wallClock,
    cursor,
    log,
    program: spec.name,
    readers: new Set(),
  };
  const notify =
    deps.notify == null ? null : { path: deps.notify.path, watchdogSeconds: docker.watchdogSeconds ?? 0 };
  /** A client that makes the container and comes back at once (`run -d`, `compose up -d`): `start` without `-a` is the Engine's to do. */
  const detachedMaker =
    docker.invocation?.detached === true && docker.invocation.verb !== 'start' ? docker.invocation : null;
  /** Its client makes a container of its own. */
  const isRun = docker.invocation?.verb === 'run';
  let startInstead = false;
  let ownCidfile: string | null = null;
  let { formerCidfile } = options;
  let warnedOfPolicy = false;

  async function settled(to: ContainerRun): Promise<Seen> {
    const limit = clock.now() + settleMs;
    let facts = await watch.look();
    const isBetween = (): boolean =>
      facts !== null &&
      ((facts.state === 'restarting' && restartPolicy() === 'keep') ||
        (facts.state === 'running' && isGone(facts)));
    while (isBetween() && clock.now() < limit) {
      await sleep(settlePollMs, undefined, { signal: to.cancelled });
      facts = await watch.look();
    }
    return { facts, at: clock.now() };
  }

  const isStartedByEngine = (facts: ContainerFacts | null): boolean =>
    client === null && (detachedMaker === null || (startInstead && facts !== null));

  async function bringUp(to: ContainerRun, seen: Seen | null, obstacle?: string): Promise<void> {
    retargetByCidfile();
    if (formerCidfile !== null) await awaitFormerClient(formerCidfile, to.cancelled);
    // Where the launch looks again before the start, what was seen before the gate is as good.
    const isFresh =
      seen !== null &&
      docker.target.by !== 'cidfile' &&
      isStartedByEngine(seen.facts) &&
      clock.now() - seen.at < freshMs;
    const facts = isFresh ? seen.facts : await watch.look();
    if (to.phase() !== 'launching') return;
    if (facts !== null) {
      const other = deps.owners.other(facts.id);
      if (other !== null) throw new Error(`container "${facts.name}" is managed by ${other}`);
      await mindPolicy(facts);
      if ((facts.state === 'running' && mayTakeOver(facts)) || isOursPaused(facts)) {
        takeOver(to, facts);
        return;
      }
      if (facts.state === 'running')
        throw new Error(`the name "${facts.name}" is taken by a running container`);
      if (facts.state !== 'exited' && facts.state !== 'created') {
        throw new Error(`container "${facts.name}" is ${wordOf(facts)}`);
      }
    }
    to.cancelled.throwIfAborted();
    if (facts !== null && facts.startedAt !== '' && facts.startedAt === unseen) {
      // It ended while no daemon was there: whether it is started again is what its policy says of such an end.
      resolve(facts);
      to.endedUnseen(facts);
      return;
    }
    // Of one that removes itself there is nothing left to look at: the Engine's memory may tell.
    if (facts === null && unseen !== null && isRun) {
      await tellGone(to, unseen);
      return;
    }
    resolve(null);
    if (obstacle !== undefined) throw new Error(obstacle);
    await settleOutput(to, facts);
    // Killed from here on, we leave a container that comes up all the same. One that does not exist yet nobody else would know for ours.
    deps.onPlaced?.(isRun);
    if (isStartedByEngine(facts)) await bringUpByEngine(to, facts);
    else if (client !== null) await bringUpByClient(to, facts, client);
    else if (detachedMaker !== null) await makeByClient(to, facts, detachedMaker);
  }

  /** An Engine that keeps no events, or tells them in another way, remembers none. */
  const unlessAway = (error: unknown): null => {
    if (error instanceof EngineError && error.family === 'unavailable') throw error;
    return null;
  };

  /** It is known what became of what a former daemon had up. `facts`: that container is the program's until another is made; null: it is not. */
  function resolve(facts: ContainerFacts | null): void {
    unseen = null;
    if (facts !== null && docker.target.by === 'cidfile') watch.retarget({ by: 'name', name: facts.id });
    watch.forgetFormer();
  }

  async function tellGone(to: ContainerRun, life: string): Promise<void> {
    const id = options.formerContainer;
    const end = id === null ? null : await link.engine.endOf(id).catch(unlessAway);
    if (to.phase() !== 'launching') return;
    resolve(null);
    log.warn(
      `the container that ${spec.name} had is gone: it ended, and was removed, while no dockvisord was there; what it printed meanwhile is lost`,
    );
    to.goneUnseen(id, life, end);
  }

  /** Before a container's next life: what is left of the former one is read, and where the log then ends is where the new one begins. */
  async function settleOutput(to: ContainerRun, facts: ContainerFacts | null): Promise<void> {
    // Nobody makes one: what is known of a container that has been renamed away counts when it comes back.
    if (facts === null && client === null && detachedMaker === null) return;
    const makesNew = isRun && !(startInstead && facts !== null);
    if (facts === null || facts.startedAt === '') {
      cursor.begin(
        makesNew ? null : (facts?.id ?? null),
        docker.invocation?.verb === 'compose-up' ? null : fromTheBeginning,
      );
      return;
    }
    if (client?.verb === 'compose-up') {
      cursor.begin(facts.id, null);
      return;
    }
    const isBehind = !cursor.isWhole();
    if (cursor.of(facts.id)?.position != null) await readRest(takeUp, facts, to.outlets);
    if (makesNew) {
      // What is there is another container, that has ended.
      cursor.begin(null, fromTheBeginning);
      return;
    }
    const isKnown = cursor.of(facts.id)?.position != null && cursor.isWhole();
    // What has just been read has the lines of all lives in it, and of one that others have begun meanwhile none may be passed over.
    if (isKnown && (isBehind || cursor.wasLast(facts.startedAt))) return;
    const end = await endOfLog(link.engine, facts, spec.redirectStderr);
    cursor.begin(facts.id, end === 'unreadable' ? null : end);
  }

  async function mindPolicy(facts: ContainerFacts): Promise<void> {
    if (facts.restartPolicy === 'no') return;
    if (restartPolicy() === 'disable') {
      await link.engine.disableRestartPolicy(facts.id);
      log.info(
        `restart policy of container ${facts.name} was "${facts.restartPolicy}" and is now "no" (docker_restart_policy=disable)`,
      );
    } else if (!warnedOfPolicy) {
      warnedOfPolicy = true;
      log.warn(
        `container ${facts.name} of ${spec.name} has restart policy "${facts.restartPolicy}" and so two owners; set docker_restart_policy=disable, or: docker update --restart=no ${facts.name}`,
      );
    }
  }

  function takeOver(to: ContainerRun, facts: ContainerFacts): void {
    resolve(facts);
    to.adopted(facts);
    attachTo(to, facts);
  }

  /** Attaches beside the telling: a container that cannot be attached to at the moment runs all the same. */
  function attachTo(to: ContainerRun, facts: ContainerFacts): void {
    attach(facts, to.outlets, to.over).then(
      (attachment) => {
        to.setAttachment(attachment);
      },
      (error: unknown) => {
        if (to.over.aborted) return;
        log.warn(`cannot attach to container ${facts.name} yet: ${messageOf(error)}`);
        to.setAttachment(noAttachment);
      },
    );
  }

  async function bringUpByEngine(to: ContainerRun, facts: ContainerFacts | null): Promise<void> {
    if (facts === null) {
      throw new Error(`container "${target.name}" does not exist on ${link.engine.name}`);
    }
    // Attach, then start: no output is missed. The exit comes by the event stream, which is there already.
    const socket = await link.engine.attach(facts.id, facts.openStdin);
    socket.on('error', () => undefined);
    // Somebody may have started it before that: then the socket has missed what came first, and nobody could count. Asked before anything
    // is read of it, so that the log has it all from where it was left.
    const now = await watch.look().catch((error: unknown) => {
      socket.destroy();
      throw error;
    });
    if (now?.id !== facts.id || now.startedAt !== facts.startedAt) {
      socket.destroy();
      cursor.cut();
      return bringUp(to, null);
    }
    // All that may take its time: what was called back meanwhile is not started.
    if (to.cancelled.aborted) {
      socket.destroy();
      cursor.cut();
      to.cancelled.throwIfAborted();
    }
    to.setAttachment(attachmentOfSocket(socket, facts.tty, to.outlets));
    to.launched(facts.startedAt);
    // Somebody may rename it while it comes up.
    watch.pin(facts.id);
    try {
      await link.engine.start(facts.id);
    } catch (error) {
      to.attachment()?.detach();
      // A start that went wrong may have gone far enough to run: ask. (A launch that fails tells no `start` event.)
      await watch.look();
      if (to.phase() !== 'launching') return;
      throw error;
    }
    await watch.look();
    if (to.phase() === 'launching')
      to.ranUnseen(facts.id, { kind: 'unknown', reason: 'the container was gone after its start' });
  }

  /** Runs a detached client to its end, then takes over what it started. What is printed before that is only in the Engine's log. */
  async function makeByClient(
    to: ContainerRun,
    facts: ContainerFacts | null,
    maker: DockerInvocation,
  ): Promise<void> {
    await withCidfile(async (cidfile, ownCidfile) => {
      to.launched(facts?.startedAt ?? '');
      cursor.cut();
      const made = startClient(startWords(maker, ownCidfile, notify), spec, deps, to.outlets);
      to.holdClient(made);
      const { exit, lastWords } = await (cidfile === null ? made.ended : followCidfile(cidfile, made, watch));
      const after = await watch.look();
      if (to.phase() === 'launching') {
        const code = exit?.kind === 'code' ? exit.code : null;
        throw new Error(
          lastWords === ''
            ? `the client (${maker.verb}) ended with ${exitText(code)} and the container does not run`
            : complaintOf(lastWords),
        );
      }
      if (to.phase() === 'up' && after?.alive === true) attachTo(to, after);
    });
  }

  async function bringUpByClient(
    to: ContainerRun,
    facts: ContainerFacts | null,
    invocation: DockerInvocation,
  ): Promise<void> {
    await withCidfile(async (cidfile, ownCidfile) => {
      const words =
        startInstead && facts !== null
          ? startInsteadWords(invocation, facts.id)
          : startWords(invocation, ownCidfile, notify);
      to.launched(facts === null && invocation.verb === 'start' ? null : (facts?.startedAt ?? ''));
      const backToStart = cursor.mark();
      const attachment = startClient(words, spec, deps, to.outlets);
      to.setAttachment(attachment);
      const upOrEnded = cidfile === null ? attachment.ended : followCidfile(cidfile, attachment, watch);
      const { exit, lastWords, complainedOn } = await Promise.race([
        upOrEnded,
        to.settled.then(() => ({ exit: null, lastWords: '', complainedOn: null })),
      ]);
      if (to.phase() !== 'launching') return;
      // The Engine went while it was started: all but the client's own word may be the container's, which may have come up.
      if (complainedOn !== null) cursor.disown(complainedOn);
      // The client has ended and nobody saw the container run: the Engine knows whether it did.
      const after = await watch.look();
      if (to.phase() !== 'launching') {
        if (to.phase() === 'up' && after !== null) attachTo(to, after);
        return;
      }
      const failure = after !== null && after.error !== '' ? after.error : complaintOf(lastWords);
      const code = exit?.kind === 'code' ? exit.code : null;
      if (invocation.verb === 'run' && after === null && code !== null && (code < 125 || code > 127)) {
        // Ran, ended, and was removed (--rm) before it could be seen: the client has its code.
        to.ranUnseen(null, exit ?? { kind: 'unknown', reason: 'removed' });
        return;
      }
      // It did not: what was said is the client's, and in no log of a container.
      backToStart();
      throw new Error(
        failure === ''
          ? // Never its whole command: that may hold secrets (`-e PASSWORD=…`).
            `the client (${invocation.verb}) ended with ${exitText(code)} and the container does not run`
          : failure,
      );
    });
  }

  /** Where the client writes the id of a container without a name: the command's own file, or one of ours, which it is told. */
  async function withCidfile(
    use: (cidfile: string | null, ownCidfile: string | null) => Promise<void>,
  ): Promise<void> {
    if (docker.target.by !== 'cidfile') return use(null, null);
    if (docker.target.path !== undefined) return use(docker.target.path, null);
    const directory = mkdtempSync(join(tmpdir(), 'dockvisor-cid-'));
    const own = join(directory, 'cid');
    ownCidfile = own;
    deps.onPlaced?.(true);
    try {
      await use(own, own);
    } finally {
      ownCidfile = null;
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** The client of a former daemon may still be at it: then its container is waited for, and no second one made. */
  async function awaitFormerClient(path: string, cancelled: AbortSignal): Promise<void> {
    const directory = dirname(path);
    // Below the directory for temporary files anybody can make one of that name, once ours is gone.
    if (statSync(directory, { throwIfNoEntry: false })?.uid !== process.getuid?.()) return;
    const limit = clock.now() + formerClientMs;
    while (clock.now() < limit) {
      if (pointAt(path, watch) && (await watch.look())?.state !== 'created') break;
      await sleep(formerClientPollMs, undefined, { signal: cancelled });
    }
    formerCidfile = null;
    rmSync(directory, { recursive: true, force: true });
  }

  /** A file of the command's own may still hold the former container: that one is known before the client runs, and not taken for the next. */
  function retargetByCidfile(): void {
    if (docker.target.by === 'cidfile' && docker.target.path !== undefined)
      pointAt(docker.target.path, watch);
  }

  async function attach(facts: ContainerFacts, outlets: Outlets, over: AbortSignal): Promise<Attachment> {
    // One of which nothing was taken yet is followed from where its log ends now: then its place is known from the first line on. The first
    // life of what a former daemon was just starting has all of its log to tell.
    if (cursor.of(facts.id) === null) {
      const isNew = facts.finishedAt === '' && options.isOfFormerLaunch(facts);
      const end = isNew ? fromTheBeginning : await endOfLog(link.engine, facts, spec.redirectStderr);
      // A slow Engine's answer is of then: the next life may have begun, whose place this is not.
      over.throwIfAborted();
      if (end !== null && end !== 'unreadable') {
        cursor.begin(facts.id, end);
        deps.onPlaced?.(false);
      }
    }
    const left = cursor.of(facts.id);
    if (left !== null) {
      cursor.cut();
      const attachment = await followLog(takeUp, facts, left, outlets);
      if (attachment !== null) return attachment;
      over.throwIfAborted();
    }
    cursor.begin(facts.id, null);
    const words = client === null ? null : attachWords(client, facts.id);
    if (words !== null) return startClient(words, spec, deps, outlets);
    return attachmentOfSocket(await link.engine.attach(facts.id, facts.openStdin), facts.tty, outlets);
  }

  return {
    settled,
    bringUp,
    takeOver,
    attach,
    readRest: (facts, outlets) => readRest(takeUp, facts, outlets),
    calledOff() {
      resolve(null);
    },
    unseenLife: () => unseen,
    cidfile: () => ownCidfile ?? formerCidfile,
    useStartInstead() {
      startInstead = true;
    },
  };
}

const exitText = (code: number | null): string =>
  code === null ? 'a signal' : `exit status ${String(code)}`;

const wordOf = (facts: ContainerFacts): string =>
  facts.error === '' ? facts.state : `${facts.state} (${facts.error})`;

/** Stands for "none at the moment": its end is at hand, so that a new one is tried. */
const noAttachment: Attachment = {
  kind: 'api',
  pid: null,
  ended: Promise.resolve({ exit: null, lastWords: '', complainedOn: null }),
  detach: () => undefined,
  write: () => Promise.resolve('closed'),
};
