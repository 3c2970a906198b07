/** What a pool has been given and no listener has taken yet (supervisord.md 7.5). */
import type { EventText } from './happening.ts';

/** An event that a pool has accepted. Its serials stay with it, however often it is sent. */
export interface PoolEvent extends EventText {
  readonly serial: bigint;
  readonly poolSerial: bigint;
}

/**
 * At the beginning nobody listens yet: until the first listener has been served down to its buffer, this many events are kept, for
 * supervisord's default of 10 loses most of a boot.
 */
export const bootBuffer = 1024;

export class EventQueue {
  readonly #bufferSize: number;
  readonly #events: PoolEvent[] = [];
  #booting = true;

  constructor(bufferSize: number) {
    this.#bufferSize = bufferSize;
  }

  get length(): number {
    return this.#events.length;
  }

  /** The oldest, which stays; null: none. */
  get next(): PoolEvent | null {
    return this.#events[0] ?? null;
  }

  /** How many are kept. */
  get limit(): number {
    return this.#booting ? Math.max(this.#bufferSize, bootBuffer) : this.#bufferSize;
  }

  /** Returns what was thrown away for it: the oldest; null: nothing. */
  append(event: PoolEvent): PoolEvent | null {
    const dropped = this.#makeRoom();
    this.#events.push(event);
    return dropped;
  }

  /** What could not be delivered comes before everything else again. Returns what was thrown away for it: the next. */
  putBack(event: PoolEvent): PoolEvent | null {
    const dropped = this.#makeRoom();
    this.#events.unshift(event);
    return dropped;
  }

  /** The oldest, for a listener that is there to take it; null: none. */
  take(): PoolEvent | null {
    const event = this.#events.shift() ?? null;
    if (this.#events.length < this.#bufferSize) this.#booting = false;
    return event;
  }

  #makeRoom(): PoolEvent | null {
    return this.#events.length < this.limit ? null : (this.#events.shift() ?? null);
  }
}

/**
 * How long a pool waits after its n-th rejection in a row: supervisord sends the event again at once, and a listener that rejects
 * everything then keeps both of them busy (65 000 deliveries in 9 s).
 */
export const rejectionPauseMs = (rejections: number): number =>
  Math.min(5000, 100 * 2 ** Math.min(10, Math.max(0, rejections - 1)));
