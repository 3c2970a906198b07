/**
 * Time that passes only when it is told to, in the place of Node's own: `setTimeout`, `setInterval`, `node:timers/promises`,
 * `performance.now` and `Date.now`. Nothing in `src` knows of it.
 *
 * Two realms: what the daemon arms with Node's own names, and what the world outside (Engine, containers) arms with `outside`. A daemon that
 * is killed loses its timers; the world goes on. After each timer everything that is pending at once (promises, ticks of streams) is let
 * come to rest, so the same seed has the same history.
 */
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import type { Timers } from '../support/fake-engine.ts';

export interface SimulatedTime {
  /** Monotonic, in ms. */
  now(): number;
  /** For what outlives a daemon. */
  readonly outside: Timers;
  /** Rings what is due, one by one. */
  advance(ms: number): Promise<void>;
  /** Everything that is pending at this instant comes to rest. */
  settle(): Promise<void>;
  /** Sets the wall clock, which the monotonic one does not feel. */
  jump(ms: number): void;
  /** When that was, last; null: never. */
  jumpedAt(): number | null;
  /** The daemon is dead: none of its timers rings. */
  forgetDaemon(): void;
  /** How many timers the daemon has armed. */
  armedByDaemon(): number;
  /** Gives Node its own back. */
  uninstall(): void;
}

class Timer {
  readonly isOutside: boolean;
  readonly ring: () => void;
  readonly everyMs: number | null;
  at: number;
  isOff = false;

  constructor(isOutside: boolean, at: number, ring: () => void, everyMs: number | null) {
    this.isOutside = isOutside;
    this.at = at;
    this.ring = ring;
    this.everyMs = everyMs;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

const start = Date.UTC(2026, 0, 1);

export function installSimulatedTime(): SimulatedTime {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    sleep: timersPromises.setTimeout,
    dateNow: Date.now,
    nextTick: process.nextTick,
    stackTraceLimit: Error.stackTraceLimit,
  };
  let now = 0;
  let wallAhead = start;
  let jumpedAt: number | null = null;
  /** By time, and by age among equals. */
  const queue: Timer[] = [];

  /** Index of the first that is due later than `at`. */
  function after(at: number): number {
    let [low, high] = [0, queue.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((queue[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function insert(timer: Timer): void {
    queue.splice(after(timer.at), 0, timer);
  }

  function arm(isOutside: boolean, ring: () => void, ms = 0, repeats = false): NodeJS.Timeout {
    // As Node has it: nothing rings in the turn in which it was armed.
    const delay = Math.max(1, Math.trunc(ms));
    const timer = new Timer(isOutside, now + delay, ring, repeats ? delay : null);
    insert(timer);
    // It has what is used of Node's own, and no more.
    return timer as unknown as NodeJS.Timeout;
  }

  const disarm = (timer: unknown): void => {
    if (!(timer instanceof Timer) || timer.isOff) return;
    timer.isOff = true;
    for (let index = after(timer.at) - 1; queue[index]?.at === timer.at; index--)
      if (queue[index] === timer) queue.splice(index, 1);
  };

  function sleep<T>(ms?: number, value?: T, options?: { readonly signal?: AbortSignal }): Promise<T> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal;
      const fail = (): void => {
        disarm(timer);
        reject(Object.assign(new Error('The operation was aborted'), { name: 'AbortError' }));
      };
      const timer = arm(
        false,
        () => {
          signal?.removeEventListener('abort', fail);
          // As with Node's own: without a value the caller wants none.
          resolve(value as T);
        },
        ms,
      );
      if (signal?.aborted === true) fail();
      else signal?.addEventListener('abort', fail, { once: true });
    });
  }

  /** Ticks of streams that are still to come; promises come to rest before each tick. */
  let ticks = 0;
  function nextTick(act: (...args: readonly unknown[]) => void, ...args: readonly unknown[]): void {
    ticks++;
    real.nextTick.call(process, () => {
      ticks--;
      act(...args);
    });
  }
  const hop = (resolve: () => void): void => {
    real.nextTick.call(process, resolve);
  };
  async function settle(): Promise<void> {
    // Not by a turn of the event loop: that is a system call, and this is done thousands of times for each seed. Twice at rest, because the
    // last tick may have left promises behind us.
    for (let calm = 0; calm < 2; calm = ticks === 0 ? calm + 1 : 0) await new Promise<void>(hop);
  }

  const own = {
    setTimeout: (ring: () => void, ms?: number) => arm(false, ring, ms),
    clearTimeout: disarm,
    setInterval: (ring: () => void, ms?: number) => arm(false, ring, ms, true),
    clearInterval: disarm,
  };
  Object.assign(globalThis, own);
  Object.assign(timersPromises, { setTimeout: sleep });
  syncBuiltinESMExports();
  Object.assign(Date, { now: () => wallAhead + now });
  Object.assign(process, { nextTick });
  // Thousands of errors are thrown as they should be, and nobody reads their stacks.
  Error.stackTraceLimit = 0;
  Object.defineProperty(performance, 'now', { value: () => now, configurable: true });

  return {
    now: () => now,
    outside: {
      setTimeout: (ring, ms) => arm(true, ring, ms),
      clearTimeout: disarm,
    },
    settle,
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const [timer] = queue;
        if (timer === undefined || timer.at > end) break;
        queue.shift();
        now = Math.max(now, timer.at);
        if (timer.everyMs !== null) {
          timer.at = now + timer.everyMs;
          insert(timer);
        }
        timer.ring();
        await settle();
      }
      now = end;
    },
    jumpedAt: () => jumpedAt,
    jump(ms) {
      jumpedAt = now;
      wallAhead += ms;
    },
    forgetDaemon() {
      for (const timer of queue.filter(({ isOutside }) => !isOutside)) disarm(timer);
    },
    armedByDaemon: () => queue.filter(({ isOutside }) => !isOutside).length,
    uninstall() {
      const { sleep: realSleep, dateNow, nextTick: realTick, stackTraceLimit, ...globals } = real;
      Object.assign(process, { nextTick: realTick });
      Error.stackTraceLimit = stackTraceLimit;
      Object.assign(globalThis, globals);
      Object.assign(timersPromises, { setTimeout: realSleep });
      syncBuiltinESMExports();
      Object.assign(Date, { now: dateNow });
      Reflect.deleteProperty(performance, 'now');
    },
  };
}
