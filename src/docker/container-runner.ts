/**
 * Makes a container program run. One runner for two attachments: `cli` holds a real `docker start -a` (or `run`) child, as supervisord
 * would; `api` holds none. Only where the output comes from differs; the Engine is asked for everything else.
 */
import { messageOf } from '../core/message-of.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DockerSpec, ProcessSpec } from '../core/config/model.ts';
import type { GhostVerdict } from '../core/unit/types.ts';
import type { Log } from '../log/activity-log.ts';
import { findWords } from '../process/find-command.ts';
import type { PipeMaker } from '../process/pipes.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Runner, RunnerReport, Unlaunchable } from '../supervisor/runner.ts';
import { clientOf, createBringUp } from './bring-up.ts';
import { clearGhost } from './clear-ghost.ts';
import { createContainerRun, sinceOf } from './container-run.ts';
import type { ContainerRun } from './container-run.ts';
import { EngineError } from './engine-error.ts';
import { wallOf } from './facts.ts';
import type { ContainerFacts } from './facts.ts';
import type { Gate } from './gate.ts';
import type { EngineLink } from './link.ts';
import { createLogCursor } from './log-cursor.ts';
import { recogniseMainProcess, runsByKernel } from './kernel.ts';
import type { Left } from './left.ts';
import type { NotifySocket } from './notify-socket.ts';
import type { Owners } from './owners.ts';
import { mostAheadMs } from './wall-clock.ts';
import { stopByKernel } from './stop-container.ts';
import { createWatchdog } from './watchdog.ts';
import type { Watchdog } from './watchdog.ts';
import { createWatch, displayName } from './watch.ts';
import type { WatchTarget } from './watch.ts';

export interface ContainerRunnerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly link: EngineLink;
  readonly gate: Gate;
  readonly pipes: PipeMaker;
  readonly owners: Owners;
  /** Makes the whole environment of a proxy. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** Compose's project of the target, derived; `''` for other targets. */
  readonly project: string;
  readonly onGhost: (found: string, done: string) => void;
  /** What the Engine says of the container may have changed: `view()` is worth another look. */
  readonly onNews?: () => void;
  /** Where the log of what was found running, or is about to be started, is gone on with is known: worth to be kept at once, for the case that nobody asks again. */
  readonly onPlaced?: (now: boolean) => void;
  /** What a former daemon left of this program; null or absent: nothing. */
  readonly left?: Left | null;
  /** Over which its container says when it is ready; null or absent: `docker_notify` is off. */
  readonly notify?: NotifySocket | null;
}

/** How long a link that is just being made may take before a launch is told as lost, in ms. */
const firstAnswerMs = 2000;
/** How long one launch may hold up others, in ms. */
const longestInGateMs = 30_000;
/** What came up later than this after a launch was begun by a daemon that has died is not its doing, in ms. */
const longestLaunchMs = 300_000;
/** Pause before a launch is tried again whose Engine went away, in ms. */
const awayPauseMs = 500;

export function createContainerRunner(
  initial: ProcessSpec,
  initialDocker: DockerSpec,
  deps: ContainerRunnerDeps,
): Runner {
  const { clock, link, log, environment } = deps;
  let spec = initial;
  let docker = initialDocker;
  const { invocation } = docker;
  const closing = new AbortController();
  /** Of the last launch: the Engine may take its time, and the daemon does not stay for that. */
  let inGate: NodeJS.Timeout | undefined;
  let run: ContainerRun | null = null;
  let clearing: Promise<unknown> = Promise.resolve();
  let isClearing = false;
  /** StartedAt of the last life that is over by the kernel's word. */
  let goneLife = '';
  /** Its `die` comes before its books are closed, and an Engine that was silent closes them when it speaks again: until then it "runs". */
  const isGone = (facts: ContainerFacts): boolean =>
    facts.startedAt !== '' && facts.startedAt === goneLife && !runsByKernel(facts, link.engine);
  let appeared: Parameters<Runner['watch']>[0] = () => undefined;
  /** The main process that appeared last; null: none did yet. */
  let appearedPid: number | null = null;
  const appear = (facts: ContainerFacts): void => {
    appearedPid = facts.pid;
    appeared({ pid: facts.pid, since: sinceOf(facts, clock) });
  };

  const life = deps.left?.life ?? null;
  const formerContainer = life === null ? null : (deps.left?.output?.container ?? null);
  const target: WatchTarget = {
    find: docker.target,
    project: deps.project,
    name: displayName(docker, spec),
    former:
      life === null || formerContainer === null
        ? null
        : { id: formerContainer, startedAt: life, isMade: invocation?.verb === 'run' },
  };
  const watch = createWatch(target, link, {
    event: (event) => run?.event(event),
    lost(reason) {
      run?.lost(reason);
      deps.onNews?.();
    },
    facts(facts) {
      if (run !== null) run.facts(facts);
      // A paused one cannot be attached to, and a restarting one has no process: both are looked at again when that changes. What is being
      // cleared out of the way is not there to stay: a stop lets go of a paused one before it ends it.
      else if (!isClearing && facts?.state === 'running' && !isGone(facts) && mayTakeOver(facts))
        appear(facts);
      deps.onNews?.();
    },
  });

  /**
   * A running container of the name that `start` or `attach` is given is the program's, whoever started it. One that stands in the way of
   * a `run` is another one, unless a dockvisord had it running, or was just starting it: then it is the program's, and outlived its daemon.
   */
  const mayTakeOver = (facts: ContainerFacts): boolean =>
    deps.owners.other(facts.id) === null &&
    (invocation?.verb !== 'run' ||
      docker.onGhost === 'adopt' ||
      wasUpBefore(facts) ||
      isOfFormerLaunch(facts));

  /** A dockvisord had it up: that is in its claim, and in the state that it left. */
  const wasUpBefore = (facts: ContainerFacts): boolean =>
    deps.owners.knows(facts.id) || isOfFormerLife(facts);
  const isOfFormerLife = ({ startedAt }: ContainerFacts): boolean =>
    startedAt !== '' && startedAt === deps.left?.life;

  const isOursPaused = (facts: ContainerFacts): boolean =>
    facts.state === 'paused' && deps.owners.other(facts.id) === null && wasUpBefore(facts);

  /** A client outlives the daemon that ran it, and so does what was asked of the Engine. */
  const launchLeft = deps.left?.launch ?? null;
  let launchedAt: number | null = null;
  let wasUp = false;
  function isOfFormerLaunch({ startedAt }: ContainerFacts): boolean {
    const started = wallOf(startedAt);
    return (
      launchLeft !== null &&
      started !== null &&
      started >= launchLeft &&
      started - launchLeft < longestLaunchMs
    );
  }

  /** What a former daemon had up, or was starting, is in nobody's way. */
  const isOfFormer = (facts: ContainerFacts): boolean => isOfFormerLife(facts) || isOfFormerLaunch(facts);

  const cursor = createLogCursor(link.wallClock, deps.left?.output ?? null, mostAheadMs(link.engine));
  const { attach, bringUp, calledOff, cidfile, readRest, settled, takeOver, unseenLife, useStartInstead } =
    createBringUp({
      spec,
      docker,
      restartPolicy: () => docker.restartPolicy,
      deps,
      watch,
      target,
      cursor,
      life,
      formerContainer,
      formerCidfile: deps.left?.cidfile ?? null,
      mayTakeOver,
      isOursPaused,
      isOfFormerLaunch,
      isGone,
    });

  /** What the container said of itself last. */
  let status = '';
  let watchdog: Watchdog | null = null;
  deps.notify?.listen((message) => {
    if (message.status !== null) status = message.status;
    if (message.ready) run?.ready();
    if (message.watchdog === 'trigger') watchdog?.trigger();
    else if (message.ready || (message.watchdog === 'alive' && run?.isReady() === true)) watchdog?.heard();
  });

  function watchOver(made: ContainerRun): Watchdog | null {
    const seconds = docker.watchdogSeconds ?? 0;
    if (seconds === 0) return null;
    return createWatchdog({
      limitMs: seconds * 1000,
      graceMs: spec.stopWaitSeconds * 1000,
      clock,
      isPaused: () => watch.view().state === 'paused',
      end(order) {
        status = `watchdog: not heard for ${String(seconds)} s`;
        log.warn(
          `${spec.name}: ${status}, killing its container with ${order === 0 ? 'SIGABRT' : 'SIGKILL'}`,
        );
        if (order === 0) made.signal('ABRT');
        else made.kill();
      },
    });
  }

  function begin(tell: (report: RunnerReport) => void): ContainerRun {
    status = '';
    const made: ContainerRun = createContainerRun(
      (report) => {
        if (report.type === 'exited' || report.type === 'spawnFailed') {
          run = null;
          watchdog?.close();
          watchdog = null;
          tell(report);
          // Whether somebody has started it again meanwhile is asked, not remembered.
          if (report.type === 'exited') watch.look().catch(() => undefined);
        } else {
          tell(report);
        }
      },
      {
        clock,
        log,
        link,
        watch,
        program: spec.name,
        redirectStderr: spec.redirectStderr,
        saysReady: deps.notify != null,
        attach,
        cursor,
        readRest,
        isStartedByClient: clientOf(docker)?.verb === 'start',
        onUp: (facts) => {
          deps.owners.claim(facts.id);
          launchedAt = null;
          wasUp = true;
        },
        onGoneByKernel: (startedAt) => {
          goneLife = startedAt;
        },
        onOver: (id) => {
          launchedAt = null;
          if (id !== null) deps.owners.release(id);
        },
      },
    );
    run = made;
    watchdog?.close();
    watchdog = watchOver(made);
    return made;
  }

  function launch(tell: (report: RunnerReport) => void, obstacle?: string): ContainerRun {
    const made = begin(tell);
    launchedAt = Math.floor(clock.wall());
    void whenEngineAnswers(made, tell, async () => {
      await clearing;
      const seen = await settled(made);
      const leave = await deps.gate.enter(made.cancelled);
      // A client that pulls an image, or hangs, must not keep everybody else out.
      const timer = setTimeout(leave, longestInGateMs);
      inGate = timer;
      try {
        await bringUp(made, seen, obstacle);
      } finally {
        clearTimeout(timer);
        leave();
      }
    });
    return made;
  }

  /** Does the work, again after each loss of the Engine: for that no retry is counted, and no guess made. */
  async function whenEngineAnswers(
    to: ContainerRun,
    tell: (report: RunnerReport) => void,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      for (;;) {
        try {
          await untilUp(tell, to, to.cancelled);
          await work();
          return;
        } catch (error) {
          if (!(error instanceof EngineError) || error.family !== 'unavailable' || to.phase() !== 'launching')
            throw error;
          link.suspect();
          tell({ type: 'lost', reason: error.message });
          await sleep(awayPauseMs, undefined, { signal: to.cancelled });
        }
      }
    } catch (error) {
      if (to.cancelled.aborted) await callOff(to, tell);
      else to.failed(messageOf(error));
    }
  }

  /**
   * A launch that was called back has failed only when nothing runs: that is asked, for as long as it takes. What runs all the same comes
   * up, and is then stopped by whoever called it back.
   */
  async function callOff(to: ContainerRun, tell: (report: RunnerReport) => void): Promise<void> {
    while (to.phase() === 'launching' && !closing.signal.aborted) {
      try {
        if (await stopFormer(to)) {
          calledOff();
          to.failed('called off');
          return;
        }
        await untilUp(tell, to, closing.signal);
        const facts = await watch.look();
        if (to.phase() !== 'launching') return;
        if (facts?.state === 'restarting' && mayTakeOver(facts)) {
          await link.engine.stop(facts.id, 0, null);
        } else if (facts?.alive === true && mayTakeOver(facts)) {
          takeOver(to, facts);
          return;
        } else {
          calledOff();
          to.failed('called off');
          return;
        }
      } catch (error) {
        if (closing.signal.aborted) return;
        tell({ type: 'lost', reason: messageOf(error) });
        await sleep(awayPauseMs);
      }
    }
  }

  /** Whether the Engine answers; a link that is young is given its time. */
  async function answersAtFirst(): Promise<boolean> {
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort();
    }, firstAnswerMs);
    await link.whenUp(limit.signal).catch(() => undefined);
    clearTimeout(timer);
    return link.status().up;
  }

  /** The Engine cannot be asked, and what a former daemon had up is to be stopped: by the kernel. True: it is gone. */
  async function stopFormer(to: ContainerRun): Promise<boolean> {
    const main = deps.left?.main ?? null;
    if (main === null || !link.engine.local || (await answersAtFirst())) return false;
    if (recogniseMainProcess(main.pid, main.container)?.startTicks !== main.startTicks) return false;
    // What was called off before anything was known of it has no order of its own.
    const { signal, graceMs } = to.pendingStop() ?? {
      signal: spec.stopSignalWritten ? spec.stopSignal.name : null,
      graceMs: spec.stopWaitSeconds * 1000,
    };
    const deadline = clock.now() + graceMs;
    const leftMs = (): number => Math.max(0, deadline - clock.now());
    return stopByKernel(main, signal ?? main.stopSignal, leftMs, {
      link,
      log,
      over: closing.signal,
      program: spec.name,
    });
  }

  async function untilUp(
    tell: (report: RunnerReport) => void,
    to: ContainerRun,
    calledOff: AbortSignal,
  ): Promise<void> {
    const status = link.status();
    if (status.up) return;
    // Before the first answer the link may just be young: that is no loss yet. (A timer of our own: in Node 20 a signal of
    // AbortSignal.any is collected with its sources, and never fires.)
    const timer = setTimeout(() => {
      const now = link.status();
      if (!now.up && to.phase() === 'launching') tell({ type: 'lost', reason: now.reason });
    }, firstAnswerMs);
    try {
      await link.whenUp(calledOff);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    launch,

    adopt(tell) {
      let isLost = false;
      const tellOrLose = (report: RunnerReport): void => {
        isLost = report.type === 'lost';
        tell(report);
      };
      const made = begin((report) => {
        // The machine took it for running when it was found: it is not told again, but when it was lost or is in another life since.
        const isAnother = ({ pid }: { pid: number }): boolean => pid !== 0 && (appearedPid ?? pid) !== pid;
        if (report.type === 'spawned' && (isLost || isAnother(report)))
          tellOrLose({ ...report, type: 'found' });
        else if (report.type === 'spawnFailed')
          tell({ type: 'exited', exit: { kind: 'unknown', reason: report.message }, diedAt: clock.now() });
        else if (report.type !== 'spawned') tellOrLose(report);
      });
      void whenEngineAnswers(made, tellOrLose, async () => {
        const facts = await watch.look();
        if (made.phase() !== 'launching') return;
        if (facts?.alive === true) takeOver(made, facts);
        else if (facts === null) throw new Error('it was gone when it was looked at');
        else {
          calledOff();
          made.ranUnseen(facts.id, { kind: 'code', code: facts.exitCode, oomKilled: facts.oomKilled });
        }
      });
      return made;
    },

    check(): Unlaunchable | null {
      const client = clientOf(docker);
      if (client === null) return null;
      const command = findWords([...client.prefix, ...client.rest], environment()['PATH']);
      return 'fault' in command ? command : null;
    },

    clearGhost(): Promise<GhostVerdict> {
      isClearing = true;
      const work = clearGhost({
        spec,
        docker,
        engine: link.engine,
        watch,
        owners: deps.owners,
        project: deps.project,
        log,
        onGhost: deps.onGhost,
        isSettled: (facts) =>
          run !== null || isOursPaused(facts) || (facts.state === 'running' && isOfFormer(facts)),
        useStartInstead,
      }).then((verdict) => {
        isClearing = false;
        // What we have stopped ourselves did not end while no daemon was there.
        if (verdict.verdict === 'cleared') calledOff();
        // What runs on was left as it is: it has appeared, and nobody looked at it as such.
        watch.look().catch(() => undefined);
        return verdict;
      });
      clearing = work;
      return work;
    },

    watch(callback) {
      appeared = callback;
    },

    view() {
      const attachment = run?.attachment() ?? null;
      return {
        container: watch.view(),
        proxy: run === null || attachment === null ? null : { kind: attachment.kind, pid: attachment.pid },
        ...(deps.notify == null || run === null ? {} : { status: statusOf(run.isReady(), status) }),
      };
    },

    startedAt: () => (run === null ? null : wallOf(run.life())),

    reconfigure(next) {
      spec = next;
      docker = next.docker ?? docker;
    },

    leave: (): Left => {
      // What nobody could look at yet is left as it was.
      const former = unseenLife();
      return {
        output: cursor.save(),
        life: run?.life() || former,
        main: run?.main() ?? (former === null ? null : (deps.left?.main ?? null)),
        launch: wasUp ? launchedAt : (launchLeft ?? launchedAt),
        cidfile: launchedAt === null ? null : cidfile(),
      };
    },

    isBehind: () =>
      run === null && wasUp && !link.status().up && !cursor.isWhole() && cursor.save()?.position != null,

    close() {
      closing.abort();
      clearTimeout(inGate);
      watchdog?.close();
      watch.close();
      run?.letGo();
      deps.notify?.close();
    },
  };
}

const statusOf = (ready: boolean, said: string): string =>
  [ready ? '' : 'not ready yet', said].filter((part) => part !== '').join(': ');
