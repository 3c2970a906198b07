/** Names, payloads, headers, ticks and queues: supervisord's texts to the byte. */
import { describe, expect, it } from 'vitest';
import { codePoints, envelope, serialAfter } from '../../../src/core/events/envelope.ts';
import { bootBuffer, EventQueue, rejectionPauseMs } from '../../../src/core/events/event-queue.ts';
import type { PoolEvent } from '../../../src/core/events/event-queue.ts';
import { eventText } from '../../../src/core/events/happening.ts';
import type { Happening } from '../../../src/core/events/happening.ts';
import { eventNames, isSubscription, isWanted, subscribable } from '../../../src/core/events/names.ts';
import type { Subscription } from '../../../src/core/events/names.ts';
import { payloadText } from '../../../src/core/events/payload-text.ts';
import { ticksDue, untilNextTick } from '../../../src/core/events/ticks.ts';
import type { Transition } from '../../../src/core/unit/types.ts';

const change = (of: Partial<Transition> & Pick<Transition, 'from' | 'to'>): Transition => ({
  tries: 0,
  pid: 0,
  exit: null,
  expected: true,
  cause: '',
  ...of,
});
const state = (of: Parameters<typeof change>[0], container: string | null = null) =>
  eventText({ type: 'process-state', group: 'g', process: 'p', transition: change(of), container });
const payloadOf = (happening: Happening): string => eventText(happening).payload;

describe('the tree of events', () => {
  it('has all that supervisord has', () => {
    expect(eventNames).toHaveLength(20);
    expect(subscribable).toHaveLength(27);
    expect(isSubscription('PROCESS_STATE')).toBe(true);
    expect(isSubscription('process_state')).toBe(false);
  });
  it('who subscribes to a parent gets its children, and nobody else', () => {
    const wants = (name: Subscription) => eventNames.filter((event) => isWanted(event, new Set([name])));
    expect(wants('EVENT')).toEqual(eventNames);
    expect(wants('TICK')).toEqual(['TICK_5', 'TICK_60', 'TICK_3600']);
    expect(wants('TICK_60')).toEqual(['TICK_60']);
    expect(wants('SUPERVISOR_STATE_CHANGE')).toHaveLength(2);
    expect(wants('REMOTE_COMMUNICATION')).toEqual(['REMOTE_COMMUNICATION']);
  });
});

describe('payloads', () => {
  it("are supervisord's for every state", () => {
    expect(state({ from: 'STOPPED', to: 'STARTING', tries: 2 })).toEqual({
      name: 'PROCESS_STATE_STARTING',
      payload: 'processname:p groupname:g from_state:STOPPED tries:2',
    });
    const tail = (of: Parameters<typeof change>[0]) => state(of).payload.replace(/^.* from_state:/, '');
    expect(tail({ from: 'STARTING', to: 'BACKOFF', tries: 1, pid: 9 })).toBe('STARTING tries:1');
    expect(tail({ from: 'STARTING', to: 'RUNNING', pid: 9 })).toBe('STARTING pid:9');
    expect(tail({ from: 'RUNNING', to: 'STOPPING', pid: 9 })).toBe('RUNNING pid:9');
    expect(tail({ from: 'BACKOFF', to: 'STOPPED' })).toBe('BACKOFF pid:0');
    expect(tail({ from: 'RUNNING', to: 'EXITED', pid: 9, expected: false })).toBe('RUNNING expected:0 pid:9');
    expect(tail({ from: 'BACKOFF', to: 'FATAL' })).toBe('BACKOFF');
    expect(tail({ from: 'RUNNING', to: 'UNKNOWN', pid: 9 })).toBe('RUNNING');
  });
  it("of a container say it after supervisord's own words, and how it ended where that is known", () => {
    const exit = { kind: 'code', code: 137, oomKilled: true } as const;
    expect(state({ from: 'RUNNING', to: 'EXITED', pid: 9, expected: false, exit }, 'web').payload).toBe(
      'processname:p groupname:g from_state:RUNNING expected:0 pid:9 container:web exit_code:137 oom_killed:1',
    );
    expect(state({ from: 'STARTING', to: 'RUNNING', pid: 9 }, 'web').payload).toMatch(
      / pid:9 container:web$/,
    );
    const unseen = { kind: 'unknown', reason: 'x' } as const;
    expect(state({ from: 'RUNNING', to: 'EXITED', exit: unseen }, 'web').payload).toMatch(/ container:web$/);
  });
  it('of everything else are supervisord’s', () => {
    const output = {
      group: 'g',
      process: 'p',
      pid: 3,
      channel: 'stderr',
      data: Buffer.from('a\nb'),
    } as const;
    expect(eventText({ type: 'process-log', ...output })).toEqual({
      name: 'PROCESS_LOG_STDERR',
      payload: 'processname:p groupname:g pid:3 channel:stderr\na\nb',
    });
    expect(eventText({ type: 'process-communication', ...output })).toEqual({
      name: 'PROCESS_COMMUNICATION_STDERR',
      payload: 'processname:p groupname:g pid:3\na\nb',
    });
    expect(payloadOf({ type: 'remote', kind: 'té', data: 'd€' })).toBe('type:té\nd€');
    expect(payloadOf({ type: 'group-added', group: 'el' })).toBe('groupname:el\n');
    expect(payloadOf({ type: 'supervisor-state', state: 'RUNNING' })).toBe('');
    expect(payloadOf({ type: 'tick', period: 5, when: 1700000005 })).toBe('when:1700000005');
  });
  it('that are no UTF-8 are told as Python writes bytes', () => {
    expect(payloadText(Uint8Array.of(0xc3, 0xa9))).toBe('é');
    expect(payloadText(Buffer.from([0xff, 10, 39, 92, 65]))).toBe(`Undecodable: b"\\xff\\n'\\\\A"`);
    expect(payloadText(Buffer.from([0xff, 39, 34]))).toBe(`Undecodable: b'\\xff\\'"'`);
  });
});

describe('the header', () => {
  it('counts characters, not bytes and not halves of characters', () => {
    const address = { server: 's', pool: 'p', serial: 7n, poolSerial: 0n };
    expect(envelope({ name: 'REMOTE_COMMUNICATION', payload: 'type:té\nd€' }, address)).toBe(
      'ver:3.0 server:s serial:7 pool:p poolserial:0 eventname:REMOTE_COMMUNICATION len:10\ntype:té\nd€',
    );
    expect(codePoints('a😀')).toBe(2);
  });
  it('has serials from 0, which begin again after the largest', () => {
    expect([serialAfter(null), serialAfter(0n), serialAfter(2n ** 63n - 1n)]).toEqual([0n, 1n, 0n]);
  });
});

describe('ticks', () => {
  it('come at the multiples of their period, once, and none is made up for', () => {
    const at = (seconds: number) => seconds * 1000;
    expect(ticksDue(at(3), at(4.9))).toEqual([]);
    expect(ticksDue(at(4.9), at(5.1))).toEqual([{ type: 'tick', period: 5, when: 5 }]);
    expect(ticksDue(at(3599), at(3600)).map((tick) => 'period' in tick && tick.period)).toEqual([
      5, 60, 3600,
    ]);
    expect(ticksDue(at(1), at(31))).toEqual([{ type: 'tick', period: 5, when: 30 }]);
    expect([untilNextTick(at(4.9)), untilNextTick(at(5))]).toEqual([100, 5000]);
  });
});

describe('the queue of a pool', () => {
  const event = (n: number): PoolEvent => ({
    name: 'TICK_5',
    payload: '',
    serial: BigInt(n),
    poolSerial: BigInt(n),
  });
  const serialsOf = (queue: EventQueue): number[] => {
    const all: number[] = [];
    for (let next = queue.take(); next !== null; next = queue.take()) all.push(Number(next.serial));
    return all;
  };
  /** A queue that has been read once: the boot is over for it. */
  const booted = (size: number): EventQueue => {
    const queue = new EventQueue(size);
    queue.append(event(-1));
    queue.take();
    return queue;
  };

  it('throws away the oldest when it is full', () => {
    const queue = booted(2);
    expect([1, 2, 3].map((n) => queue.append(event(n))?.serial ?? null)).toEqual([null, null, 1n]);
    expect(serialsOf(queue)).toEqual([2, 3]);
  });
  it('has what is given back in front; when it is full, the next one goes', () => {
    const queue = booted(2);
    for (const n of [2, 3]) queue.append(event(n));
    expect(queue.putBack(event(1))?.serial).toBe(2n);
    expect(serialsOf(queue)).toEqual([1, 3]);
  });
  it('keeps what happened at the boot until somebody has read it down to its buffer', () => {
    const queue = new EventQueue(10);
    for (let n = 0; n < 100; n += 1) expect(queue.append(event(n))).toBeNull();
    expect([queue.limit, queue.take()?.serial, queue.limit]).toEqual([bootBuffer, 0n, bootBuffer]);
    expect(serialsOf(queue)).toHaveLength(99);
    expect(queue.limit).toBe(10);
  });
  it('after a rejection waits longer and longer, but not for ever', () => {
    expect([1, 2, 3, 100].map(rejectionPauseMs)).toEqual([100, 200, 400, 5000]);
  });
});
