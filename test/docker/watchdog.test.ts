import { describe, expect, it } from 'vitest';
import { createWatchdog } from '../../src/docker/watchdog.ts';
import { createHandClock } from '../support/hand-clock.ts';

function play() {
  const clock = createHandClock();
  const orders: number[] = [];
  const world = { paused: false };
  const dog = createWatchdog({
    limitMs: 2000,
    graceMs: 5000,
    clock,
    isPaused: () => world.paused,
    end: (order) => orders.push(order),
  });
  return { clock, orders, world, dog };
}

describe('a watchdog', () => {
  it('accuses nobody who was never heard: an adopted container cannot be', () => {
    const { clock, orders } = play();
    clock.advance(1e9);
    expect(orders).toEqual([]);
  });
  it('is content for as long as it hears something in time', () => {
    const { clock, orders, dog } = play();
    for (let n = 0; n < 10; n++) {
      dog.heard();
      clock.advance(1999);
    }
    expect(orders).toEqual([]);
    clock.advance(1);
    expect(orders).toEqual([0]);
    dog.close();
    expect(clock.armed()).toBe(0);
  });
  it('orders the end, and after the grace with force, until it has come', () => {
    const { clock, orders, dog } = play();
    dog.heard();
    clock.advance(2000);
    expect(orders).toEqual([0]);
    dog.heard();
    clock.advance(5000);
    expect(orders).toEqual([0, 1]);
    clock.advance(5000);
    expect(orders).toEqual([0, 1, 2]);
    dog.close();
    clock.advance(1e9);
    expect(orders).toEqual([0, 1, 2]);
  });
  it('waits while the container stands still by somebody’s order', () => {
    const { clock, orders, world, dog } = play();
    dog.heard();
    world.paused = true;
    clock.advance(60_000);
    expect(orders).toEqual([]);
    world.paused = false;
    clock.advance(2000);
    expect(orders).toEqual([0]);
    dog.close();
  });
  it('takes a container at its word that says that it is beyond help', () => {
    const { orders, dog } = play();
    dog.trigger();
    dog.trigger();
    expect(orders).toEqual([0]);
    dog.close();
  });
});
