/**
 * What `help` prints. The shape is supervisorctl's (what is typed, tabs, what it does); the sentences are our own.
 */
import type { Session } from './session.ts';

const texts: ReadonlyMap<string, readonly string[]> = new Map([
  ['add', ['add <name> [...]\tActivate groups that were added to the configuration']],
  ['avail', ['avail\t\t\tList every configured process']],
  [
    'clear',
    [
      'clear <name>\t\tEmpty the logs of a process',
      'clear <name> <name>\tEmpty the logs of several processes',
      'clear all\t\tEmpty the logs of every process',
    ],
  ],
  ['exit', ['exit\tLeave the shell.']],
  ['fg', ['fg <process>\tFollow the output of a process and write to its stdin', '\t\tCtrl-C to leave']],
  [
    'maintail',
    [
      'maintail -f \tFollow the log of the daemon (Ctrl-C to leave)',
      'maintail -100\tThe last 100 *bytes* of the log of the daemon',
      'maintail\tThe last 1600 *bytes* of the log of the daemon',
      '',
    ],
  ],
  ['open', ['open <url>\tTalk to another daemon.', '\t\t(a unix socket is unix:///path/of/socket)']],
  [
    'pid',
    [
      'pid\t\t\tThe process id of the daemon',
      'pid <name>\t\tThe process id of a process',
      'pid all\t\t\tThe process ids of all processes, one on a line',
    ],
  ],
  ['quit', ['quit\tLeave the shell.']],
  ['reload', ['reload \t\tStop everything and start the daemon anew.']],
  ['remove', ['remove <name> [...]\tTake stopped groups out of the active ones']],
  ['reread', ['reread \t\t\tRead the configuration again and say what differs, changing nothing']],
  [
    'restart',
    [
      'restart <name>\t\tStop and start a process',
      'restart <gname>:*\tStop and start all processes of a group',
      'restart <name> <name>\tStop and start several processes or groups',
      'restart all\t\tStop and start all processes',
      'Note: this does not read the configuration again. For that, see reread and update.',
    ],
  ],
  ['shutdown', ['shutdown \tStop everything, then the daemon.']],
  [
    'signal',
    [
      'signal <signal name> <name>\t\tSignal a process',
      'signal <signal name> <gname>:*\t\tSignal all processes of a group',
      'signal <signal name> <name> <name>\tSignal several processes or groups',
      'signal <signal name> all\t\tSignal all processes',
    ],
  ],
  [
    'start',
    [
      'start <name>\t\tStart a process',
      'start <gname>:*\t\tStart all processes of a group',
      'start <name> <name>\tStart several processes or groups',
      'start all\t\tStart all processes',
    ],
  ],
  [
    'status',
    [
      'status <name>\t\tThe state of a process',
      'status <gname>:*\tThe states of all processes of a group',
      'status <name> <name>\tThe states of several processes',
      'status\t\t\tThe states of all processes',
    ],
  ],
  [
    'stop',
    [
      'stop <name>\t\tStop a process',
      'stop <gname>:*\t\tStop all processes of a group',
      'stop <name> <name>\tStop several processes or groups',
      'stop all\t\tStop all processes',
    ],
  ],
  [
    'tail',
    [
      'tail [-f] <name> [stdout|stderr] (default stdout)',
      'Ex:',
      'tail -f <name>\t\tFollow the stdout of a process',
      '\t\t\tCtrl-C to leave.',
      'tail -100 <name>\tThe last 100 *bytes* of its stdout',
      'tail <name> stderr\tThe last 1600 *bytes* of its stderr',
    ],
  ],
  [
    'update',
    [
      'update\t\t\tRead the configuration again and bring it about, restarting what changed',
      'update all\t\tThe same',
      'update <gname> [...]\tThe same for some groups',
    ],
  ],
  ['version', ['version\t\t\tThe version of the daemon']],
]);

/** The names of all verbs that have help, sorted. */
export const documentedVerbs: readonly string[] = [...texts.keys()];

export function sayHelp(session: Session, verb: string): void {
  for (const line of texts.get(verb) ?? [`*** No help on ${verb}`]) session.say(line);
}

/** The verb `help`. */
export function help(session: Session, arg: string): void {
  const verb = arg.trim();
  if (verb === 'help') {
    session.say('help\t\tList the verbs');
    session.say('help <action>\tSay what a verb does');
  } else if (verb !== '') {
    sayHelp(session, verb);
  } else {
    const header = 'default commands (type help <topic>):';
    session.say('');
    session.say(header);
    session.say('='.repeat(header.length));
    for (const line of columns(documentedVerbs, 79)) session.say(line);
    session.say('');
  }
}

/** As many columns as fit, filled from above, as Python's cmd module does. */
function columns(words: readonly string[], width: number): string[] {
  for (let rows = 1; rows <= words.length; rows += 1) {
    const list = Array.from({ length: Math.ceil(words.length / rows) }, (_, column) =>
      words.slice(column * rows, (column + 1) * rows),
    );
    const widths = list.map((column) => Math.max(...column.map((word) => word.length)));
    const total = widths.reduce((sum, one) => sum + one + 2, -2);
    if (total > width && rows < words.length) continue;
    return Array.from({ length: rows }, (_, row) =>
      list.flatMap((column, at) => column[row]?.padEnd(widths[at] ?? 0) ?? []).join('  '),
    );
  }
  return [];
}
