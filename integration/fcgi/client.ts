/** A client of a FastCGI program of ours (acceptor.py). */
import { connect } from 'node:net';

export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

export interface Answerer {
  readonly process: string;
  readonly pid: number;
  readonly uid: number;
}

const limitMs = 30_000;

/** Who answers. Rejects with the connection's own error, or when nobody answers. */
export async function ask(address: Address): Promise<Answerer> {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(address);
    let said = '';
    socket.setTimeout(limitMs, () => socket.destroy(new Error('nobody answers')));
    socket.on('data', (data: Buffer) => (said += data.toString()));
    socket.on('error', reject);
    socket.on('end', () => {
      resolve(said);
    });
  });
  const [process = '', pid, uid] = text.split(' ');
  // Taken, and let go of without a word: that was no child of the pool.
  if (process === '') throw new Error('the connection was closed without an answer');
  return { process, pid: Number(pid), uid: Number(uid) };
}
