/**
 * Puts what was measured into the documents, between their markers, as found. The tables are written by the suites:
 * DOCKVISOR_WRITE_TABLE=1 npx vitest run -c vitest.integration.config.ts
 * and `npm run bench`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Table {
  readonly mark: string;
  readonly from: string;
  readonly into: string;
}

const tables: readonly Table[] = [
  { mark: 'table', from: 'integration/truth-table/TABLE.md', into: 'docs/truth-table.md' },
  { mark: 'stop-all', from: 'integration/stop-all/TABLE.md', into: 'README.md' },
  { mark: 'bench', from: 'bench/TABLE.md', into: 'README.md' },
];

/** One space around each cell: a document is read as text too, and 400 columns are not. */
const narrow = (markdown: string): string =>
  markdown
    .trim()
    .replace(/ {2,}\|/g, ' |')
    .replace(/-{4,}/g, '---');

for (const { mark, from, into } of tables) {
  const document = readFileSync(into, 'utf8');
  const [first, last] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [start, end] = [document.indexOf(first), document.lastIndexOf(last)];
  if (start < 0 || end < 0) throw new Error(`${into} lacks the marks ${first} and ${last}`);
  const table = narrow(readFileSync(from, 'utf8'));
  const text = `${document.slice(0, start)}${first}\n\n<!-- prettier-ignore -->\n${table}\n\n${document.slice(end)}`;
  writeFileSync(into, text);
}
