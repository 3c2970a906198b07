/** The daemon as it is shipped: by the project's own build, or, while one of its programs is not written yet, by a small one of ours. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');
const programs = ['dockvisor', 'dockvisord', 'dockvisorctl'];

export async function buildDaemon(): Promise<{ readonly script: string; remove(): void }> {
  if (programs.every((name) => existsSync(join(root, 'src', 'main', `${name}.ts`)))) {
    execFileSync(process.execPath, ['tools/build.mjs'], { cwd: root, stdio: 'inherit' });
    return { script: join(root, 'dist', 'dockvisord.js'), remove: () => undefined };
  }
  // Within node_modules' reach, where the packages that are not bundled are found.
  const outdir = mkdtempSync(join(root, 'node_modules', '.integration-'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  await build({
    absWorkingDir: root,
    entryPoints: ['src/main/dockvisord.ts'],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['dockerode', 'pino', 'p-retry', 'node-unix-socket'],
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    define: { __DOCKVISOR_VERSION__: JSON.stringify(version) },
    logLevel: 'warning',
  });
  return {
    script: join(outdir, 'dockvisord.mjs'),
    remove: () => {
      rmSync(outdir, { recursive: true, force: true });
    },
  };
}
