/** The keys that every kind of program has (supervisord.md 2.5). */
import { key } from './key.ts';
import type { Key } from './key.ts';

const channelKeys = (channel: 'stdout' | 'stderr'): readonly Key[] => [
  key(
    `${channel}_logfile`,
    'path, AUTO, NONE',
    'AUTO',
    `Where its ${channel} goes. AUTO is a file in childlogdir, made anew at each start of the daemon. What is no regular file, such as /dev/stdout, is never rotated.`,
  ),
  key(
    `${channel}_logfile_maxbytes`,
    'bytes',
    '50MB',
    `Size at which ${channel}_logfile is rotated; 0: never.`,
  ),
  key(
    `${channel}_logfile_backups`,
    'number',
    '10',
    `How many rotated files are kept; 0: the file is emptied instead.`,
  ),
  key(
    `${channel}_capture_maxbytes`,
    'bytes',
    '0',
    `How much is kept of what the program writes between the tokens of capture mode, to be told as PROCESS_COMMUNICATION; 0: there is no capture mode.`,
  ),
  key(
    `${channel}_events_enabled`,
    'boolean',
    'false',
    `Whether what is written to ${channel} is told as PROCESS_LOG events.`,
  ),
  key(`${channel}_syslog`, 'boolean', 'false', `Whether its ${channel} goes to syslog too.`),
  key(
    `${channel}_log_format`,
    'plain, prefix, json',
    `(that of [dockvisor])`,
    'How lines are written to the log file: as they come, after time and name, or as an object each. Not in supervisord.',
  ),
];

export const processKeys: readonly Key[] = [
  key(
    'process_name',
    'text',
    '%(program_name)s',
    'Name of the process. With numprocs above 1 it is to have %(process_num) in it.',
  ),
  key('numprocs', 'number', '1', 'How many processes the section stands for; at most 10000.'),
  key('numprocs_start', 'number', '0', 'The %(process_num) of the first.'),
  key('priority', 'number', '999', 'Lower ones are started first and stopped last.'),
  key('autostart', 'boolean', 'true', 'Whether it is started with the daemon.'),
  key(
    'autorestart',
    'true, false, unexpected',
    'unexpected',
    'Whether it is started again when it ends by itself; unexpected: when its exit code is not one of exitcodes.',
  ),
  key(
    'startsecs',
    'seconds',
    '1',
    'How long it must be up to count as RUNNING; an earlier end is a failed start.',
  ),
  key(
    'startretries',
    'number',
    '3',
    'How many failed starts are tried again before it is FATAL. -1: for ever, which is not in supervisord.',
  ),
  key(
    'backoff',
    'linear, exponential',
    'linear',
    'How the pause before the next try grows: by the first pause each time, or to twice of what it was. Not in supervisord, as the four that follow.',
  ),
  key(
    'backoff_initial',
    'seconds',
    '1',
    'The pause after the first failure; it may have a fraction. No pause is shorter than 0.1.',
  ),
  key('backoff_max', 'seconds', '0', 'No pause is longer; 0: there is no limit.'),
  key(
    'backoff_jitter',
    '0 to 1',
    '0',
    'By which part of itself a pause may be longer or shorter, so that programs that failed together do not come back together.',
  ),
  key(
    'backoff_reset_after',
    'seconds',
    '0',
    'How long a run must last for the failures before it to be forgotten; 0: they are as soon as it is RUNNING.',
  ),
  key('exitcodes', 'numbers, with commas', '0', 'The exit codes that are expected.'),
  key(
    'stopsignal',
    'name or number',
    'TERM',
    "The signal that asks it to stop. A container gets it only where it is written; otherwise the container's own stop signal holds.",
  ),
  key(
    'stopwaitsecs',
    'seconds',
    '10',
    'How long it may take to stop before it is killed. For a container it is the grace that the Engine is given.',
  ),
  key('stopasgroup', 'boolean', 'false', 'Whether the stop signal goes to its whole process group.'),
  key('killasgroup', 'boolean', '(that of stopasgroup)', 'Whether SIGKILL goes to its whole process group.'),
  key('user', 'name or id', '(that of the daemon)', 'The user that it runs as. The daemon is to be root.'),
  key('umask', 'octal', '(that of the daemon)', 'Its umask.'),
  key('directory', 'path', '(that of the daemon)', 'Where it is started.'),
  key('redirect_stderr', 'boolean', 'false', 'Whether its stderr goes where its stdout goes.'),
  key(
    'environment',
    'KEY="value",KEY="value"',
    '',
    'Variables for the process, over those of the daemon. Quote every value that has other characters than letters, digits and _/.+-():.',
  ),
  key(
    'serverurl',
    'URL or AUTO',
    'AUTO',
    'What SUPERVISOR_SERVER_URL is for the process; AUTO: the first of our own servers, the unix socket before others.',
  ),
  ...channelKeys('stdout'),
  ...channelKeys('stderr'),
];
