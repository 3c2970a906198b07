/** The two channels of one process: from a run's output to its files, in order, at the speed of the slower side. */
import type { ChannelSpec, ProcessSpec } from '../core/config/model.ts';
import type { ProcessLogs } from '../supervisor/supervised.ts';

import { openRotatingFile } from './rotating-file.ts';
import type { LogSink } from './rotating-file.ts';
import { createAnsiStripper } from './strip-ansi.ts';

export interface ProcessLogFiles extends ProcessLogs {
  reopen(): void;
  clear(): void;
  close(): void;
}

export interface ProcessLogsDeps {
  readonly stripAnsi: boolean;
  /** Path for an AUTO log of this channel; called once. */
  readonly autoPath: (channel: 'stdout' | 'stderr') => string;
  readonly onTrouble: (message: string) => void;
  /** Each chunk as it is written. */
  readonly onOutput: (channel: 'stdout' | 'stderr', chunk: Uint8Array) => void;
  /** One line for syslog, tagged with the process. */
  readonly toSyslog: (line: string) => void;
}

/** Throws when a log file cannot be opened: such a process must not be launched unheard. */
export function openProcessLogs(spec: ProcessSpec, deps: ProcessLogsDeps): ProcessLogFiles {
  const stdout = openChannel(spec, 'stdout', spec.stdout, deps);
  const stderr = spec.redirectStderr ? null : openChannel(spec, 'stderr', spec.stderr, deps);
  const channels = stderr === null ? [stdout] : [stdout, stderr];
  return {
    stdoutPath: stdout.path,
    stderrPath: stderr?.path ?? '',
    take(output) {
      void stdout.take(output.stdout);
      if (output.stderr !== null) void (stderr ?? stdout).take(output.stderr);
    },
    reopen() {
      for (const channel of channels) channel.sink?.reopen();
    },
    clear() {
      for (const channel of channels) channel.sink?.clear();
    },
    close() {
      for (const channel of channels) channel.sink?.close();
    },
  };
}

interface Channel {
  readonly path: string;
  readonly sink: LogSink | null;
  take(output: AsyncIterable<Uint8Array>): Promise<void>;
}

function openChannel(
  spec: ProcessSpec,
  name: 'stdout' | 'stderr',
  channel: ChannelSpec,
  deps: ProcessLogsDeps,
): Channel {
  const path =
    channel.target.kind === 'file'
      ? channel.target.path
      : channel.target.kind === 'auto'
        ? deps.autoPath(name)
        : '';
  const sink =
    path === ''
      ? null
      : openRotatingFile({
          path,
          maxBytes: channel.maxBytes,
          backups: channel.backups,
          onTrouble: deps.onTrouble,
        });
  const strip = deps.stripAnsi ? createAnsiStripper() : null;
  const syslog = channel.syslog
    ? createLineSplitter((line) => {
        deps.toSyslog(`${spec.name} ${line}`);
      })
    : null;
  return {
    path,
    sink,
    async take(output) {
      try {
        for await (const raw of output) {
          const chunk = strip === null ? raw : strip(raw);
          sink?.write(chunk);
          syslog?.write(chunk);
          deps.onOutput(name, chunk);
        }
      } catch (error) {
        deps.onTrouble(`reading ${name} of ${spec.name} failed: ${String(error)}`);
      }
      syslog?.end();
    },
  };
}

/** Longest line that is kept whole; a longer one is cut there. */
const longestLine = 8192;

function createLineSplitter(give: (line: string) => void): { write(chunk: Uint8Array): void; end(): void } {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  return {
    write(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) give(line);
      if (rest.length > longestLine) {
        give(rest);
        rest = '';
      }
    },
    end() {
      if (rest !== '') give(rest);
      rest = '';
    },
  };
}
