/** tail -f: a log over GET, copied to stdout until the user interrupts. */
import { errorLine } from './errors.ts';
import type { Session } from './session.ts';

/** Exit code 0 whatever happens, as supervisorctl has it; what went wrong goes to stderr. */
export async function followLog(session: Session, path: string): Promise<void> {
  session.say('==> Press Ctrl-C to exit <==');
  const stopped = new AbortController();
  const forget = onInterrupt(() => {
    session.say('');
    stopped.abort();
  });
  try {
    await copyLog(session, path, stopped.signal);
  } finally {
    forget();
  }
}

/** Resolves when the server ends it, `signal` aborts, or nobody reads our output any more. */
export async function copyLog(session: Session, path: string, signal: AbortSignal): Promise<void> {
  const url = session.serverUrl + path;
  const ended = AbortSignal.any([signal, session.output.broken]);
  try {
    const response = await session.client().get(path, ended);
    if (response.statusCode !== 200) {
      response.resume();
      session.output.error(`${url} Cannot read, status code ${response.statusCode}\n`);
      return;
    }
    for await (const chunk of response) await session.output.write(chunk as Buffer); // no encoding is set
  } catch (error) {
    // A server that goes away ends the tail quietly, in the middle of a chunk too.
    if (ended.aborted || isCutOff(error)) return;
    const [, type = '', text = ''] = /^error: (<class '.*?'>), (.*): file: .*$/s.exec(errorLine(error)) ?? [];
    session.output.error(`${url} Cannot connect, error: ${type} (${text})\n`);
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
