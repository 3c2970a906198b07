/** One channel of a process: what it says goes to its file, to syslog, and to whoever listens. */
import { existsSync, truncateSync } from 'node:fs';
import { createCapture } from '../core/events/capture.ts';
import type { Capture, Piece } from '../core/events/capture.ts';
import type { ChannelSpec, ProcessSpec } from '../core/config/model.ts';
import type { OutputChannel } from '../supervisor/runner.ts';

import { createLineFormatter, sourceOf } from './line-format.ts';
import type { LineFormatter } from './line-format.ts';
import type { ProcessLogsDeps } from './process-logs.ts';
import { openRotatingFile, unopenedRotatingFile } from './rotating-file.ts';
import type { LogSink, RotatingFileOptions } from './rotating-file.ts';
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
    if (this.path === '') return;
    // supervisord opens it for each run: what was moved or removed meanwhile is made anew.
    if (this.#sink !== null) this.#sink.freshen();
    else this.#sink = openRotatingFile(this.#file());
  }

  /** A file that cannot be opened is tried again with each piece, and what it lacks is counted. */
  openAnyhow(): void {
    try {
      this.open();
    } catch {
      this.#sink ??= unopenedRotatingFile(this.#file());
    }
  }

  #file(): RotatingFileOptions {
    const { maxBytes, backups } = this.#channel;
    return { path: this.path, maxBytes, backups, onTrouble: this.#deps.onTrouble };
  }

  /** Takes one run's output to its end. Never rejects. */
  take(output: OutputChannel): Promise<void> {
    const reading = new Reading(this, this.#spec, this.#name, this.#channel, this.#deps);
    // By `then`: what an async function holds while it waits is a quarter of a kilobyte, for each channel of each program.
    return output
      .readBy((chunk) => reading.take(chunk))
      .then(
        () => {
          reading.end();
        },
        (error: unknown) => {
          reading.fail(error);
        },
      );
  }

  strip(chunk: Uint8Array): Uint8Array {
    return this.#strip === null ? chunk : this.#strip(chunk);
  }

  toFile(data: Uint8Array): void {
    this.#sink?.write(data);
  }

  toSyslog(chunk: Uint8Array): void {
    this.#syslog?.write(chunk);
  }

  endSyslog(): void {
    this.#syslog?.end();
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

/** One run's output on its way to the log. A former run's may still come while the next one runs. */
class Reading {
  readonly #log: ChannelLog;
  readonly #spec: ProcessSpec;
  readonly #name: 'stdout' | 'stderr';
  readonly #deps: ProcessLogsDeps;
  /** A listener's stdout is its talk: neither captured nor told as events, only written down. */
  readonly #isTalk: boolean;
  readonly #capture: Capture | null;
  readonly #lines: LineFormatter | null;

  constructor(
    log: ChannelLog,
    spec: ProcessSpec,
    name: 'stdout' | 'stderr',
    { captureMaxBytes, format }: ChannelSpec,
    deps: ProcessLogsDeps,
  ) {
    this.#log = log;
    this.#spec = spec;
    this.#name = name;
    this.#deps = deps;
    this.#isTalk = spec.listener === true && name === 'stdout';
    this.#capture = captureMaxBytes > 0 && !this.#isTalk ? createCapture(captureMaxBytes) : null;
    this.#lines = createLineFormatter(format, sourceOf(spec, name), deps.now);
  }

  /** Written at once: to a file that is the page cache's speed, so that nobody has to wait. */
  take(chunk: Uint8Array): null {
    // Each of these keeps what is no whole line, token or answer yet.
    const isKept = this.#isTalk || this.#capture !== null || this.#lines !== null;
    const raw = isKept ? Buffer.from(chunk) : chunk;
    if (this.#isTalk) this.#deps.onTalk(raw);
    if (this.#capture === null) this.#write(raw, true);
    else this.#give(this.#capture.take(raw));
    return null;
  }

  end(): void {
    try {
      if (this.#capture !== null) this.#give(this.#capture.end());
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#finish();
  }

  fail(error: unknown): void {
    this.#deps.onTrouble(`reading ${this.#name} of ${this.#spec.name} failed: ${String(error)}`);
    this.#finish();
  }

  #finish(): void {
    if (this.#lines !== null) this.#log.toFile(this.#lines.end());
    this.#log.endSyslog();
  }

  #give(pieces: readonly Piece[]): void {
    for (const { kind, data } of pieces) {
      if (kind === 'message') this.#deps.onMessage(this.#name, data);
      else this.#write(data, kind === 'text');
    }
  }

  #write(data: Uint8Array, isText: boolean): void {
    const chunk = this.#log.strip(data);
    if (isText) {
      this.#log.toFile(this.#lines === null ? chunk : this.#lines.write(chunk));
      this.#log.toSyslog(chunk);
    }
    if (!this.#isTalk) this.#deps.onOutput(this.#name, chunk);
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
