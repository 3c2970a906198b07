/**
 * A socket whose bytes can go to one reader past the machinery of Node's streams, which costs more than all the rest of a small piece's
 * way: a buffer of 64 KiB is made for each, and cut to size (docs/bench.md). Everything else of a stream stays as it is.
 */
import { Socket } from 'node:net';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';

/** What is read goes here, for every socket: reading is synchronous, and who keeps a piece copies it. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

const nobody = (): void => undefined;

export class DirectSocket extends Socket {
  #give: (piece: Uint8Array) => void = nobody;
  #isDirect = false;

  constructor(options: SocketConstructorOpts) {
    // Node's own types know `onread` for `connect` only, which hands it to this constructor.
    const all: SocketConstructorOpts & { onread: OnReadOpts } = {
      ...options,
      onread: { buffer, callback: (bytes) => self.#take(bytes) },
    };
    super(all);
    // Nothing is read before the next turn.
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `super` takes what needs it
    const self = this;
  }

  /** Returns whether more may come. */
  #take(bytes: number): boolean {
    const piece = new Uint8Array(buffer.buffer, buffer.byteOffset, bytes);
    if (!this.#isDirect && !this.#goDirect()) return this.push(Buffer.from(piece));
    this.#give(piece);
    return true;
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
