/**
 * Hears whether a container says often enough that it is alive (WATCHDOG=1 of sd_notify). Armed by the first word of its life, as systemd
 * arms it by READY=1; a container that cannot be heard (it was adopted) is never armed, and so never accused.
 */
import type { Clock } from '../supervisor/clock.ts';

export interface Watchdog {
  /** It has been heard: armed from now on, for the whole time again. */
  heard(): void;
  /** It said itself that it is beyond help (WATCHDOG=trigger). */
  trigger(): void;
  close(): void;
}

export interface WatchdogOptions {
  /** How long it may be silent, in ms. */
  readonly limitMs: number;
  /** How long it has between one order to end and the next, in ms. */
  readonly graceMs: number;
  readonly clock: Clock;
  /** It stands still by somebody's order, and cannot speak. */
  readonly isPaused: () => boolean;
  /** `order` counts from 0: the first is a request, what follows is force. */
  readonly end: (order: number) => void;
}

export function createWatchdog({ limitMs, graceMs, clock, isPaused, end }: WatchdogOptions): Watchdog {
  let disarm: () => void = () => undefined;
  let orders = 0;
  let closed = false;

  function arm(ms: number): void {
    disarm();
    if (!closed) disarm = clock.alarm(clock.now() + ms, ring);
  }

  function ring(): void {
    if (isPaused()) {
      arm(limitMs);
      return;
    }
    end(orders);
    orders++;
    arm(Math.max(graceMs, shortestGraceMs));
  }

  return {
    heard() {
      // Once its end was ordered, a late word changes nothing.
      if (orders === 0) arm(limitMs);
    },
    trigger() {
      if (orders === 0 && !closed) ring();
    },
    close() {
      closed = true;
      disarm();
    },
  };
}

const shortestGraceMs = 1000;
