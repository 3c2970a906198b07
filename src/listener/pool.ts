/**
 * One pool of listeners: its queue, and who of them is ready. An event goes to the first that is; what a listener did not finish comes
 * back to this pool and to no other (supervisord.md 7.5: it tells pools apart by their priority).
 */
import { busy, hear, listening } from '../core/events/conversation.ts';
import type { Conversation, Verdict } from '../core/events/conversation.ts';
import type { GroupSpec, PoolSpec } from '../core/config/model.ts';
import { envelope, serialAfter } from '../core/events/envelope.ts';
import { EventQueue, rejectionPauseMs } from '../core/events/event-queue.ts';
import type { PoolEvent } from '../core/events/event-queue.ts';
import type { EventText } from '../core/events/happening.ts';
import type { WireStateName } from '../core/unit/states.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Supervised } from '../supervisor/supervised.ts';

export interface PoolDeps {
  readonly identifier: string;
  readonly clock: Clock;
  readonly log: Readonly<Record<'debug' | 'warn' | 'error', (message: string) => void>>;
}

interface Listener {
  readonly unit: Supervised;
  talk: Conversation;
  /** What it is busy with; null: nothing. */
  event: PoolEvent | null;
  /** A run of it is up. READY counts before RUNNING does: startsecs says nothing about a listener that speaks. */
  isUp: boolean;
  /** Its stdin is closed: until it is started anew it gets nothing. */
  isDeaf: boolean;
}

export class Pool {
  readonly #name: string;
  readonly #spec: PoolSpec;
  readonly #deps: PoolDeps;
  readonly #queue: EventQueue;
  readonly #listeners: readonly Listener[];
  #poolSerial: bigint | null = null;
  #rejections = 0;
  /** Not null: it waits after a rejection. */
  #resume: (() => void) | null = null;
  #idle: (() => void)[] = [];

  constructor(group: GroupSpec, spec: PoolSpec, units: readonly Supervised[], deps: PoolDeps) {
    this.#name = group.name;
    this.#spec = spec;
    this.#deps = deps;
    this.#queue = new EventQueue(spec.bufferSize);
    this.#listeners = units.map((unit) => ({
      unit,
      talk: listening,
      event: null,
      isUp: false,
      isDeaf: false,
    }));
  }

  accept(text: EventText, serial: bigint): void {
    this.#poolSerial = serialAfter(this.#poolSerial);
    this.#complain(this.#queue.append({ ...text, serial, poolSerial: this.#poolSerial }));
    this.#dispatch();
  }

  /** What a listener said. */
  hear(process: string, chunk: Uint8Array): void {
    const listener = this.#find(process);
    if (listener === undefined) return;
    const { conversation, verdicts } = hear(listener.talk, chunk, this.#spec.results);
    listener.talk = conversation;
    for (const verdict of verdicts) this.#judge(listener, verdict);
    this.#dispatch();
  }

  /** A listener changed its state. */
  changed(process: string, state: WireStateName): void {
    const listener = this.#find(process);
    if (listener === undefined) return;
    const isUp = state === 'STARTING' || state === 'RUNNING';
    if (state === 'STARTING') Object.assign(listener, { talk: listening, isDeaf: false });
    listener.isUp = isUp;
    if (!isUp && state !== 'STOPPING') this.#giveBack(listener);
    this.#dispatch();
  }

  /** Resolves when there is nothing to be heard any more, or nobody who could hear it. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#tellIdle();
    });
  }

  close(): void {
    this.#resume?.();
    this.#resume = null;
  }

  #find(process: string): Listener | undefined {
    return this.#listeners.find(({ unit }) => unit.spec.name === process);
  }

  #judge(listener: Listener, verdict: Verdict): void {
    const { log } = this.#deps;
    const { name } = listener.unit.spec;
    switch (verdict.type) {
      case 'ready':
        return;
      case 'processed':
        log.debug(`${name}: event was processed`);
        listener.event = null;
        this.#rejections = 0;
        return;
      case 'rejected':
        log.warn(`${name}: event was rejected`);
        this.#giveBack(listener);
        this.#rejections += 1;
        this.#pause(rejectionPauseMs(this.#rejections));
        return;
      case 'broken':
        if (verdict.line !== null) log.warn(`${name}: bad result line: '${verdict.line}'`);
        log.warn(
          `${name}: has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol`,
        );
        this.#giveBack(listener);
    }
  }

  #giveBack(listener: Listener): void {
    const { event } = listener;
    listener.event = null;
    if (event === null) return;
    this.#noteWaiting(event, this.#queue.length);
    this.#complain(this.#queue.putBack(event));
  }

  #pause(ms: number): void {
    const { clock } = this.#deps;
    this.#resume?.();
    this.#resume = clock.alarm(clock.now() + ms, () => {
      this.#resume = null;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#resume === null && this.#queue.length > 0) {
      const listener = this.#ready();
      const event = listener === undefined ? null : this.#queue.take();
      if (listener === undefined || event === null) break;
      void this.#send(listener, event);
    }
    this.#tellIdle();
  }

  async #send(listener: Listener, event: PoolEvent): Promise<void> {
    const { identifier, log } = this.#deps;
    listener.talk = busy;
    listener.event = event;
    const to = { server: identifier, pool: this.#name, ...event };
    const answer = await listener.unit.write(new TextEncoder().encode(envelope(event, to)));
    if (answer === 'written') {
      log.debug(`event ${String(event.serial)} sent to listener ${listener.unit.spec.name}`);
      const { next } = this.#queue;
      if (next !== null && this.#ready() === undefined) this.#noteWaiting(next, this.#queue.length - 1);
      return;
    }
    if (listener.event !== event) return;
    log.debug(
      `epipe occurred while sending event ${String(event.serial)} to listener ${listener.unit.spec.name}, listener state unchanged`,
    );
    listener.talk = { name: 'READY' };
    listener.isDeaf = true;
    this.#giveBack(listener);
    this.#dispatch();
  }

  #ready(): Listener | undefined {
    return this.#listeners.find(({ talk, isUp, isDeaf }) => talk.name === 'READY' && isUp && !isDeaf);
  }

  /** In supervisord's words, which takes an event out of its buffer to find that nobody is ready. `others`: in the buffer besides. */
  #noteWaiting(event: PoolEvent, others: number): void {
    const size = `buf size=${String(others)}, max=${String(this.#queue.limit)}`;
    this.#deps.log.debug(`rebuffering event ${String(event.serial)} for pool ${this.#name} (${size})`);
  }

  #complain(dropped: PoolEvent | null): void {
    if (dropped === null) return;
    this.#deps.log.error(
      `pool ${this.#name} event buffer overflowed, discarding event ${String(dropped.serial)}`,
    );
  }

  #tellIdle(): void {
    const hopeful = this.#listeners.some(
      ({ talk, isUp, isDeaf }) => isUp && !isDeaf && talk.name !== 'UNKNOWN',
    );
    const isBusy = this.#listeners.some(({ event }) => event !== null);
    if (hopeful && (isBusy || this.#queue.length > 0)) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
