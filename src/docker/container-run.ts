/**
 * One life of a container, from our launch (or our finding it) to its end.
 *
 * What the Engine says decides `spawned` and `exited`, and nothing else does: a client's child process, or the socket that output comes
 * from, may end at any time, and the Engine is asked what that meant. A life is told from another of the same container by the Engine's
 * `StartedAt`. News may come twice and in any order (event, inspect, end of the output); `phase` lets each count once.
 *
 *   launching --(runs, StartedAt is new)--> up --(does not run, or runs with another StartedAt)--> ending --(output drained)--> over
 *       '------(launch failed)-----------------------------------------------------------------------------------------------> over
 */
import { messageOf } from '../core/message-of.ts';
import type { Exit } from '../core/unit/types.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Run, RunnerReport, StopOrder } from '../supervisor/runner.ts';
import type { Log } from '../log/activity-log.ts';
import { attachWhileAlive } from './attach-while-alive.ts';
import type { Attachment, Outlets } from './attachment.ts';
import { drain } from './drain.ts';
import type { ContainerEnd } from './engine.ts';
import type { ContainerEvent } from './events.ts';
import { nanosOf, wallOf } from './facts.ts';
import type { ContainerFacts } from './facts.ts';
import { lookAtMainProcess, recogniseMainProcess, runsByKernel } from './kernel.ts';
import type { MainProcess } from './kernel.ts';
import type { FormerMain } from './left.ts';
import type { EngineLink } from './link.ts';
import type { LogCursor } from './log-cursor.ts';
import { createOutputQueue } from './output-queue.ts';
import { settleLog } from './settle-log.ts';
import { stopContainer } from './stop-container.ts';
import type { ContainerWatch } from './watch.ts';
import { within } from './within.ts';

export interface ContainerRunDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly link: EngineLink;
  readonly watch: ContainerWatch;
  /** Program name, for logs. */
  readonly program: string;
  readonly redirectStderr: boolean;
  /** Its container says itself when it is ready. */
  readonly saysReady: boolean;
  /** Attaches to a container that runs already. Rejects with EngineError or LaunchError. */
  readonly attach: (facts: ContainerFacts, outlets: Outlets, over: AbortSignal) => Promise<Attachment>;
  /** How far its output has been taken. */
  readonly cursor: LogCursor;
  /** Reads what is left of the output of a container that has ended. Never rejects. */
  readonly readRest: (facts: ContainerFacts, outlets: Outlets) => Promise<void>;
  /** Its launch is a client's that attaches first and then starts (`docker start -a`). */
  readonly isStartedByClient: boolean;
  readonly onUp: (facts: ContainerFacts) => void;
  /** The life with this StartedAt is over by the kernel's word, too; the Engine's books may still say that it runs. */
  readonly onGoneByKernel: (startedAt: string) => void;
  readonly onOver: (id: string | null) => void;
}

export interface ContainerRun extends Run {
  /** What the launch does; told of the way it went. */
  readonly outlets: Outlets;
  readonly cancelled: AbortSignal;
  /** Aborted when the life is over. */
  readonly over: AbortSignal;
  phase(): 'launching' | 'up' | 'ending' | 'over';
  attachment(): Attachment | null;
  setAttachment(attachment: Attachment): void;
  /** StartedAt of the life that is up; `''` before. */
  life(): string;
  event(event: ContainerEvent): void;
  facts(facts: ContainerFacts | null): void;
  lost(reason: string): void;
  /** Main process of the life that is up, where the kernel knows it as the container's; null: none. */
  main(): FormerMain | null;
  /** How it is to be stopped as soon as it can be; null: it is not. */
  pendingStop(): StopOrder | null;
  /** The container has said that it is ready. May come before anybody saw it run. */
  ready(): void;
  isReady(): boolean;
  /**
   * The launch has begun in earnest: from here on a stop waits for its outcome. `before`: StartedAt of the former life; `''`: it has none;
   * null: there is no container to start, and one that is renamed to that name meanwhile may have had a life.
   */
  launched(before: string | null): void;
  /** A client that is no attachment (it makes the container and comes back): what a kill of the launch ends. */
  holdClient(client: Attachment): void;
  /** It runs already, and is taken over. */
  adopted(facts: ContainerFacts): void;
  /** Resolves when it is no longer launching. */
  readonly settled: Promise<void>;
  /** It ran and ended before anybody saw it run. */
  ranUnseen(id: string | null, exit: Exit): void;
  /** Its life, which a former daemon had up, ended before we came. */
  endedUnseen(facts: ContainerFacts): void;
  /** The same, and it has been removed since. `life`: its StartedAt; `end`: null when the Engine remembers none. */
  goneUnseen(id: string | null, life: string, end: ContainerEnd | null): void;
  failed(message: string): void;
  /** The daemon goes, and the container stays: its output is let go of for good. */
  letGo(): void;
}

/** How far the Engine's clock may be ahead of ours for its events to be of now, in ms. */
const aheadMs = 1000;
/** What ended sooner after it was seen to be up than this may have run beside another life, in ms. */
const shortMs = 1000;
/** How long whoever writes the output down may take for the last of it, in ms. */
const writeMs = 2000;

export function createContainerRun(
  tell: (report: RunnerReport) => void,
  deps: ContainerRunDeps,
): ContainerRun {
  const { clock, link, watch } = deps;
  const { cursor } = deps;
  const stdout = createOutputQueue((chunk, place) => {
    cursor.taken('stdout', chunk, place);
  });
  const stderr = deps.redirectStderr
    ? stdout
    : createOutputQueue((chunk, place) => {
        cursor.taken('stderr', chunk, place);
      });
  const outlets: Outlets = { stdout, stderr };
  const cancelling = new AbortController();
  const over = new AbortController();
  let phase: 'launching' | 'up' | 'ending' | 'over' = 'launching';
  let before: string | null = null;
  /** Before a container of the name was seen: one that has ended then, and of whose end nobody told, ended before. */
  let mayBeOld = false;
  let attachment: Attachment | null = null;
  let current: ContainerFacts | null = null;
  let main: MainProcess | null = null;
  let lostReason: string | null = null;
  let upSince = -Infinity;
  let goAway: () => void = () => undefined;
  let isReady = false;
  let stopAsked = false;
  let pendingStop: StopOrder | null = null;
  let client: Attachment | null = null;
  let died: { readonly code: number } | null = null;
  let sawOom = false;
  let sawAttach = false;
  /** Somebody else was quicker than our client: what came before it had attached is in the log only. */
  let isLate = false;
  let draining: Promise<void> | null = null;
  let drainedOf: Attachment | null = null;
  /** How many attachments the launch has made: the last one is the one that is kept. */
  let keepers = 0;

  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const enter = (next: typeof phase): void => {
    phase = next;
    settle();
  };

  const setUp = (facts: ContainerFacts): void => {
    current = facts;
    cursor.name(facts.id);
    cursor.live(facts.startedAt);
    main = link.engine.local ? recogniseMainProcess(facts.pid, facts.id) : null;
    watch.pin(facts.id);
  };

  function becomeUp(facts: ContainerFacts, since: number, start: 'ours' | 'adopted'): void {
    enter('up');
    upSince = clock.now();
    setUp(facts);
    deps.onUp(facts);
    tell({ type: 'spawned', pid: facts.pid, since, ...(start === 'adopted' ? { adopted: true } : {}) });
    void settleLog({ link, cursor, facts, outlets, over: over.signal });
    lostReason = null;
    tellReady();
    if (isLate) takeFromLog();
    if (pendingStop !== null) stop(pendingStop);
  }

  /** The client that came too late is let go of: the log is followed in its place, from where it was left (`attachWhileAlive`). */
  function takeFromLog(): void {
    if (attachment?.kind !== 'cli' || cursor.of(current?.id ?? '')?.position == null) return;
    cursor.cut();
    attachment.detach();
  }

  function tellReady(): void {
    if (deps.saysReady && isReady && phase === 'up' && lostReason === null) tell({ type: 'ready' });
  }

  function end(exit: Exit, diedAt = clock.now()): void {
    if (phase === 'ending' || phase === 'over') return;
    phase = 'ending';
    over.abort();
    void finish(exit, diedAt);
  }

  /** One that nobody saw running is told of with its end: it would be said to run while its output is read. */
  function endUnseen(
    id: string | null,
    exit: Exit,
    diedAt: number,
    start: { since: number; adopted?: true },
  ): void {
    enter('ending');
    if (id !== null) watch.pin(id);
    over.abort();
    void finish(exit, diedAt, () => {
      tell({ type: 'spawned', pid: 0, ...start });
    });
  }

  async function finish(exit: Exit, diedAt: number, tellStart: () => void = () => undefined): Promise<void> {
    await drained();
    // Its socket may have heard, and ended with, the life that somebody else began while it was launched.
    if (attachment?.kind === 'api' && clock.now() - upSince < shortMs) cursor.cut();
    // One that was made while the container died would be told the output of its next life.
    if (attachment !== drainedOf) attachment?.detach();
    // An Engine that goes meanwhile must not keep the end from being told: what is left is read when it is back.
    const away = new Promise<void>((resolve) => {
      goAway = resolve;
    });
    if (current !== null && link.status().up) await Promise.race([deps.readRest(current, outlets), away]);
    await closeOutput();
    phase = 'over';
    if (current !== null && main !== null && lookAtMainProcess(main) === 'gone')
      deps.onGoneByKernel(current.startedAt);
    watch.pin(null);
    deps.onOver(current?.id ?? null);
    tellStart();
    tell({ type: 'exited', exit, diedAt });
  }

  /** Resolves when the output has come to its end. */
  function drained(): Promise<void> {
    if (draining === null) {
      drainedOf = attachment;
      draining =
        attachment === null
          ? Promise.resolve()
          : drain(attachment, { outlets, linesAtStake, cutOff: () => cursor.cut() });
    }
    return draining;
  }

  function linesAtStake(): number {
    const position = current === null ? null : cursor.of(current.id)?.position;
    return position == null ? 0 : position.stdout.lines + position.stderr.lines;
  }

  async function closeOutput(): Promise<void> {
    await within(Promise.all([stdout.end(), stderr.end()]), writeMs);
  }

  /** What `die` told of the end; where it was not heard, the next best. */
  const toldOr = (otherwise: Exit): Exit =>
    died === null ? otherwise : { kind: 'code', code: died.code, oomKilled: sawOom };

  function exitFrom(facts: ContainerFacts): Exit {
    const oomKilled = facts.oomKilled || sawOom;
    if (died !== null) return { kind: 'code', code: died.code, oomKilled };
    // dockerd that came back to a container that ended without it may have no code to tell: an end without a time is such a case.
    return facts.finishedAt === ''
      ? { kind: 'unknown', reason: 'the Engine did not see it end' }
      : { kind: 'code', code: facts.exitCode, oomKilled };
  }

  /**
   * Of this life, and of now. After the clock was set back the ends of before have times that are still to come, and an Engine tells them
   * again. A remote Engine whose clock is ahead loses nothing by that: each event is followed by a look.
   */
  const isOurLife = (time: string): boolean =>
    time === '' ||
    ((current === null || nanosOf(time) >= nanosOf(current.startedAt)) &&
      Number(nanosOf(time) / 1_000_000n) <= clock.wall() + aheadMs);

  function factsWhileUp(facts: ContainerFacts | null, now: ContainerFacts): void {
    const lives =
      facts !== null && (facts.state === 'restarting' || (facts.alive && facts.startedAt !== now.startedAt));
    if (stopAsked && facts !== null && lives) {
      // Its restart policy (or somebody) was quicker than the stop: that is over only when nothing comes up any more.
      // Nobody attached to that life: what it prints is in the log, and in no count.
      if (facts.startedAt !== now.startedAt) cursor.cut();
      setUp(facts);
      link.engine.stop(facts.id, 0, null).then(
        () => watch.look().catch(() => undefined),
        () => undefined,
      );
      return;
    }
    if (facts === null) {
      end(toldOr({ kind: 'unknown', reason: 'the container was removed' }));
    } else if (facts.alive && facts.startedAt === now.startedAt) {
      const wasLost = lostReason !== null;
      lostReason = null;
      setUp(facts);
      if (wasLost) {
        tell({ type: 'found', pid: facts.pid, since: sinceOf(facts, clock) });
        tellReady();
      }
    } else if (facts.startedAt === now.startedAt) {
      current = facts;
      end(exitFrom(facts));
    } else {
      // Another life already: this one's end was not seen, unless its `die` was.
      end(toldOr({ kind: 'unknown', reason: 'it was restarted by somebody else' }));
    }
  }

  function stop(order: StopOrder): void {
    if (phase === 'launching') {
      // An adoption counts as up before it is: its stop comes only once, and is kept until it can be carried out.
      pendingStop = order;
      cancelling.abort();
      return;
    }
    if (stopAsked || phase !== 'up') return;
    stopAsked = true;
    void stopContainer({
      order,
      link,
      watch,
      log: deps.log,
      program: deps.program,
      over: over.signal,
      facts: () => current,
      main: () => main,
      isTold: () => died !== null,
      goneByKernel() {
        end(toldOr({ kind: 'unknown', reason: 'the Engine did not tell of its end' }));
      },
    });
  }

  return {
    output: { stdout, stderr: deps.redirectStderr ? null : stderr },
    outlets,
    cancelled: cancelling.signal,
    over: over.signal,
    phase: () => phase,
    attachment: () => attachment,
    life: () => (phase === 'up' || phase === 'ending' ? (current?.startedAt ?? '') : ''),

    main: () =>
      phase === 'up' && main !== null && current !== null
        ? { ...main, stopSignal: current.stopSignal }
        : null,
    pendingStop: () => pendingStop,

    setAttachment(made) {
      if (phase === 'ending' || phase === 'over') {
        // It came too late: nobody would ever read it.
        made.detach();
        return;
      }
      // Two sockets would tell each line twice. (A client before it has ended: a launch makes another only then.)
      if (attachment?.kind === 'api') attachment.detach();
      attachment = made;
      const mine = ++keepers;
      attachWhileAlive({
        isMine: () => mine === keepers,
        deps,
        outlets,
        first: made,
        settled,
        over: over.signal,
        current: () => (phase === 'up' ? current : null),
        set: (next) => {
          attachment = next;
        },
      });
    },

    event(event) {
      if (event.action === 'oom') sawOom = true;
      if (event.action === 'attach') sawAttach = true;
      // The Engine tells in its own order: a client's socket is fed before its `attach` is told.
      if (event.action === 'start' && deps.isStartedByClient && !sawAttach && !isLate) {
        isLate = true;
        if (phase === 'up') takeFromLog();
      }
      if (event.action !== 'die' || event.exitCode === null || !isOurLife(event.time)) return;
      if (phase === 'launching') {
        if (before !== null) died = { code: event.exitCode };
        return;
      }
      if (phase !== 'up') return;
      died = { code: event.exitCode };
      // A stop is over when the Engine's own books say so, and they are closed after the event: the look that comes with it ends it.
      if (stopAsked) void drained();
      else end({ kind: 'code', code: event.exitCode, oomKilled: sawOom });
    },

    facts(facts) {
      if (phase === 'launching' && mayBeOld && facts !== null) {
        mayBeOld = false;
        if (!facts.alive && died === null) before = facts.startedAt;
      }
      if (phase === 'up' && current !== null) {
        factsWhileUp(facts, current);
      } else if (
        phase === 'launching' &&
        before !== null &&
        facts !== null &&
        facts.startedAt !== '' &&
        (facts.startedAt !== before || runsByKernel(facts, link.engine))
      ) {
        const since = facts.alive ? clock.now() : clock.now() - lifetimeOf(facts);
        becomeUp(facts, since, 'ours');
        if (!facts.alive) end(exitFrom(facts));
      }
    },

    lost(reason) {
      if (phase === 'ending' && attachment?.kind === 'api') {
        // Nothing more comes of it now; one that follows the log may be in the next life already, and would not end for a long time.
        cursor.cut();
        attachment.detach();
      }
      goAway();
      if ((phase !== 'up' && phase !== 'launching') || lostReason === reason) return;
      lostReason = reason;
      tell({ type: 'lost', reason });
    },

    ready() {
      if (isReady) return;
      isReady = true;
      tellReady();
    },
    isReady: () => isReady,

    launched(former) {
      before = former ?? '';
      mayBeOld = former === null;
    },

    holdClient(made) {
      client = made;
    },

    adopted(facts) {
      // Whether it said so to the daemon before us cannot be known; it is not heard any more, and must not wait for ever.
      isReady = true;
      if (phase === 'launching') becomeUp(facts, sinceOf(facts, clock), 'adopted');
    },
    settled,

    ranUnseen(id, exit) {
      if (phase !== 'launching') return;
      const now = clock.now();
      endUnseen(id, toldOr(exit), now, { since: now });
    },

    endedUnseen(facts) {
      if (phase !== 'launching') return;
      current = facts;
      const since = sinceOf(facts, clock);
      endUnseen(facts.id, exitFrom(facts), since + lifetimeOf(facts), { since, adopted: true });
    },

    goneUnseen(id, life, end) {
      if (phase !== 'launching') return;
      const since = sinceOf({ startedAt: life }, clock);
      const exit: Exit =
        end === null
          ? { kind: 'unknown', reason: 'its container was removed while no dockvisord was there' }
          : { kind: 'code', code: end.exitCode, oomKilled: false };
      const diedAt = end === null ? clock.now() : clock.now() - Math.max(0, clock.wall() - end.at);
      endUnseen(id, exit, diedAt, { since, adopted: true });
    },

    failed(message) {
      if (phase !== 'launching') return;
      cursor.abandon();
      enter('over');
      over.abort();
      void closeOutput().then(() => {
        watch.pin(null);
        deps.onOver(null);
        tell({ type: 'spawnFailed', message });
      });
    },

    stop,

    kill() {
      if (phase === 'launching') {
        // A client that hangs. The Engine's own start is not ended by closing the socket beside it, which has the output of what comes up.
        const launcher = client ?? attachment;
        if (launcher?.kind === 'cli') launcher.detach();
        return;
      }
      const { id } = current ?? { id: '' };
      // A stop has its own kill, when the grace is over that begins with the Engine's hearing of it. One that it has not heard yet and this
      // one would come to the container together.
      if (phase !== 'up' || stopAsked || !link.status().up) return;
      link.engine.kill(id, 'KILL').then(
        () => watch.look().catch(() => undefined),
        (error: unknown) => {
          deps.log.warn(`killing container of ${deps.program} failed: ${String(error)}`);
        },
      );
    },

    signal(name) {
      if (phase !== 'up' || current === null) return;
      link.engine.kill(current.id, name).catch((error: unknown) => {
        deps.log.warn(`signal ${name} to container of ${deps.program} failed: ${messageOf(error)}`);
      });
    },

    letGo() {
      over.abort();
      attachment?.detach();
    },

    // Only what has not been asked of the Engine yet can be called back: a start under way comes up, and is then stopped.
    cancel() {
      cancelling.abort();
    },

    write: (data) => attachment?.write(data) ?? Promise.resolve('closed'),
  };
}

/** Monotonic instant of the container's real start. A clock that disagrees with the Engine's cannot make it lie in the future. */
export function sinceOf({ startedAt }: Pick<ContainerFacts, 'startedAt'>, clock: Clock): number {
  const started = wallOf(startedAt);
  return clock.now() - (started === null ? 0 : Math.max(0, clock.wall() - started));
}

/** How long a life lasted, by the Engine's own two times, in ms. */
function lifetimeOf(facts: ContainerFacts): number {
  const [from, to] = [wallOf(facts.startedAt), wallOf(facts.finishedAt)];
  return from === null || to === null ? 0 : Math.max(0, to - from);
}
