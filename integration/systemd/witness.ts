/** Containers that tell the journal themselves when they were asked to stop and when they were done, and what is read from it later. */
import { runCommand } from '../support/run-command.ts';

/** Straight to journald, past everybody who supervises. */
export const toJournal = ['-v', '/run/systemd/journal/dev-log:/dev/log'] as const;

/** Takes so many seconds to end after TERM, and then ends well. */
export const needs = (name: string, seconds: number): string =>
  `trap 'logger -t ${name} "got TERM"; sleep ${seconds}; logger -t ${name} "done by itself"; exit 0' TERM; ` +
  `logger -t ${name} up; while :; do sleep 1000 & wait $!; done`;

export interface Journal {
  /** Lines as `journalctl -o short-precise` prints them. */
  readonly lines: readonly string[];
  /** Place of the first line that matches; -1: none. */
  at(pattern: RegExp): number;
  /** When, in ms. Throws when there is no such line. */
  time(pattern: RegExp): number;
}

interface Entry {
  readonly __REALTIME_TIMESTAMP?: string;
  readonly SYSLOG_IDENTIFIER?: string;
  readonly MESSAGE?: unknown;
}

/** Of the last boot, from the files of a box that is off, or on. `since`: ms since the epoch. */
export async function readJournal(root: string, since = 0): Promise<Journal> {
  const { stdout } = await runCommand('journalctl', [
    '--directory',
    `${root}/var/log/journal`,
    '--boot',
    `--since=@${Math.floor(since / 1000)}`,
    '--quiet',
    '--no-pager',
    '--output=json',
  ]);
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)
    .filter(({ __REALTIME_TIMESTAMP: time = '0' }) => Number(time) / 1000 >= since);
  const lines = entries.map(
    ({ __REALTIME_TIMESTAMP: time = '0', SYSLOG_IDENTIFIER: who = '', MESSAGE: message }) =>
      `${new Date(Number(time) / 1000).toISOString().slice(11, 23)} ${who}: ${String(message)}`,
  );
  const at = (pattern: RegExp): number => lines.findIndex((line) => pattern.test(line));
  return {
    lines,
    at,
    time(pattern) {
      const entry = entries[at(pattern)];
      if (entry === undefined) throw new Error(`no line of the journal is ${String(pattern)}`);
      return Number(entry.__REALTIME_TIMESTAMP) / 1000;
    },
  };
}
