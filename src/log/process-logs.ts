/** The two channels of one process: from a run's output to its files, in order, at the speed of the slower side. */
import { existsSync, truncateSync } from 'node:fs';
import { createCapture } from '../core/events/capture.ts';
import type { Piece } from '../core/events/capture.ts';
import type { ChannelSpec, ProcessSpec } from '../core/config/model.ts';
import { formatName } from '../core/names.ts';
import type { OutputChannel } from '../supervisor/runner.ts';
import type { ProcessLogs } from '../supervisor/supervised.ts';

import { createLineFormatter } from './line-format.ts';
import { openRotatingFile } from './rotating-file.ts';
import type { LogSink } from './rotating-file.ts';
import { createAnsiStripper } from './strip-ansi.ts';
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
  const stdout = createChannel(spec, 'stdout', spec.stdout, deps);
  const stderr = spec.redirectStderr ? null : createChannel(spec, 'stderr', spec.stderr, deps);
  const channels = stderr === null ? [stdout] : [stdout, stderr];
  return {
    stdoutPath: stdout.path,
    stderrPath: stderr?.path ?? '',
    open() {
      for (const channel of channels) channel.open();
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

interface Channel {
  readonly path: string;
  open(): void;
  take(output: OutputChannel): Promise<void>;
  mark(): FileMark | null;
  reopen(): void;
  clear(): void;
  close(): void;
}

function pathOf(channel: ChannelSpec, name: 'stdout' | 'stderr', deps: ProcessLogsDeps): string {
  switch (channel.target.kind) {
    case 'file':
      return channel.target.path;
    case 'auto':
      return deps.autoPath(name);
    case 'none':
      return '';
  }
}

function createChannel(
  spec: ProcessSpec,
  name: 'stdout' | 'stderr',
  channel: ChannelSpec,
  deps: ProcessLogsDeps,
): Channel {
  const { maxBytes, backups } = channel;
  const { onTrouble } = deps;
  const path = pathOf(channel, name, deps);
  let sink: LogSink | null = null;
  const strip = deps.stripAnsi ? createAnsiStripper() : null;
  const syslog = channel.syslog
    ? createLineSplitter((line) => {
        deps.toSyslog(`${spec.name} ${line}`);
      })
    : null;
  return {
    path,
    open() {
      if (path !== '') sink ??= openRotatingFile({ path, maxBytes, backups, onTrouble });
    },
    async take(output) {
      // A listener's stdout is its talk: neither captured nor told as events, only written down.
      const isTalk = spec.listener === true && name === 'stdout';
      const capture = channel.captureMaxBytes > 0 && !isTalk ? createCapture(channel.captureMaxBytes) : null;
      const lines = createLineFormatter(
        channel.format,
        { program: formatName(spec.group, spec.name), channel: name },
        deps.now,
      );
      const give = ({ kind, data }: Piece): void => {
        if (kind === 'message') {
          deps.onMessage(name, data);
          return;
        }
        const chunk = strip === null ? data : strip(data);
        if (kind === 'text') {
          sink?.write(lines === null ? chunk : lines.write(chunk));
          syslog?.write(chunk);
        }
        if (!isTalk) deps.onOutput(name, chunk);
      };
      try {
        await output.readBy((raw) => {
          if (isTalk) deps.onTalk(raw);
          if (capture === null) give({ kind: 'text', data: raw });
          else capture.take(raw).forEach(give);
          // Written: to a file that is the page cache's speed.
          return null;
        });
        capture?.end().forEach(give);
      } catch (error) {
        onTrouble(`reading ${name} of ${spec.name} failed: ${String(error)}`);
      }
      if (lines !== null) sink?.write(lines.end());
      syslog?.end();
    },
    mark: () => sink?.mark() ?? null,
    reopen: () => sink?.reopen(),
    clear() {
      // supervisord's clear does nothing, and says nothing, while the process is not running.
      if (sink !== null) sink.clear();
      else if (path !== '' && existsSync(path)) truncateSync(path, 0);
    },
    close() {
      sink?.close();
      sink = null;
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
