/** One channel of a process: what it says goes to its file, to syslog, and to whoever listens. */
import { existsSync, truncateSync } from 'node:fs';
import { createCapture } from '../core/events/capture.ts';
import type { Piece } from '../core/events/capture.ts';
import type { ChannelSpec, ProcessSpec } from '../core/config/model.ts';
import { formatName } from '../core/names.ts';
import type { OutputChannel } from '../supervisor/runner.ts';

import { createLineFormatter } from './line-format.ts';
import type { ProcessLogsDeps } from './process-logs.ts';
import { openRotatingFile } from './rotating-file.ts';
import type { LogSink } from './rotating-file.ts';
import { createAnsiStripper } from './strip-ansi.ts';
import type { FileMark } from './written-since.ts';

/** A class, and no closures: there are two of them for each program. */
export class ChannelLog {
  readonly path: string;
  readonly #spec: ProcessSpec;
  readonly #name: 'stdout' | 'stderr';
  readonly #channel: ChannelSpec;
  readonly #deps: ProcessLogsDeps;
  readonly #strip: ((chunk: Uint8Array) => Uint8Array) | null;
  readonly #syslog: LineSplitter | null;
  #sink: LogSink | null = null;

  constructor(spec: ProcessSpec, name: 'stdout' | 'stderr', channel: ChannelSpec, deps: ProcessLogsDeps) {
    this.path = pathOf(channel, name, deps);
    this.#spec = spec;
    this.#name = name;
    this.#channel = channel;
    this.#deps = deps;
    this.#strip = deps.stripAnsi ? createAnsiStripper() : null;
    this.#syslog = channel.syslog
      ? createLineSplitter((line) => {
          deps.toSyslog(`${spec.name} ${line}`);
        })
      : null;
  }

  open(): void {
    const { maxBytes, backups } = this.#channel;
    const { onTrouble } = this.#deps;
    if (this.path !== '') this.#sink ??= openRotatingFile({ path: this.path, maxBytes, backups, onTrouble });
  }

  take(output: OutputChannel): Promise<void> {
    const spec = this.#spec;
    const name = this.#name;
    const deps = this.#deps;
    const { captureMaxBytes, format } = this.#channel;
    // A listener's stdout is its talk: neither captured nor told as events, only written down.
    const isTalk = spec.listener === true && name === 'stdout';
    const capture = captureMaxBytes > 0 && !isTalk ? createCapture(captureMaxBytes) : null;
    const lines = createLineFormatter(
      format,
      { program: formatName(spec.group, spec.name), channel: name },
      deps.now,
    );
    const write = (data: Uint8Array, isText: boolean): void => {
      const chunk = this.#strip === null ? data : this.#strip(data);
      if (isText) {
        this.#sink?.write(lines === null ? chunk : lines.write(chunk));
        this.#syslog?.write(chunk);
      }
      if (!isTalk) deps.onOutput(name, chunk);
    };
    const give = ({ kind, data }: Piece): void => {
      if (kind === 'message') deps.onMessage(name, data);
      else write(data, kind === 'text');
    };
    const takeAll = (raw: Uint8Array): void => {
      if (isTalk) deps.onTalk(raw);
      if (capture === null) write(raw, true);
      else capture.take(raw).forEach(give);
    };
    // Each of these keeps what is no whole line, token or answer yet.
    const keeps = isTalk || capture !== null || lines !== null;
    const end = (trouble: string): void => {
      if (trouble !== '') deps.onTrouble(`reading ${name} of ${spec.name} failed: ${trouble}`);
      if (lines !== null) this.#sink?.write(lines.end());
      this.#syslog?.end();
    };
    const endWell = (): void => {
      try {
        capture?.end().forEach(give);
      } catch (error) {
        end(String(error));
        return;
      }
      end('');
    };
    // By `then`: what an async function holds while it waits is a quarter of a kilobyte, for each channel of each program.
    return output
      .readBy((raw) => {
        takeAll(keeps ? Buffer.from(raw) : raw);
        // Written: to a file that is the page cache's speed.
        return null;
      })
      .then(endWell, (error: unknown) => {
        end(String(error));
      });
  }

  mark(): FileMark | null {
    return this.#sink?.mark() ?? null;
  }

  reopen(): void {
    this.#sink?.reopen();
  }

  clear(): void {
    // supervisord's clear does nothing, and says nothing, while the process is not running.
    if (this.#sink !== null) this.#sink.clear();
    else if (this.path !== '' && existsSync(this.path)) truncateSync(this.path, 0);
  }

  close(): void {
    this.#sink?.close();
    this.#sink = null;
  }
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

/** Longest line that is kept whole; a longer one is cut there. */
const longestLine = 8192;

interface LineSplitter {
  write(chunk: Uint8Array): void;
  end(): void;
}

function createLineSplitter(give: (line: string) => void): LineSplitter {
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
