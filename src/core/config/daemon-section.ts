/** `[supervisord]` (supervisord.md 2.3), and the daemon's command-line options over it. */
import { expand } from './expand.ts';
import type { DaemonOverrides, DaemonSpec } from './model.ts';
import { absolutePath, fullPath } from './paths.ts';
import type { FormatNames } from './percent-format.ts';
import { mergeNames, readSection } from './section-reader.ts';
import type { ReadContext } from './section-reader.ts';
import {
  parseBoolean,
  parseByteSize,
  parseEnvironment,
  parseExistingDirectory,
  parseExistingDirPath,
  parseInteger,
  parseLogLevel,
  parseOctal,
  parseUser,
} from './values.ts';
import type { Parsed } from './values.ts';

/** A command-line option's value; its error names the option as `supervisord` does. */
function override<T>(
  context: ReadContext,
  flag: string,
  text: string | undefined,
  convert: (text: string) => Parsed<T>,
): T | undefined {
  if (text === undefined) return undefined;
  const result = convert(text);
  if ('value' in result) return result.value;
  const message = `invalid value for ${flag} '${text}': ${result.error}`;
  context.problems.error({ message, place: null, section: null, hint: result.hint });
  return undefined;
}

const asIs = (text: string): Parsed<string> => ({ value: text });

/** `environment` is expanded twice, as supervisord does up to 4.3.0. */
function readEnvironment(context: ReadContext, names: FormatNames): Readonly<Record<string, string>> {
  const reader = readSection(context, 'supervisord');
  const all = mergeNames(
    mergeNames(new Map([['here', context.here]]), new Map([['host_node_name', context.world.hostName]])),
    names,
  );
  return reader.value(
    'environment',
    names,
    (text) => {
      const again = expand(text, all, 'environment');
      return 'value' in again ? parseEnvironment(again.value) : again;
    },
    {},
  );
}

/** What `[supervisord]` and the command line say, `stateDir` apart; every path is absolute. */
export function readDaemon(context: ReadContext, given: DaemonOverrides): Omit<DaemonSpec, 'stateDir'> {
  const { world } = context;
  const directory = (text: string) => parseExistingDirectory(text, world);
  const dirPath = (text: string) => parseExistingDirPath(text, world);
  const user = (text: string) => parseUser(text, world);
  const over = {
    umask: override(context, '-m', given.umask, parseOctal),
    directory: override(context, '-d', given.directory, directory),
    logfile: override(context, '-l', given.logfile, dirPath),
    logfileMaxBytes: override(context, '-y', given.logfileMaxBytes, parseByteSize),
    logfileBackups: override(context, '-z', given.logfileBackups, parseInteger),
    loglevel: override(context, '-e', given.loglevel, parseLogLevel),
    pidfile: override(context, '-j', given.pidfile, dirPath),
    childlogdir: override(context, '-q', given.childlogdir, directory),
    minfds: override(context, '-a', given.minfds, parseInteger),
    minprocs: override(context, '--minprocs', given.minprocs, parseInteger),
  };

  const reader = readSection(context, 'supervisord');
  const names = mergeNames(context.environmentNames, new Map([['here', context.here]]));
  const get = <T>(key: string, convert: (text: string) => Parsed<T>, fallback: T) =>
    reader.value(key, names, convert, fallback);
  const file = {
    minfds: get('minfds', parseInteger, 1024),
    minprocs: get('minprocs', parseInteger, 200),
    directory: get<string | null>('directory', directory, null),
    umask: get('umask', parseOctal, 0o022),
    logfile: get('logfile', dirPath, 'supervisord.log'),
    logfileMaxBytes: get('logfile_maxbytes', parseByteSize, 50 * 1024 ** 2),
    logfileBackups: get('logfile_backups', parseInteger, 10),
    loglevel: get('loglevel', parseLogLevel, 'info'),
    pidfile: get('pidfile', dirPath, 'supervisord.pid'),
    identifier: get('identifier', asIs, 'supervisor'),
    nodaemon: get('nodaemon', parseBoolean, false),
    silent: get('silent', parseBoolean, false),
    childlogdir: get('childlogdir', directory, world.tmpDir),
    nocleanup: get('nocleanup', parseBoolean, false),
    stripAnsi: get('strip_ansi', parseBoolean, false),
    environment: readEnvironment(context, names),
    user: given.user === undefined ? get('user', user, null) : null,
  };
  const logfile = over.logfile ?? file.logfile;
  const dir = over.directory ?? file.directory;
  const plainUser = (text: string) => {
    const result = parseUser(text, world);
    if ('value' in result) return result.value;
    context.problems.error({ message: result.error, place: null, section: null, hint: result.hint });
    return null;
  };
  return {
    logfile: logfile === 'syslog' ? logfile : fullPath(logfile, world),
    logfileMaxBytes: over.logfileMaxBytes ?? file.logfileMaxBytes,
    logfileBackups: over.logfileBackups ?? file.logfileBackups,
    loglevel: over.loglevel ?? file.loglevel,
    pidfile: fullPath(over.pidfile ?? file.pidfile, world),
    umask: over.umask ?? file.umask,
    directory: dir === null ? null : absolutePath(dir, world),
    nodaemon: given.nodaemon ?? file.nodaemon,
    silent: given.silent ?? file.silent,
    minfds: over.minfds ?? file.minfds,
    minprocs: over.minprocs ?? file.minprocs,
    nocleanup: given.nocleanup ?? file.nocleanup,
    childlogdir: absolutePath(over.childlogdir ?? file.childlogdir, world),
    user: given.user === undefined ? file.user : plainUser(given.user),
    identifier: given.identifier ?? file.identifier,
    stripAnsi: given.stripAnsi ?? file.stripAnsi,
    environment: file.environment,
  };
}
