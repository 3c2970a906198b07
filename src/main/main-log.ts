/** The daemon's own log: a file that rotates or syslog, and stdout beside it in the foreground. */
import { messageOf } from '../core/message-of.ts';
import type { Config } from '../core/config/model.ts';
import { createActivityLog } from '../log/activity-log.ts';
import type { Log } from '../log/activity-log.ts';
import { openRotatingFile } from '../log/rotating-file.ts';
import type { LogSink } from '../log/rotating-file.ts';
import { createSyslog } from '../log/syslog.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { StartError } from './start-error.ts';

export interface MainLog {
  readonly log: Log;
  readonly path: string | null;
  clear(): void;
  reopen(): void;
  close(): void;
}

/** Throws StartError when the file cannot be opened. */
export function openMainLog(config: Config, options: DaemonOptions, foreground: boolean): MainLog {
  const { daemon } = config;
  const complain = (message: string): void => {
    process.stderr.write(`${message}\n`);
  };
  const toSyslog = daemon.logfile === 'syslog' ? createSyslog(complain) : null;
  let sink: LogSink | null = null;
  if (toSyslog === null) {
    try {
      sink = openRotatingFile({
        path: daemon.logfile,
        maxBytes: daemon.logfileMaxBytes,
        backups: daemon.logfileBackups,
        onTrouble: complain,
      });
    } catch (error) {
      throw new StartError(`cannot open log file ${daemon.logfile}: ${messageOf(error)}`);
    }
  }
  const onStdout = foreground && !daemon.silent && daemon.logfile !== '/dev/stdout';
  const log = createActivityLog(daemon.loglevel, options.logFormat, (line) => {
    sink?.write(Buffer.from(line));
    toSyslog?.write(line.trimEnd());
    if (onStdout) process.stdout.write(line);
  });
  return {
    log,
    path: sink === null ? null : daemon.logfile,
    clear: () => sink?.clear(),
    reopen: () => sink?.reopen(),
    close() {
      sink?.close();
      toSyslog?.close();
    },
  };
}
