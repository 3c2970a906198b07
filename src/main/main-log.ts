/** The daemon's own log: a file that rotates or syslog, and stdout beside it in the foreground. */
import { messageOf } from '../core/message-of.ts';
import type { Config, DaemonSpec } from '../core/config/model.ts';
import { createActivityLog } from '../log/activity-log.ts';
import type { ActivityLog, Log } from '../log/activity-log.ts';
import { openRotatingFile } from '../log/rotating-file.ts';
import { createSyslog } from '../log/syslog.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { StartError } from './start-error.ts';

export interface MainLog {
  readonly log: Log;
  /** null: it goes to syslog. */
  path(): string | null;
  clear(): void;
  reopen(): void;
  /** Goes over to what a fresh reading says of it. A file that cannot be opened is told, and the former goes on. */
  adopt(config: Config): void;
  close(): void;
}

interface Sink {
  readonly path: string | null;
  write(line: string): void;
  clear(): void;
  reopen(): void;
  close(): void;
}

/** Throws StartError when the file cannot be opened. */
export function openMainLog(config: Config, options: DaemonOptions, foreground: boolean): MainLog {
  let { daemon } = config;
  const isShown = (): boolean => foreground && !daemon.silent && daemon.logfile !== '/dev/stdout';
  // In the log itself it can be read once that works again.
  const tell = (message: string): void => {
    if (!isShown()) complain(message);
    log.error(message);
  };
  let sink = openSink(daemon, tell);
  const log: ActivityLog = createActivityLog(daemon.loglevel, options.logFormat, (line) => {
    sink.write(line);
    if (isShown()) process.stdout.write(line);
  });
  return {
    log,
    path: () => sink.path,
    clear() {
      sink.clear();
    },
    reopen() {
      sink.reopen();
    },
    adopt({ daemon: next }) {
      try {
        if (isElsewhere(daemon, next)) {
          const former = sink;
          sink = openSink(next, tell);
          former.close();
        }
        daemon = next;
      } catch (error) {
        log.error(messageOf(error));
      }
      log.setLevel(next.loglevel);
    },
    close() {
      sink.close();
    },
  };
}

const isElsewhere = (was: DaemonSpec, is: DaemonSpec): boolean =>
  was.logfile !== is.logfile ||
  was.logfileMaxBytes !== is.logfileMaxBytes ||
  was.logfileBackups !== is.logfileBackups;

const complain = (message: string): void => {
  process.stderr.write(`${message}\n`);
};

function openSink(daemon: DaemonSpec, tell: (message: string) => void): Sink {
  if (daemon.logfile === 'syslog') {
    const syslog = createSyslog(complain);
    return {
      path: null,
      write(line) {
        syslog.write(line.trimEnd());
      },
      clear: () => undefined,
      reopen: () => undefined,
      close() {
        syslog.close();
      },
    };
  }
  try {
    const file = openRotatingFile({
      path: daemon.logfile,
      maxBytes: daemon.logfileMaxBytes,
      backups: daemon.logfileBackups,
      onTrouble: tell,
    });
    return {
      path: daemon.logfile,
      write(line) {
        file.write(Buffer.from(line));
      },
      clear() {
        file.clear();
      },
      reopen() {
        file.reopen();
      },
      close() {
        file.close();
      },
    };
  } catch (error) {
    throw new StartError(`cannot open log file ${daemon.logfile}: ${messageOf(error)}`);
  }
}
