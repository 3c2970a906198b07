/** A disk that can be full: a tmpfs in the daemon's own mount namespace, which goes with the daemon. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manager } from '../support/manager.ts';

/** Words before a daemon's command: `%DIR%/disk` is a small disk to it and to its children. */
export const onSmallDisk: readonly string[] = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mkdir -p "$0" && mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"',
  '%DIR%/disk',
];

/** That disk as seen from here. */
export const smallDiskOf = (manager: Manager): string =>
  join(`/proc/${String(manager.pid())}/root`, manager.directory, 'disk');

/** Writes until there is no room. */
export function fillDisk(file: string): void {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(64 * 1024), { flag: 'a' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
