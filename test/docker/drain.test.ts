import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Attachment } from '../../src/docker/attachment.ts';
import { drain } from '../../src/docker/drain.ts';
import { createOutputQueue } from '../../src/docker/output-queue.ts';

const start = 1_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** One that ends only when it is let go of. Output comes every 500 ms for `flowMs`. Resolves with how long that took, in ms, and whether it was cut off. */
async function play(flowMs: number, lines: number): Promise<{ readonly ms: number; readonly cuts: number }> {
  const queue = createOutputQueue();
  let detach: () => void = () => undefined;
  let cuts = 0;
  const attachment: Attachment = {
    kind: 'cli',
    pid: 1,
    ended: new Promise((resolve) => {
      detach = () => {
        resolve({ exit: null, lastWords: '', complainedOn: null });
      };
    }),
    detach: () => {
      detach();
    },
    write: () => Promise.resolve('closed'),
  };
  let over = false;
  const draining = drain(attachment, {
    outlets: { stdout: queue, stderr: queue },
    linesAtStake: () => lines,
    cutOff: () => cuts++,
  }).then(() => {
    over = true;
  });
  const from = Date.now();
  while (!over) {
    if (Date.now() - from < flowMs && (Date.now() - from) % 500 === 0) void queue.push(Buffer.from('x\n'));
    await vi.advanceTimersByTimeAsync(100);
  }
  await draining;
  return { ms: Date.now() - from, cuts };
}

it('lets go of who lingers in silence, and says that it was cut off', async () => {
  expect(await play(0, 0)).toEqual({ ms: 2000, cuts: 1 });
});

it('begins to wait anew with each piece of output', async () => {
  expect(await play(5000, 0)).toEqual({ ms: 6600, cuts: 1 });
});

it('waits as long as the reading of the log would take', async () => {
  expect(await play(0, 400_000)).toEqual({ ms: 8000, cuts: 1 });
});

it('waits for nothing for more than half a minute', async () => {
  expect((await play(3_600_000, 0)).ms).toBe(30_000);
  expect((await play(0, 5_000_000)).ms).toBe(30_000);
});
