import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createOutlet, forward } from '../../src/wrap/forward.ts';
import { graceSeconds, readWrapped, stopTimeoutOf, usualGhostPolicy } from '../../src/wrap/program.ts';

describe('what is wrapped', () => {
  it('is a container by its name', () => {
    expect(readWrapped(['web'])).toEqual({ name: 'web', invocation: null });
  });

  it('or a docker command of one container', () => {
    expect(readWrapped(['docker', 'run', '--rm', '--name', 'web', 'nginx'])).toMatchObject({
      name: 'web',
      invocation: { verb: 'run', remove: true },
    });
  });

  it.each([[[]], [['-x']], [['ls', '-l']], [['docker', 'ps', '-a']], [['docker', 'start', '-a', 'a', 'b']]])(
    'and not %j',
    (words) => {
      expect(readWrapped(words)).toHaveProperty('wrong');
    },
  );
});

describe('the grace', () => {
  it('is what is said first, else 10 s; negative is for ever', () => {
    expect(graceSeconds(null, 30, 5)).toBe(30);
    expect(graceSeconds(0, 30)).toBe(0);
    expect(graceSeconds(null, null)).toBe(10);
    // setTimeout holds it.
    expect(graceSeconds(-1) * 1000 + 60_000).toBeLessThan(2 ** 31);
  });

  it("of a docker run is in the command, but not when it is the container's own", () => {
    const of = (...words: string[]): number | null => {
      const read = readWrapped(words);
      return stopTimeoutOf('name' in read ? read.invocation : null);
    };
    expect(of('docker', 'run', '--name', 'web', '--stop-timeout=30', 'nginx')).toBe(30);
    expect(of('docker', 'run', '--name', 'web', 'nginx', '--stop-timeout=30')).toBeNull();
    expect(of('docker', 'start', '-a', 'web')).toBeNull();
  });
});

it('what runs is adopted, what is paused is left alone, the rest is cleared away', () => {
  expect(['running', 'restarting', 'paused', 'exited', 'dead', null].map(usualGhostPolicy)).toEqual([
    'adopt',
    'adopt',
    'never',
    'stop',
    'stop',
    'stop',
  ]);
});

describe('output', () => {
  it('waits for who reads it', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    const outlet = createOutlet(stream);
    let done = false;
    const written = outlet.write(Buffer.from('12345678'))?.then(() => {
      done = true;
    });
    await new Promise(setImmediate);
    expect(done).toBe(false);
    expect(String(stream.read())).toBe('12345678');
    await written;
  });

  it('is dropped when the reader has gone, and the writer goes on', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    const outlet = createOutlet(stream);
    const forwarded = forward(
      {
        async readBy(take) {
          for (const text of ['12345678', 'more', 'and more']) await take(Buffer.from(text));
        },
      },
      outlet,
    );
    stream.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
    await forwarded;
    await outlet.flushed();
  });
});
