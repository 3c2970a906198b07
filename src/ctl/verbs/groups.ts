/** avail, reread, add, remove (supervisord.md 6.3). */
import { formatName } from '../../core/names.ts';
import type { XmlRpcStruct } from '../../rpc/xml.ts';
import { changesOf, type Changes } from '../changes.ts';
import { faults, isFault } from '../faults.ts';
import { refusesArguments } from '../refuses-arguments.ts';
import { exitCodes, structsOf, textOf, wordsOf, type Session } from '../session.ts';

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
