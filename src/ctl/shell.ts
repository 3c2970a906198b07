/** supervisorctl without an action: `status`, then a prompt until the end of the input (supervisord.md 6.1). */
import { runCommand } from './command.ts';
import { completer } from './complete.ts';
import { onInterrupt } from './follow.ts';
import { UsageError } from './getopt.ts';
import { help } from './help.ts';
import { EndOfInput, Interrupted } from './input.ts';
import { readOptionsAtPrompt } from './options.ts';
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
    while ((await Promise.race([runLine(session, line), interrupted])) !== 'quit') {
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

/** @throws Interrupted */
async function runLine(session: Session, line: string): Promise<void | 'quit'> {
  try {
    const asked = readOptionsAtPrompt(line);
    if (asked === null) return await runCommand(session, line);
    if (typeof asked === 'string') session.say(`Error: option ${asked} is not for a line at the prompt`);
    else help(session, asked.helpOf);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    session.say(`Error: ${error.message}`);
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
