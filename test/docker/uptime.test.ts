import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUpSince } from '../../src/docker/uptime.ts';
import { humanDuration } from '../support/human-duration.ts';

const now = Date.UTC(2026, 10, 29);
const second = 1000;
const hour = 3600 * second;
const statusAfter = (ms: number): string => `Up ${humanDuration(ms / 1000)}`;
const isUp = (status: string, forMs: number): boolean | null => isUpSince(status, now - forMs, now, now);

describe('how long a container is up, by the list', () => {
  it('agrees with every duration that the Engine writes so', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: 0, max: 200 * second }),
          fc.integer({ min: 0, max: 100 * hour }),
          fc.integer({ min: 0, max: 30_000 * hour }),
        ),
        fc.constantFrom('', ' (Paused)', ' (health: starting)', ' (healthy)'),
        (ms, rest) => {
          expect(isUp(statusAfter(ms) + rest, ms)).toBe(true);
        },
      ),
    );
  });

  it.each([
    ['a second', 7.2 * second, 8.2 * second],
    ['a younger life', 7 * second, 50 * second],
    ['an hour', 10 * second, hour],
    ['another minute', 119 * second, 121 * second],
    ['a day', 47 * hour, 24 * hour],
  ])('tells lives apart: %s', (_what, ms, other) => {
    expect(isUp(statusAfter(ms), other)).toBe(false);
    expect(isUp(statusAfter(other), ms)).toBe(false);
  });

  it('allows for the time that the answer took', () => {
    const status = statusAfter(7 * second);
    expect(isUpSince(status, now - 6 * second, now, now + second)).toBe(true);
    expect(isUpSince(status, now - 8 * second, now - second, now)).toBe(true);
    expect(isUpSince(status, now - 5 * second, now, now + second)).toBe(false);
  });

  it.each([
    '',
    'Exited (0) 5 seconds ago',
    'Restarting (1) 2 seconds ago',
    'Created',
    'Up for ever',
    'Up 3 fortnights',
  ])('says nothing of %j', (status) => {
    expect(isUp(status, 5 * second)).toBe(null);
  });
});
