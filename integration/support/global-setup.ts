/** Once, before everything: the real parts are there, and our daemon is built. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureRealParts, systemdParts } from '../../tools/real-parts.ts';
import { buildDaemon } from './build-daemon.ts';
import { engineSkipped, systemdSkipped } from './engine-skipped.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built `dockvisord.js`. */
    dockvisord: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const say = (message: string): void => {
    process.stderr.write(`integration: ${message}\n`);
  };
  if (engineSkipped) {
    say('DOCKVISOR_TEST_SKIP=engine: every test that needs a real Engine is skipped');
    project.provide('dockvisord', '');
    return () => undefined;
  }
  ensureRealParts(say, systemdSkipped ? [] : systemdParts);
  say('building the daemon');
  const built = await buildDaemon();
  project.provide('dockvisord', built.script);
  // Daemons that are killed leave a state file: not on this machine's own ground.
  const states = mkdtempSync(join(tmpdir(), 'dockvisor-states-'));
  process.env['STATE_DIRECTORY'] = states;
  return () => {
    built.remove();
    rmSync(states, { recursive: true, force: true });
  };
}
