/** The keys of what is no program: the daemon, its doors, its client, groups (supervisord.md 2.1 to 2.4, 2.6, 2.9). */
import { key } from './key.ts';
import type { Key } from './key.ts';

export const daemonKeys: readonly Key[] = [
  key(
    'logfile',
    'path or syslog',
    'supervisord.log',
    'The log of the daemon itself; relative to where it is started.',
  ),
  key('logfile_maxbytes', 'bytes', '50MB', 'Size at which it is rotated; 0: never.'),
  key('logfile_backups', 'number', '10', 'How many rotated files are kept; 0: it is emptied instead.'),
  key('loglevel', 'critical, error, warn, info, debug, trace, blather', 'info', 'How much is logged.'),
  key(
    'pidfile',
    'path',
    'supervisord.pid',
    'Where the pid of the daemon is written; relative to where it is started.',
  ),
  key('umask', 'octal', '022', 'The umask of the daemon.'),
  key('directory', 'path', '(none)', 'The working directory of the daemon.'),
  key('nodaemon', 'boolean', 'false', 'Whether it stays in the foreground.'),
  key('silent', 'boolean', 'false', 'In the foreground: no log on stdout.'),
  key('minfds', 'number', '1024', "Accepted for supervisord's sake; Node raises the limit by itself."),
  key('minprocs', 'number', '200', "Accepted for supervisord's sake."),
  key('nocleanup', 'boolean', 'false', 'Whether old AUTO logs are left alone at the start.'),
  key('childlogdir', 'directory', '(the directory for temporary files)', 'Where AUTO logs go.'),
  key('user', 'name or id', '(none)', 'The user that the daemon becomes.'),
  key('identifier', 'text', 'supervisor', 'The name of the daemon, as events and clients are told.'),
  key('strip_ansi', 'boolean', 'false', 'Whether ANSI escape codes are taken out of the logs of programs.'),
  key(
    'environment',
    'KEY="value",KEY="value"',
    '',
    'Variables for every program, and for %(ENV_NAME)s in later sections. They do not change the daemon itself.',
  ),
  key('profile_options', 'text', '(none)', "Accepted for supervisord's sake."),
];

const login: readonly Key[] = [
  key('username', 'text', '(none)', 'Who may speak to it.'),
  key(
    'password',
    'text',
    '(none)',
    'The password, or {SHA} and the 40 hexadecimal digits of its SHA-1. With username, or not at all.',
  ),
];

export const unixServerKeys: readonly Key[] = [
  key('file', 'path', '(must be given)', 'The unix socket.'),
  key('chmod', 'octal', '0700', 'Its mode.'),
  key('chown', 'user or user:group', '(that of the daemon)', 'Its owner.'),
  ...login,
];

export const inetServerKeys: readonly Key[] = [
  key('port', 'port, *:port, host:port', '(must be given)', 'The TCP address.'),
  ...login,
  key(
    'allow_unauthenticated',
    'boolean',
    'false',
    'An address beyond loopback without a password is refused unless this is true. Not in supervisord.',
  ),
];

export const clientKeys: readonly Key[] = [
  key('serverurl', 'http://host:port, unix:///path', 'http://localhost:9001', 'Where the daemon listens.'),
  key('username', 'text', '(none)', 'The login there.'),
  key('password', 'text', '(none)', 'The password there.'),
  key('prompt', 'text', 'supervisor', 'What stands before the > of the prompt.'),
  key('history_file', 'path', '', 'Where the lines of the prompt are kept; empty: nowhere.'),
];

export const includeKeys: readonly Key[] = [
  key(
    'files',
    'patterns, with spaces',
    '(must be given)',
    'Files that are read as if they stood here, relative to the main file. An [include] in one of them has no effect.',
  ),
];

export const groupKeys: readonly Key[] = [
  key('programs', 'names, with commas', '(must be given)', 'The programs that make the group.'),
  key('priority', 'number', '999', 'Groups of lower priority are started first and stopped last.'),
];

export const socketKeys: readonly Key[] = [
  key(
    'socket',
    'unix:///path, tcp://host:port',
    '(must be given)',
    'What the processes accept connections on.',
  ),
  key('socket_backlog', 'number', '(as much as the system allows)', 'How many connections may wait.'),
  key('socket_owner', 'user or user:group', '(that of user)', 'The owner of a unix socket.'),
  key('socket_mode', 'octal', '0700', 'The mode of a unix socket.'),
];

export const listenerKeys: readonly Key[] = [
  key('priority', 'number', '(-1 for the pool)', 'Pools are started first and stopped last.'),
  key('events', 'names, with commas', '(must be given)', 'The types of events that the pool is told of.'),
  key('buffer_size', 'number', '10', 'How many events may wait for a listener before the oldest is dropped.'),
  key(
    'result_handler',
    'text',
    'supervisor.dispatchers:default_handler',
    'Any other one is Python code that cannot be loaded: every answer then counts as OK, with a warning.',
  ),
];
