/** What can stand on our command lines: the verbs with their options, and what follows them. */

/** An option as `-c FILE` (a file follows), `-s VALUE` (something that nobody can guess follows), or `--json` (nothing does). */
export type OptionWord = string;

export interface VerbWords {
  readonly options: readonly OptionWord[];
  readonly takes: 'processes' | 'signal' | 'groups' | 'verbs' | 'shells' | 'nothing';
}

const json = ['--json'];
const file = ['-c FILE', '--configuration FILE'];
const server = ['-s VALUE', '--serverurl VALUE'];

/** Of the client, before its verb. */
export const ctlOptions: readonly OptionWord[] = [
  ...file,
  ...server,
  ...['-u VALUE', '--username VALUE', '-p VALUE', '--password VALUE', '-r FILE', '--history_file FILE'],
  ...['-i', '--interactive', '--json', '-h', '--help', '--version'],
];

const nothing: VerbWords = { options: [], takes: 'nothing' };
const processes: VerbWords = { options: [], takes: 'processes' };
const groups: VerbWords = { options: [], takes: 'groups' };

export const ctlVerbs: ReadonlyMap<string, VerbWords> = new Map([
  ['add', groups],
  ['avail', { options: json, takes: 'nothing' }],
  ['clear', processes],
  ['exit', nothing],
  ['fg', processes],
  ['help', { options: [], takes: 'verbs' }],
  ['maintail', { options: ['-f', ...json], takes: 'nothing' }],
  ['open', nothing],
  ['pid', { options: json, takes: 'processes' }],
  ['quit', nothing],
  ['reload', nothing],
  ['remove', groups],
  ['reread', { options: json, takes: 'nothing' }],
  ['restart', processes],
  ['retry', processes],
  ['shutdown', nothing],
  ['signal', { options: [], takes: 'signal' }],
  ['start', processes],
  ['status', { options: ['--watch', ...json], takes: 'processes' }],
  ['stop', processes],
  ['tail', { options: ['-f', ...json], takes: 'processes' }],
  ['update', groups],
  ['version', { options: json, takes: 'nothing' }],
  ['why', { options: json, takes: 'processes' }],
]);

const shells = ['bash', 'zsh', 'fish'];
export const signals: readonly string[] = ['HUP', 'INT', 'QUIT', 'TERM', 'KILL', 'USR1', 'USR2'];
export { shells };

/** Of `dockvisor` alone. */
export const ownVerbs: ReadonlyMap<string, VerbWords> = new Map([
  ['check', { options: [...file, ...json], takes: 'nothing' }],
  ['completion', { options: [], takes: 'shells' }],
  [
    'daemon',
    {
      options: [...file, '-n', '--nodaemon', '-l FILE', '--logfile FILE', '-e VALUE', '--help'],
      takes: 'nothing',
    },
  ],
  ['doctor', { options: [...file, ...server, ...json], takes: 'nothing' }],
  ['listen', { options: [...file, '--dry-run', '--name-suffix VALUE'], takes: 'nothing' }],
  [
    'migrate',
    { options: [...file, ...server, '--plan', '--write', '--undo', '--yes', ...json], takes: 'nothing' },
  ],
  ['unit', { options: [...file, '--daemon'], takes: 'processes' }],
  [
    'wrap',
    {
      options: ['-H VALUE', '--host VALUE', '--context VALUE', '--keep', '--ready VALUE'],
      takes: 'processes',
    },
  ],
] satisfies [string, VerbWords][]);
