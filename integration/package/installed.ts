/** The package as a user gets it: packed, and installed globally into a folder of its own, with nothing of the source tree in reach. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from '../support/run-command.ts';
import type { CommandResult } from '../support/run-command.ts';

const project = join(import.meta.dirname, '..', '..');

export interface Installed {
  /** An empty folder outside the tree: where commands are run. */
  readonly directory: string;
  readonly bin: string;
  /** Paths of the files in the package, from npm's own list. */
  readonly files: readonly string[];
  /** One of the installed programs, found by PATH. */
  run(program: string, ...args: string[]): Promise<CommandResult>;
  /** Where a daemon may put what it needs for a while. */
  readonly temporary: string;
  /** PATH, HOME and TMPDIR for such a run. */
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

export async function installPackage(): Promise<Installed> {
  const top = mkdtempSync(join(tmpdir(), 'dockvisor-package-'));
  const prefix = join(top, 'prefix');
  const directory = join(top, 'elsewhere');
  const temporary = join(top, 'tmp');
  mkdirSync(directory);
  mkdirSync(temporary);
  const packed = await need('npm', ['pack', '--json', '--pack-destination', top], project);
  // What `prepack` prints comes before the list.
  const [list] = JSON.parse(packed.slice(packed.indexOf('['))) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ];
  const tarball = join(top, list.filename);
  await need(
    'npm',
    ['install', '--global', '--no-audit', '--no-fund', '--prefix', prefix, tarball],
    directory,
  );
  const bin = join(prefix, 'bin');
  const env = {
    PATH: [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(
      ':',
    ),
    HOME: top,
    NODE_PATH: '',
    TMPDIR: temporary,
  };
  return {
    directory,
    bin,
    temporary,
    env,
    files: list.files.map(({ path }) => path),
    run: (program, ...args) => runCommand('env', ['-C', directory, program, ...args], env),
    remove: () => {
      rmSync(top, { recursive: true, force: true });
    },
  };
}

async function need(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runCommand('env', ['-C', cwd, file, ...args]);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
