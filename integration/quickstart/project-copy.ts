/** A copy of the project as a fresh clone has it, with the installed packages of this one: `npm start` there meets nobody's `.quickstart`. */
import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = join(import.meta.dirname, '..', '..');

export interface ProjectCopy {
  readonly path: string;
  remove(): void;
}

export function copyProject(): ProjectCopy {
  const path = mkdtempSync(join(tmpdir(), 'dockvisor-copy-'));
  chmodSync(path, 0o755);
  for (const name of ['package.json', 'package-lock.json', 'src', 'tools', 'examples'])
    cpSync(join(project, name), join(path, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(project, 'node_modules'), join(path, 'node_modules'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
