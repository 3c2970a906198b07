/** Runs `dockvisorctl`: the client with this machine's files and streams. Loads nothing of the daemon. */
import { existsSync } from 'node:fs';
import { readCtlConfig } from '../core/config/read-ctl.ts';
import { searchPath } from '../core/config/search-path.ts';
import type { LoadCtlConfig } from '../ctl/options.ts';
import { runCtl } from '../ctl/run.ts';
import { createConfigWorld } from '../system/config-world.ts';
import { dockvisorVersion } from './version.ts';

export async function runCtlHere(
  argv: readonly string[],
  argv0: 'dockvisor' | 'dockvisorctl',
): Promise<number> {
  const loadConfig: LoadCtlConfig = (file) =>
    readCtlConfig(
      file ?? searchPath(argv0, process.cwd()).find((path) => existsSync(path)) ?? null,
      createConfigWorld(),
    );
  // What the scripts of `dockvisor completion` ask; in no usage text.
  if (argv[0] === '--complete') {
    const { printCompleted } = await import('../ctl/completion/run.ts');
    await printCompleted(argv0, argv.slice(1), loadConfig, process);
    return 0;
  }
  return runCtl({
    argv,
    argv0,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    version: dockvisorVersion,
    loadConfig,
  });
}
