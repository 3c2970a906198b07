/** Reads a file that is one: a FIFO, or a device, of the same name would never end. */
import { readFileSync, statSync } from 'node:fs';

/** Throws what node:fs throws, and for what is there and no regular file. */
export function readRegular(path: string): string {
  checkRegular(path);
  return readFileSync(path, 'utf8');
}

/** What is not there is no fault here. */
export function checkRegular(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new Error(`${path} is no regular file; move it away`);
}
