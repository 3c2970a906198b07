import { expect, test } from 'vitest';
import { describe as describeView } from '../../src/core/describe.ts';

const backoff = {
  group: 'g',
  name: 'a',
  state: 'BACKOFF' as const,
  start: 0,
  stop: 0,
  now: 100,
  spawnError: "can't find command 'x'",
  exitStatus: 0,
  stdoutLogfile: '',
  stderrLogfile: '',
  pid: 0,
  container: null,
  proxy: null,
};

test('a pause before the next try is told in whole seconds, rounded up, after the reason', () => {
  expect(describeView({ ...backoff, nextTryMs: 11_200 }, '')).toBe(
    "can't find command 'x', next try in 12 s",
  );
  expect(describeView({ ...backoff, nextTryMs: 0 }, '')).toBe("can't find command 'x', next try in 0 s");
});

test('without a pause nothing is told of one', () => {
  expect(describeView(backoff, '')).toBe("can't find command 'x'");
  expect(describeView({ ...backoff, nextTryMs: null }, '')).toBe("can't find command 'x'");
});
