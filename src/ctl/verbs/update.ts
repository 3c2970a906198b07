/**
 * update (supervisord.md 6.3). A dockvisord is asked group by group, and restarts only what has changed; a supervisord, which can only
 * restart whole groups, is told to do it as supervisorctl tells it. `--plan` says what would be done, and why.
 */
import type { XmlRpcStruct } from '../../rpc/xml.ts';
import { changesOf, type Changes } from '../changes.ts';
import { faults, isFault } from '../faults.ts';
import { exitCodes, structOf, structsOf, textOf, wordsOf, type Session } from '../session.ts';

export async function update(session: Session, arg: string): Promise<void> {
  const words = wordsOf(arg);
  const isPlan = words.includes('--plan');
  const meant = words.filter((word) => word !== '--plan');
  const names: ReadonlySet<string> = new Set(meant.includes('all') ? [] : meant);
  let plans: readonly XmlRpcStruct[] | null;
  let found: Changes;
  try {
    plans = await planOf(session);
    found = plans === null ? changesOf(await session.call('reloadConfig')) : groupsByAct(plans);
  } catch (error) {
    session.exitStatus = exitCodes.generic;
    if (!isFault(error, faults.shutdownState)) throw error;
    session.say('ERROR: already shutting down');
    return;
  }
  if (names.size > 0) await sayUnknownGroups(session, names, found);
  const isMeant = (name: string): boolean => names.size === 0 || names.has(name);
  const meantOf = (all: readonly XmlRpcStruct[]): readonly XmlRpcStruct[] =>
    all.filter(({ group }) => isMeant(textOf(group)));
  if (isPlan) sayPlan(session, meantOf(plans ?? coarse(found)));
  else if (plans === null) await updateWhole(session, found, isMeant);
  else await updateByDifference(session, meantOf(plans));
}

/** null: it is no dockvisord. */
async function planOf(session: Session): Promise<readonly XmlRpcStruct[] | null> {
  try {
    return structsOf(await session.client().call('dockvisor.planUpdate', []));
  } catch (error) {
    if (isFault(error, faults.unknownMethod)) return null;
    throw error;
  }
}

const groupsBy = (plans: readonly XmlRpcStruct[], action: string): readonly string[] =>
  plans.filter((plan) => plan['action'] === action).map((plan) => textOf(plan['group']));

const groupsByAct = (plans: readonly XmlRpcStruct[]): Changes => ({
  added: groupsBy(plans, 'add'),
  changed: groupsBy(plans, 'change'),
  removed: groupsBy(plans, 'remove'),
});

async function updateByDifference(session: Session, plans: readonly XmlRpcStruct[]): Promise<void> {
  const done: XmlRpcStruct[] = [];
  for (const plan of plans) {
    const name = textOf(plan['group']);
    try {
      done.push(structOf(await session.client().call('dockvisor.updateProcessGroup', [name])));
    } catch (error) {
      if (!isFault(error, faults.failed)) throw error;
      session.exitStatus = exitCodes.generic;
      session.say(
        plan['action'] === 'remove'
          ? `${name}: has problems; not removing`
          : `${name}: ERROR (${error.text})`,
      );
      continue;
    }
    if (!session.json) for (const line of linesOf(plan)) session.say(line);
  }
  if (session.json) session.print(done);
}

/** supervisorctl's words. It stops every group that it changes; `stopped` is said here of one of which nothing ran on. */
function linesOf(plan: XmlRpcStruct): readonly string[] {
  const name = textOf(plan['group']);
  const stopped = `${name}: stopped`;
  if (plan['action'] === 'remove') return [stopped, `${name}: removed process group`];
  if (plan['action'] === 'add') return [`${name}: added process group`];
  const old = structsOf(plan['processes'] ?? []).filter(({ action }) => action !== 'add');
  const all = old.length > 0 && old.every(({ action }) => action === 'restart' || action === 'remove');
  return [...(all ? [stopped] : []), `${name}: updated process group`];
}

async function updateWhole(
  session: Session,
  found: Changes,
  isMeant: (name: string) => boolean,
): Promise<void> {
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

/** All that a supervisord tells of its changes. */
const coarse = ({ added, changed, removed }: Changes): readonly XmlRpcStruct[] => [
  ...removed.map((group) => ({ group, action: 'remove', reasons: [], processes: [] })),
  ...changed.map((group) => ({ group, action: 'change', reasons: [], processes: [] })),
  ...added.map((group) => ({ group, action: 'add', reasons: [], processes: [] })),
];

const groupWords = new Map([
  ['add', 'would be added'],
  ['remove', 'would be stopped and removed'],
  ['change', 'would be changed'],
]);
const processWords = new Map([
  ['add', 'added'],
  ['remove', 'stopped and removed'],
  ['restart', 'restarted'],
  ['change', 'changed without a restart'],
  ['keep', 'left as it is'],
]);

function sayPlan(session: Session, plans: readonly XmlRpcStruct[]): void {
  if (session.json) {
    session.print(plans);
    return;
  }
  if (plans.length === 0 && session.exitStatus === exitCodes.ok)
    session.say('No config updates to processes');
  for (const plan of plans) {
    session.say(`${textOf(plan['group'])}: ${groupWords.get(textOf(plan['action'])) ?? ''}`);
    if (plan['action'] !== 'change') continue;
    for (const line of reasonLines(plan)) session.say(`  ${line}`);
    const processes = structsOf(plan['processes'] ?? []);
    if (processes.length === 0) session.say('  the whole group is restarted; a supervisord does not say why');
    for (const process of processes) {
      session.say(`  ${textOf(process['name'])}: ${processWords.get(textOf(process['action'])) ?? ''}`);
      for (const line of reasonLines(process)) session.say(`    ${line}`);
    }
  }
}

const reasonLines = (of: XmlRpcStruct): readonly string[] =>
  structsOf(of['reasons'] ?? []).map((reason) => `${textOf(reason['key'])}: ${textOf(reason['reason'])}`);
