/** supervisorctl without an action: `status`, then a prompt until the end of the input (supervisord.md 6.1). */
import { runCommand } from './command.ts';
import { completer } from './complete.ts';
import { onInterrupt } from './follow.ts';
import { EndOfInput, Interrupted } from './input.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

export async function runShell(session: Session, terminal: Terminal): Promise<void> {
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<never>((_resolve, reject) => {
    interrupt = () => reject(new Interrupted());
  });
  interrupted.catch(() => undefined);
  const forget = onInterrupt(() => {
    // A verb that follows a log has its own meaning for Ctrl-C.
    if (process.listenerCount('SIGINT') === 1) interrupt();
  });
  try {
    let line = 'status';
    while ((await Promise.race([runCommand(session, line), interrupted])) !== 'quit') {
      line = await Promise.race([nextLine(session, terminal), interrupted]);
      session.hangUp();
      if (session.output.broken.aborted) return;
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    session.say('');
  } finally {
    forget();
  }
}

async function nextLine(session: Session, terminal: Terminal): Promise<string> {
  try {
    return await terminal.ask(`${session.prompt}> `, 'shown', completer(session));
  } catch (error) {
    if (error instanceof EndOfInput) return 'EOF';
    throw error;
  }
}
