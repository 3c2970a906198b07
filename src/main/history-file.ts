/**
 * The history on the disk: one line of JSON for each entry, appended, in two files of at most 1 MiB. When the first is full, both become the
 * second, of which only the last entries of each process are kept: a program that is restarted a thousand times a minute drives out its
 * own past, not that of its neighbours. Unlike the state file it outlives a shutdown, and may be deleted at any time.
 */
import { appendFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Happening, HistoryEntry } from '../core/history/entry.ts';
import { readEntry } from '../core/history/read.ts';
import { messageOf } from '../core/message-of.ts';
import type { Log } from '../log/activity-log.ts';
import { checkRegular, readRegular } from '../system/read-regular.ts';
import { inDirectoryOf } from './in-directory.ts';

export interface HistoryFile {
  readonly path: string;
  append(happening: Happening, wallMs: number): void;
  /** The newest `limit` entries after `after` of this process, and of the daemon itself; oldest first. */
  read(group: string, process: string, after: number, limit: number): readonly HistoryEntry[];
}

export const historyMaxBytes = 1024 * 1024;
/** What cannot be written is kept in memory, so many lines of it. */
const memoryLines = 1000;
/** How many entries of each process outlive a full file; fewer where there are very many processes. */
const keptOfEach = [100, 30, 10, 3, 1] as const;

export function openHistoryFile(
  directory: string,
  name: string,
  log: Pick<Log, 'info' | 'warn'>,
  maxBytes = historyMaxBytes,
): HistoryFile {
  const path = join(directory, `${name}.events.jsonl`);
  const old = `${path}.1`;
  const first = linesOf(path);
  let seq = lastSeq(first) || lastSeq(linesOf(old));
  let size = sizeOf(path);
  /** A crash, or a full disk, has left half a line: the next must not be written on to it. */
  let isTorn = size > 0 && !endsWhole(path);
  let unwritten: readonly string[] = [];
  let trouble = '';

  function write(line: string): void {
    unwritten = [...unwritten, line].slice(-memoryLines);
    try {
      if (size >= maxBytes) rotate();
      const text = `${isTorn ? '\n' : ''}${unwritten.join('')}`;
      // Should only a part of it be written, it is torn.
      isTorn = true;
      checkRegular(path);
      inDirectoryOf(path, () => {
        appendFileSync(path, text, { mode: 0o600 });
      });
      isTorn = false;
      size += Buffer.byteLength(text);
      unwritten = [];
      if (trouble !== '') log.info(`history ${path} can be written again`);
      trouble = '';
    } catch (error) {
      size = sizeOf(path);
      isTorn = size > 0;
      if (trouble === '')
        log.warn(
          `cannot write history ${path}: ${messageOf(error)}; "why" goes by the last ${String(memoryLines)} entries, which a restart of dockvisord forgets`,
        );
      trouble = messageOf(error);
    }
  }

  function rotate(): void {
    const kept = keepSome([...linesOf(old), ...linesOf(path)], maxBytes / 2);
    writeFileSync(`${old}.new`, kept.join(''), { mode: 0o600 });
    renameSync(`${old}.new`, old);
    rmSync(path, { force: true });
    size = 0;
    isTorn = false;
  }

  return {
    path,
    append(happening, wallMs) {
      seq += 1;
      write(`${JSON.stringify({ seq, time: new Date(wallMs).toISOString(), ...happening })}\n`);
    },
    read(group, process, after, limit) {
      const found: HistoryEntry[] = [];
      let before = Number.POSITIVE_INFINITY;
      const lines = [...linesOf(old), ...linesOf(path), ...unwritten];
      for (let at = lines.length - 1; at >= 0 && found.length < limit; at--) {
        const line = lines[at] ?? '';
        // Most lines are of others, and need not be parsed to be told.
        if (!line.includes(JSON.stringify(process)) && !line.includes('"daemon"')) continue;
        const entry = parse(line);
        // Twice: what a full disk took only a part of was written once more.
        if (entry === null || entry.seq >= before) continue;
        before = entry.seq;
        if (entry.seq <= after) break;
        if (entry.kind === 'daemon' || (entry.group === group && entry.process === process))
          found.push(entry);
      }
      return found.reverse();
    },
  };
}

/** The last lines of each process, as many as fit. */
function keepSome(lines: readonly string[], maxBytes: number): readonly string[] {
  const whole = lines.flatMap((line) => {
    const entry = parse(line);
    return entry === null
      ? []
      : [{ line, key: entry.kind === 'daemon' ? '' : `${entry.group}:${entry.process}` }];
  });
  for (const most of keptOfEach) {
    const seen = new Map<string, number>();
    const kept = [...whole].reverse().filter(({ key }) => {
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      return count <= most;
    });
    if (kept.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0) <= maxBytes)
      return kept.reverse().map(({ line }) => line);
  }
  return [];
}

/** Each with its newline; what is not whole is left out when it is parsed. */
function linesOf(path: string): readonly string[] {
  let text: string;
  try {
    text = readRegular(path);
  } catch {
    return [];
  }
  return text.match(/[^\n]+\n/g) ?? [];
}

const lastSeq = (lines: readonly string[]): number =>
  lines.reduce((last, line) => Math.max(last, parse(line)?.seq ?? 0), 0);

function parse(line: string): HistoryEntry | null {
  try {
    return readEntry(JSON.parse(line));
  } catch {
    return null;
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function endsWhole(path: string): boolean {
  try {
    return readRegular(path).endsWith('\n');
  } catch {
    return true;
  }
}
