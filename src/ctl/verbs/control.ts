/** start, stop, restart, signal, clear: one after another, each waited for (supervisord.md 6.3). */
import { formatName, parseNameSpec } from '../../core/names.ts';
import { faults, isFault } from '../faults.ts';
import { sayHelp } from '../help.ts';
import {
  clearLines,
  sayCall,
  sayResult,
  signalLines,
  startLines,
  stopLines,
  type ResultLines,
} from '../results.ts';
import { exitCodes, structsOf, wordsOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';
import type { XmlRpcValue } from '../../rpc/xml.ts';

/** A verb's methods for one process, a group, all, with their namespace; and what differs between start, stop and signal when a group is not there. */
export interface ControlVerb {
  readonly lines: ResultLines;
  readonly one: string;
  readonly group: string;
  readonly all: string;
  readonly noSuchGroup: number;
}

const startVerb: ControlVerb = {
  lines: startLines,
  one: 'supervisor.startProcess',
  group: 'supervisor.startProcessGroup',
  all: 'supervisor.startAllProcesses',
  noSuchGroup: exitCodes.invalidArguments,
};
const stopVerb: ControlVerb = {
  lines: stopLines,
  one: 'supervisor.stopProcess',
  group: 'supervisor.stopProcessGroup',
  all: 'supervisor.stopAllProcesses',
  noSuchGroup: exitCodes.generic,
};
const signalVerb: ControlVerb = {
  lines: signalLines,
  one: 'supervisor.signalProcess',
  group: 'supervisor.signalProcessGroup',
  all: 'supervisor.signalAllProcesses',
  noSuchGroup: exitCodes.generic,
};

export async function start(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const names = wordsOf(arg);
  if (names.length === 0) {
    session.say('Error: start requires a process name');
    session.exitStatus = exitCodes.invalidArguments;
    sayHelp(session, 'start');
    return;
  }
  await control(session, startVerb, names, []);
}

export async function stop(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const names = wordsOf(arg);
  if (names.length === 0) {
    session.say('Error: stop requires a process name');
    session.exitStatus = exitCodes.generic;
    sayHelp(session, 'stop');
    return;
  }
  await control(session, stopVerb, names, []);
}

export async function restart(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  if (wordsOf(arg).length === 0) {
    session.say('Error: restart requires a process name');
    session.exitStatus = exitCodes.generic;
    sayHelp(session, 'restart');
    return;
  }
  await stop(session, arg);
  await start(session, arg);
}

export async function signal(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const [name, ...names] = wordsOf(arg);
  if (name === undefined || names.length === 0) {
    session.say('Error: signal requires a signal name and a process name');
    sayHelp(session, 'signal');
    session.exitStatus = exitCodes.generic;
    return;
  }
  await control(session, signalVerb, names, [name]);
}

export async function clear(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const names = wordsOf(arg);
  if (names.length === 0) {
    session.say('Error: clear requires a process name');
    session.exitStatus = exitCodes.generic;
    sayHelp(session, 'clear');
    return;
  }
  if (names.includes('all')) {
    for (const result of structsOf(await session.call('clearAllProcessLogs'))) {
      sayResult(session, clearLines, result);
    }
    return;
  }
  for (const name of names) {
    const { group, process } = parseNameSpec(name);
    // `clear g:*` is not supported, and supervisorctl prints Python's None for it.
    const shown = formatName(group, process ?? 'None');
    await sayCall(session, clearLines, shown, () => session.call('clearProcessLogs', name));
  }
}

/** `more`: parameters after the name. */
export async function control(
  session: Session,
  verb: ControlVerb,
  names: readonly string[],
  more: readonly XmlRpcValue[],
): Promise<void> {
  if (names.includes('all')) {
    sayAll(session, verb, await session.client().call(verb.all, more));
    return;
  }
  for (const name of names) {
    const { group, process } = parseNameSpec(name);
    if (process === null) await controlGroup(session, verb, group, more);
    else {
      const shown = formatName(group, process);
      await sayCall(session, verb.lines, shown, () => session.client().call(verb.one, [name, ...more]));
    }
  }
}

async function controlGroup(
  session: Session,
  verb: ControlVerb,
  group: string,
  more: readonly XmlRpcValue[],
): Promise<void> {
  let results: XmlRpcValue;
  try {
    results = await session.client().call(verb.group, [group, ...more]);
  } catch (error) {
    if (!isFault(error, faults.badName)) throw error;
    session.say(`${group}: ERROR (no such group)`);
    session.exitStatus = verb.noSuchGroup;
    return;
  }
  sayAll(session, verb, results);
}

function sayAll(session: Session, verb: ControlVerb, results: XmlRpcValue): void {
  for (const result of structsOf(results)) sayResult(session, verb.lines, result);
}
