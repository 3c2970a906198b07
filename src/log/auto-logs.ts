/**
 * Names and clean-up of AUTO logs (supervisord.md 4.1, 4.7). supervisord's clean-up takes the files of any daemon with its identifier,
 * a running one's too; ours leaves every file alone that some process holds open.
 */
import { closeSync, openSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789_';

/** Makes the file (mode 0600) and tells its path. */
export function createAutoLog(
  directory: string,
  process: string,
  channel: string,
  identifier: string,
): string {
  const random = [...randomBytes(8)].map((byte) => letters[byte % letters.length]).join('');
  const path = join(directory, `${process}-${channel}---${identifier}-${random}.log`);
  closeSync(openSync(path, 'ax', 0o600));
  return path;
}

/** Removes AUTO logs left by former daemons of this identifier. Returns how many; unreadable ones are left. */
export function removeOldAutoLogs(directory: string, identifier: string): number {
  const marker = `---${identifier}-`;
  const old = listOf(directory).filter(
    (name) =>
      name.includes(marker) &&
      /^[^\s]+\.log(\.\d{1,4})?$/.test(name.slice(name.indexOf(marker) + marker.length)),
  );
  if (old.length === 0) return 0;
  const inUse = openFiles();
  let removed = 0;
  for (const name of old) {
    const path = join(directory, name);
    // A backup `.N` goes with its file: a live daemon may still rename over it.
    if (inUse.has(path) || inUse.has(path.replace(/\.log\.\d+$/, '.log'))) continue;
    try {
      rmSync(path, { force: true });
      removed++;
    } catch {
      // Somebody else's, in a directory that is everybody's.
    }
  }
  return removed;
}

function listOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Paths that any process on this machine has open, as far as we may see. */
function openFiles(): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        try {
          paths.add(readlinkSync(`/proc/${pid}/fd/${fd}`));
        } catch {
          // The descriptor was closed while we looked.
        }
      }
    } catch {
      // The process ended while we looked, or is not ours to look at.
    }
  }
  return paths;
}
