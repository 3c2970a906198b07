/** Our programs as they are shipped, by the names that we print: on a PATH of their own, for tests that type what was printed. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from './run-command.ts';
import type { CommandResult } from './run-command.ts';

export interface OurCommands {
  dockvisor(...args: string[]): Promise<CommandResult>;
  /** A line as a person types it into a shell. */
  type(line: string): Promise<CommandResult>;
  remove(): void;
}

/** `dockvisord`: the built one. No Engine is in the environment: what needs one must find it by itself. */
export function ourCommands(dockvisord: string): OurCommands {
  const built = dirname(dockvisord);
  const bin = mkdtempSync(join(tmpdir(), 'dockvisor-bin-'));
  for (const name of ['dockvisor', 'dockvisord', 'dockvisorctl']) {
    chmodSync(join(built, `${name}.js`), 0o755);
    symlinkSync(join(built, `${name}.js`), join(bin, name));
  }
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, DOCKER_HOST: '' };
  return {
    dockvisor: (...args) => runCommand(process.execPath, [join(built, 'dockvisor.js'), ...args], env),
    type: (line) => runCommand('/bin/sh', ['-c', line], env),
    remove: () => {
      rmSync(bin, { recursive: true, force: true });
    },
  };
}
