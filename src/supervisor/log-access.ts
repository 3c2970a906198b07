/** Logs as surfaces ask for them: which file is meant is decided here, how it is read in `log/`. */
import { formatName } from '../core/names.ts';
import type { Groups } from './groups.ts';
import type { LogRef, Manager, Outcome, Refusal } from './ports.ts';
import type { Supervised } from './supervised.ts';

/** Reading logs, real in `log/`; the supervisor only knows which file is meant. */
export interface LogReader {
  read(
    path: string,
    offset: number,
    length: number,
  ): Promise<{ readonly text: string } | { readonly failed: 'BAD_ARGUMENTS' | 'NO_FILE' | 'FAILED' }>;
  tail(
    path: string,
    offset: number,
    length: number,
  ): Promise<{ readonly text: string; readonly offset: number; readonly overflow: boolean }>;
  follow(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
}

export interface LogAccessDeps {
  readonly logs: LogReader;
  /** Path of the daemon's own log; null: it has none that can be read. */
  readonly mainLog: () => string | null;
  readonly clearMainLog: () => Outcome;
  readonly clearProcessLog: (unit: Supervised) => Outcome;
}

type LogAccess = Pick<Manager, 'readLog' | 'tailLog' | 'followLog' | 'clearLog'>;

export function createLogAccess(groups: Groups, deps: LogAccessDeps): LogAccess {
  function pathOf(log: LogRef): string | Refusal {
    if (log.kind === 'main') return deps.mainLog() ?? { refused: 'NO_FILE', text: '' };
    const unit = groups.unit(log.group, log.process);
    if (unit === undefined) return { refused: 'BAD_NAME', text: formatName(log.group, log.process) };
    const path = log.channel === 'stdout' ? unit.logs.stdoutPath : unit.logs.stderrPath;
    return path === '' ? { refused: 'NO_FILE', text: '' } : path;
  }

  return {
    async readLog(log, offset, length) {
      const path = pathOf(log);
      if (typeof path !== 'string') return path;
      const read = await deps.logs.read(path, offset, length);
      if ('text' in read) return read.text;
      return { refused: read.failed, text: read.failed === 'NO_FILE' ? path : '' };
    },
    async tailLog(log, offset, length) {
      const path = pathOf(log);
      if (typeof path === 'string') return deps.logs.tail(path, offset, length);
      return path.refused === 'NO_FILE' ? { text: '', offset: 0, overflow: false } : path;
    },
    async followLog(log, abort) {
      const path = pathOf(log);
      return typeof path === 'string' ? deps.logs.follow(path, abort) : null;
    },
    clearLog(log) {
      if ('kind' in log) return Promise.resolve(deps.clearMainLog());
      const unit = groups.unit(log.group, log.process);
      return Promise.resolve(
        unit === undefined ? badName(log.group, log.process) : deps.clearProcessLog(unit),
      );
    },
  };
}

export const badName = (group: string, process: string): Refusal => ({
  refused: 'BAD_NAME',
  text: formatName(group, process),
});
