/** What the link makes of the Engine's event stream over a gap. */
import { afterEach, expect, it } from 'vitest';
import type { Engine } from '../../src/docker/engine.ts';
import type { ContainerEvent } from '../../src/docker/events.ts';
import { createLink } from '../../src/docker/link.ts';
import type { EngineLink } from '../../src/docker/link.ts';
import { createReplay } from '../../src/docker/replay.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { quietLog } from '../support/quiet-log.ts';

let link: EngineLink | null = null;
afterEach(() => link?.close());

const event = (action: string, time: string): ContainerEvent => ({
  action,
  id: 'a1',
  name: 'web',
  labels: {},
  exitCode: action === 'die' ? 0 : null,
  time,
});

/** An Engine that tells these events, one list for each connection, and cuts the stream after each but the last. Resolves with what was heard. */
async function hear(
  connections: readonly (readonly ContainerEvent[])[],
): Promise<{ readonly heard: string[]; readonly asked: (string | null)[] }> {
  const heard: string[] = [];
  const asked: (string | null)[] = [];
  let told: () => void = () => undefined;
  const allTold = new Promise<void>((resolve) => {
    told = resolve;
  });
  const engine: Engine = {
    ...createFakeEngine(),
    events(since, _signal, take) {
      const events = connections[asked.length] ?? [];
      asked.push(since);
      for (const one of events) take(one);
      if (asked.length < connections.length) return Promise.resolve({ ended: Promise.resolve('cut') });
      return Promise.resolve({ ended: new Promise<string>(() => undefined) });
    },
  };
  link = createLink(engine, quietLog);
  link.listen({
    event: ({ action, time }) => heard.push(`${action} ${time}`),
    // After each connection: what came with it has been told by then.
    compare() {
      if (asked.length === connections.length) told();
    },
    down: () => undefined,
  });
  await allTold;
  return { heard, asked };
}

it('asks for what came since the last event, and tells that one once', async () => {
  const { heard, asked } = await hear([
    [event('start', '10.000000001')],
    [event('start', '10.000000001'), event('die', '11.000000000')],
  ]);
  expect(asked).toEqual([null, '10.000000001']);
  expect(heard).toEqual(['start 10.000000001', 'die 11.000000000']);
});

it('tells nothing twice of what an Engine whose clock was set back tells again', async () => {
  const before = [event('start', '5000.000000001'), event('die', '5000.900000000')];
  const after = event('start', '10.000000001');
  const { heard } = await hear([
    [...before, after],
    [...before, after, event('pause', '12.000000000')],
  ]);
  expect(heard).toEqual([
    'start 5000.000000001',
    'die 5000.900000000',
    'start 10.000000001',
    'pause 12.000000000',
  ]);
});

it('leaves out what was before its own time, too: it comes before the last event, whatever its time', async () => {
  const last = event('start', '10.000000001');
  const { heard } = await hear([[last], [event('die', '5000.000000000'), last, event('pause', '12.0')]]);
  expect(heard).toEqual(['start 10.000000001', 'pause 12.0']);
});

it('hears all of an Engine that was restarted, and does not know the last event any more', async () => {
  const { heard } = await hear([
    [event('start', '10.000000001')],
    [event('die', '11.000000000'), event('start', '12.000000000')],
  ]);
  expect(heard).toEqual(['start 10.000000001', 'die 11.000000000', 'start 12.000000000']);
});

it('two events of one instant are two', async () => {
  const { heard } = await hear([
    [event('kill', '10.000000001')],
    [event('kill', '10.000000001'), event('die', '10.000000001')],
  ]);
  expect(heard).toEqual(['kill 10.000000001', 'die 10.000000001']);
});

it('holds back no more than an Engine keeps', () => {
  const replay = Array.from({ length: 255 }, (_, index) =>
    event('start', `11.${String(index).padStart(9, '0')}`),
  );
  const heard: string[] = [];
  const { take } = createReplay('10.0 start a1', ({ time }) => heard.push(time));
  replay.forEach(take);
  expect(heard).toEqual([]);
  take(event('start', '12.0'));
  take(event('start', '13.0'));
  expect(heard).toHaveLength(257);
});
