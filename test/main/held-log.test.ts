/** What a daemon says before it knows that it may run. */
import { expect, it } from 'vitest';
import { holdBack } from '../../src/main/held-log.ts';
import { quietLog } from '../support/quiet-log.ts';

it('is told when it is released, in its order, and from then on at once', () => {
  const told: unknown[] = [];
  const { log, release } = holdBack({
    ...quietLog,
    warn: (...words) => void told.push(['warn', ...words]),
    info: (message) => void told.push(['info', message]),
  });
  log.warn('one', { process: 'web' });
  log.info('two');
  expect(told).toEqual([]);
  release();
  log.info('three');
  expect(told).toEqual([
    ['warn', 'one', { process: 'web' }],
    ['info', 'two'],
    ['info', 'three'],
  ]);
});
