/** What `help` prints: of each verb what is typed, tabs, what it does. */
import type { Session } from './session.ts';

/** supervisorctl's own, byte for byte: what people have read for years, and scripts may look for. */
const texts: ReadonlyMap<string, readonly string[]> = new Map([
  ['add', ['add <name> [...]\tActivates any updates in config for process/group']],
  ['avail', ['avail\t\t\tDisplay all configured processes']],
  [
    'clear',
    [
      "clear <name>\t\tClear a process' log files.",
      "clear <name> <name>\tClear multiple process' log files",
      "clear all\t\tClear all process' log files",
    ],
  ],
  ['exit', ['exit\tExit the supervisor shell.']],
  ['fg', ['fg <process>\tConnect to a process in foreground mode', '\t\tCtrl-C to exit']],
  [
    'maintail',
    [
      'maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)',
      'maintail -100\tlast 100 *bytes* of supervisord main log file',
      'maintail\tlast 1600 *bytes* of supervisor main log file',
      '',
    ],
  ],
  [
    'open',
    [
      'open <url>\tConnect to a remote supervisord process.',
      '\t\t(for UNIX domain socket, use unix:///socket/path)',
    ],
  ],
  [
    'pid',
    [
      'pid\t\t\tGet the PID of supervisord.',
      'pid <name>\t\tGet the PID of a single child process by name.',
      'pid all\t\t\tGet the PID of every child process, one per line.',
    ],
  ],
  ['quit', ['quit\tExit the supervisor shell.']],
  ['reload', ['reload \t\tRestart the remote supervisord.']],
  ['remove', ['remove <name> [...]\tRemoves process/group from active config']],
  ['reread', ["reread \t\t\tReload the daemon's configuration files without add/remove"]],
  [
    'restart',
    [
      'restart <name>\t\tRestart a process',
      'restart <gname>:*\tRestart all processes in a group',
      'restart <name> <name>\tRestart multiple processes or groups',
      'restart all\t\tRestart all processes',
      'Note: restart does not reread config files. For that, see reread and update.',
    ],
  ],
  ['shutdown', ['shutdown \tShut the remote supervisord down.']],
  [
    'signal',
    [
      'signal <signal name> <name>\t\tSignal a process',
      'signal <signal name> <gname>:*\t\tSignal all processes in a group',
      'signal <signal name> <name> <name>\tSignal multiple processes or groups',
      'signal <signal name> all\t\tSignal all processes',
    ],
  ],
  [
    'start',
    [
      'start <name>\t\tStart a process',
      'start <gname>:*\t\tStart all processes in a group',
      'start <name> <name>\tStart multiple processes or groups',
      'start all\t\tStart all processes',
    ],
  ],
  [
    'status',
    [
      'status <name>\t\tGet status for a single process',
      'status <gname>:*\tGet status for all processes in a group',
      'status <name> <name>\tGet status for multiple named processes',
      'status\t\t\tGet all process status info',
    ],
  ],
  [
    'stop',
    [
      'stop <name>\t\tStop a process',
      'stop <gname>:*\t\tStop all processes in a group',
      'stop <name> <name>\tStop multiple processes or groups',
      'stop all\t\tStop all processes',
    ],
  ],
  [
    'tail',
    [
      'tail [-f] <name> [stdout|stderr] (default stdout)',
      'Ex:',
      'tail -f <name>\t\tContinuous tail of named process stdout',
      '\t\t\tCtrl-C to exit.',
      'tail -100 <name>\tlast 100 *bytes* of process stdout',
      'tail <name> stderr\tlast 1600 *bytes* of process stderr',
    ],
  ],
  [
    'update',
    [
      'update\t\t\tReload config and add/remove as necessary, and will restart affected programs',
      'update all\t\tReload config and add/remove as necessary, and will restart affected programs',
      'update <gname> [...]\tUpdate specific groups',
    ],
  ],
  ['version', ['version\t\t\tShow the version of the remote supervisord process']],
]);

/** What supervisorctl does not have, told after its own. */
const additions: ReadonlyMap<string, readonly string[]> = new Map([
  ['avail', ['avail --json\t\tThe same as JSON']],
  ['maintail', ['maintail -f --json\tA JSON object for each line']],
  ['pid', ['pid [...] --json\tThe same as JSON']],
  ['reread', ['reread --json\t\tThe same as JSON']],
  ['shutdown', ['shutdown --keep\tThe same, and leave containers running for the next daemon']],
  [
    'status',
    [
      'status [...] --watch[=SECONDS]\tGo on showing it, every 2 seconds if not said otherwise',
      'status [...] --json\tEverything that is known, as JSON',
    ],
  ],
  [
    'tail',
    [
      'tail -f <name> <name> [stdout|stderr]\tFollow several, each line after its name',
      'tail -f <gname>:*\tFollow a group; tail -f all: everything',
      'tail [...] --json\tAs JSON; with -f an object for each line',
    ],
  ],
  ['update', ['update [...] --plan\tWhat it would do, and why; does nothing. Also with --json']],
  ['version', ['version --json\t\tThe same as JSON']],
]);

/** Verbs that supervisorctl does not have: not in the list that `help` prints as it does. */
const ours: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'retry',
    [
      'retry <name> [...]\tStart what is FATAL, or waits for its next try, without waiting for it',
      'retry <gname>:*\tAll such of a group; retry all: of all',
    ],
  ],
  [
    'why',
    [
      'why <name> [...]\tWhy it is in its state, what happens next, and which command changes that',
      'why [...] --json\tThe same as JSON, with all that is known of its history',
    ],
  ],
]);

/** The names of all verbs that have help, sorted. */
export const documentedVerbs: readonly string[] = [...texts.keys()];

/** Also after a wrong use of the verb: as supervisorctl prints it. */
export function sayHelp(session: Pick<Session, 'say'>, verb: string): void {
  const lines = texts.get(verb) ?? ours.get(verb) ?? [`*** No help on ${verb}`];
  for (const line of lines) session.say(line);
}

/** The verb `help`. */
export function help(session: Pick<Session, 'say'>, arg: string): void {
  const verb = arg.trim();
  if (verb === 'help') {
    session.say('help\t\tPrint a list of available actions');
    session.say('help <action>\tPrint help for <action>');
  } else if (verb !== '') {
    sayHelp(session, verb);
    for (const line of additions.get(verb) ?? []) session.say(line);
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
