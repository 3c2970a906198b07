/** Pools over the bus, with listeners that are played by hand. */
import { describe, expect, it } from 'vitest';
import type { GroupSpec, PoolSpec } from '../../src/core/config/model.ts';
import { createListeners } from '../../src/listener/listeners.ts';
import { createBus } from '../../src/supervisor/bus.ts';
import type { Supervised } from '../../src/supervisor/supervised.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { specWith } from '../support/specs.ts';

type Answer = 'written' | 'closed';

function stage(
  pools: Readonly<Record<string, readonly string[]>>,
  events: PoolSpec['events'] = ['REMOTE_COMMUNICATION'],
) {
  const clock = createHandClock();
  const bus = createBus((error) => {
    throw error instanceof Error ? error : new Error(String(error));
  });
  const lines: string[] = [];
  const got: string[] = [];
  const deaf = new Set<string>();
  const groups = Object.entries(pools).map(([name, processes]): GroupSpec => ({
    name,
    priority: -1,
    processes: processes.map((process) => specWith({ name: process, group: name })),
    pool: { events, bufferSize: 10, results: 'ok' },
  }));
  const unitOf = (name: string): Supervised =>
    // What a pool asks of a unit is its name and its stdin.
    ({
      spec: specWith({ name }),
      write: (data: Uint8Array) => {
        const answer: Answer = deaf.has(name) ? 'closed' : 'written';
        const text = new TextDecoder().decode(data);
        if (answer === 'written')
          got.push(
            `${name} ${/ serial:(\d+)/.exec(text)?.[1] ?? ''} ${text.slice(text.indexOf('\n') + 1).replace('\n', ' ')}`,
          );
        return Promise.resolve(answer);
      },
    }) as unknown as Supervised;
  const write = (line: string): void => void lines.push(line);
  const listeners = createListeners({
    bus,
    clock,
    identifier: 'supervisor',
    log: { debug: () => undefined, warn: write, error: write },
    groupOf: (name) => groups.find((group) => group.name === name),
    unitsOf: (group) => (pools[group] ?? []).map(unitOf),
    containerOf: () => null,
  });
  for (const { name } of groups) bus.publish({ type: 'group-added', group: name });
  const groupOf = (process: string): string =>
    groups.find(({ processes }) => processes.some(({ name }) => name === process))?.name ?? '';
  const become = (process: string, to: 'STARTING' | 'RUNNING' | 'EXITED'): void => {
    const transition = {
      from: 'STOPPED',
      to,
      tries: 0,
      pid: 1,
      exit: null,
      expected: true,
      cause: '',
    } as const;
    bus.publish({ type: 'process-state', group: groupOf(process), process, transition });
  };
  const say = (process: string, text: string): void => {
    listeners.hear(groupOf(process), process, new TextEncoder().encode(text));
  };
  return {
    clock,
    listeners,
    lines,
    got,
    deaf,
    become,
    say,
    send: (data: string) => {
      bus.publish({ type: 'remote', kind: 't', data });
    },
    end: () => {
      listeners.close();
      expect(clock.armed(), 'an alarm is left armed').toBe(0);
    },
  };
}

describe('a pool', () => {
  it('gives what happened before anybody was ready, in order, and READY counts before RUNNING', () => {
    const { send, become, say, got, end } = stage({ e: ['e'] });
    for (const data of ['a', 'b']) send(data);
    become('e', 'STARTING');
    say('e', 'READY\n');
    expect(got).toEqual(['e 0 type:t a']);
    say('e', 'RESULT 2\nOKREADY\n');
    expect(got).toEqual(['e 0 type:t a', 'e 1 type:t b']);
    end();
  });

  it('delivers an event once, however many of its subscriptions it falls under', () => {
    const { send, become, say, got, end } = stage({ e: ['e'] }, ['EVENT', 'REMOTE_COMMUNICATION']);
    send('a');
    become('e', 'STARTING');
    for (let n = 0; n < 6; n += 1) say('e', n === 0 ? 'READY\n' : 'RESULT 2\nOKREADY\n');
    expect(got.filter((line) => line.endsWith('type:t a'))).toHaveLength(1);
    end();
  });

  it('delivers a rejected event again after a pause, to nobody else, and then goes on in order', () => {
    const { clock, send, become, say, got, end } = stage({ a: ['a'], b: ['b'] });
    for (const name of ['a', 'b']) {
      become(name, 'STARTING');
      say(name, 'READY\n');
    }
    for (const data of ['1', '2']) send(data);
    say('b', 'RESULT 2\nOKREADY\n');
    say('a', 'RESULT 4\nFAILREADY\n');
    expect(got).toEqual(['a 0 type:t 1', 'b 0 type:t 1', 'b 1 type:t 2']);
    clock.advance(100);
    say('a', 'RESULT 2\nOKREADY\n');
    expect(got.slice(3)).toEqual(['a 0 type:t 1', 'a 1 type:t 2']);
    end();
  });

  it('takes back what a listener had when it died, and gives it to it again', () => {
    const { send, become, say, got, end } = stage({ e: ['e'] });
    become('e', 'STARTING');
    say('e', 'READY\n');
    send('a');
    become('e', 'EXITED');
    become('e', 'STARTING');
    say('e', 'READY\n');
    expect(got).toEqual(['e 0 type:t a', 'e 0 type:t a']);
    end();
  });

  it('tries the next when the first has closed its stdin', async () => {
    const { send, become, say, got, deaf, end } = stage({ e: ['e1', 'e2'] });
    deaf.add('e1');
    for (const name of ['e1', 'e2']) {
      become(name, 'STARTING');
      say(name, 'READY\n');
    }
    send('a');
    await Promise.resolve();
    await Promise.resolve();
    expect(got).toEqual(['e2 0 type:t a']);
    end();
  });

  it('gives nothing to who broke the protocol, says so, and waits for nobody on the way down', async () => {
    const { listeners, send, become, say, got, lines, end } = stage({ e: ['e'] });
    become('e', 'STARTING');
    say('e', 'hello\n');
    send('a');
    expect(got).toEqual([]);
    expect(lines[0]).toMatch(/^e: has entered the UNKNOWN state and will no longer receive events/);
    await listeners.settle(['e']);
    end();
  });

  it('is waited for on the way down until it has heard everything, but not for ever', async () => {
    const { clock, listeners, send, become, say, end } = stage({ e: ['e'] });
    become('e', 'STARTING');
    say('e', 'READY\n');
    send('a');
    let settled = false;
    const heard = listeners.settle(['e']).then(() => (settled = true));
    await Promise.resolve();
    expect(settled).toBe(false);
    say('e', 'RESULT 2\nOK');
    await heard;
    send('b');
    const enough = listeners.settle(['e']);
    clock.advance(5000);
    await enough;
    end();
  });

  it('hears the ticks that it wants, at the multiples of five seconds', () => {
    const { clock, become, say, got, end } = stage({ e: ['e'] }, ['TICK_5']);
    become('e', 'STARTING');
    say('e', 'READY\n');
    clock.advance(5000);
    expect(got).toEqual(['e 0 when:1700000005']);
    end();
  });
});
