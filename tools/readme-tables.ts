/**
 * Puts what was measured into the README, between its markers, as found. The tables are written by the suites:
 * DOCKVISOR_WRITE_TABLE=1 npx vitest run -c vitest.integration.config.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const tables: Readonly<Record<string, string>> = {
  table: 'integration/truth-table/TABLE.md',
  'stop-all': 'integration/stop-all/TABLE.md',
};

/** One space around each cell: a README is read as text too, and 400 columns are not. */
const narrow = (markdown: string): string =>
  markdown
    .trim()
    .replace(/ {2,}\|/g, ' |')
    .replace(/-{4,}/g, '---');

let readme = readFileSync('README.md', 'utf8');
for (const [name, file] of Object.entries(tables)) {
  if (!existsSync(file)) continue;
  const marked = new RegExp(`<!-- ${name} -->[^]*?(<!-- /${name} -->|\\n\\n)`);
  readme = readme.replace(
    marked,
    () => `<!-- ${name} -->\n\n${narrow(readFileSync(file, 'utf8'))}\n\n<!-- /${name} -->`,
  );
}
writeFileSync('README.md', readme);
