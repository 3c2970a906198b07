/** retry, which supervisorctl does not have: a start of what waits for its next try or was given up, without the pause. */
import { faults, isFault } from '../faults.ts';
import { sayHelp } from '../help.ts';
import { noRetry, retryLines } from '../results.ts';
import { exitCodes, wordsOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';
import { control, type ControlVerb } from './control.ts';

const retryVerb: ControlVerb = {
  lines: retryLines,
  one: 'dockvisor.retryProcess',
  group: 'dockvisor.retryProcessGroup',
  all: 'dockvisor.retryAllProcesses',
  noSuchGroup: exitCodes.invalidArguments,
};

export async function retry(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const names = wordsOf(arg);
  if (names.length === 0) {
    session.say('Error: retry requires a process name');
    session.exitStatus = exitCodes.invalidArguments;
    sayHelp(session, 'retry');
    return;
  }
  try {
    await control(session, retryVerb, names, []);
  } catch (error) {
    // Of a group, or of all: of one process it is among the answers.
    if (!isFault(error, faults.unknownMethod)) throw error;
    session.say(`ERROR: ${noRetry}`);
    session.exitStatus = exitCodes.generic;
  }
}
