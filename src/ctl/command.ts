/** One line of supervisorctl: finds its verb and runs it; whatever goes wrong is a line and an exit code. */
import { HttpStatusError } from '../rpc/client.ts';
import { errorLine } from './errors.ts';
import { Interrupted } from './input.ts';
import { exitCodes, wordsOf, type Session } from './session.ts';
import { findVerb, readingVerbs, type Verb } from './verbs.ts';

/** @throws Interrupted */
export async function runCommand(session: Session, typed: string): Promise<void | 'quit'> {
  const line = typed.trim();
  if (line === '') return;
  const { name, arg } = split(line);
  const load = findVerb(name);
  if (load === undefined) {
    session.say(`*** Unknown syntax: ${line}`);
    session.exitStatus = exitCodes.generic;
    return;
  }
  const wasJson = session.json;
  try {
    const isReading = readingVerbs.has(name);
    const words = wordsOf(arg);
    session.json = isReading && (wasJson || words.includes('--json'));
    const rest = isReading ? words.filter((word) => word !== '--json').join(' ') : arg;
    return await withLogin(session, await load(), rest);
  } catch (error) {
    // The user leaves: that is no failure of the verb's.
    if (error instanceof Interrupted) throw error;
    session.say(errorLine(error));
    session.exitStatus = exitCodes.generic;
  } finally {
    session.json = wasJson;
    session.hangUp();
  }
}

/** Python's cmd module: letters, digits and _ are the verb, `?x` is `help x`, and `!x` is nothing. */
function split(line: string): { readonly name: string; readonly arg: string } {
  const text = line.startsWith('?') ? `help ${line.slice(1)}` : line;
  const name = /^\w*/.exec(text)?.[0] ?? '';
  return { name, arg: text.slice(name.length).trim() };
}

async function withLogin(session: Session, verb: Verb, arg: string): Promise<void | 'quit'> {
  try {
    return await verb(session, arg);
  } catch (error) {
    if (!(error instanceof HttpStatusError) || error.status !== 401) throw error;
    session.say('Server requires authentication');
    if (!session.isInteractive || !session.input.isTerminal) throw error;
    const terminal = await session.input.open();
    const username = await terminal.ask('Username:', 'shown');
    const password = await terminal.ask('Password:', 'hidden');
    session.say('');
    session.hangUp();
    session.username = username;
    session.password = password;
    return withLogin(session, verb, arg);
  }
}
