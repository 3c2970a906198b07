import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Throws what node:fs throws. An existing file is overwritten without a look, as supervisord does. */
export function writePidfile(path: string): void {
  writeFileSync(path, `${String(process.pid)}\n`, { mode: 0o644 });
}

/** Removes it if it is still ours. */
export function removePidfile(path: string): void {
  try {
    if (readFileSync(path, 'utf8').trim() === String(process.pid)) rmSync(path);
  } catch {
    // Gone already, or never written: nothing to take away.
  }
}
