/** How often the state file is written. */
import { expect, it } from 'vitest';
import type { Left } from '../../src/docker/left.ts';
import type { LogMarks } from '../../src/log/process-logs.ts';
import { createStateKeeper } from '../../src/main/state-keeper.ts';
import { createBus } from '../../src/supervisor/bus.ts';
import type { Supervised } from '../../src/supervisor/supervised.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { dockerSpecWith, specWith } from '../support/specs.ts';

/** One program that has said `lines` lines of a byte, all of them in its log. */
function keep(canWrite: () => boolean = () => true) {
  const clock = createHandClock();
  const bus = createBus((error) => {
    throw error;
  });
  const said = { lines: 0 };
  const left = (): Left => ({
    output: {
      container: 'c',
      position: {
        stdout: { since: '', lines: said.lines, bytes: 0 },
        stderr: { since: '', lines: 0, bytes: 0 },
      },
      at: 0,
    },
    life: 'now',
  });
  const spec = specWith({ name: 'web', docker: dockerSpecWith() });
  const unit = {
    spec,
    unit: () => ({ state: { name: 'RUNNING' } }),
    runner: { leave: left },
  } as unknown as Supervised;
  const writes: number[] = [];
  const keeper = createStateKeeper({
    file: {
      path: '',
      former: null,
      write() {
        writes.push(clock.now());
        return canWrite();
      },
      remove: () => undefined,
    },
    bus,
    clock,
    units: () => [unit],
    marksOf: (): LogMarks => ({ stdout: { path: '/log', inode: 1, size: said.lines }, stderr: null }),
  });
  keeper.begin();
  const change = (): void => {
    bus.publish({ type: 'spawned', group: 'web', process: 'web', pid: 1, adopted: false });
  };
  return { clock, said, writes, change, keeper };
}

it('a machine at rest writes once a minute', () => {
  const { clock, said, writes, keeper } = keep();
  for (let second = 0; second < 130; second++) {
    said.lines++;
    clock.advance(1000);
  }
  expect(writes).toEqual([5000, 65_000, 125_000]);
  keeper.forget();
  expect(clock.armed()).toBe(0);
});

it('in a flood it is written every five seconds', () => {
  const { clock, said, writes, keeper } = keep();
  for (let second = 0; second < 20; second++) {
    said.lines += 100_000;
    clock.advance(1000);
  }
  expect(writes).toEqual([5000, 10_000, 15_000, 20_000]);
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
  expect(writes).toEqual([5000, 8020]);
  clock.advance(5000);
  expect(writes).toEqual([5000, 8020, 68_020]);
  keeper.forget();
});

it('what could not be written is tried again every five seconds', () => {
  let works = false;
  const { clock, writes, keeper } = keep(() => works);
  clock.advance(10_000);
  works = true;
  clock.advance(30_000);
  expect(writes).toEqual([5000, 10_000, 15_000]);
  keeper.forget();
});

it('at the end it is written in any case', () => {
  const { clock, writes, keeper } = keep();
  clock.advance(6000);
  keeper.leave();
  expect(writes).toEqual([5000, 6000]);
  expect(clock.armed()).toBe(0);
});
