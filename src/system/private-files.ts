/** Files that are nobody else's: in a directory that only its owner may enter, each written whole or not at all. */
import { chmodSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from './make-directory.ts';

export interface PrivateDirectory {
  readonly path: string;
  write(name: string, text: string): void;
  /** null: there is no such file. */
  read(name: string): string | null;
  remove(name: string): void;
}

/** Makes it. Throws when it is a link or somebody else's: what is written there may be a secret. */
export function openPrivateDirectory(path: string): PrivateDirectory {
  makeDirectory(path, 0o700);
  const found = lstatSync(path);
  if (!found.isDirectory()) throw new Error(`${path} is not a directory`);
  if (found.uid !== process.getuid?.()) throw new Error(`${path} belongs to somebody else`);
  chmodSync(path, 0o700);
  return {
    path,
    write(name, text) {
      const temporary = join(path, `.${name}.${String(process.pid)}`);
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, join(path, name));
    },
    read(name) {
      try {
        return readFileSync(join(path, name), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    remove(name) {
      rmSync(join(path, name), { force: true });
    },
  };
}
