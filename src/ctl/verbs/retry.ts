/** retry, which supervisorctl does not have: a start that does not wait for the pause before the next try. */
import { sayHelp } from '../help.ts';
import { retryLines, sayCall } from '../results.ts';
import { exitCodes, wordsOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';

export async function retry(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const names = wordsOf(arg);
  if (names.length === 0) {
    session.say('Error: retry requires a process name');
    session.exitStatus = exitCodes.invalidArguments;
    sayHelp(session, 'retry');
    return;
  }
  for (const name of names)
    await sayCall(session, retryLines, name, () => session.client().call('dockvisor.retryProcess', [name]));
}
