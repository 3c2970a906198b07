/** tail and maintail (supervisord.md 6.3). */
import { FaultReply, HttpStatusError } from '../../rpc/client.ts';
import { followLog } from '../follow.ts';
import { sayHelp } from '../help.ts';
import { pythonRepr } from '../python-repr.ts';
import { exitCodes, textOf, wordsOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';

const defaultBytes = '1600';
const faults = { badName: 10, noFile: 20, failed: 30 } as const;

export async function tail(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const words = wordsOf(arg);
  if (words.length < 1 || words.length > 3) {
    complain(session, `Error: too ${words.length < 1 ? 'few' : 'many'} arguments`);
    sayHelp(session, 'tail');
    return;
  }
  const modifier = words[0]?.startsWith('-') ? (words.shift() ?? null) : null;
  const [name, second] = words;
  if (name === undefined) {
    complain(session, 'Error: tail requires process name');
    return;
  }
  // Of three names the last is the channel, as supervisorctl has it.
  const channel = second === undefined ? 'stdout' : (words.at(-1) ?? second).toLowerCase();
  if (channel !== 'stdout' && channel !== 'stderr') {
    complain(session, `Error: bad channel ${pythonRepr(channel)}`);
    return;
  }
  if (modifier === '-f') return followLog(session, `/logtail/${name}/${channel}`);
  const offset = negate(modifier === null ? defaultBytes : modifier.slice(1));
  if (offset === null) {
    complain(session, `Error: bad argument ${modifier}`);
    return;
  }
  const method = channel === 'stdout' ? 'readProcessStdoutLog' : 'readProcessStderrLog';
  await sayLog(session, name, () => session.call(method, name, offset, 0));
}

export async function maintail(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const words = wordsOf(arg);
  if (words.length > 1) {
    complain(session, 'Error: too many arguments');
    sayHelp(session, 'maintail');
    return;
  }
  const [word] = words;
  if (word === '-f') return followLog(session, '/mainlogtail');
  const offset =
    word === undefined ? negate(defaultBytes) : word.startsWith('-') ? negate(word.slice(1)) : null;
  if (offset === null) {
    complain(session, `Error: bad argument ${word}`);
    return;
  }
  await sayLog(session, 'supervisord', () => session.call('readLog', offset, 0));
}

async function sayLog(session: Session, name: string, read: () => Promise<unknown>): Promise<void> {
  let text: unknown;
  try {
    text = await read();
  } catch (error) {
    if (error instanceof HttpStatusError) throw error;
    session.exitStatus = exitCodes.generic;
    const why = error instanceof FaultReply ? reasons.get(error.code) : undefined;
    // The daemon's own log has no name to be wrong.
    if (why === undefined) throw error;
    session.say(`${name}: ERROR (${why})`);
    return;
  }
  session.say(typeof text === 'string' ? text : textOf(null));
}

const reasons: ReadonlyMap<number, string> = new Map([
  [faults.noFile, 'no log file'],
  [faults.failed, 'unknown error reading log'],
  [faults.badName, 'no such process name'],
]);

function complain(session: Session, line: string): void {
  session.say(line);
  session.exitStatus = exitCodes.generic;
}

/** Python's int(), and its minus: `tail -100` asks for offset -100. null: no number. */
function negate(text: string): number | null {
  if (!/^\s*[+-]?\d+(_\d+)*\s*$/.test(text)) return null;
  // `0 -` and not a sign before it: -0 is no int.
  return 0 - Number(text.replaceAll('_', ''));
}
