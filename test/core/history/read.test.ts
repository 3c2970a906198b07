/** Entries come back from a file as they were written, and what is none is told from them. */
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../../src/core/history/entry.ts';
import { readEntry } from '../../../src/core/history/read.ts';

const stamp = { seq: 7, time: '2026-11-29T01:00:00.123Z' };
const of = { ...stamp, group: 'g', process: 'p' };
const entries: readonly HistoryEntry[] = [
  {
    ...of,
    kind: 'state',
    from: 'RUNNING',
    to: 'EXITED',
    cause: '',
    tries: 0,
    pid: 7,
    expected: false,
    exit: { code: 137, signal: null, oom_killed: true, how: 'exit status 137 (OOM killed)' },
    container: {
      name: 'web',
      id: '123456789012',
      state: 'exited',
      exit_code: 137,
      oom_killed: true,
      error: '',
    },
    started: '2026-11-29T01:00:00.000Z',
  },
  { ...of, kind: 'order', order: 'stop', why: 'an order' },
  { ...of, kind: 'spawned', pid: 7, adopted: true },
  { ...of, kind: 'killing', pid: 7 },
  { ...of, kind: 'ghost', found: 'it runs', done: 'stopped' },
  { ...stamp, kind: 'daemon', what: 'started', pid: 1 },
];

test.each(entries)('an entry of kind $kind is the same after JSON', (entry) => {
  expect(readEntry(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
});

test('over the wire what is null is left out, and comes back', () => {
  const [entry] = entries;
  const withoutNull = JSON.parse(
    JSON.stringify(entry, (_key, value: unknown) => (value === null ? undefined : value)),
  ) as unknown;
  expect(readEntry(withoutNull)).toEqual(entry);
});

test.each([
  null,
  'text',
  [],
  {},
  { ...of, kind: 'of a later version' },
  { ...of, kind: 'state', from: 'UP', to: 'DOWN' },
  { ...of, kind: 'order', seq: 'x' },
  { ...of, kind: 'order', time: 'yesterday' },
  { ...stamp, kind: 'order', order: 'start' },
  { ...stamp, kind: 'daemon', what: 'slept' },
])('%j is none', (value) => {
  expect(readEntry(value)).toBeNull();
});
