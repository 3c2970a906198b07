/** How often the state file is written. */
import { expect, it } from 'vitest';
import type { Left } from '../../src/docker/left.ts';
import type { LogMarks } from '../../src/log/process-logs.ts';
import { createStateKeeper } from '../../src/main/state-keeper.ts';
import { createBus } from '../../src/supervisor/bus.ts';
import type { BusEvent } from '../../src/supervisor/bus.ts';
import type { Supervised } from '../../src/supervisor/supervised.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { dockerSpecWith, specWith } from '../support/specs.ts';

/** One program that has said `lines` lines of a byte, all of them in its log. */
function keep(canWrite: () => boolean = () => true, how: 'begun' | 'not begun' = 'begun') {
  const clock = createHandClock();
  const bus = createBus((error) => {
    throw error;
  });
  const said = { lines: 0, isBehind: false };
  const left = (): Left => ({
    output: {
      container: 'c',
      position: {
        stdout: { since: '', lines: said.lines, bytes: 0 },
        stderr: { since: '', lines: 0, bytes: 0 },
      },
      at: 0,
      unordered: '',
    },
    life: 'now',
  });
  const spec = specWith({ name: 'web', docker: dockerSpecWith() });
  const unit = {
    spec,
    unit: () => ({ state: { name: 'RUNNING' } }),
    runner: { leave: left, isBehind: () => said.isBehind },
    leave: () => null,
  } as unknown as Supervised;
  const writes: number[] = [];
  const waysDown: boolean[] = [];
  let removed = 0;
  const keeper = createStateKeeper({
    file: {
      path: '',
      former: null,
      write({ shutsDown }) {
        writes.push(clock.now());
        waysDown.push(shutsDown);
        return canWrite();
      },
      remove() {
        removed++;
      },
    },
    bus,
    clock,
    units: () => [unit],
    marksOf: (): LogMarks => ({ stdout: { path: '/log', inode: 1, size: said.lines }, stderr: null }),
  });
  if (how === 'begun') keeper.begin();
  const change = (
    event: BusEvent = { type: 'spawned', group: 'web', process: 'web', pid: 1, adopted: false },
  ): void => {
    bus.publish(event);
  };
  return { clock, said, writes, waysDown, change, keeper, removed: () => removed };
}

it('a machine at rest writes once a minute', () => {
  const { clock, said, writes, keeper } = keep();
  for (let second = 0; second < 130; second++) {
    said.lines++;
    clock.advance(1000);
  }
  expect(writes).toEqual([20, 60_020, 120_020]);
  keeper.forget();
  expect(clock.armed()).toBe(0);
});

it('in a flood it is written every five seconds', () => {
  const { clock, said, writes, keeper } = keep();
  for (let second = 0; second < 20; second++) {
    said.lines += 100_000;
    clock.advance(1000);
  }
  expect(writes).toEqual([20, 5020, 10_020, 15_020]);
  keeper.forget();
});

it('what has happened is written at once, and counts as the last time', () => {
  const { clock, said, writes, change, keeper } = keep();
  clock.advance(8000);
  change();
  change();
  for (let second = 0; second < 60; second++) {
    said.lines++;
    clock.advance(1000);
  }
  expect(writes).toEqual([20, 8020]);
  clock.advance(5000);
  expect(writes).toEqual([20, 8020, 68_020]);
  keeper.forget();
});

it('what could not be written is tried again every five seconds', () => {
  let works = false;
  const { clock, writes, keeper } = keep(() => works);
  clock.advance(10_000);
  works = true;
  clock.advance(30_000);
  expect(writes).toEqual([20, 5020, 10_020]);
  keeper.forget();
});

it('at the end it is written in any case', () => {
  const { clock, writes, keeper } = keep();
  clock.advance(6000);
  keeper.leave();
  expect(writes).toEqual([20, 6000]);
  expect(clock.armed()).toBe(0);
});

it('before its beginning nothing is written: what the former daemon has left stands until all is ordered up', () => {
  const { clock, writes, change, keeper } = keep(() => true, 'not begun');
  change();
  clock.advance(10_000);
  keeper.beginWayDown();
  keeper.leave();
  expect(writes).toEqual([]);
  keeper.begin();
  clock.advance(20);
  expect(writes).toEqual([10_020]);
  keeper.forget();
});

it('from the beginning of the way down on, that is what it says', () => {
  const { clock, writes, waysDown, change, keeper } = keep();
  clock.advance(6000);
  keeper.beginWayDown();
  change();
  clock.advance(20);
  expect(writes).toEqual([20, 6000, 6020]);
  expect(waysDown).toEqual([false, true, true]);
  keeper.forget();
});

it('a shutdown removes it, unless there is output that could not be read: its place stays, and that it was a way down', () => {
  const read = keep();
  read.keeper.beginWayDown();
  expect(read.keeper.forget()).toEqual([]);
  expect([read.removed(), read.waysDown]).toEqual([1, [true]]);
  const behind = keep();
  behind.said.isBehind = true;
  behind.keeper.beginWayDown();
  expect(behind.keeper.forget()).toMatchObject([{ spec: { name: 'web' } }]);
  expect([behind.removed(), behind.waysDown]).toEqual([0, [true, true]]);
});
