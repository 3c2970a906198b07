/** avail, reread, update, add, remove (supervisord.md 6.3). */
import { formatName } from '../../core/names.ts';
import { isArray, type XmlRpcStruct, type XmlRpcValue } from '../../rpc/xml.ts';
import { FaultReply } from '../../rpc/client.ts';
import { refusesArguments } from '../refuses-arguments.ts';
import { exitCodes, structsOf, textOf, wordsOf, UnexpectedReply, type Session } from '../session.ts';

const faults = {
  shutdownState: 6,
  badName: 10,
  failed: 30,
  alreadyAdded: 90,
  stillRunning: 91,
  cantReread: 92,
} as const;

export async function avail(session: Session, arg: string): Promise<void> {
  if (refusesArguments(session, 'avail', arg)) return;
  let infos: readonly XmlRpcStruct[];
  try {
    infos = structsOf(await session.call('getAllConfigInfo'));
  } catch (error) {
    session.exitStatus = exitCodes.generic;
    if (!isFault(error, faults.shutdownState)) throw error;
    session.say('ERROR: supervisor shutting down');
    return;
  }
  if (session.json) session.print(infos);
  else for (const info of infos) session.say(configLine(info));
}

function configLine(info: XmlRpcStruct): string {
  const name = formatName(textOf(info['group']), textOf(info['name']));
  const inUse = info['inuse'] ? 'in use' : 'avail';
  const autostart = info['autostart'] ? 'auto' : 'manual';
  const priority = `${textOf(info['group_prio'])}:${textOf(info['process_prio'])}`;
  return `${name.padEnd(32)} ${inUse.padEnd(9)} ${autostart.padEnd(9)} ${priority}`;
}

export async function reread(session: Session, arg: string): Promise<void> {
  if (refusesArguments(session, 'reread', arg)) return;
  let found: Changes;
  try {
    found = changesOf(await session.call('reloadConfig'));
  } catch (error) {
    session.exitStatus = exitCodes.generic;
    if (isFault(error, faults.shutdownState)) session.say('ERROR: supervisor shutting down');
    else if (isFault(error, faults.cantReread)) session.say(`ERROR: ${error.text}`);
    else throw error;
    return;
  }
  if (session.json) {
    session.print(found);
    return;
  }
  const words = new Map<string, string>();
  for (const name of found.added) words.set(name, 'available');
  for (const name of found.changed) words.set(name, 'changed');
  for (const name of found.removed) words.set(name, 'disappeared');
  for (const name of [...words.keys()].sort()) session.say(`${name}: ${words.get(name)}`);
  if (words.size === 0) session.say('No config updates to processes');
}

export async function update(session: Session, arg: string): Promise<void> {
  let found: Changes;
  try {
    found = changesOf(await session.call('reloadConfig'));
  } catch (error) {
    session.exitStatus = exitCodes.generic;
    if (!isFault(error, faults.shutdownState)) throw error;
    session.say('ERROR: already shutting down');
    return;
  }
  const words = wordsOf(arg);
  const names = new Set(words.includes('all') ? [] : words);
  if (names.size > 0) await sayUnknownGroups(session, names, found);
  const isMeant = (name: string) => names.size === 0 || names.has(name);
  for (const name of found.removed.filter(isMeant)) await removeOld(session, name);
  for (const name of found.changed.filter(isMeant)) {
    await session.call('stopProcessGroup', name);
    session.say(`${name}: stopped`);
    await session.call('removeProcessGroup', name);
    await session.call('addProcessGroup', name);
    session.say(`${name}: updated process group`);
  }
  for (const name of found.added.filter(isMeant)) {
    await session.call('addProcessGroup', name);
    session.say(`${name}: added process group`);
  }
}

async function removeOld(session: Session, name: string): Promise<void> {
  const results = structsOf(await session.call('stopProcessGroup', name));
  session.say(`${name}: stopped`);
  if (results.some((result) => result['status'] === faults.failed)) {
    session.say(`${name}: has problems; not removing`);
    session.exitStatus = exitCodes.generic;
    return;
  }
  await session.call('removeProcessGroup', name);
  session.say(`${name}: removed process group`);
}

async function sayUnknownGroups(session: Session, names: ReadonlySet<string>, found: Changes): Promise<void> {
  const active = structsOf(await session.call('getAllProcessInfo')).map((info) => info['group']);
  const known = new Set<unknown>([...active, ...found.added]);
  for (const name of names) {
    if (known.has(name)) continue;
    session.say(`ERROR: no such group: ${name}`);
    session.exitStatus = exitCodes.generic;
  }
}

export async function add(session: Session, arg: string): Promise<void> {
  for (const name of wordsOf(arg)) {
    try {
      await session.call('addProcessGroup', name);
    } catch (error) {
      // That it is active already is the one failure that leaves the exit code alone.
      if (isFault(error, faults.alreadyAdded)) {
        session.say('ERROR: process group already active');
        continue;
      }
      session.exitStatus = exitCodes.generic;
      if (isFault(error, faults.shutdownState)) session.say('ERROR: shutting down');
      else if (isFault(error, faults.badName)) session.say(`ERROR: no such process/group: ${name}`);
      else throw error;
      continue;
    }
    session.say(`${name}: added process group`);
  }
}

export async function remove(session: Session, arg: string): Promise<void> {
  for (const name of wordsOf(arg)) {
    try {
      await session.call('removeProcessGroup', name);
    } catch (error) {
      session.exitStatus = exitCodes.generic;
      if (isFault(error, faults.stillRunning)) session.say(`ERROR: process/group still running: ${name}`);
      else if (isFault(error, faults.badName)) session.say(`ERROR: no such process/group: ${name}`);
      else throw error;
      continue;
    }
    session.say(`${name}: removed process group`);
  }
}

interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** reloadConfig answers `[[added, changed, removed]]`. */
function changesOf(value: XmlRpcValue): Changes {
  const lists = isArray(value) ? value[0] : undefined;
  if (!isArray(lists)) throw new UnexpectedReply('reloadConfig answered no list of changes');
  const names = (list: XmlRpcValue | undefined) => (isArray(list) ? list.map(textOf) : []);
  return { added: names(lists[0]), changed: names(lists[1]), removed: names(lists[2]) };
}

function isFault(error: unknown, code: number): error is FaultReply {
  return error instanceof FaultReply && error.code === code;
}
