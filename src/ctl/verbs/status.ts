/** status and pid (supervisord.md 6.3). */
import { formatName, parseNameSpec } from '../../core/names.ts';
import { wireStates, isStopped, type WireStateName } from '../../core/unit/states.ts';
import type { XmlRpcStruct } from '../../rpc/xml.ts';
import { FaultReply } from '../../rpc/client.ts';
import { processJson } from '../json.ts';
import { exitCodes, structOf, structsOf, textOf, wordsOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';

const badName = 10;
const stateNames = Object.keys(wireStates) as WireStateName[]; // the keys of a constant object are its own
const stoppedCodes = new Set<unknown>(stateNames.filter(isStopped).map((name) => wireStates[name]));

export async function status(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) {
    session.exitStatus = exitCodes.statusUnknown;
    return;
  }
  const all = structsOf(await session.call('getAllProcessInfo'));
  const names = wordsOf(arg);
  const shown = names.length === 0 || names.includes('all') ? all : choose(session, all, names);
  if (session.json) session.print(shown.map(processJson));
  else sayStatuses(session, shown);
  if (shown.some((info) => stoppedCodes.has(info['state']))) session.exitStatus = exitCodes.somethingDown;
}

function choose(session: Session, all: readonly XmlRpcStruct[], names: readonly string[]): XmlRpcStruct[] {
  return names.flatMap((name) => {
    const { group, process } = parseNameSpec(name);
    const found = all.filter(
      (info) => info['group'] === group && (process === null || info['name'] === process),
    );
    if (found.length === 0) {
      session.say(process === null ? `${group}: ERROR (no such group)` : `${name}: ERROR (no such process)`);
      session.exitStatus = exitCodes.statusUnknown;
    }
    return found;
  });
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
    if (!(error instanceof FaultReply) || error.code !== badName) throw error;
    session.say(`No such process ${name}`);
    return;
  }
  show(info);
  if (info['pid'] === 0) session.exitStatus = exitCodes.notRunning;
}
