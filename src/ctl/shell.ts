/** supervisorctl without an action: `status`, then a prompt until the end of the input (supervisord.md 6.1). */
import { runCommand } from './command.ts';
import { completer } from './complete.ts';
import { onInterrupt } from './follow.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

export async function runShell(session: Session, terminal: Terminal): Promise<void> {
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<'quit'>((resolve) => {
    interrupt = () => resolve('quit');
  });
  const forget = onInterrupt(() => {
    // A verb that follows a log has its own meaning for Ctrl-C.
    if (process.listenerCount('SIGINT') > 1) return;
    session.say('');
    interrupt();
  });
  try {
    let line = 'status';
    while ((await Promise.race([runCommand(session, line), interrupted])) !== 'quit') {
      const next = await Promise.race([
        terminal.ask(`${session.prompt}> `, 'shown', completer(session)),
        interrupted.then(() => 'quit'),
      ]);
      line = next ?? 'EOF';
      session.hangUp();
      if (session.output.broken.aborted) return;
    }
  } finally {
    forget();
  }
}
