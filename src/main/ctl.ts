/** Runs `dockvisorctl`: the client with this machine's files and streams. Loads nothing of the daemon. */
import { existsSync } from 'node:fs';
import { readCtlConfig } from '../core/config/read-ctl.ts';
import { searchPath } from '../core/config/search-path.ts';
import { runCtl } from '../ctl/run.ts';
import { createConfigWorld } from '../system/config-world.ts';
import { dockvisorVersion } from './version.ts';

export function runCtlHere(argv: readonly string[], argv0: string): Promise<number> {
  return runCtl({
    argv,
    argv0,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    version: dockvisorVersion,
    loadConfig: (file) =>
      readCtlConfig(
        file ?? searchPath(argv0, process.cwd()).find((path) => existsSync(path)) ?? null,
        createConfigWorld(),
      ),
  });
}
