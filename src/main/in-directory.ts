/** Writing to a file whose directory may not be there yet, or any more: asked for only when it turns out to be missing. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Does the work; where the directory of `path` is missing it is made, for its owner only, and the work is done again. Throws what either throws. */
export function inDirectoryOf(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    work();
  }
}
