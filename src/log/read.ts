/**
 * Reading logs by supervisord's rules (supervisord.md 5.6), in bounded pieces. Text is decoded with U+FFFD for bad bytes, where
 * supervisord answers HTTP 500.
 */
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Most bytes that one answer carries. Of an end that is longer, it is the end's end. */
const maxReadBytes = 16 * 1024 * 1024;

export type ReadOutcome =
  { readonly text: string } | { readonly failed: 'BAD_ARGUMENTS' | 'NO_FILE' | 'FAILED' };

export async function readLogFile(path: string, offset: number, length: number): Promise<ReadOutcome> {
  if ((offset < 0 && length !== 0) || (offset >= 0 && length < 0)) return { failed: 'BAD_ARGUMENTS' };
  return withFile(path, async (file, size) => {
    const from = offset < 0 ? Math.max(0, size - Math.min(-offset, maxReadBytes)) : offset;
    const wanted = offset < 0 || length === 0 ? size - from : length;
    return { text: decode(await readRange(file, from, wanted)) };
  });
}

/** The last `length` bytes; `overflow` when there is more than `offset + length`. The offset told is always the file's size. */
export async function tailLogFile(
  path: string,
  offset: number,
  length: number,
): Promise<{ readonly text: string; readonly offset: number; readonly overflow: boolean }> {
  const nothing = { text: '', offset: 0, overflow: false };
  const outcome = await withFile(path, async (file, size) => {
    const overflow = size > offset + length;
    const wanted = !overflow && offset > size - 1 ? 0 : Math.min(Math.max(0, length), maxReadBytes);
    const from = Math.max(0, size - wanted);
    return { text: decode(await readRange(file, from, wanted)), offset: size, overflow };
  });
  return 'failed' in outcome ? nothing : outcome;
}

/**
 * First the last 1024 bytes, then what is appended, until `signal` aborts. A file that is renamed is read to its end before the new one
 * of its name is taken up, so that a rotation loses nothing. Null when there is no such file.
 */
export async function followLogFile(
  path: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return null;
  }
  return follow(path, file, signal);
}

const followPauseMs = 100;

async function* follow(path: string, first: FileHandle, signal: AbortSignal): AsyncIterable<Uint8Array> {
  let file = first;
  try {
    let { size: position, ino } = await file.stat();
    position = Math.max(0, position - 1024);
    while (!signal.aborted) {
      const { size } = await file.stat();
      if (size < position) {
        position = 0;
        yield Buffer.from('==> File truncated <==\n');
      }
      const chunk = await readRange(file, position, Math.min(size - position, 64 * 1024));
      if (chunk.byteLength > 0) {
        position += chunk.byteLength;
        yield chunk;
        continue;
      }
      const there = await stat(path).catch(() => null);
      if (there !== null && there.ino !== ino) {
        // Somebody may have written and rotated between the look at the file and the look at its name.
        if ((await file.stat()).size > position) continue;
        const next = await open(path, 'r').catch(() => null);
        if (next !== null) {
          await file.close();
          file = next;
          position = 0;
          ({ ino } = await file.stat());
          continue;
        }
      }
      await sleep(followPauseMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await file.close();
  }
}

async function withFile<T>(
  path: string,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<T | { readonly failed: 'NO_FILE' | 'FAILED' }> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    return { failed: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'NO_FILE' : 'FAILED' };
  }
  try {
    const stat = await file.stat();
    return stat.isFile() ? await use(file, stat.size) : { failed: 'FAILED' };
  } catch {
    return { failed: 'FAILED' };
  } finally {
    await file.close();
  }
}

async function readRange(file: FileHandle, from: number, wanted: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(Math.max(0, Math.min(wanted, maxReadBytes)));
  let done = 0;
  while (done < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, done, buffer.byteLength - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes);
