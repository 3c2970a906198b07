/** tail and maintail (supervisord.md 6.3). */
import { FaultReply, HttpStatusError } from '../../rpc/client.ts';
import type { XmlRpcValue } from '../../rpc/xml.ts';
import { followLog } from '../follow.ts';
import { followLogs, followMany } from '../follow-many.ts';
import { sayHelp } from '../help.ts';
import { logJson } from '../json.ts';
import { pythonRepr } from '../python-repr.ts';
import { exitCodes, textOf, wordsOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';

const defaultBytes = '1600';
const faults = { badName: 10, noFile: 20, failed: 30 } as const;

export async function tail(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const words = wordsOf(arg);
  const many = readMany(session, words);
  if (many !== null) return followMany(session, many.names, many.channel);
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
  await sayLog(
    session,
    name,
    () => session.call(method, name, offset, 0),
    (log) => logJson(name, channel, log),
  );
}

/** Of `tail -f`, what supervisorctl has no answer to: several programs, a group, all, JSON. null: what it has one to. */
function readMany(
  session: Session,
  [modifier, ...words]: readonly string[],
): { readonly names: readonly string[]; readonly channel: 'stdout' | 'stderr' } | null {
  if (modifier !== '-f' || words.length === 0) return null;
  const last = words.at(-1)?.toLowerCase();
  const isChannel = words.length > 1 && (last === 'stdout' || last === 'stderr');
  const names = isChannel ? words.slice(0, -1) : words;
  const isOne = names.length === 1 && names[0] !== 'all' && !/:\*?$/.test(names[0] ?? '');
  if (isOne && !session.json) return null;
  return { names, channel: isChannel ? last : 'stdout' };
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
  if (word === '-f') {
    const path = '/mainlogtail';
    return session.json
      ? followLogs(session, [{ group: null, name: null, channel: null, path }])
      : followLog(session, path);
  }
  const offset =
    word === undefined ? negate(defaultBytes) : word.startsWith('-') ? negate(word.slice(1)) : null;
  if (offset === null) {
    complain(session, `Error: bad argument ${word}`);
    return;
  }
  await sayLog(
    session,
    'supervisord',
    () => session.call('readLog', offset, 0),
    (log) => ({ log }),
  );
}

async function sayLog(
  session: Session,
  name: string,
  read: () => Promise<XmlRpcValue>,
  json: (log: string) => object,
): Promise<void> {
  let text: string;
  try {
    text = textOf(await read());
  } catch (error) {
    if (error instanceof HttpStatusError) throw error;
    session.exitStatus = exitCodes.generic;
    const why = error instanceof FaultReply ? reasons.get(error.code) : undefined;
    // The daemon's own log has no name to be wrong.
    if (why === undefined) throw error;
    session.say(`${name}: ERROR (${why})`);
    return;
  }
  if (session.json) session.print(json(text));
  else session.say(text);
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
