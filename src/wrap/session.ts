/**
 * One container under systemd, from the order to start it to its end. The machine and the container runner say what is true; here it is
 * told to systemd, and systemd's orders are handed on.
 */
import { messageOf } from '../core/message-of.ts';
import type { ProcessView } from '../core/view.ts';
import type { Bus } from '../supervisor/bus.ts';
import type { Supervised } from '../supervisor/supervised.ts';
import { exitCodeOf, exitCodeOfFailure, statusOf } from './status.ts';

/** What is said to systemd (system/systemd-voice.ts). */
export interface Voice {
  ready(): void;
  status(text: string): void;
  stopping(): void;
  extend(): () => void;
  watch(isWell: () => Promise<boolean>): void;
}

export interface SessionDeps {
  readonly unit: Supervised;
  readonly bus: Bus;
  readonly voice: Voice;
  readonly ready: 'running' | 'healthy';
  /** On a stop the container is left running. */
  readonly keep: boolean;
  /** It ran before us: what is wrong with our own command line is no reason to stop it. */
  readonly foundRunning: boolean;
  readonly complain: (message: string) => void;
  /** Asks the Engine, now, whether the container runs. Rejects when it does not answer in time. */
  readonly runs: () => Promise<boolean>;
}

export interface Session {
  /** What the Engine says may have changed. */
  look(): void;
  stop(): void;
  /** A signal for the container. */
  pass(signal: string): void;
  /** Exit code, once there is nothing left to do. */
  readonly over: Promise<number>;
}

export function startSession(deps: SessionDeps): Session {
  const { unit, bus, voice, complain } = deps;
  const grace = unit.spec.stopWaitSeconds;
  let isReady = false;
  let toldUnhealthy = false;
  let stopping = false;
  /** Decided before the container's own end; null: that decides. */
  let decided: number | null = null;
  let finish: (code: number) => void = () => undefined;
  const over = new Promise<number>((resolve) => {
    finish = resolve;
  });

  const unsubscribe = bus.subscribe((event) => {
    if (event.type !== 'process-state') return;
    look();
    const { to, exit } = event.transition;
    if (to === 'EXITED' || to === 'STOPPED') {
      if (exit?.kind === 'unknown') complain(`how ${nameOf()} ended is not known: ${exit.reason}`);
      // Called back before it was started: there is no code, and nothing is wrong.
      end(exit === null ? 0 : exitCodeOf(exit));
    } else if (to === 'FATAL') {
      const { spawnError } = unit.view();
      complain(`Cannot start ${nameOf()}: ${spawnError}`);
      end(exitCodeOfFailure(spawnError));
    }
  });

  const nameOf = (): string => `container "${unit.view().container?.name ?? unit.spec.name}"`;

  function end(code: number): void {
    unsubscribe();
    finish(decided ?? code);
  }

  function look(): void {
    const view = unit.view();
    voice.status(statusOf(view, grace));
    if (isReady || stopping || view.state !== 'RUNNING' || view.container?.state !== 'running') return;
    if (deps.ready === 'healthy' && !isHealthy(view)) return;
    isReady = true;
    voice.ready();
    voice.watch(isWell);
  }

  function isHealthy({ container }: ProcessView): boolean {
    switch (container?.health) {
      case 'healthy':
        return true;
      case 'none':
        giveUp(
          `Cannot wait until ${nameOf()} is healthy: it has no health check. Give it one (HEALTHCHECK, --health-cmd), or leave --ready=healthy out`,
        );
        return false;
      case 'unhealthy':
        if (!toldUnhealthy) {
          complain(
            `${nameOf()} is unhealthy; --ready=healthy goes on waiting. Its last checks: docker inspect`,
          );
        }
        toldUnhealthy = true;
        return false;
      case 'starting':
      case undefined:
        return false;
    }
  }

  function giveUp(message: string): void {
    complain(message);
    decided = 125;
    // Not within the telling of the very state that this is about.
    queueMicrotask(() => {
      if (deps.foundRunning) end(125);
      else stopNow();
    });
  }

  /** Whoever hangs must not be called alive: the Engine is asked each time. */
  async function isWell(): Promise<boolean> {
    if (unit.view().state !== 'RUNNING') return false;
    try {
      const runs = await deps.runs();
      look();
      return runs;
    } catch (error) {
      voice.status(`${nameOf()}: the Engine cannot be asked (${messageOf(error)})`);
      return false;
    }
  }

  function stopNow(): void {
    if (stopping) return;
    stopping = true;
    voice.stopping();
    const enough = voice.extend();
    void over.then(enough);
    if (unit.send({ type: 'stop' }) === 'not-running') end(0);
    look();
  }

  unit.send({ type: 'start' });
  look();
  return {
    look,
    stop() {
      const { state } = unit.view();
      const isUp = state === 'RUNNING' || state === 'UNKNOWN';
      if (!deps.keep || !isUp || stopping) {
        stopNow();
        return;
      }
      voice.stopping();
      voice.status(`${nameOf()} is left running (--keep)`);
      end(0);
    },
    pass(signal) {
      if (unit.send({ type: 'signal', signal }) !== undefined)
        complain(`signal ${signal} is not passed on: ${nameOf()} does not run`);
    },
    over,
  };
}
