/**
 * How a flood through a pipe is read: after a piece that leaves room in the pipe the reader rests, so that more gathers for the next one.
 * A reader that is always there takes 4 KiB at a time: it wakes the writer as often as itself, and on two cores both of them take twice the
 * CPU and bring two thirds of the throughput (docs/bench.md). Pure.
 */

const pipeBytes = 64 * 1024;
/** What comes in such a piece has filled the pipe, or nearly: the writer may be waiting. */
const fullBytes = 60_000;
const longestMs = 0.5;
/** The kernel's timers know nothing shorter. */
const shortestMs = 0.05;
/** A rest is so much longer than the pipe takes to fill: a writer that has to wait leaves its core to others (measured: 1.5 is worse). */
const ample = 3;
/** After a rest that has filled it the next one is so much shorter: by how much it was too long is not known. */
const less = 0.9;
/** A writer that fills the pipe within the shortest rest needs none: it is tried again after so many pieces. */
const piecesWithout = 512;

export class FloodPace {
  #restMs = shortestMs;
  #hasRested = false;
  #without = 0;

  /** How long to rest after a piece of so many bytes, in ms, up to half of one; 0: not at all. */
  restAfter(bytes: number): number {
    const hasRested = this.#hasRested;
    this.#hasRested = false;
    if (bytes >= fullBytes) {
      if (hasRested) this.#shorten();
      return 0;
    }
    if (this.#without > 0) {
      this.#without--;
      return 0;
    }
    if (hasRested) this.#restMs = Math.min((ample * this.#restMs * pipeBytes) / bytes, longestMs);
    this.#hasRested = true;
    return this.#restMs;
  }

  #shorten(): void {
    this.#restMs *= less;
    if (this.#restMs >= shortestMs) return;
    this.#restMs = shortestMs;
    this.#without = piecesWithout;
  }
}
