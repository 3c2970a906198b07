import { sayHelp } from './help.ts';
import { exitCodes, type Session } from './session.ts';

/** For verbs that take none: says so, with the verb's help. */
export function refusesArguments(session: Session, verb: string, arg: string): boolean {
  if (arg === '') return false;
  session.say(`Error: ${verb} accepts no arguments`);
  session.exitStatus = exitCodes.generic;
  sayHelp(session, verb);
  return true;
}
