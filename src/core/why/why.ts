/**
 * Why a process is as it is, in one paragraph: the state and since when, its cause and the evidence, what happens next, and which commands
 * change it. It says what is known and nothing else; where the history does not reach, it says that.
 */
import { formatName } from '../names.ts';
import type { WireStateName } from '../unit/states.ts';
import { exited, fatal, stopped, unknown } from './down.ts';
import { pastOf } from './past.ts';
import type { Case, Command, Question, Told } from './told.ts';
import { backoff, running, starting, stopping } from './up.ts';
import { sentence, when } from './words.ts';

export interface Why {
  readonly name: string;
  readonly state: WireStateName;
  /** RFC 3339; null: not known. */
  readonly since: string | null;
  /** A clause; `''`: not known. */
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly next: string;
  readonly commands: readonly Command[];
  /** All of it. */
  readonly paragraph: string;
}

const explain: Readonly<Record<WireStateName, (of: Case) => Told>> = {
  STOPPED: stopped,
  STARTING: starting,
  RUNNING: running,
  BACKOFF: backoff,
  STOPPING: stopping,
  EXITED: exited,
  FATAL: fatal,
  UNKNOWN: unknown,
};

export function why({ facts, rules, entries, place }: Question): Why {
  const now = facts.now * 1000;
  const name = formatName(facts.group, facts.name);
  const past = pastOf(entries ?? [], facts.state);
  const told = explain[facts.state]({ facts, rules, past, place, now, keepsHistory: entries !== null });
  const evidence = told.evidence.map(sentence).filter((text) => text !== '');
  const next = told.next
    .map(sentence)
    .filter((text) => text !== '')
    .join(' ');
  const since = told.since === null ? '' : ` since ${when(told.since, now)}`;
  const cause = told.cause.replace(/[.;,\s]+$/, '');
  const paragraph = [
    `${name} is ${facts.state}${since}${cause === '' ? '' : `: ${cause}`}.`,
    ...evidence,
    entries === null
      ? `Its manager says: ${sentence(facts.description === '' ? 'nothing more' : facts.description)} It is a supervisord, which keeps no history.`
      : '',
    next,
    `Commands: ${told.commands.map(({ command, to }) => `${command} (to ${to})`).join(', ')}.`,
  ];
  return {
    name,
    state: facts.state,
    since: told.since === null ? null : new Date(told.since).toISOString(),
    cause,
    evidence,
    next,
    commands: told.commands,
    // What an Engine or a program says may have lines.
    paragraph: paragraph
      .filter((text) => text !== '')
      .join(' ')
      .replace(/\s+/g, ' '),
  };
}
