/**
 * status --watch: looks again and again. A terminal is drawn anew each time; elsewhere only what has changed is printed, where time
 * that passes is no change, and with JSON everything, a line for each look.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorLine } from './errors.ts';
import { onInterrupt } from './follow.ts';
import { exitCodes, type Session } from './session.ts';
import type { Verb } from './verbs.ts';
import { createView, type Seen } from './watch-views.ts';

const defaultSeconds = 2;
const shortestSeconds = 0.1;

export interface WatchRequest {
  readonly seconds: number;
  readonly names: readonly string[];
}

/** `--watch`, `--watch=5` or `--watch 5` among the words of `status`; null: it is not there. A string: what is wrong with it. */
export function readWatch(words: readonly string[]): WatchRequest | string | null {
  const at = words.findIndex((word) => word === '--watch' || word.startsWith('--watch='));
  const word = words[at];
  if (word === undefined) return null;
  const next = words[at + 1] ?? '';
  const isApart = word === '--watch' && isNumber(next);
  const given = isApart ? next : word.slice('--watch='.length);
  const names = [...words.slice(0, at), ...words.slice(at + (isApart ? 2 : 1))];
  if (word === '--watch' && !isApart) return { seconds: defaultSeconds, names };
  if (!isNumber(given) || Number(given) < shortestSeconds) return `Error: bad argument ${word}`;
  return { seconds: Number(given), names };
}

const isNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);

/** `status` is the verb. Ends with 0 on Ctrl-C and when nobody reads any more; as `status` does when the first look finds nothing. */
export async function watchStatus(
  session: Session,
  { seconds, names }: WatchRequest,
  status: Verb,
): Promise<void> {
  const stopped = new AbortController();
  const forget = onInterrupt(() => stopped.abort());
  const ended = AbortSignal.any([stopped.signal, session.output.broken]);
  const over = new Promise<null>((resolve) =>
    ended.addEventListener('abort', () => resolve(null), { once: true }),
  );
  const show = createView(session);
  try {
    const first = await look(session, names, status);
    await show(first);
    session.exitStatus = first.exitStatus;
    if (first.exitStatus === exitCodes.statusUnknown) return;
    while (!ended.aborted) {
      await sleep(seconds * 1000, undefined, { signal: ended }).catch(() => undefined);
      if (ended.aborted) break;
      const seen = await Promise.race([lookAgain(session, names, status), over]);
      if (seen !== null) await show(seen);
    }
    session.exitStatus = exitCodes.ok;
  } finally {
    forget();
  }
}

async function look(session: Session, names: readonly string[], status: Verb): Promise<Seen> {
  const lines: string[] = [];
  let document: unknown = null;
  const eye: Session = {
    ...session,
    exitStatus: exitCodes.ok,
    say: (line) => void lines.push(line),
    print: (value) => {
      document = value;
    },
  };
  await status(eye, names.join(' '));
  // No connection is kept between looks: the daemon may be another one by then.
  session.hangUp();
  return { lines, document, exitStatus: eye.exitStatus };
}

/** A daemon that went away after the first look may come back: what it is away with is shown, and looked for again. */
async function lookAgain(session: Session, names: readonly string[], status: Verb): Promise<Seen> {
  try {
    return await look(session, names, status);
  } catch (error) {
    session.hangUp();
    return { lines: [errorLine(error)], document: null, exitStatus: exitCodes.generic };
  }
}
