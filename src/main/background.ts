/**
 * Going to the background. Node cannot fork, so the daemon starts itself again, in a session of its own, and waits until the copy says that
 * it is ready, or why it is not: the shell gets the truth, and supervisord's exit codes.
 */
import { spawn } from 'node:child_process';

/** What the copy tells its starter. */
export type StarterMessage =
  { readonly ready: true } | { readonly failed: string; readonly exitCode: number };

const marker = 'DOCKVISORD_IN_BACKGROUND';
/** How long the copy may take to get ready, in ms. */
const readyMs = 60_000;

export const isBackgroundCopy = (): boolean => process.env[marker] !== undefined;

/** Takes our own traces out of the environment that programs will inherit. */
export function forgetStarter(): void {
  Reflect.deleteProperty(process.env, marker);
}

/** Resolves with the exit code for the starter. */
export function startInBackground(
  script: string,
  argv: readonly string[],
  fail: (message: string) => void,
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...argv], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, [marker]: '1' },
    });
    const timer = setTimeout(() => {
      fail(`the daemon (pid ${String(child.pid)}) did not get ready within ${String(readyMs / 1000)} s`);
      finish(1);
    }, readyMs);
    const finish = (code: number): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      if (child.connected) child.disconnect();
      child.unref();
      resolve(code);
    };
    child.on('error', (error) => {
      fail(`cannot start the daemon in the background: ${error.message}`);
      finish(1);
    });
    child.on('exit', (code) => {
      fail(`the daemon ended before it was ready (exit status ${String(code)})`);
      finish(code === null || code === 0 ? 1 : code);
    });
    child.on('message', (message) => {
      // Only our own copy holds the other end.
      const told = message as StarterMessage;
      if ('ready' in told) {
        finish(0);
        return;
      }
      fail(told.failed);
      finish(told.exitCode);
    });
  });
}

/** To be called by the copy once; does nothing in the foreground. */
export function tellStarter(message: StarterMessage): Promise<void> {
  const { send } = process;
  if (send === undefined || !process.connected) return Promise.resolve();
  return new Promise((resolve) => {
    send.call(process, message, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}
