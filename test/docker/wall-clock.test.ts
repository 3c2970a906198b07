import { afterEach, expect, it, vi } from 'vitest';
import { watchWallClock } from '../../src/docker/wall-clock.ts';

const hourMs = 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function movable() {
  const real = Date.now.bind(Date);
  let byMs = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + byMs);
  return (ms: number): void => {
    byMs += ms;
  };
}

it('tells how often the clock was set back, and the latest that it has shown; what it is set ahead, and slowly brought right, is nothing', () => {
  const move = movable();
  const clock = watchWallClock();
  try {
    expect([clock.setBacks(), clock.latestBefore()]).toEqual([0, 0]);
    move(2 * hourMs);
    move(-20);
    expect([clock.setBacks(), clock.latestBefore()]).toEqual([0, 0]);
    const latest = Date.now();
    move(-5 * hourMs);
    expect(clock.setBacks()).toBe(1);
    expect(clock.latestBefore()).toBeGreaterThanOrEqual(latest);
    expect(clock.latestBefore()).toBeLessThan(latest + 60_000);
    // One from an earlier time does not lower it.
    move(-hourMs);
    expect(clock.setBacks()).toBe(2);
    expect(clock.latestBefore()).toBeGreaterThanOrEqual(latest);
  } finally {
    clock.close();
  }
});

it('looks by itself: what is set back, and made good a while later, is noticed', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const move = movable();
  const clock = watchWallClock();
  move(-hourMs);
  vi.advanceTimersByTime(5000);
  move(hourMs);
  expect(clock.setBacks()).toBe(1);
  clock.close();
  expect(vi.getTimerCount()).toBe(0);
});
