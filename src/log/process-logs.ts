/** The two channels of one process: from a run's output to its files, in order, at the speed of the slower side. */
import type { ProcessSpec } from '../core/config/model.ts';
import type { ProcessLogs } from '../supervisor/supervised.ts';

import { ChannelLog } from './channel-log.ts';
import type { FileMark } from './written-since.ts';

/** Where the two channels are written now; null: nowhere, or to what cannot be read again. */
export interface LogMarks {
  readonly stdout: FileMark | null;
  readonly stderr: FileMark | null;
}

export interface ProcessLogFiles extends ProcessLogs {
  marks(): LogMarks;
  reopen(): void;
  clear(): void;
  close(): void;
}

export interface ProcessLogsDeps {
  readonly stripAnsi: boolean;
  /** Wall time in ms. */
  readonly now: () => number;
  /** Path for an AUTO log of this channel; called once. */
  readonly autoPath: (channel: 'stdout' | 'stderr') => string;
  readonly onTrouble: (message: string) => void;
  /** Each chunk as it is written. */
  readonly onOutput: (channel: 'stdout' | 'stderr', chunk: Uint8Array) => void;
  /** What was said in capture mode. */
  readonly onMessage: (channel: 'stdout' | 'stderr', message: Uint8Array) => void;
  /** What a listener says on its stdout, as it comes. */
  readonly onTalk: (chunk: Uint8Array) => void;
  /** One line for syslog, tagged with the process. */
  readonly toSyslog: (line: string) => void;
}

/** Opens nothing yet: `open` does, before each launch, so that a log that cannot be opened is that launch's failure. */
export function createProcessLogs(spec: ProcessSpec, deps: ProcessLogsDeps): ProcessLogFiles {
  const stdout = new ChannelLog(spec, 'stdout', spec.stdout, deps);
  const stderr = spec.redirectStderr ? null : new ChannelLog(spec, 'stderr', spec.stderr, deps);
  const channels = stderr === null ? [stdout] : [stdout, stderr];
  return {
    stdoutPath: stdout.path,
    stderrPath: stderr?.path ?? '',
    open() {
      for (const channel of channels) channel.open();
    },
    openAnyhow() {
      for (const channel of channels) channel.openAnyhow();
    },
    take(output) {
      void stdout.take(output.stdout);
      if (output.stderr !== null) void (stderr ?? stdout).take(output.stderr);
    },
    marks: () => ({ stdout: stdout.mark(), stderr: stderr?.mark() ?? null }),
    reopen() {
      for (const channel of channels) channel.reopen();
    },
    clear() {
      for (const channel of channels) channel.clear();
    },
    close() {
      for (const channel of channels) channel.close();
    },
  };
}
