/** status and pid (supervisord.md 6.3). */
import { faults, isFault } from '../faults.ts';
import { formatName } from '../../core/names.ts';
import { wireStates, isStopped, type WireStateName } from '../../core/unit/states.ts';
import type { XmlRpcStruct } from '../../rpc/xml.ts';
import { chooseProcesses } from '../choose.ts';
import { processJson } from '../json.ts';
import { exitCodes, structOf, structsOf, textOf, wordsOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';
import { readWatch, watchStatus } from '../watch.ts';

const stateNames = Object.keys(wireStates) as WireStateName[]; // the keys of a constant object are its own
const stoppedCodes = new Set<unknown>(stateNames.filter(isStopped).map((name) => wireStates[name]));

export async function status(session: Session, arg: string): Promise<void> {
  const names = wordsOf(arg);
  const watch = readWatch(names);
  if (typeof watch === 'string') {
    session.say(watch);
    session.exitStatus = exitCodes.generic;
    return;
  }
  if (watch !== null) return watchStatus(session, watch, status);
  if (!(await upcheck(session))) {
    session.exitStatus = exitCodes.statusUnknown;
    return;
  }
  const all = structsOf(await session.call('getAllProcessInfo'));
  const shown = chooseProcesses(all, names, (why) => {
    session.say(why);
    session.exitStatus = exitCodes.statusUnknown;
  });
  if (session.json) session.print(shown.map(processJson));
  else sayStatuses(session, shown);
  if (shown.some((info) => stoppedCodes.has(info['state']))) session.exitStatus = exitCodes.somethingDown;
}

function sayStatuses(session: Session, infos: readonly XmlRpcStruct[]): void {
  const names = infos.map((info) => formatName(textOf(info['group']), textOf(info['name'])));
  const width = Math.max(30, ...names.map(lengthOf)) + 3;
  for (const [index, info] of infos.entries()) {
    const name = names[index] ?? '';
    const state = textOf(info['statename']);
    session.say(`${pad(name, width)}${pad(state, 10)}${textOf(info['description'])}`);
  }
}

/** Python pads by code points. */
const lengthOf = (text: string): number => [...text].length;
const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - lengthOf(text)));

export async function pid(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const names = wordsOf(arg);
  const json: unknown[] = [];
  const show = (info: XmlRpcStruct) => {
    if (session.json) json.push({ name: info['name'], group: info['group'], pid: info['pid'] });
    else session.say(textOf(info['pid']));
  };
  if (names.length === 0) {
    const own = await session.call('getPID');
    if (session.json) session.print({ pid: own });
    else session.say(textOf(own));
    return;
  }
  if (names.includes('all')) structsOf(await session.call('getAllProcessInfo')).forEach(show);
  else for (const name of names) await showPid(session, name, show);
  if (session.json) session.print(json);
}

async function showPid(session: Session, name: string, show: (info: XmlRpcStruct) => void): Promise<void> {
  let info: XmlRpcStruct;
  try {
    info = structOf(await session.call('getProcessInfo', name));
  } catch (error) {
    session.exitStatus = exitCodes.generic;
    if (!isFault(error, faults.badName)) throw error;
    session.say(`No such process ${name}`);
    return;
  }
  show(info);
  if (info['pid'] === 0) session.exitStatus = exitCodes.notRunning;
}
