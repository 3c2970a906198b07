/**
 * The same configurations and the same scripts under the real supervisord 4.2.5 and under dockvisord: exit codes, output, answers and logs
 * are compared, timing aside. Differences on purpose are read from docs/compat.md, in both directions (compare.ts).
 */
import { expect, test } from 'vitest';
import './config-cases.ts';
import './rpc-cases.ts';
import './ctl-cases.ts';
import './life-cases.ts';
import './event-cases.ts';
import './section9-cases.ts';
import { listed } from './compare.ts';
import { played } from './house.ts';

test('every case that docs/compat.md names is played, each has a name of its own, and they are many', () => {
  expect([...listed].filter((name) => !played.includes(name))).toEqual([]);
  expect(played.filter((name, index) => played.indexOf(name) !== index)).toEqual([]);
  expect(played.length).toBeGreaterThanOrEqual(120);
});
