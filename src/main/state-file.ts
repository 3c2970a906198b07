/**
 * The one small file that outlives the daemon: what each container program was in, and how far its output has been taken. Written whole and
 * renamed, so that it is never seen half; it may be read by a person, and deleted: then the next start is like any first one.
 */
import { isRecord } from '../core/is-record.ts';
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { Config } from '../core/config/model.ts';
import { messageOf } from '../core/message-of.ts';
import type { Log } from '../log/activity-log.ts';
import type { LogMarks } from '../log/process-logs.ts';
import { readRegular } from '../system/read-regular.ts';
import { inDirectoryOf } from './in-directory.ts';

export interface ProgramState {
  /** supervisord's word. */
  readonly state: string;
  /** It was to come down, or had been brought down, by an order. */
  readonly wish: 'up' | 'down' | 'none';
  /** Where its logs were written to at that moment. */
  readonly logs: LogMarks;
  /** How it came to its rest (`supervisor/rest.ts`). */
  readonly rest: unknown;
  /** As its runner left it. */
  readonly container: unknown;
}

export interface DaemonState {
  /** When, for people. */
  readonly written: string;
  readonly pid: number;
  /** The kernel's id of the boot: after another boot nothing that ran still runs. */
  readonly boot: string;
  /** It had been told to shut down, and was at it. */
  readonly shutsDown: boolean;
  /** By `group:process`. */
  readonly programs: Readonly<Record<string, ProgramState>>;
}

export interface StateFile {
  readonly path: string;
  /** What a daemon that was not shut down has left; null: nothing that can be used. */
  readonly former: DaemonState | null;
  /**
   * Says once that it cannot be written, and once that it can again. What stands there already is written only `again`. Returns whether it
   * stands there now.
   */
  write(state: Pick<DaemonState, 'programs' | 'shutsDown'>, again: boolean): boolean;
  /** After a shut-down there is nothing to remember. */
  remove(): void;
}

const version = 1;

/** `[dockvisor] state_dir`, or systemd's StateDirectory, or /var/lib/dockvisor; for others than root, their own state directory. */
export function stateDirectoryOf(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const given = config.daemon.stateDir ?? environment['STATE_DIRECTORY']?.split(':')[0] ?? '';
  if (given !== '') return given;
  if (process.getuid?.() === 0) return '/var/lib/dockvisor';
  const home = environment['XDG_STATE_HOME'] ?? '';
  return join(home === '' ? join(homedir(), '.local/state') : home, 'dockvisor');
}

/** One for each configuration: two daemons of one directory do not meet. */
export function stateName(config: Config): string {
  const digest = createHash('sha256').update(config.file).digest('hex').slice(0, 8);
  return `${basename(config.file).replace(/[^\w.-]/g, '_')}-${digest}`;
}

export function openStateFile(directory: string, name: string, log: Log): StateFile {
  const path = join(directory, `${name}.state.json`);
  const former = read(path, log);
  const boot = bootId();
  let trouble = '';
  let last = '';
  return {
    path,
    former,
    write({ programs, shutsDown }, again) {
      // Made once, for the comparison and for the file: of a hundred programs it is 60 KB.
      const text = `"shutsDown": ${String(shutsDown)},\n"programs": ${JSON.stringify(programs, null, 1)}}\n`;
      if (text === last && !again) return true;
      last = text;
      const head = JSON.stringify({ version, written: new Date().toISOString(), pid: process.pid, boot });
      try {
        inDirectoryOf(path, () => {
          writeFileSync(`${path}.new`, `${head.slice(0, -1)},\n${text}`, { mode: 0o600 });
        });
        renameSync(`${path}.new`, path);
        if (trouble !== '') log.info(`state file ${path} can be written again`);
        trouble = '';
      } catch (error) {
        if (trouble === '')
          log.warn(
            `cannot write state file ${path}: ${messageOf(error)}; should the daemon die now, what it knows since then is lost`,
          );
        trouble = messageOf(error);
        last = '';
      }
      return trouble === '';
    },
    remove() {
      rmSync(path, { force: true });
      rmSync(`${path}.new`, { force: true });
    },
  };
}

function read(path: string, log: Log): DaemonState | null {
  let text: string;
  try {
    text = readRegular(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn(`cannot read state file ${path}: ${messageOf(error)}; going on without`);
    return null;
  }
  try {
    const state: unknown = JSON.parse(text);
    if (!isState(state)) throw new Error(`it is not a state file of version ${String(version)}`);
    // Earlier ones did not say so.
    return { ...state, shutsDown: (state as Partial<DaemonState>).shutsDown === true };
  } catch (error) {
    log.warn(`state file ${path} cannot be used: ${messageOf(error).replace(/\s+/g, ' ')}; going on without`);
    return null;
  }
}

function isState(value: unknown): value is Omit<DaemonState, 'shutsDown'> {
  if (!isRecord(value) || value['version'] !== version || !isRecord(value['programs'])) return false;
  return (
    typeof value['boot'] === 'string' &&
    Object.values(value['programs']).every(
      (one) =>
        isRecord(one) &&
        typeof one['state'] === 'string' &&
        isRecord(one['logs']) &&
        ['up', 'down', 'none'].includes(String(one['wish'])),
    )
  );
}

/**
 * Whether what it says of lives and of wishes still counts. After a reboot of the machine, and where the daemon was killed on its way down,
 * nothing is to be as it was, but as after any start: only its places in the logs count.
 */
export const isToGoOn = (former: DaemonState | null): former is DaemonState =>
  former !== null && !former.shutsDown && former.boot === bootId();

export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
