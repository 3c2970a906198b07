/**
 * The way to the fake Engine, and all that can go wrong on it: nobody answers, answers come late or never, events are lost or come late or
 * twice, sockets are cut. The fake itself stays honest. Limits of patience are those of `src/docker/engine.ts`.
 */
import type { Duplex, Readable } from 'node:stream';
import type { Engine } from '../../src/docker/engine.ts';
import { EngineError } from '../../src/docker/engine-error.ts';
import type { ContainerEvent } from '../../src/docker/events.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import type { FakeEngine } from '../support/fake-engine.ts';
import type { Random } from '../support/random.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** Something that a daemon asks of the Engine, at the instant at which it asks. */
export interface Ask {
  readonly operation:
    | 'negotiate'
    | 'list'
    | 'inspect'
    | 'start'
    | 'stop'
    | 'kill'
    | 'unpause'
    | 'update'
    | 'remove'
    | 'attach'
    | 'logs'
    | 'events';
  readonly ref: string;
  /** Of a kill. */
  readonly signal: string | null;
}

export interface EngineConnection {
  readonly engine: Engine;
  /** Attached sockets of one container that are open. */
  attachments(id: string): number;
  /** The daemon is dead: nothing is answered or told any more, and its sockets are closed. */
  sever(): void;
  isSevered(): boolean;
}

/** How events come: all, none, some seconds late, or each a second time. */
export type Hearing = 'all' | 'nothing' | 'late' | 'twice';

export interface HostileEngine {
  readonly fake: FakeEngine;
  connect(onAsk: (ask: Ask) => void): EngineConnection;
  condition(): 'well' | 'away' | 'hanging';
  goAway(reason: string): void;
  hang(): void;
  /** It answers again. `forgetful`: it was restarted, and knows no events of before. */
  comeBack(forgetful: boolean): void;
  /** Every container dies, and nobody hears of it. */
  crash(): void;
  /** At most so long an answer takes, in ms. */
  setLag(ms: number): void;
  setHearing(hearing: Hearing): void;
  cut(ref: string): void;
  /** Since when it answers quickly; null: it does not. */
  inOrderSince(): number | null;
  /** Since when it does not answer in time; null: it does. */
  mutedSince(): number | null;
  /** When anything became of this container, and whether it was told as it happened. */
  lastChange(id: string): { readonly at: number; readonly told: boolean } | null;
  /** Lives (by main process id) whose output was cut off at some time. */
  readonly cutLives: ReadonlySet<number>;
  /** Lives that a daemon started, with its socket attached before. */
  readonly launchedLives: ReadonlySet<number>;
}

const quickMs = 10_000;
const startMs = 120_000;
const stopMarginMs = 30_000;
/** What dockerd keeps of its events. */
const keptEvents = 256;
/** An Engine that is slower than this is not in order. */
const quickEnoughMs = 200;
const longestLateMs = 5000;

interface Pending {
  readonly fail: (reason: string) => void;
}

interface Connection {
  isDead: boolean;
  readonly pending: Set<Pending>;
  readonly streams: Set<{
    readonly take: (event: ContainerEvent) => void;
    readonly end: (reason: string) => void;
    next: number;
  }>;
  readonly sockets: Map<Readable, string>;
}

export async function createHostileEngine(time: SimulatedTime, random: Random): Promise<HostileEngine> {
  const fake = createFakeEngine(time.outside);
  const connections = new Set<Connection>();
  const history: ContainerEvent[] = [];
  const changes = new Map<string, { at: number; told: boolean }>();
  const cutLives = new Set<number>();
  const launchedLives = new Set<number>();
  /** Requests that a hanging Engine has taken in: it does them when it can again, whoever still listens. */
  let taken: (() => void)[] = [];
  /** Events of a hanging Engine. */
  let unsaid: ContainerEvent[] = [];
  let condition: 'well' | 'away' | 'hanging' = 'well';
  let reason = '';
  let lagMs = 0;
  /** Until then an answer may come as slowly as it did before. */
  let slowUntil = 0;
  let hearing: Hearing = 'all';
  let inOrderSince: number | null = 0;
  let mutedSince: number | null = null;
  let isSilent = false;

  function reckon(): void {
    const isInOrder = condition === 'well' && lagMs <= quickEnoughMs && hearing !== 'late';
    inOrderSince = isInOrder ? (inOrderSince ?? Math.max(time.now(), slowUntil)) : null;
    mutedSince = condition === 'well' ? null : (mutedSince ?? time.now());
  }

  await fake.events(null, new AbortController().signal, (event) => {
    const told = condition === 'well' && hearing !== 'nothing' && !isSilent;
    if (!/^(kill|oom)$/.test(event.action)) changes.set(event.id, { at: time.now(), told });
    if (isSilent || condition === 'away') return;
    history.push(event);
    if (history.length > keptEvents) history.shift();
    if (condition === 'hanging') unsaid.push(event);
    else if (hearing !== 'nothing') for (const connection of connections) deliver(connection, event);
  });

  function deliver(connection: Connection, event: ContainerEvent): void {
    for (const stream of connection.streams) {
      const lag = hearing === 'late' ? random.below(longestLateMs) : random.below(4);
      // One stream keeps its order.
      stream.next = Math.max(stream.next, time.now() + lag);
      const give = (): void => {
        if (connection.streams.has(stream)) stream.take(event);
      };
      if (stream.next === time.now()) give();
      else time.outside.setTimeout(give, stream.next - time.now());
      if (hearing === 'twice')
        time.outside.setTimeout(give, stream.next - time.now() + random.below(longestLateMs));
    }
  }

  const unavailable = (operation: string, why: string): EngineError =>
    new EngineError('unavailable', operation, why, null);

  const lag = (): number => (lagMs === 0 ? random.below(3) : random.below(lagMs));

  function later(ms: number, act: () => void): void {
    if (ms === 0) act();
    else time.outside.setTimeout(act, ms);
  }

  /** A request travels, is carried out, and its answer travels: on each leg the Engine may go. */
  function request<T>(
    connection: Connection,
    operation: string,
    limitMs: number,
    work: (isHeard: () => boolean) => Promise<T>,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (condition === 'away') {
        reject(unavailable(operation, reason));
        return;
      }
      const settle = (act: () => void): void => {
        if (!connection.pending.delete(pending)) return;
        time.outside.clearTimeout(limit);
        act();
      };
      const pending: Pending = {
        fail: (why) => {
          settle(() => {
            reject(unavailable(operation, why));
          });
        },
      };
      connection.pending.add(pending);
      const limit = time.outside.setTimeout(() => {
        pending.fail(`fake://engine does not answer (${operation} took too long)`);
      }, limitMs);
      const carryOut = (): void => {
        work(() => connection.pending.has(pending)).then(
          (answer) => {
            later(lag(), () => {
              const give = (): void => {
                settle(() => {
                  resolve(answer);
                });
              };
              if (condition === 'hanging') taken.push(give);
              else give();
            });
          },
          (error: unknown) => {
            later(lag(), () => {
              settle(() => {
                reject(error instanceof Error ? error : new Error(String(error)));
              });
            });
          },
        );
      };
      later(lag(), () => {
        if (condition === 'hanging') taken.push(carryOut);
        else if (connection.pending.has(pending)) carryOut();
      });
    });
  }

  const runningPids = (ref: string): number[] =>
    fake
      .peek()
      .filter(({ id, name, alive }) => alive && (id === ref || name === ref))
      .map(({ pid }) => pid);

  function connect(onAsk: (ask: Ask) => void): EngineConnection {
    const connection: Connection = {
      isDead: false,
      pending: new Set(),
      streams: new Set(),
      sockets: new Map(),
    };
    connections.add(connection);

    function ask<T>(
      operation: Ask['operation'],
      ref: string,
      limitMs: number,
      work: (isHeard: () => boolean) => Promise<T>,
      signal: string | null = null,
    ): Promise<T> {
      if (connection.isDead) return new Promise<never>(() => undefined);
      onAsk({ operation, ref, signal });
      return request(connection, operation, limitMs, work);
    }

    const engine: Engine = {
      name: fake.name,
      // Knows the signal of a stop.
      apiVersion: '1.43',
      local: false,
      negotiate: () => ask('negotiate', '', quickMs, () => fake.negotiate()),
      list: () => ask('list', '', quickMs, () => fake.list()),
      inspect: (ref) => ask('inspect', ref, quickMs, () => fake.inspect(ref)),
      endOf: (id) => ask('events', id, quickMs, () => fake.endOf(id)),
      start: (ref) =>
        ask('start', ref, startMs, async (isHeard) => {
          const [before] = runningPids(ref);
          await fake.start(ref);
          const [life] = runningPids(ref);
          // Who has given up listening has let go of its socket too.
          const isAttached = [...connection.sockets].some(([socket, of]) => of === ref && !socket.destroyed);
          if (life !== undefined && life !== before && isHeard() && isAttached) launchedLives.add(life);
        }),
      stop(ref, graceMs, signal) {
        const limit = Math.ceil(graceMs / 1000) * 1000 + stopMarginMs;
        return ask('stop', ref, limit, () => {
          // A next life that is called off is a change of which no event tells.
          const restarting = fake.peek().find(({ id, state }) => id === ref && state === 'restarting');
          if (restarting !== undefined) changes.set(restarting.id, { at: time.now(), told: false });
          return fake.stop(ref, graceMs, signal);
        });
      },
      kill: (ref, signal) => ask('kill', ref, quickMs, () => fake.kill(ref, signal), signal),
      unpause: (ref) => ask('unpause', ref, quickMs, () => fake.unpause(ref)),
      disableRestartPolicy: (ref) => ask('update', ref, quickMs, () => fake.disableRestartPolicy(ref)),
      remove: (ref, force) => ask('remove', ref, startMs, () => fake.remove(ref, force)),
      async attach(ref, stdin) {
        let made: Duplex | null = null;
        try {
          const socket = await ask('attach', ref, quickMs, async () => {
            made = await fake.attach(ref, stdin);
            return made;
          });
          connection.sockets.set(socket, ref);
          socket.once('close', () => connection.sockets.delete(socket));
          return socket;
        } catch (error) {
          // Nobody holds it.
          (made as Duplex | null)?.destroy();
          throw error;
        }
      },
      attachStdin: (ref) => ask('attach', ref, quickMs, () => fake.attachStdin(ref)),
      async logs(ref, options) {
        let made: Readable | null = null;
        try {
          const stream = await ask('logs', ref, quickMs, async () => {
            made = await fake.logs(ref, options);
            return made;
          });
          if (stream !== null && options.follow) {
            connection.sockets.set(stream, ref);
            stream.once('close', () => connection.sockets.delete(stream));
          }
          return stream;
        } catch (error) {
          // Nobody holds it.
          (made as Readable | null)?.destroy();
          throw error;
        }
      },
      async events(since, abort, take) {
        let end: (why: string) => void = () => undefined;
        const ended = new Promise<string>((resolve) => {
          end = resolve;
        });
        // What happens between the Engine's hearing of it and its answer is told too, after the answer.
        let early: ContainerEvent[] | null = [];
        const stream = {
          take(event: ContainerEvent) {
            if (early === null) take(event);
            else early.push(event);
          },
          next: 0,
          end(why: string) {
            connection.streams.delete(stream);
            if (!connection.isDead) end(why);
          },
        };
        abort.addEventListener('abort', () => {
          stream.end('aborted');
        });
        try {
          const replay = await ask('events', '', quickMs, (isHeard) => {
            if (isHeard()) connection.streams.add(stream);
            return Promise.resolve(since === null ? [] : history.filter(({ time: at }) => at >= since));
          });
          for (const event of [...replay, ...early]) take(event);
          early = null;
          return { ended };
        } catch (error) {
          connection.streams.delete(stream);
          throw error;
        }
      },
    };

    return {
      engine,
      attachments: (id) =>
        [...connection.sockets].filter(
          ([socket, ref]) => ref === id && !socket.destroyed && !socket.readableEnded,
        ).length,
      sever() {
        connection.isDead = true;
        connection.pending.clear();
        connection.streams.clear();
        connections.delete(connection);
        for (const [socket, ref] of connection.sockets) {
          for (const pid of runningPids(ref)) cutLives.add(pid);
          socket.destroy();
        }
      },
      isSevered: () => connection.isDead,
    };
  }

  function cutEverything(): void {
    for (const facts of fake.peek()) cut(facts.id);
  }

  function cut(ref: string): void {
    for (const pid of runningPids(ref)) cutLives.add(pid);
    fake.cutAttachments(ref);
  }

  return {
    fake,
    connect,
    condition: () => condition,
    goAway(why) {
      condition = 'away';
      reason = why;
      taken = [];
      unsaid = [];
      reckon();
      cutEverything();
      for (const connection of connections) {
        for (const pending of [...connection.pending]) pending.fail(why);
        for (const stream of [...connection.streams]) stream.end('the event stream ended');
      }
    },
    hang() {
      if (condition === 'well') condition = 'hanging';
      reckon();
    },
    comeBack(forgetful) {
      condition = 'well';
      if (forgetful) history.length = 0;
      reckon();
      for (const event of unsaid.splice(0))
        if (hearing !== 'nothing') for (const connection of connections) deliver(connection, event);
      for (const act of taken.splice(0)) act();
    },
    crash() {
      isSilent = true;
      for (const { id, alive } of fake.peek()) if (alive) fake.die(id, 137);
      isSilent = false;
    },
    setLag(ms) {
      // Answers that are under way still take their time.
      if (lagMs > ms) slowUntil = Math.max(slowUntil, time.now() + lagMs);
      lagMs = ms;
      reckon();
    },
    setHearing(next) {
      hearing = next;
      reckon();
    },
    cut,
    inOrderSince: () => inOrderSince,
    mutedSince: () => mutedSince,
    lastChange: (id) => changes.get(id) ?? null,
    cutLives,
    launchedLives,
  };
}
