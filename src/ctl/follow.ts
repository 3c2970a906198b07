/** tail -f: a log over GET, copied to stdout until the user interrupts. */
import { errorLine } from './errors.ts';
import type { Session } from './session.ts';

/** Exit code 0 whatever happens, as supervisorctl has it; what went wrong goes to stderr. */
export async function followLog(session: Session, path: string): Promise<void> {
  session.say('==> Press Ctrl-C to exit <==');
  await untilInterrupted(session, (signal) => copyLog(session, path, signal));
}

/** Runs `follow` with a signal that Ctrl-C aborts, which also ends the line that the terminal shows it on. */
export async function untilInterrupted(
  session: Session,
  follow: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const stopped = new AbortController();
  const forget = onInterrupt(() => {
    if (!session.json) session.say('');
    stopped.abort();
  });
  try {
    await follow(stopped.signal);
  } finally {
    forget();
  }
}

/** Resolves when the server ends it, `signal` aborts, or nobody reads our output any more. */
export async function copyLog(session: Session, path: string, signal: AbortSignal): Promise<void> {
  const url = session.serverUrl + path;
  const read = await readLog(session, path, signal, session.output.write);
  if (read.end === 'refused') session.output.error(`${url} Cannot read, status code ${read.status}\n`);
  if (read.end !== 'failed') return;
  const [, type = '', text = ''] =
    /^error: (<class '.*?'>), (.*): file: .*$/s.exec(errorLine(read.error)) ?? [];
  session.output.error(`${url} Cannot connect, error: ${type} (${text})\n`);
}

export type LogEnd =
  /** `signal` has aborted, or nobody reads our output any more. */
  | { readonly end: 'stopped' }
  /** The server has closed it, in the middle of a chunk too: it went away. */
  | { readonly end: 'closed' }
  | { readonly end: 'refused'; readonly status: number }
  | { readonly end: 'failed'; readonly error: unknown };

/** `take` is waited for before the next chunk is read: a reader that is slow holds the server back, not our memory. */
export async function readLog(
  session: Session,
  path: string,
  signal: AbortSignal,
  take: (chunk: Buffer) => Promise<void>,
): Promise<LogEnd> {
  const ended = AbortSignal.any([signal, session.output.broken]);
  try {
    const response = await session.client().get(path, ended);
    if (response.statusCode !== 200) {
      response.resume();
      return { end: 'refused', status: response.statusCode ?? 0 };
    }
    for await (const chunk of response) await take(chunk as Buffer); // no encoding is set
    return { end: ended.aborted ? 'stopped' : 'closed' };
  } catch (error) {
    if (ended.aborted) return { end: 'stopped' };
    return isCutOff(error) ? { end: 'closed' } : { end: 'failed', error };
  }
}

function isCutOff(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted';
}

/** Ctrl-C while `action` stands does that and nothing else. */
export function onInterrupt(action: () => void): () => void {
  process.on('SIGINT', action);
  return () => process.removeListener('SIGINT', action);
}
