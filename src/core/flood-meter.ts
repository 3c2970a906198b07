/** Whether output comes in a flood: at more than 5 MB/s. Pure. */

/** What is measured at a time, in bytes. */
const partBytes = 1024 * 1024;
/** A part that comes within so many ms is of a flood. */
const floodMs = 200;

export class FloodMeter {
  #part = 0;
  #since: number;
  #isFlood = false;

  /** `now`: monotonic, in ms. */
  constructor(now: number) {
    this.#since = now;
  }

  /** So many bytes more. The clock is looked at once for a part, and for each piece of a flood, which may be its last. */
  took(bytes: number, now: () => number): boolean {
    this.#part += bytes;
    const isWhole = this.#part >= partBytes;
    if (!isWhole && !this.#isFlood) return false;
    const at = now();
    const ms = at - this.#since;
    if (isWhole) {
      this.#isFlood = ms * partBytes < floodMs * this.#part;
      this.#part = 0;
      this.#since = at;
    } else if (ms > floodMs) this.#isFlood = false;
    return this.#isFlood;
  }
}
