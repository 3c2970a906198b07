/**
 * An Engine in memory, for speed and for faults that cannot be had for real. Held to the real one by `test/contract/engine.ts`.
 * Time is real, but everything that need not take time takes none.
 */
import { Duplex, Readable } from 'node:stream';
import type { ContainerEnd, Engine, ListedContainer } from '../../src/docker/engine.ts';
import { EngineError } from '../../src/docker/engine-error.ts';
import type { ContainerEvent } from '../../src/docker/events.ts';
import type { ContainerFacts } from '../../src/docker/facts.ts';
import type { Behaviour } from './behaviour.ts';
import { humanDuration } from './human-duration.ts';

interface Container {
  facts: ContainerFacts;
  readonly behaviour: Behaviour;
  readonly attached: Set<Duplex>;
  readonly log: Entry[];
  /** Each with the time that it wants nothing older than: as with Engine 20.10, that holds for what is still to come. */
  readonly followers: Map<Readable, string>;
  timers: NodeJS.Timeout[];
  ended: (() => void)[];
  /** Somebody asked the Engine for its end: its restart policy is called off. */
  endAsked: boolean;
  /** In a row, by its restart policy. */
  restarts: number;
}

/** Where the fake's time comes from: the simulation has its own. */
export interface Timers {
  setTimeout(ring: () => void, ms: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout): void;
}

/** One line of a container's log. */
interface Entry {
  readonly channel: 1 | 2;
  readonly stamp: string;
  readonly text: string;
}

export interface FakeEngine extends Engine {
  create(name: string, behaviour: Behaviour, change?: Partial<ContainerFacts>): string;
  /** Nothing answers any more, until `comeBack`; containers live on. */
  goAway(reason: string): void;
  comeBack(): void;
  /** Calls are accepted and never answered. */
  hang(): void;
  /** Somebody else's act, with its events. */
  pause(ref: string): void;
  rename(ref: string, name: string): void;
  oomKill(ref: string): void;
  /** Its main process ends by itself, or by somebody who did not ask the Engine. */
  die(ref: string, exitCode: number): void;
  /** Its attached sockets are cut; who held them sees a premature end. */
  cutAttachments(ref: string): void;
  /** Everything that there is, as it is now: nobody is asked. */
  peek(): readonly ContainerFacts[];
  /** How many lines each life of a `numbered` container has said, by LIFE; on stderr by LIFE and `e`. */
  readonly said: ReadonlyMap<string, number>;
  /** How often each call was made. */
  readonly calls: Map<string, number>;
}

const clockSetBackNanos = 1_000_000_000n;
/** Pause before the first restart by policy; dockerd doubles it each time, up to a minute. */
const firstRestartMs = 100;
const longestRestartMs = 60_000;

export function createFakeEngine(timers: Timers = globalThis): FakeEngine {
  const containers = new Map<string, Container>();
  /** The last end of each, also of what has been removed. */
  const deaths = new Map<string, ContainerEnd>();
  const listeners = new Set<(event: ContainerEvent) => void>();
  const streams = new Set<(reason: string) => void>();
  const calls = new Map<string, number>();
  const said = new Map<string, number>();
  let away: string | null = null;
  let hanging = false;
  let serial = 0;
  let lastNanos = 0n;
  let stamps = 0;

  /**
   * Strictly rising, as dockerd's own stamps are in practice, until somebody sets the clock back; then, too, none comes twice: a clock of
   * nanoseconds is never in step with itself.
   */
  function stampNanos(): bigint {
    const now = BigInt(Date.now()) * 1_000_000n + BigInt((stamps++ * 7919) % 500_000);
    const isSetBack = lastNanos - now > clockSetBackNanos;
    lastNanos = now > lastNanos || isSetBack ? now : lastNanos + 1n;
    return lastNanos;
  }
  const isoOf = (nanos: bigint): string =>
    new Date(Number(nanos / 1_000_000n))
      .toISOString()
      .replace(/\.\d+Z$/, `.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`);

  const statusOf = ({ alive, state, startedAt }: ContainerFacts): string => {
    if (!alive) return state;
    const up = humanDuration((Date.now() - Date.parse(startedAt)) / 1000);
    return `Up ${up}${state === 'paused' ? ' (Paused)' : ''}`;
  };

  async function answer<T>(name: string, give: () => T | Promise<T>): Promise<T> {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    if (hanging) await new Promise<never>(() => undefined);
    await Promise.resolve();
    if (away !== null) throw new EngineError('unavailable', name, away, null);
    return give();
  }

  function find(ref: string): Container | undefined {
    return containers.get(ref) ?? [...containers.values()].find(({ facts }) => facts.name === ref);
  }

  function get(ref: string): Container {
    const found = find(ref);
    if (found === undefined) throw new EngineError('not-found', 'find', `No such container: ${ref}`, null);
    return found;
  }

  function change(container: Container, facts: Partial<ContainerFacts>): void {
    const next = { ...container.facts, ...facts };
    container.facts = { ...next, alive: next.state === 'running' || next.state === 'paused' };
  }

  function tell(
    container: Container,
    action: string,
    exitCode: number | null = null,
    labels: Record<string, string> = {},
  ): void {
    const nanos = stampNanos();
    const event: ContainerEvent = {
      action,
      id: container.facts.id,
      name: container.facts.name,
      labels: { ...container.facts.labels, name: container.facts.name, ...labels },
      exitCode,
      time: `${String(nanos / 1_000_000_000n)}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`,
    };
    if (away === null && !hanging) for (const listener of [...listeners]) listener(event);
  }

  function frame(container: Container, channel: 1 | 2, text: string): Buffer {
    const data = Buffer.from(text);
    const header = Buffer.alloc(8);
    header[0] = channel;
    header.writeUInt32BE(data.byteLength, 4);
    return container.facts.tty ? data : Buffer.concat([header, data]);
  }
  const asLogged = (container: Container, { channel, stamp, text }: Entry): Buffer =>
    frame(container, channel, `${stamp} ${text}`);

  function write(container: Container, channel: 1 | 2, text: string): void {
    for (const stream of container.attached) stream.push(frame(container, channel, text));
    for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      const entry = { channel, stamp: isoOf(stampNanos()), text: line };
      container.log.push(entry);
      for (const [follower, since] of container.followers)
        if (entry.stamp >= since) follower.push(asLogged(container, entry));
    }
  }

  function end(container: Container, exitCode: number, oomKilled = false): void {
    if (!container.facts.alive) return;
    clearTimers(container);
    const again = !container.endAsked && restartsAfter(container.facts.restartPolicy, exitCode);
    change(container, {
      state: again ? 'restarting' : 'exited',
      pid: 0,
      exitCode,
      oomKilled,
      finishedAt: isoOf(stampNanos()),
    });
    for (const stream of [...container.attached, ...container.followers.keys()]) stream.push(null);
    container.attached.clear();
    container.followers.clear();
    if (oomKilled) tell(container, 'oom');
    tell(container, 'die', exitCode);
    deaths.set(container.facts.id, { exitCode, at: Date.now() });
    for (const resolve of container.ended.splice(0)) resolve();
    if (again) {
      const pauseMs = Math.min(firstRestartMs * 2 ** container.restarts++, longestRestartMs);
      after(container, pauseMs, () => {
        begin(container);
      });
    } else if (container.facts.autoRemove) {
      containers.delete(container.facts.id);
      tell(container, 'destroy');
    }
  }

  function after(container: Container, ms: number, ring: () => void): void {
    container.timers.push(timers.setTimeout(ring, ms));
  }

  function clearTimers(container: Container): void {
    for (const timer of container.timers) timers.clearTimeout(timer);
    container.timers = [];
  }

  function begin(container: Container): void {
    change(container, {
      state: 'running',
      pid: 100_000 + ++serial,
      startedAt: isoOf(stampNanos()),
      error: '',
      oomKilled: false,
      exitCode: 0,
    });
    container.endAsked = false;
    tell(container, 'start');
    behave(container);
  }

  function sayNumber(container: Container): number {
    const life = String(container.facts.pid);
    const count = (key: string): number => said.get(key) ?? 0;
    const all = count(life) + count(`${life}e`) + 1;
    const every = container.behaviour.kind === 'numbered' ? container.behaviour.errorEvery : undefined;
    const isError = every !== undefined && all % every === 0;
    const key = isError ? `${life}e` : life;
    said.set(key, count(key) + 1);
    write(container, isError ? 2 : 1, `${life}:${isError ? 'e' : ''}${String(count(key))}\n`);
    return all;
  }

  function sayNumbers(container: Container, behaviour: Behaviour & { kind: 'numbered' }): void {
    if (container.facts.state !== 'paused' && sayNumber(container) === behaviour.lines) {
      // Not in the same breath: whoever started it is told first.
      after(container, 0, () => {
        end(container, behaviour.code);
      });
      return;
    }
    after(container, behaviour.everyMs, () => {
      sayNumbers(container, behaviour);
    });
  }

  function behave(container: Container): void {
    const { behaviour } = container;
    if (behaviour.kind === 'numbered') sayNumbers(container, behaviour);
    if (behaviour.kind === 'well-behaved' || behaviour.kind === 'deaf') write(container, 1, 'ready\n');
    if (behaviour.kind === 'exits') {
      if (behaviour.stdout !== '') write(container, 1, behaviour.stdout);
      if (behaviour.stderr !== '') write(container, 2, behaviour.stderr);
      after(container, behaviour.afterMs, () => {
        end(container, behaviour.code);
      });
    }
    if (behaviour.kind === 'loud') {
      const line = `${'x'.repeat(99)}\n`;
      for (let written = 0; written < behaviour.lines; written += 1000) {
        write(container, 1, line.repeat(Math.min(1000, behaviour.lines - written)));
      }
      after(container, 0, () => {
        end(container, 0);
      });
    }
  }

  function signal(container: Container, name: string): void {
    container.endAsked = true;
    tell(container, 'kill');
    if (container.facts.state === 'paused') {
      change(container, { state: 'running' });
      tell(container, 'unpause');
    }
    if (name === 'KILL') end(container, 137);
    else if (name === 'TERM') terminate(container);
  }

  function terminate(container: Container): void {
    const { behaviour } = container;
    if (behaviour.kind === 'well-behaved') end(container, 0);
    if (behaviour.kind !== 'numbered' || behaviour.lingerMs === null) return;
    after(container, behaviour.lingerMs, () => {
      if (container.facts.state === 'running') sayNumber(container);
      end(container, 0);
    });
  }

  /** A restart by policy that has not come yet is called off: no event tells of that. */
  function callOffRestart(container: Container): void {
    if (container.facts.state !== 'restarting') return;
    clearTimers(container);
    change(container, { state: 'exited' });
  }

  return {
    name: 'fake://engine',
    apiVersion: '1.41',
    local: false,
    calls,
    negotiate: () => answer('negotiate', () => undefined),
    list: () =>
      answer('list', () =>
        [...containers.values()].map(({ facts }): ListedContainer => ({
          id: facts.id,
          names: [facts.name],
          state: facts.state,
          status: statusOf(facts),
          labels: facts.labels,
        })),
      ),
    inspect: (ref) => answer('inspect', () => find(ref)?.facts ?? null),
    start: (ref) =>
      answer('start', () => {
        const container = get(ref);
        if (container.facts.state === 'running' || container.facts.state === 'restarting') return;
        if (container.facts.state === 'paused' || container.facts.state === 'dead') {
          throw new EngineError(
            'conflict',
            'start',
            `cannot start a ${container.facts.state} container`,
            null,
          );
        }
        if (container.behaviour.kind === 'missing') {
          const error = 'exec: "/no/such/program": stat /no/such/program: no such file or directory: unknown';
          change(container, { error, exitCode: 127 });
          throw new EngineError('invalid', 'start', error, null);
        }
        container.restarts = 0;
        begin(container);
      }),
    stop: (ref, graceMs) =>
      answer('stop', async () => {
        const container = find(ref);
        if (container !== undefined) callOffRestart(container);
        if (container === undefined || !container.facts.alive) return;
        const gone = new Promise<void>((resolve) => container.ended.push(resolve));
        signal(container, 'TERM');
        if (!container.facts.alive) return;
        after(container, Math.ceil(graceMs / 1000) * 1000, () => {
          signal(container, 'KILL');
        });
        await gone;
      }),
    kill: (ref, name) =>
      answer('kill', () => {
        const container = find(ref);
        if (container === undefined || !container.facts.alive) return 'gone';
        signal(container, name);
        return 'sent';
      }),
    unpause: (ref) =>
      answer('unpause', () => {
        const container = get(ref);
        if (container.facts.state !== 'paused')
          throw new EngineError('unknown', 'unpause', 'is not paused', null);
        change(container, { state: 'running' });
        tell(container, 'unpause');
      }),
    disableRestartPolicy: (ref) =>
      answer('update', () => {
        change(get(ref), { restartPolicy: 'no' });
      }),
    remove: (ref, force) =>
      answer('remove', () => {
        const container = find(ref);
        if (container === undefined) return;
        if (container.facts.alive && !force) throw new EngineError('conflict', 'remove', 'is running', null);
        callOffRestart(container);
        container.endAsked = true;
        end(container, 137);
        containers.delete(container.facts.id);
        tell(container, 'destroy');
      }),
    attach: (ref) =>
      answer('attach', () => {
        const container = get(ref);
        if (container.facts.state === 'paused' || container.facts.state === 'restarting') {
          throw new EngineError('conflict', 'attach', `is ${container.facts.state}`, null);
        }
        const stream = new Duplex({
          read: () => undefined,
          write: (_chunk, _encoding, done) => {
            done();
          },
        });
        container.attached.add(stream);
        stream.once('close', () => container.attached.delete(stream));
        return stream;
      }),
    attachStdin: (ref) =>
      answer('attachStdin', () => {
        get(ref);
        return new Duplex({
          read: () => undefined,
          write: (_chunk, _encoding, done) => {
            done();
          },
        });
      }),
    logs: (ref, { since, follow, tail }) =>
      answer('logs', () => {
        const container = get(ref);
        const entries = container.log.filter(({ stamp }) => stamp >= since).slice(tail === null ? 0 : -tail);
        const stream = new Readable({ read: () => undefined });
        for (const entry of entries) stream.push(asLogged(container, entry));
        if (!follow || !container.facts.alive) stream.push(null);
        else {
          container.followers.set(stream, since);
          stream.once('close', () => container.followers.delete(stream));
        }
        return stream;
      }),
    endOf: (id) => answer('events', () => deaths.get(id) ?? null),
    events: (_since, abort, take) =>
      answer('events', () => {
        listeners.add(take);
        const ended = new Promise<string>((resolve) => {
          const stop = (reason: string): void => {
            listeners.delete(take);
            streams.delete(stop);
            resolve(reason);
          };
          streams.add(stop);
          abort.addEventListener(
            'abort',
            () => {
              stop('aborted');
            },
            { once: true },
          );
        });
        return { ended };
      }),
    create(name, behaviour, facts = {}) {
      const id = String(++serial).padStart(64, '0');
      const state = facts.state ?? 'created';
      containers.set(id, {
        behaviour,
        attached: new Set(),
        log: [],
        followers: new Map(),
        timers: [],
        ended: [],
        endAsked: false,
        restarts: 0,
        facts: {
          id,
          name,
          image: 'fake',
          state,
          pid: state === 'running' || state === 'paused' ? 100_000 + serial : 0,
          exitCode: 0,
          oomKilled: false,
          startedAt: state === 'created' ? '' : isoOf(stampNanos()),
          finishedAt: '',
          error: '',
          health: 'none',
          restartPolicy: 'no',
          tty: false,
          openStdin: false,
          stopSignal: 'TERM',
          stopTimeout: null,
          autoRemove: false,
          labels: {},
          ...facts,
          alive: state === 'running' || state === 'paused',
        },
      });
      const made = containers.get(id);
      if (made !== undefined && state === 'running' && behaviour.kind === 'numbered') behave(made);
      return id;
    },
    goAway(reason) {
      away = reason;
      for (const stop of [...streams]) stop(reason);
      for (const { attached, followers } of containers.values())
        for (const stream of [...attached, ...followers.keys()]) stream.push(null);
    },
    comeBack() {
      away = null;
    },
    hang() {
      hanging = true;
    },
    pause(ref) {
      const container = get(ref);
      change(container, { state: 'paused' });
      tell(container, 'pause');
    },
    rename(ref, name) {
      const container = get(ref);
      const oldName = container.facts.name;
      change(container, { name });
      tell(container, 'rename', null, { oldName: `/${oldName}` });
    },
    oomKill(ref) {
      end(get(ref), 137, true);
    },
    die(ref, exitCode) {
      end(get(ref), exitCode);
    },
    cutAttachments(ref) {
      const { attached, followers } = get(ref);
      for (const stream of [...attached, ...followers.keys()]) stream.destroy();
    },
    peek: () => [...containers.values()].map(({ facts }) => facts),
    said,
  };
}

/** Whether dockerd starts it again after it ended by itself. */
const restartsAfter = (policy: string, exitCode: number): boolean =>
  policy === 'always' || policy === 'unless-stopped' || (policy === 'on-failure' && exitCode !== 0);
