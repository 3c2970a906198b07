/** The keys of the pauses between tries. */
import { expect, test } from 'vitest';
import { program, read, warningsOf } from './fake-world.ts';

test('a first pause above the limit is warned of', () => {
  const warning = 'backoff_initial is more than backoff_max: the first pause is cut to that already';
  const of = (...lines: string[]) => warningsOf(read(program(...lines))).join('\n');
  expect(of('backoff_initial=5', 'backoff_max=2')).toContain(warning);
  expect(of('backoff_initial=5')).not.toContain('backoff_max');
  expect(of('backoff_initial=2', 'backoff_max=2')).not.toContain(warning);
});

test.each(['1e99', '-1'])('%s: the hint tells the limits', (value) => {
  const [problem] = read(program(`backoff_max=${value}`)).problems;
  expect(problem?.hint).toBe('a number from 0 to 999999999, such as 2 or 0.5');
});
