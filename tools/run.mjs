// Runs a TypeScript file of the project: node tools/run.mjs FILE [args…]. Bundled in memory's place, a temporary file that is removed.
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [file, ...args] = process.argv.slice(2);
const directory = await mkdtemp(join(root, 'node_modules', '.run-'));
const outfile = join(directory, 'main.mjs');
await build({
  entryPoints: [resolve(file)],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'warning',
});
process.argv = [process.argv[0], resolve(file), ...args];
try {
  await import(pathToFileURL(outfile).href);
} finally {
  await rm(directory, { recursive: true, force: true });
}
