/** What is a flood, and when it is over. */
import { expect, it } from 'vitest';
import { FloodMeter } from '../../src/core/flood-meter.ts';

const mib = 1024 * 1024;

it('one great piece is taken for what it is', () => {
  expect(new FloodMeter(0).took(4 * mib, () => 300)).toBe(true);
  expect(new FloodMeter(0).took(mib, () => 300)).toBe(false);
});

it('a flood is over when so little comes that it would be none', () => {
  const meter = new FloodMeter(0);
  expect(meter.took(mib, () => 100)).toBe(true);
  expect(meter.took(1, () => 300)).toBe(true);
  expect(meter.took(1, () => 301)).toBe(false);
  // What has come since is of the next part.
  expect(meter.took(mib - 2, () => 302)).toBe(false);
  expect(meter.took(mib, () => 400)).toBe(true);
});

it('the clock is looked at once for a mebibyte that comes slowly', () => {
  const meter = new FloodMeter(0);
  let looks = 0;
  for (let piece = 0; piece < 2048; piece++)
    meter.took(1024, () => {
      looks++;
      return looks * 1000;
    });
  expect(looks).toBe(2);
});
