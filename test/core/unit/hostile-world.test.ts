import { supervisordBackoff } from '../../../src/core/unit/backoff.ts';
import { describe, expect, it } from 'vitest';
import { machine, step, stepBy } from '../../../src/core/unit/machine.ts';
import type { Table } from '../../../src/core/unit/machine.ts';
import { newUnit } from '../../../src/core/unit/types.ts';
import type { Event, Policy, Unit } from '../../../src/core/unit/types.ts';
import { playHistory, search } from '../../support/hostile-world.ts';
import type { StepFunction } from '../../support/hostile-world.ts';

// The long run: DOCKVISOR_SEEDS=100000.
const seeds = Number(process.env['DOCKVISOR_SEEDS'] ?? 3000);

describe('in a hostile world', () => {
  it(
    'keeps its promises in every history, and the histories reach every cell',
    () => {
      const visited = new Set<string>();
      expect(search(step, seeds, visited)).toBeNull();
      const cells = Object.entries(machine).flatMap(([state, row]) =>
        Object.keys(row).map((event) => `${state}.${event}`),
      );
      expect(cells.filter((cell) => !visited.has(cell))).toEqual([]);
    },
    30_000 + seeds,
  );

  it('is the same unit after its events have gone through JSON', () => {
    const log: Event[] = [];
    const recording: StepFunction = (unit, event, policy) => {
      log.push(event);
      return step(unit, event, policy);
    };
    playHistory(7, recording, new Set());
    const policy: Policy = {
      startMs: 1000,
      startRetries: 3,
      backoff: { ...supervisordBackoff, seed: 'x' },
      autorestart: 'unexpected',
      exitCodes: [0],
      stopWaitMs: 1000,
      awaitReady: false,
    };
    const fold = (events: readonly Event[]): Unit =>
      events.reduce((unit, event) => step(unit, event, policy).unit, newUnit);
    expect(fold(JSON.parse(JSON.stringify(log)) as Event[])).toEqual(fold(log));
  });
});

type Any = (unit: Unit, ...rest: never[]) => unknown;
/** A table with one cell changed; the cast is what the seeding is for: the compiler would refuse most of these. */
function spoilt(state: keyof Table, event: string, cell: Any): Table {
  return { ...machine, [state]: { ...machine[state], [event]: cell } };
}
const stay: Any = (unit) => ({ unit, effects: [] });
const to =
  (state: Record<string, unknown>): Any =>
  (unit) => ({ unit: { ...unit, state }, effects: [] });

describe('faults that are seeded are found', () => {
  const faults: readonly (readonly [string, Table])[] = [
    ['an exit while running is not heard', spoilt('RUNNING', 'exited', stay)],
    ['an exit while starting is not heard', spoilt('STARTING', 'exited', stay)],
    ['an exit while stopping is not heard', spoilt('STOPPING', 'exited', stay)],
    ['an exit while unknown is not heard', spoilt('UNKNOWN', 'exited', stay)],
    ['STOPPED is said when the stop is asked for', spoilt('RUNNING', 'stop', to({ name: 'STOPPED' }))],
    ['STOPPED is said while STARTING', spoilt('STARTING', 'stop', to({ name: 'STOPPED' }))],
    ['a kill is taken for an end', spoilt('STOPPING', 'deadline', to({ name: 'STOPPED' }))],
    ['losing the Engine is taken for an end', spoilt('RUNNING', 'lost', to({ name: 'EXITED' }))],
    [
      'losing the Engine while stopping is taken for an end',
      spoilt('STOPPING', 'lost', to({ name: 'STOPPED' })),
    ],
    ['a launch is forgotten when a stop comes', spoilt('LAUNCHING', 'stop', to({ name: 'STOPPED' }))],
    [
      'a cancelled launch that came up is left running',
      spoilt('CANCELLING', 'spawned', to({ name: 'STOPPED' })),
    ],
    ['a stop while unknown is forgotten', spoilt('UNKNOWN', 'stop', stay)],
    ['UNKNOWN gives up on what runs', spoilt('UNKNOWN', 'found', to({ name: 'FATAL' }))],
    ['what appeared is launched a second time', spoilt('RUNNING', 'appeared', machine.STOPPED.start)],
    ['a start while running launches again', spoilt('RUNNING', 'start', machine.STOPPED.start)],
    ['a start while stopping launches beside it', spoilt('STOPPING', 'start', machine.STOPPED.start)],
    ['a stop in BACKOFF does not stop the retries', spoilt('BACKOFF', 'stop', stay)],
    ['a stop before a restart does not hold', spoilt('RESTARTING', 'stop', stay)],
    [
      'RUNNING is said when spawned',
      spoilt('LAUNCHING', 'spawned', (unit: Unit, s: never, e: never, p: Policy) =>
        machine.LAUNCHING.spawned(unit, s, e, { ...p, startMs: 0 }),
      ),
    ],
    [
      'RUNNING is said before it was ready',
      spoilt('LAUNCHING', 'spawned', (unit: Unit, s: never, e: never, p: Policy) =>
        machine.LAUNCHING.spawned(unit, s, e, { ...p, awaitReady: false }),
      ),
    ],
    [
      'a launch that was lost and found is taken for ready',
      spoilt('UNKNOWN', 'found', (unit: Unit, s: never, e: never, p: Policy) =>
        machine.UNKNOWN.found(unit, s, e, { ...p, awaitReady: false }),
      ),
    ],
    ['an exit before it was ready is not heard', spoilt('WAITING', 'exited', stay)],
    [
      'a lost launch is told as failed',
      spoilt('LAUNCHING', 'lost', to({ name: 'BACKOFF', after: 0, until: 0 })),
    ],
    [
      'signals go to what is not up',
      spoilt('LAUNCHING', 'signal', (unit: Unit, s: { run: number }) => ({
        unit,
        effects: [{ do: 'signal', run: s.run, signal: 'HUP' }],
      })),
    ],
  ];
  it.each(faults)('%s', (_name, table) => {
    expect(search((unit, event, policy) => stepBy(table, unit, event, policy), 2000)).not.toBeNull();
  });
});
