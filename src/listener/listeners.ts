/** Event listeners, all pools of them: what happens on the bus, and each tick of the clock, to everybody who wants it (supervisord.md 7). */
import { serialAfter } from '../core/events/envelope.ts';
import { eventText } from '../core/events/happening.ts';
import type { Happening } from '../core/events/happening.ts';
import { isWanted } from '../core/events/names.ts';
import type { Subscription } from '../core/events/names.ts';
import { ticksDue, untilNextTick } from '../core/events/ticks.ts';
import type { GroupSpec } from '../core/config/model.ts';
import type { Bus, BusEvent } from '../supervisor/bus.ts';
import type { Supervised } from '../supervisor/supervised.ts';
import { Pool } from './pool.ts';
import type { PoolDeps } from './pool.ts';

export interface ListenersDeps extends PoolDeps {
  readonly bus: Bus;
  readonly groupOf: (name: string) => GroupSpec | undefined;
  readonly unitsOf: (group: string) => readonly Supervised[];
  /** Name of the container that a process stands for; null: none. */
  readonly containerOf: (group: string, process: string) => string | null;
}

export interface Listeners {
  hear(group: string, process: string, chunk: Uint8Array): void;
  /** Waits, not for ever, until the listeners of these groups have heard everything. */
  settle(groups: readonly string[]): Promise<void>;
  close(): void;
}

/** How long the way down waits for listeners to hear what has happened, in ms. */
const settleMs = 2000;

export function createListeners(deps: ListenersDeps): Listeners {
  const { bus, clock } = deps;
  /** The daemon's counter of events. */
  let serial: bigint | null = null;
  const pools = new Map<string, { readonly pool: Pool; readonly wants: ReadonlySet<Subscription> }>();

  function tell(happening: Happening): void {
    const text = eventText(happening);
    const takers = [...pools.values()].filter(({ wants }) => isWanted(text.name, wants));
    if (takers.length === 0) return;
    serial = serialAfter(serial);
    for (const { pool } of takers) pool.accept(text, serial);
  }

  function add(name: string): void {
    const group = deps.groupOf(name);
    if (group?.pool === undefined) return;
    const pool = new Pool(group, group.pool, deps.unitsOf(name), deps);
    pools.set(name, { pool, wants: new Set(group.pool.events) });
  }

  function remove(name: string): void {
    pools.get(name)?.pool.close();
    pools.delete(name);
  }

  const unsubscribe = bus.subscribe((event) => {
    // A pool sees that it was added, and not that it was removed.
    if (event.type === 'group-added') add(event.group);
    if (event.type === 'group-removed') remove(event.group);
    const happening = happeningOf(event, deps);
    if (happening !== null) tell(happening);
    if (event.type === 'process-state')
      pools.get(event.group)?.pool.changed(event.process, event.transition.to);
  });

  let seen = clock.wall();
  let disarm = (): void => undefined;
  const arm = (): void => {
    disarm = clock.alarm(clock.now() + untilNextTick(clock.wall()), () => {
      const now = clock.wall();
      const due = ticksDue(seen, now);
      seen = now;
      arm();
      due.forEach(tell);
    });
  };
  arm();

  return {
    hear(group, process, chunk) {
      pools.get(group)?.pool.hear(process, chunk);
    },
    async settle(groups) {
      const waiting = groups.flatMap((name) => pools.get(name)?.pool.settled() ?? []);
      if (waiting.length === 0) return;
      let enough = (): void => undefined;
      const limit = new Promise<void>((resolve) => {
        enough = clock.alarm(clock.now() + settleMs, resolve);
      });
      await Promise.race([Promise.all(waiting), limit]);
      enough();
    },
    close() {
      unsubscribe();
      disarm();
      for (const name of [...pools.keys()]) remove(name);
    },
  };
}

/** null: nothing that listeners are told. */
function happeningOf(event: BusEvent, deps: ListenersDeps): Happening | null {
  switch (event.type) {
    case 'process-state':
      return { ...event, container: deps.containerOf(event.group, event.process) };
    case 'process-output':
      return { ...event, type: 'process-log' };
    case 'process-message':
      return { ...event, type: 'process-communication' };
    case 'group-added':
    case 'group-removed':
      return { type: event.type, group: event.group };
    case 'supervisor-state':
    case 'remote':
      return event;
    case 'spawned':
    case 'killing':
    case 'ghost':
    case 'placed':
    case 'order':
      return null;
  }
}
