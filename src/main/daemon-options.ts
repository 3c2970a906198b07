/** supervisord's command line (supervisord.md 1.2), by commander, with supervisord's own sentences for what is wrong. */
import { Command, CommanderError, Option } from 'commander';
import type { DaemonOverrides } from '../core/config/model.ts';
import type { LogFormat } from '../log/activity-log.ts';

export interface DaemonOptions {
  /** null: look in the usual places. */
  readonly configuration: string | null;
  readonly overrides: DaemonOverrides;
  readonly logFormat: LogFormat;
  /** `group:process`: not started when the daemon starts, whatever autostart says; any later start counts as ever. */
  readonly leaveStopped: readonly string[];
}

export type ParsedDaemonOptions =
  | { readonly kind: 'run'; readonly options: DaemonOptions }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

const flags: readonly (readonly [string, string])[] = [
  ['-n, --nodaemon', 'stay in the foreground'],
  ['-s, --silent', 'no log on stdout in the foreground'],
  ['-k, --nocleanup', 'leave old AUTO logs alone'],
  ['-t, --strip-ansi', 'strip ANSI escape codes from process output'],
];
const values: readonly (readonly [string, string])[] = [
  ['-u, --user <user>', 'run as this user (name or id)'],
  ['-m, --umask <octal>', 'umask in the background'],
  ['-d, --directory <dir>', 'working directory in the background'],
  ['-l, --logfile <file>', 'log file, or syslog'],
  ['-y, --logfile-maxbytes <bytes>', 'size at which the log file is rotated'],
  ['-z, --logfile-backups <num>', 'how many rotated log files are kept'],
  ['-e, --loglevel <level>', 'critical, error, warn, info, debug, trace or blather'],
  ['-j, --pidfile <file>', 'pid file'],
  ['-i, --identifier <name>', 'name of this daemon'],
  ['-q, --childlogdir <dir>', 'directory of AUTO logs'],
  ['-a, --minfds <num>', "accepted for supervisord's sake; Node raises the limit by itself"],
  ['--minprocs <num>', "accepted for supervisord's sake"],
];

export function parseDaemonOptions(
  argv: readonly string[],
  programName: string,
  version: string,
): ParsedDaemonOptions {
  let printed = '';
  const command = new Command(programName)
    .description(
      'The daemon: runs the programs of a supervisord.conf, and asks the Docker Engine about their containers.',
    )
    .usage('[options]')
    .option('-c, --configuration <file>', 'configuration file')
    .addOption(
      new Option('--log-format <format>', "lines of the daemon's own log")
        .choices(['supervisord', 'json'])
        .default('supervisord'),
    )
    .option(
      '--leave-stopped <name>',
      'a process (group:name) that this start of the daemon does not start, whatever its autostart says; may be repeated',
      (name: string, before: readonly string[]) => [...before, name],
      [],
    )
    .version(version, '-v, --version', 'print the supervisord version that is stood for, and exit')
    .helpOption('-h, --help', 'print this help, and exit')
    .addHelpText('after', `\nExample:\n  ${programName} -n -c /etc/supervisor/supervisord.conf`)
    .allowExcessArguments(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: () => undefined,
    });
  for (const [names, about] of [...flags, ...values]) command.option(names, about);
  try {
    command.parse(expandUnderscores(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return printed !== '' && error.exitCode === 0
      ? { kind: 'print', text: printed }
      : { kind: 'wrong', message: sentenceOf(error) };
  }
  const rest = command.args;
  if (rest.length > 0) {
    const list = rest.map((word) => `'${word}'`).join(', ');
    return { kind: 'wrong', message: `positional arguments are not supported: [${list}]` };
  }
  // Every option above takes a text or is a flag: commander gives exactly these types.
  const { configuration, logFormat, leaveStopped, ...overrides } = command.opts<
    DaemonOverrides & { configuration?: string; logFormat: LogFormat; leaveStopped: readonly string[] }
  >();
  return {
    kind: 'run',
    options: { configuration: configuration ?? null, overrides, logFormat, leaveStopped },
  };
}

/** supervisord spells its long options with underscores. */
const expandUnderscores = (argv: readonly string[]): string[] =>
  argv.map((word) =>
    word.startsWith('--') ? word.replace(/^--[a-z_]+/, (name) => name.replaceAll('_', '-')) : word,
  );

function sentenceOf(error: CommanderError): string {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption':
      return `option ${quoted} not recognized`;
    case 'commander.optionMissingArgument':
      return `option ${quoted.split(/[ ,]/)[0] ?? quoted} requires argument`;
    default:
      return error.message.replace(/^error: /, '');
  }
}
