/** why, which supervisorctl does not have: the state of a process with its cause, what comes next, and what changes that. */
import type { HistoryEntry, Rules } from '../../core/history/entry.ts';
import { evidenceOf, readEntry } from '../../core/history/read.ts';
import { formatName } from '../../core/names.ts';
import { wireStates, type WireStateName } from '../../core/unit/states.ts';
import type { Facts } from '../../core/why/told.ts';
import { why as explain } from '../../core/why/why.ts';
import { isArray, isStruct, type XmlRpcStruct, type XmlRpcValue } from '../../rpc/xml.ts';
import { chooseProcesses } from '../choose.ts';
import { faults, isFault } from '../faults.ts';
import { sayHelp } from '../help.ts';
import {
  exitCodes,
  structOf,
  structsOf,
  textOf,
  UnexpectedReply,
  wordsOf,
  type Session,
} from '../session.ts';
import { upcheck } from '../upcheck.ts';

/** How far back it is looked. */
const limit = 1000;
/** Lines of prose are not read well when they are longer. */
const widest = 100;

interface Known {
  readonly rules: Rules | null;
  readonly entries: readonly HistoryEntry[] | null;
}

export async function why(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const names = wordsOf(arg);
  if (names.length === 0) {
    session.say('Error: why requires a process name');
    session.exitStatus = exitCodes.invalidArguments;
    sayHelp(session, 'why');
    return;
  }
  const missing = (text: string): void => {
    session.say(text);
    session.exitStatus = exitCodes.generic;
  };
  const all = structsOf(await session.call('getAllProcessInfo'));
  const answers: object[] = [];
  let shown = 0;
  for (const info of chooseProcesses(all, names, missing)) {
    const name = formatName(textOf(info['group']), textOf(info['name']));
    const known = await knownOf(session, info);
    if (known === null) {
      missing(`${name}: ERROR (no such process)`);
      continue;
    }
    const answer = explain({ facts: factsOf(info), ...known, place: session.place });
    answers.push({ ...answer, ...known });
    if (session.json) continue;
    if (shown++ > 0) session.say('');
    for (const line of wrapped(answer.paragraph, session.output.screen()?.columns ?? null)) session.say(line);
  }
  if (session.json) session.print(answers);
}

/** null: it has just gone. */
async function knownOf(session: Session, info: XmlRpcStruct): Promise<Known | null> {
  const name = `${textOf(info['group'])}:${textOf(info['name'])}`;
  try {
    const history = structOf(await session.client().call('dockvisor.getHistory', [name, 0, limit]));
    return {
      rules: rulesOf(history['rules']),
      entries: structsOf(history['entries'] ?? []).flatMap((entry) => readEntry(entry) ?? []),
    };
  } catch (error) {
    if (isFault(error, faults.badName)) return null;
    if (!isFault(error, faults.unknownMethod)) throw error;
  }
  return { rules: await rulesOfSupervisord(session, info), entries: null };
}

/** What a supervisord tells of its configuration, which is as last read. */
async function rulesOfSupervisord(session: Session, info: XmlRpcStruct): Promise<Rules | null> {
  try {
    const rows = structsOf(await session.call('getAllConfigInfo'));
    return rulesOf(rows.find((row) => row['group'] === info['group'] && row['name'] === info['name']));
  } catch (error) {
    // An old one does not have it.
    if (!isFault(error, faults.unknownMethod)) throw error;
    return null;
  }
}

function rulesOf(value: XmlRpcValue | undefined): Rules | null {
  if (value === undefined || !isStruct(value)) return null;
  const { autorestart, exitcodes } = value;
  return {
    autostart: value['autostart'] === true,
    autorestart:
      autorestart === 'never' || autorestart === 'always' || autorestart === 'unexpected'
        ? autorestart
        : null,
    startsecs: numberOf(value['startsecs']),
    startretries: numberOf(value['startretries']),
    stopwaitsecs: numberOf(value['stopwaitsecs']),
    exitcodes: exitcodes !== undefined && isArray(exitcodes) ? exitcodes.map(numberOf) : [],
    says_ready: value['says_ready'] === true,
    makes_container: typeof value['makes_container'] === 'boolean' ? value['makes_container'] : null,
  };
}

function factsOf(info: XmlRpcStruct): Facts {
  const state = textOf(info['statename']);
  if (!isState(state)) throw new UnexpectedReply(`the server answered an unknown state: ${state}`);
  const container = evidenceOf(info['container']);
  const more = isStruct(info['container'] ?? null) ? structOf(info['container'] ?? null) : {};
  return {
    group: textOf(info['group']),
    name: textOf(info['name']),
    state,
    description: textOf(info['description']),
    spawnError: textOf(info['spawnerr']),
    pid: numberOf(info['pid']),
    exitStatus: numberOf(info['exitstatus']),
    start: numberOf(info['start']),
    stop: numberOf(info['stop']),
    now: numberOf(info['now']),
    hasStdoutLog: textOf(info['stdout_logfile'] ?? info['logfile'] ?? '') !== '',
    hasStderrLog: textOf(info['stderr_logfile'] ?? '') !== '',
    container:
      container === null
        ? null
        : {
            ...container,
            health: textOf(more['health'] ?? ''),
            engine: textOf(more['engine'] ?? ''),
            finished_at: typeof more['finished_at'] === 'string' ? more['finished_at'] : null,
            restart_policy: textOf(more['restart_policy'] ?? 'no'),
          },
  };
}

const isState = (text: string): text is WireStateName => Object.hasOwn(wireStates, text);
const numberOf = (value: XmlRpcValue | undefined): number => (typeof value === 'number' ? value : 0);

/** Between words, for a terminal; elsewhere it is one line. */
function wrapped(text: string, columns: number | null): readonly string[] {
  if (columns === null) return [text];
  const width = Math.max(20, Math.min(columns, widest));
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
