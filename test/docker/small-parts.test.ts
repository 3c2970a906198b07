/** The queue of output, the gate and the claims. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGate } from '../../src/docker/gate.ts';
import { startTicksOf } from '../../src/docker/kernel.ts';
import { createOutputQueue } from '../../src/docker/output-queue.ts';
import { createOwners } from '../../src/docker/owners.ts';

describe('the output queue', () => {
  it('holds a writer up when the reader is behind, and lets it go on', async () => {
    const queue = createOutputQueue();
    const big = new Uint8Array(200 * 1024);
    expect(queue.push(big)).toBeNull();
    let second = false;
    const pushing = queue.push(big)?.then(() => {
      second = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(second).toBe(false);
    let read = 0;
    const reading = queue.readBy(async (chunk) => {
      await new Promise((resolve) => setImmediate(resolve));
      read += chunk.byteLength;
    });
    await pushing;
    expect(second).toBe(true);
    await queue.end();
    await reading;
    expect(read).toBe(400 * 1024);
  });

  it('hands on at once to a reader that is done at once, and tells what was taken and what is idle', async () => {
    const taken: number[] = [];
    const queue = createOutputQueue(({ byteLength }) => taken.push(byteLength));
    const order: string[] = [];
    const reading = queue.readBy(({ byteLength }) => {
      order.push(`read ${String(byteLength)}`);
      return null;
    });
    expect(queue.push(new Uint8Array(1024 * 1024))).toBeNull();
    expect([taken, order]).toEqual([[1024 * 1024], [`read ${String(1024 * 1024)}`]]);
    await queue.idle();
    await queue.end();
    await reading;
  });

  it("keeps a copy of what has to wait: the chunk is the writer's again at once", async () => {
    const counted: string[] = [];
    const queue = createOutputQueue((chunk) => counted.push(Buffer.from(chunk).toString()));
    const chunk = Buffer.from('early');
    expect(queue.push(chunk)).toBeNull();
    chunk.fill('-');
    const read: string[] = [];
    let release: () => void = () => undefined;
    const reading = queue.readBy((piece) => {
      read.push(Buffer.from(piece).toString());
      return read.length === 2
        ? new Promise<void>((resolve) => {
            release = resolve;
          })
        : null;
    });
    for (const text of ['slow ', 'after']) {
      chunk.write(text);
      void queue.push(chunk);
      chunk.fill('-');
    }
    expect([read, counted]).toEqual([['early', 'slow '], ['early']]);
    release();
    await queue.end();
    await reading;
    expect(read).toEqual(['early', 'slow ', 'after']);
    expect(counted).toEqual(read);
  });

  it('does not wait for a reader that has gone, nor for one that never came', async () => {
    for (const leave of [
      () => {
        throw new Error('away');
      },
      () => Promise.reject(new Error('away')),
    ]) {
      const gone = createOutputQueue();
      await gone.push(Buffer.from('a'));
      await expect(gone.readBy(leave)).rejects.toThrow('away');
      expect(gone.push(new Uint8Array(1024 * 1024))).toBeNull();
      await gone.idle();
      await gone.end();
    }
    await createOutputQueue().end();
  });
});

describe('the gate', () => {
  it('lets so many in, the next when one leaves, and forgets who gave up waiting', async () => {
    const gate = createGate(1);
    const never = new AbortController().signal;
    const leave = await gate.enter(never);
    const impatient = new AbortController();
    const gaveUp = gate.enter(impatient.signal);
    let entered = false;
    const next = gate.enter(never).then((done) => {
      entered = true;
      return done;
    });
    impatient.abort();
    await expect(gaveUp).rejects.toThrow('called off');
    expect(entered).toBe(false);
    leave();
    leave();
    (await next)();
    (await gate.enter(never))();
  });
});

describe('claims', () => {
  it('are held by living daemons only', () => {
    const directory = mkdtempSync(join(tmpdir(), 'dockvisor-owners-'));
    try {
      const owners = createOwners(directory, 'mine');
      const claim = (pid: number, start: string): void => {
        writeFileSync(join(directory, 'c1'), JSON.stringify({ pid, start, identifier: 'theirs' }));
      };
      expect([owners.other('c1'), owners.knows('c1')]).toEqual([null, false]);
      claim(1, startTicksOf(1) ?? '');
      expect(owners.other('c1')).toBe('dockvisord pid 1 (theirs)');
      claim(1, 'another start');
      expect([owners.other('c1'), owners.knows('c1')]).toEqual([null, true]);
      owners.claim('c1');
      expect(owners.other('c1')).toBeNull();
      owners.release('c1');
      expect(owners.knows('c1')).toBe(false);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
