/** What the supervisor relies on in an Engine. Run on the fake and on the real one: the fake may not be kinder. */
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemux } from '../../src/docker/demux.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { createEntryReader } from '../../src/docker/log-entries.ts';
import type { LogEntry } from '../../src/docker/log-entries.ts';
import type { ContainerEvent } from '../../src/docker/events.ts';
import type { Behaviour } from '../support/behaviour.ts';
import { isUpSince } from '../../src/docker/uptime.ts';

export interface EngineWorld {
  readonly engine: Engine;
  create(name: string, behaviour: Behaviour): Promise<string>;
  pause(name: string): Promise<void>;
  close(): Promise<void>;
}

const limit = { timeout: 15_000, interval: 10 };

export function engineContract(name: string, make: () => Promise<EngineWorld>): void {
  describe(`${name} keeps the engine's contract`, () => {
    let world: EngineWorld;
    const events: ContainerEvent[] = [];
    const abort = new AbortController();
    beforeAll(async () => {
      world = await make();
      await world.engine.negotiate();
      await world.engine.events(null, abort.signal, (event) => events.push(event));
    }, 60_000);
    afterAll(async () => {
      abort.abort();
      await world.close();
    }, 60_000);

    /** Actions of one container, without those that nobody relies on. */
    const actionsOf = (id: string): string[] =>
      events
        .filter((event) => event.id === id)
        .map(({ action }) => action)
        .filter((action) => !['create', 'attach', 'kill', 'stop', 'resize', 'unpause'].includes(action));
    const read = async (stream: Duplex): Promise<string> => {
      let out = '';
      const demux = createDemux((_channel, data) => (out += Buffer.from(data).toString()));
      for await (const chunk of stream as AsyncIterable<Uint8Array>) demux(chunk);
      return out;
    };

    it('a missing container is null, and the verbs on it say not-found or have nothing to do', async () => {
      const { engine } = world;
      expect(await engine.inspect('ec-none')).toBeNull();
      await expect(engine.start('ec-none')).rejects.toMatchObject({ family: 'not-found' });
      await engine.stop('ec-none', 0, null);
      await engine.remove('ec-none', true);
      expect(await engine.kill('ec-none', 'KILL')).toBe('gone');
    });

    it("attach, then start: all output, then the end; start and die are told with the code, in the Engine's order of time", async () => {
      const { engine } = world;
      const id = await world.create('ec-exits', {
        kind: 'exits',
        code: 7,
        afterMs: 50,
        stdout: 'all of it',
        stderr: '',
      });
      expect(await engine.inspect('ec-exits')).toMatchObject({
        id,
        name: 'ec-exits',
        state: 'created',
        alive: false,
        startedAt: '',
      });
      const reading = read(await engine.attach(id, false));
      await engine.start(id);
      expect(await reading).toBe('all of it');
      await expect.poll(() => actionsOf(id), limit).toEqual(['start', 'die']);
      expect(events.find((event) => event.id === id && event.action === 'die')).toMatchObject({
        exitCode: 7,
        name: 'ec-exits',
      });
      const times = events.filter((event) => event.id === id).map(({ time }) => time);
      expect([...times].sort()).toEqual(times);
      await expect
        .poll(() => engine.inspect(id), limit)
        .toMatchObject({ state: 'exited', exitCode: 7, alive: false, pid: 0 });
    });

    it('the end of one that was removed is remembered', async () => {
      const { engine } = world;
      const id = await world.create('ec-gone', {
        kind: 'exits',
        code: 3,
        afterMs: 50,
        stdout: '',
        stderr: '',
      });
      expect(await engine.endOf(id)).toBeNull();
      await engine.start(id);
      await expect.poll(() => engine.inspect(id), limit).toMatchObject({ state: 'exited' });
      await engine.remove(id, false);
      const end = await engine.endOf(id);
      expect(end?.exitCode).toBe(3);
      expect(Math.abs((end?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it('the log: each line with its time, from a time on (itself included), the last ones only, and its end with the container', async () => {
      const { engine } = world;
      const behaviour = {
        kind: 'exits',
        code: 0,
        afterMs: 300,
        stdout: 'one\ntwo\n',
        stderr: 'three',
      } as const;
      const id = await world.create('ec-log', behaviour);
      const entriesOf = async (since: string, follow: boolean, tail: number | null): Promise<LogEntry[]> => {
        const stream = await engine.logs(id, { since, follow, tail });
        const readEntries = createEntryReader(false);
        const entries: LogEntry[] = [];
        for await (const chunk of stream ?? []) entries.push(...readEntries(chunk as Uint8Array));
        return entries;
      };
      const textOf = (entries: readonly LogEntry[]): string[] =>
        entries.map(({ channel, data }) => `${channel} ${Buffer.from(data).toString()}`).sort();
      await engine.start(id);
      // A line that has no end is logged when the container ends: who follows may have been sent away by then.
      expect(textOf(await entriesOf('', true, null))).toEqual(
        expect.arrayContaining(['stdout one\n', 'stdout two\n']),
      );
      await expect.poll(() => engine.inspect(id), limit).toMatchObject({ state: 'exited' });
      const all = await entriesOf('', false, null);
      expect(textOf(all)).toEqual(['stderr three', 'stdout one\n', 'stdout two\n']);
      expect(all.every(({ stamp }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(stamp))).toBe(true);
      for (const { stamp } of all)
        expect(textOf(await entriesOf(stamp, false, null))).toEqual(
          textOf(all.filter((entry) => entry.stamp >= stamp)),
        );
      expect(textOf(await entriesOf('', false, 1))).toEqual(['stderr three']);
      await expect(engine.logs('ec-none', { since: '', follow: false, tail: null })).rejects.toMatchObject({
        family: 'not-found',
      });
    });

    it('a start of what runs is nothing, a stop ends it and comes back when it is over', async () => {
      const { engine } = world;
      const id = await world.create('ec-good', { kind: 'well-behaved' });
      await engine.start(id);
      const first = await engine.inspect(id);
      expect(first).toMatchObject({ state: 'running', alive: true });
      await engine.start(id);
      expect((await engine.inspect(id))?.startedAt).toBe(first!.startedAt);
      await engine.stop(id, 10_000, null);
      expect(await engine.inspect(id)).toMatchObject({ state: 'exited', alive: false });
      await engine.stop(id, 10_000, null);
      await engine.start(id);
      expect((await engine.inspect(id))?.startedAt).not.toBe(first!.startedAt);
      await engine.stop(id, 0, null);
    });

    it('a deaf one is killed at the end of the grace', async () => {
      const { engine } = world;
      const id = await world.create('ec-deaf', { kind: 'deaf' });
      const stream = await engine.attach(id, false);
      await engine.start(id);
      await new Promise((resolve) => stream.once('data', resolve));
      const started = performance.now();
      await engine.stop(id, 1000, null);
      expect(performance.now() - started).toBeGreaterThan(900);
      expect(await engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 });
    });

    it('a paused one is alive, cannot be attached to, and is stopped all the same', async () => {
      const { engine } = world;
      const id = await world.create('ec-paused', { kind: 'well-behaved' });
      await engine.start(id);
      await world.pause('ec-paused');
      expect(await engine.inspect(id)).toMatchObject({ state: 'paused', alive: true });
      await expect(engine.attach(id, false)).rejects.toMatchObject({ family: 'conflict' });
      await engine.stop(id, 5000, null);
      expect(await engine.inspect(id)).toMatchObject({ state: 'exited' });
    });

    it('a failed start tells neither start nor die, and keeps its sentence', async () => {
      const { engine } = world;
      const id = await world.create('ec-missing', { kind: 'missing' });
      await expect(engine.start(id)).rejects.toThrow('/no/such/program');
      expect(await engine.inspect(id)).toMatchObject({
        state: 'created',
        error: expect.stringContaining('/no/such/program') as string,
      });
      expect(actionsOf(id)).toEqual([]);
    });

    it('the list holds all of them, whatever their state', async () => {
      const { engine } = world;
      const id = await world.create('ec-listed', { kind: 'well-behaved' });
      expect(await engine.list()).toContainEqual(
        expect.objectContaining({ id, names: ['ec-listed'], state: 'created' }),
      );
      await engine.remove(id, true);
      expect((await engine.list()).some((one) => one.id === id)).toBe(false);
    });

    it('the list tells how long what runs is up, in words', async () => {
      const { engine } = world;
      const id = await world.create('ec-up', { kind: 'well-behaved' });
      await engine.start(id);
      const from = Date.now();
      const status = (await engine.list()).find((one) => one.id === id)?.status ?? '';
      const startedAt = Date.parse((await engine.inspect(id))?.startedAt ?? '');
      expect(isUpSince(status, startedAt, from, Date.now()), status).toBe(true);
      expect(isUpSince(status, startedAt - 60_000, from, Date.now()), status).toBe(false);
    });
  });
}
