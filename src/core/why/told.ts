/** What an explanation goes by, and what it is made of. */
import type { Evidence, HistoryEntry, Rules } from '../history/entry.ts';
import { formatName } from '../names.ts';
import type { WireStateName } from '../unit/states.ts';
import type { Past } from './past.ts';

/** A process as its manager tells of it now. */
export interface Facts {
  readonly group: string;
  readonly name: string;
  readonly state: WireStateName;
  readonly description: string;
  readonly spawnError: string;
  readonly pid: number;
  readonly exitStatus: number;
  /** Wall times in seconds; 0: never. */
  readonly start: number;
  readonly stop: number;
  readonly now: number;
  readonly hasStdoutLog: boolean;
  /** Of its own: with redirect_stderr it has none. */
  readonly hasStderrLog: boolean;
  readonly container:
    | (Evidence & {
        readonly health: string;
        readonly engine: string;
        /** RFC 3339; null: not known, or it runs. */
        readonly finished_at: string | null;
        /** The Engine's word; `no`: none. */
        readonly restart_policy: string;
      })
    | null;
}

export interface Question {
  readonly facts: Facts;
  /** null: not known. */
  readonly rules: Rules | null;
  /** Of the process and of the daemon, oldest first; null: its manager keeps none. */
  readonly entries: readonly HistoryEntry[] | null;
  /** Options that say which manager that is, as they are to be given again (`-c FILE`); empty: it is found without. */
  readonly place: readonly string[];
}

export interface Command {
  readonly command: string;
  /** What for, to stand after "to". */
  readonly to: string;
}

/** Sentences without their full stops; an empty one is none. */
export interface Told {
  /** Since when it is in its state, in ms; null: not known. */
  readonly since: number | null;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly next: readonly string[];
  readonly commands: readonly Command[];
}

export interface Case {
  readonly facts: Facts;
  readonly rules: Rules | null;
  readonly past: Past;
  readonly place: readonly string[];
  /** When this is asked, in ms, by the daemon's clock. */
  readonly now: number;
  readonly keepsHistory: boolean;
}

/** A word as a shell takes it. */
const quoted = (word: string): string =>
  /^[\w:./@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** `after`: what stands behind the name. */
export const ctl = (
  verb: string,
  { facts, place }: Case,
  to: string,
  after: readonly string[] = [],
): Command => ({
  command: [
    'dockvisorctl',
    ...place.map(quoted),
    verb,
    quoted(formatName(facts.group, facts.name)),
    ...after,
  ].join(' '),
  to,
});

/** It reads a configuration, and knows of no other way to a manager. */
export const doctor = ({ place }: Case, to: string): Command => ({
  command: ['dockvisor doctor', ...(place[0] === '-c' ? place.slice(0, 2).map(quoted) : [])].join(' '),
  to,
});

const defaultEngine = 'unix:///var/run/docker.sock';

/** None for a plain program. */
export function docker(words: string, { facts }: Case, to: string): readonly Command[] {
  const { container } = facts;
  if (container === null || container.state === 'missing') return [];
  const host = ['', defaultEngine].includes(container.engine) ? '' : `-H ${quoted(container.engine)} `;
  return [{ command: `docker ${host}${words} ${quoted(container.name)}`, to }];
}

/** Where its output is. */
export function output(of: Case, to: string): readonly Command[] {
  const { container, hasStdoutLog, hasStderrLog } = of.facts;
  if (container !== null && container.state !== 'missing' && container.state !== 'unknown')
    return docker('logs --tail 50', of, to);
  return [
    ...(hasStdoutLog ? [ctl('tail', of, to)] : []),
    ...(hasStderrLog ? [ctl('tail', of, hasStdoutLog ? 'read those on stderr' : to, ['stderr'])] : []),
  ];
}

/** What an Engine does by itself, so that a container has two owners; null: nothing. */
export function restartPolicy({ facts }: Case): string | null {
  const policy = facts.container?.restart_policy ?? 'no';
  return policy === 'no' || policy === '' ? null : policy;
}

export const withoutPolicy = (of: Case): readonly Command[] =>
  restartPolicy(of) === null ? [] : docker('update --restart=no', of, 'leave its restarts to its manager');
