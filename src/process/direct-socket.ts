/**
 * A socket whose bytes can go to one reader past the machinery of Node's streams, which costs more than all the rest of a small piece's
 * way: a buffer of 64 KiB is made for each, and cut to size (docs/bench.md). Everything else of a stream stays as it is.
 */
import { Socket } from 'node:net';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { FloodMeter } from '../core/flood-meter.ts';
import { FloodPace } from './flood-pace.ts';

/** What is read goes here, for every socket: reading is synchronous, and who keeps a piece copies it. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Smaller pieces than this make no flood, in bytes: most programs never need a meter. */
const flowBytes = 1024;
const bell = new Int32Array(new SharedArrayBuffer(4));
const now = (): number => performance.now();

const nobody = (): void => undefined;

export class DirectSocket extends Socket {
  #give: (piece: Uint8Array) => void = nobody;
  #isDirect = false;
  readonly #isPipe: boolean;
  #flood: { readonly meter: FloodMeter; readonly pace: FloodPace } | null = null;

  constructor(options: SocketConstructorOpts) {
    // Node's own types know `onread` for `connect` only, which hands it to this constructor.
    const all: SocketConstructorOpts & { onread: OnReadOpts } = {
      ...options,
      onread: { buffer, callback: (bytes) => self.#take(bytes) },
    };
    super(all);
    this.#isPipe = options.fd !== undefined;
    // Nothing is read before the next turn.
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `super` takes what needs it
    const self = this;
  }

  /** Returns whether more may come. */
  #take(bytes: number): boolean {
    const piece = new Uint8Array(buffer.buffer, buffer.byteOffset, bytes);
    if (!this.#isDirect && !this.#goDirect()) return this.push(Buffer.from(piece));
    this.#give(piece);
    // The Engine's own socket has more room than a pipe, and gains nothing by a rest.
    if (this.#isPipe) this.#restAfter(bytes);
    return true;
  }

  #restAfter(bytes: number): void {
    if (this.#flood === null) {
      if (bytes < flowBytes) return;
      this.#flood = { meter: new FloodMeter(now()), pace: new FloodPace() };
    }
    const { meter, pace } = this.#flood;
    if (!meter.took(bytes, now)) return;
    const ms = pace.restAfter(bytes);
    if (ms > 0) Atomics.wait(bell, 0, 0, ms);
  }

  /** What came before somebody read directly is still in the stream, and comes first. */
  #goDirect(): boolean {
    this.#isDirect = this.#give !== nobody && this.readableLength === 0;
    return this.#isDirect;
  }

  /**
   * From now on each piece goes to `give`, whose it is until it returns; what waits in the stream already comes as `data`. `pause` and
   * `resume` hold for both.
   */
  giveTo(give: (piece: Uint8Array) => void): void {
    this.#give = give;
  }
}
