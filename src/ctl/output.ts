import type { WriteStream } from 'node:tty';
import type { CtlOutput } from './session.ts';

/** A reader that goes away (`dockvisorctl tail -f web | head -1`) is quiet: what we write from then on is lost, and that is all. */
export function createOutput(
  stdout: NodeJS.WritableStream,
  stderr: NodeJS.WritableStream,
): CtlOutput & { readonly close: () => void } {
  const broken = new AbortController();
  let closed = false;
  let draining: Promise<void> | null = null;
  stdout.on('error', () => broken.abort());
  stderr.on('error', () => undefined);
  return {
    broken: broken.signal,
    screen: () => (isScreen(stdout) ? { columns: stdout.columns || 80, rows: stdout.rows || 24 } : null),
    write: async (data) => {
      if (closed || broken.signal.aborted || stdout.write(data)) return;
      draining ??= new Promise((resolve) => {
        const go = () => {
          draining = null;
          stdout.removeListener('drain', go);
          broken.signal.removeEventListener('abort', go);
          resolve();
        };
        stdout.once('drain', go);
        broken.signal.addEventListener('abort', go, { once: true });
      });
      await draining;
    },
    error: (text) => {
      if (!closed) stderr.write(text);
    },
    /** For what a call that was given up has to say later. */
    close: () => {
      closed = true;
    },
  };
}

function isScreen(stream: NodeJS.WritableStream): stream is WriteStream {
  return 'isTTY' in stream && stream.isTTY === true;
}
