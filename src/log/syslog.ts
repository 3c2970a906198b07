/**
 * Lines to syslog through util-linux's `logger`: Node has no datagram sockets of the unix kind. One child for all, started with the first
 * line, started again when it has died; what does not fit into its pipe is dropped and counted.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface Syslog {
  write(line: string): void;
  close(): void;
}

/** Bytes that may wait for `logger`. */
const bound = 1024 * 1024;

export function createSyslog(onTrouble: (message: string) => void): Syslog {
  let child: ChildProcess | null = null;
  let lost = 0;

  function start(): ChildProcess {
    const made = spawn('logger', ['-t', 'supervisord', '-p', 'user.info'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const gone = (): void => {
      if (child === made) child = null;
    };
    made.on('error', (error) => {
      gone();
      onTrouble(`cannot write to syslog: ${error.message} (is util-linux's logger there?)`);
    });
    made.on('exit', gone);
    made.stdin?.on('error', () => undefined);
    return made;
  }

  return {
    write(line) {
      child ??= start();
      const { stdin } = child;
      if (stdin === null || stdin.writableLength > bound) {
        if (lost++ === 0) onTrouble('syslog does not keep up: lines are being lost');
        return;
      }
      lost = 0;
      stdin.write(`${line}\n`);
    },
    close() {
      child?.stdin?.end();
      child = null;
    },
  };
}
