/** Writing to a file whose directory may not be there yet, or any more: asked for only when it turns out to be missing. */
import { dirname } from 'node:path';
import { makeDirectory } from '../system/make-directory.ts';

/** Does the work; where the directory of `path` is missing it is made, for its owner only, and the work is done again. Throws what either throws. */
export function inDirectoryOf(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    makeDirectory(dirname(path), 0o700);
    work();
  }
}
