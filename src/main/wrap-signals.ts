/** Signals of a wrapper: TERM and INT stop, the others are the container's. */
import type { Session } from '../wrap/session.ts';

export interface WrapSignals {
  /** Aborts at the first order to stop. */
  readonly stopped: AbortSignal;
  /** From now on they are the session's; an order that came before is given at once. */
  handTo(session: Session): void;
}

/**
 * As the docker client's proxy, but for what is meant for ourselves: CONT, which systemd sends after each TERM, and ABRT, which is its
 * watchdog's. Real-time signals cannot be caught in Node.
 */
const passed = ['HUP', 'QUIT', 'USR1', 'USR2', 'WINCH', 'ALRM', 'TSTP', 'TTIN', 'TTOU', 'IO', 'PWR'] as const;

export function listenForWrapper(): WrapSignals {
  const stopping = new AbortController();
  let session: Session | null = null;
  const stop = (): void => {
    stopping.abort();
    session?.stop();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGPIPE', () => undefined);
  for (const name of passed) process.on(`SIG${name}`, () => session?.pass(name));
  return {
    stopped: stopping.signal,
    handTo(next) {
      session = next;
      if (stopping.signal.aborted) next.stop();
    },
  };
}
