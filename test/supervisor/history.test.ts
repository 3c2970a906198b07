/** What the history keeps of what is told on the bus. */
import { expect, it } from 'vitest';
import { happeningOf, rulesOf } from '../../src/supervisor/history.ts';
import type { BusEvent } from '../../src/supervisor/bus.ts';
import { dockerSpecWith, specWith } from '../support/specs.ts';

const changed = (to: 'STARTING' | 'RUNNING' | 'BACKOFF', pid: number): BusEvent => ({
  type: 'process-state',
  group: 'web',
  process: 'web',
  transition: { from: 'STARTING', to, tries: 0, pid, exit: null, expected: true, cause: '' },
});
const change = changed('RUNNING', 7);

it('each change has the start of the life that it is of', () => {
  expect(happeningOf(change, () => ({ container: null, start: 1_795_914_000 }))).toMatchObject({
    kind: 'state',
    to: 'RUNNING',
    started: '2026-11-29T01:00:00.000Z',
  });
  expect(happeningOf(change, () => ({ container: null, start: 0 }))).toMatchObject({ started: null });
  const last = { container: null, start: 1_795_914_000 };
  for (const nothing of [changed('STARTING', 7), changed('BACKOFF', 0)])
    expect(happeningOf(nothing, () => last)).toMatchObject({ started: null });
  expect(happeningOf(changed('BACKOFF', 7), () => last)).toMatchObject({
    started: '2026-11-29T01:00:00.000Z',
  });
  expect(happeningOf(change, () => null)).toMatchObject({ started: null, container: null });
});

it('the rules say whether a start makes the container', () => {
  const makes = (verb: 'start' | 'run' | 'compose-up'): unknown => {
    const docker = dockerSpecWith({
      invocation: {
        verb,
        prefix: ['docker'],
        rest: [verb, 'web'],
        remove: false,
        detached: false,
        host: null,
        context: null,
        target: { by: 'name', name: 'web' },
      },
    });
    return rulesOf(specWith({ name: 'web', docker })).makes_container;
  };
  expect([makes('start'), makes('run'), makes('compose-up')]).toEqual([false, true, true]);
  expect(rulesOf(specWith({ name: 'web' })).makes_container).toBe(false);
});
