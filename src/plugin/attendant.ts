/**
 * Attends to one program: looks at its container, asks the manager, judges, acts. One round at a time; whatever comes up meanwhile makes
 * one more round. A stop goes on beside the rounds, so that a start that comes after it is seen.
 */
import { messageOf } from '../core/message-of.ts';
import type { ProcessView } from '../core/view.ts';
import { isUp } from '../core/truth.ts';
import type { ContainerHand, Sighting } from '../supervisor/hand.ts';
import { ghostOf, judge, nothingKnown, remember, rememberStopped } from './judge.ts';
import type { Action, Memory, Question } from './judge.ts';
import type { ContainerProgram, PluginDeps } from './ports.ts';

export interface Attendant {
  readonly program: ContainerProgram;
  /** An event told of a change; what is acted upon is asked all the same, unless nobody answers any more. */
  told(state: ProcessView['state'], pid: number): void;
  /** A comparison: makes a round only where what is known calls for something. */
  compare(says: ProcessView): void;
  attend(): void;
  /** Resolves when no round and no stop is under way; or, where `stopsToo` is false, as soon as every stop has been begun. */
  idle(stopsToo: boolean): Promise<void>;
  memory(): Memory;
  close(): void;
}

export interface AttendantDeps extends Pick<PluginDeps, 'manager' | 'log' | 'clock' | 'dryRun'> {
  readonly hand: ContainerHand;
  readonly goingDown: () => Question['goingDown'];
  /** The manager answers that it goes down. */
  readonly onGoingDown: () => void;
}

/** First pause between two starts of one program that we ordered, and the longest, in ms. */
const startPauseMs = 5000;
const longestStartPauseMs = 300_000;
/** Pause before a stop that came to nothing is begun again, in ms. */
const retryMs = 1000;
/** How long news is gathered before a round, in ms: an end comes as several events at once. */
const gatherMs = 50;

export function createAttendant(
  program: ContainerProgram,
  first: ProcessView,
  former: Memory | null,
  deps: AttendantDeps,
): Attendant {
  const { hand, manager, log, clock } = deps;
  const { spec, docker } = program;
  const makesContainer = docker.invocation?.verb === 'run';
  let says = first;
  let memory: Memory = former ?? nothingKnown;
  let round: Promise<void> | null = null;
  let again = false;
  let closed = false;
  let timer: { readonly handle: NodeJS.Timeout; readonly at: number } | null = null;
  let stop: { readonly life: string; readonly done: Promise<void> } | null = null;
  let start = { at: Number.NEGATIVE_INFINITY, pauseMs: startPauseMs };
  let lastSaid = '';

  function attend(): void {
    if (closed) return;
    if (round !== null) {
      again = true;
      return;
    }
    again = false;
    round = oneRound()
      .catch((error: unknown) => {
        log.warn(`${spec.name}: ${messageOf(error)}`);
      })
      .finally(() => {
        round = null;
        if (again) attend();
      });
  }

  function attendIn(ms: number): void {
    const at = clock.now() + ms;
    if (closed || (timer !== null && timer.at <= at)) return;
    if (timer !== null) clearTimeout(timer.handle);
    const handle = setTimeout(() => {
      timer = null;
      attend();
    }, ms);
    timer = { handle, at };
  }

  async function oneRound(): Promise<void> {
    // The container first: what the manager says must not be older than what is acted upon.
    const { seen, fresh } = await look();
    const answer = await manager.process(spec.group, spec.name).catch((error: unknown) => {
      // On its way down nobody need answer any more: its last word holds.
      if (deps.goingDown() === 'no') throw error;
      return 'going-down' as const;
    });
    if (answer === null || closed) return;
    if (answer === 'going-down') deps.onGoingDown();
    else says = answer;
    const question = questionOf(seen);
    if (fresh) memory = remember(question);
    const action = judge(question);
    // The Engine is silent: what was seen last can be stopped by the kernel's word; everything else waits until it answers.
    if (fresh || action.do === 'stop') await act(action, seen);
  }

  async function look(): Promise<{ readonly seen: Sighting | null; readonly fresh: boolean }> {
    try {
      return { seen: await hand.look(), fresh: true };
    } catch {
      return { seen: hand.last(), fresh: false };
    }
  }

  const questionOf = (seen: Sighting | null): Question => ({
    says,
    seen,
    makesContainer,
    memory,
    goingDown: deps.goingDown(),
    now: clock.now(),
  });

  async function act(action: Action, seen: Sighting | null): Promise<void> {
    if (action.do !== 'stop' && (says.state === 'STARTING' || says.state === 'RUNNING')) hand.callOffStop();
    switch (action.do) {
      case 'nothing':
        lastSaid = '';
        return;
      case 'wait':
        attendIn(action.ms);
        return;
      case 'leave':
        sayOnce(action.why);
        return;
      case 'stop':
        if (seen !== null) beginStop(seen, action.why);
        return;
      case 'clear-ghost':
        if (seen !== null) await clearGhost(seen, action.thenStart);
        return;
      case 'start':
        await orderStart(action.why);
        return;
      case 'kill-proxy':
        if (!may(`killing the proxy: ${action.why}`)) return;
        await manager.killProxy(spec.group, spec.name);
        return;
    }
  }

  function beginStop(seen: Sighting, why: string): void {
    if (stop?.life === seen.startedAt || !may(`stopping it: ${why}`)) return;
    const stopped = says;
    const signal = spec.stopSignalWritten ? spec.stopSignal.name : null;
    const done = hand.stop(seen, { signal, graceMs: spec.stopWaitSeconds * 1000 }).then(
      () => {
        if (isStillUp()) return;
        memory = rememberStopped(memory, stopped, seen);
        log.info(`${spec.name}: container ${seen.container.name} is stopped`);
      },
      (error: unknown) => {
        log.warn(`${spec.name}: stopping container ${seen.container.name} failed: ${messageOf(error)}`);
      },
    );
    const mine = {
      life: seen.startedAt,
      done: done.finally(() => {
        if (stop === mine) stop = null;
        // What a stop could not do is not tried again in the same breath.
        attendIn(isStillUp() ? retryMs : 0);
      }),
    };
    stop = mine;
  }

  function isStillUp(): boolean {
    const last = hand.last();
    return last !== null && isUp(last.container.state);
  }

  async function clearGhost(seen: Sighting, thenStart: boolean): Promise<void> {
    const { name, state } = seen.container;
    if (deps.dryRun) {
      sayOnce(`dry run: container ${name} is ${state} and in the way: docker_on_ghost=${docker.onGhost}`);
      return;
    }
    const { verdict } = await hand.clearGhost(seen);
    if (thenStart) memory = { ...memory, clearedFor: ghostOf(seen) };
    // The last try may have failed while the way was being cleared.
    else if (!(await isGivenUp())) return;
    if (verdict === 'cleared' || verdict === 'adopt')
      await orderStart(`what was in its way, container ${name}, is cleared`);
  }

  async function isGivenUp(): Promise<boolean> {
    const answer = await manager.process(spec.group, spec.name);
    return answer !== null && answer !== 'going-down' && answer.state === 'FATAL';
  }

  /** A start that helps nothing is not repeated at once. */
  async function orderStart(why: string): Promise<void> {
    const now = clock.now();
    const waitMs = start.at + start.pauseMs - now;
    if (waitMs > 0) {
      attendIn(waitMs);
      return;
    }
    if (!may(`starting it: ${why}`)) return;
    const isSoonAgain = now - start.at < longestStartPauseMs;
    const pauseMs = isSoonAgain ? Math.min(start.pauseMs * 2, longestStartPauseMs) : startPauseMs;
    start = { at: now, pauseMs };
    await manager.start(spec.group, spec.name);
  }

  /** Says what is about to be done; false: it is only said. */
  function may(what: string): boolean {
    if (deps.dryRun) sayOnce(`dry run: ${what}`);
    else log.info(`${spec.name}: ${what}`);
    return !deps.dryRun;
  }

  function sayOnce(what: string): void {
    if (what === lastSaid) return;
    lastSaid = what;
    log.warn(`${spec.name}: ${what}`);
  }

  hand.onNews(() => {
    attendIn(gatherMs);
  });

  return {
    program,
    told(state, pid) {
      says = { ...says, state, pid };
      attend();
    },
    compare(now) {
      says = now;
      const seen = hand.last();
      const question = { ...questionOf(seen), memory };
      const action = judge({ ...question, memory: remember(question) });
      if (hand.view().state === 'unknown' || action.do !== 'nothing') attend();
      else memory = remember(question);
    },
    attend,
    async idle(stopsToo) {
      while (round !== null || (stopsToo && stop !== null))
        await Promise.all([round, stopsToo ? stop?.done : null]);
    },
    memory: () => memory,
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer.handle);
      hand.close();
    },
  };
}
