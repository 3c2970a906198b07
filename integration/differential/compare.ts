/**
 * What one side did beside what the other did, timing aside. `docs/compat.md` says which cases differ on purpose: a row names them as
 * `differential "case"`. A difference that is not listed is a failure, and so is a listed one that no longer occurs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

const compat = readFileSync(join(import.meta.dirname, '../../docs/compat.md'), 'utf8');
/** Names of cases that differ on purpose. */
export const listed: ReadonlySet<string> = new Set(
  [...compat.matchAll(/differential "([^"]+)"/g)].flatMap(([, name]) => name ?? []),
);

/** `directory`: the side's own, which is taken out of texts. */
export function comparable(value: unknown, directory: string): unknown {
  if (typeof value === 'string') return plain(value, directory);
  if (Array.isArray(value)) return value.map((each) => comparable(each, directory));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, timeless(key, each) ?? comparable(each, directory)]),
  );
}

/** Members of getProcessInfo that are of the moment: whether there is one is what counts. */
const ofTheMoment = new Set(['start', 'stop', 'now', 'pid']);
const timeless = (key: string, value: unknown): string | null =>
  ofTheMoment.has(key) && typeof value === 'number' ? (value === 0 ? 'none' : 'some') : null;

const plain = (text: string, directory: string): string =>
  text
    .replaceAll(directory, 'DIR')
    .replaceAll(/\b[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M\b/g, 'DATE')
    .replaceAll(/uptime \d+:\d\d:\d\d/g, 'uptime TIME')
    .replaceAll(/\bpid[: ]+\d+/g, 'pid N')
    .replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\b/g, 'TIME')
    .replaceAll(/\(\d+\) with SIG/g, '(N) with SIG')
    // Where in the client an error was caught.
    .replaceAll(/file: \S+ line: \d+/g, 'file: F line: N')
    // AUTO logs have a name of chance.
    .replaceAll(/---supervisor-\w+\.log/g, '---supervisor-X.log');

export function judge(name: string, real: unknown, ours: unknown): void {
  const isSame = isDeepStrictEqual(real, ours);
  if (listed.has(name)) {
    expect(isSame, `docs/compat.md lists "${name}" as different, and both did ${JSON.stringify(ours)}`).toBe(
      false,
    );
  } else if (!isSame) {
    expect(ours, `"${name}" differs from supervisord, and docs/compat.md does not list it`).toEqual(real);
  }
}
