// Bundles the three programs. What the command-line client needs is in its bundle, so that it starts fast; the daemon's packages stay
// packages: pino and dockerode load parts of themselves by name.
import { chmod, readFile, rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { leanDockerode } from './lean-dockerode.mjs';

const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
const root = fileURLToPath(new URL('..', import.meta.url));

// Chunks are named by their content: those of a former build are left to daemons that still run from them, but never shipped.
if (process.argv.includes('--clean')) await rm(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['dockvisor', 'dockvisord', 'dockvisorctl'].map((name) => `src/main/${name}.ts`),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['pino', 'p-retry', 'node-unix-socket'],
  plugins: [leanDockerode],
  minifyWhitespace: true,
  minifySyntax: true,
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"; const __here = import.meta.url; const require = __createRequire(__here);',
  },
  define: { __DOCKVISOR_VERSION__: JSON.stringify(version) },
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
for (const name of ['dockvisor', 'dockvisord', 'dockvisorctl']) await chmod(`${root}dist/${name}.js`, 0o755);
