/** Container programs over the fake Engine: the contract, then what others do to containers while we hold them. */
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DockerSpec, ProcessSpec } from '../../src/core/config/model.ts';
import { createContainerRunner } from '../../src/docker/container-runner.ts';
import type { ContainerRunnerDeps } from '../../src/docker/container-runner.ts';
import { EngineError } from '../../src/docker/engine-error.ts';
import type { ContainerEvent } from '../../src/docker/events.ts';
import { createGate } from '../../src/docker/gate.ts';
import { createLink } from '../../src/docker/link.ts';
import type { Left } from '../../src/docker/left.ts';
import type { EngineLink } from '../../src/docker/link.ts';
import type { Owners } from '../../src/docker/owners.ts';
import { createPipeMaker } from '../../src/process/pipes.ts';
import type { Runner, RunnerReport } from '../../src/supervisor/runner.ts';
import { systemClock } from '../../src/system/clock.ts';
import { runnerContract } from '../contract/runner.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import type { FakeEngine } from '../support/fake-engine.ts';
import { quietLog } from '../support/quiet-log.ts';
import { dockerSpecWith, specWith } from '../support/specs.ts';

const nobody: Owners = {
  other: () => null,
  knows: () => false,
  claim: () => undefined,
  release: () => undefined,
};

function runnerOn(
  engine: FakeEngine,
  docker: DockerSpec = dockerSpecWith(),
  spec: Partial<ProcessSpec> = {},
  left: Left | null = null,
  more: Partial<ContainerRunnerDeps> = {},
): { runner: Runner; link: EngineLink } {
  const link = createLink(engine, quietLog);
  const runner = createContainerRunner(specWith({ name: 'web', docker, ...spec }), docker, {
    clock: systemClock,
    log: quietLog,
    link,
    gate: createGate(8),
    pipes: createPipeMaker(),
    owners: nobody,
    environment: () => ({ PATH: '/bin:/usr/bin' }),
    project: '',
    onGhost: () => undefined,
    left,
    ...more,
  });
  return { runner, link };
}

/** A client that starts nothing: a shell script in its place. */
const clientThatSays = (script: string): DockerSpec =>
  dockerSpecWith({
    attach: 'cli',
    invocation: {
      verb: 'start',
      prefix: ['/bin/sh', '-c', script],
      rest: ['start', '-a', 'web'],
      remove: false,
      detached: false,
      host: null,
      context: null,
      target: { by: 'name', name: 'web' },
    },
  });

runnerContract('the container runner over the fake Engine', (behaviour) => {
  const engine = createFakeEngine();
  engine.create('web', behaviour);
  const { runner, link } = runnerOn(engine);
  return Promise.resolve({
    runner,
    isUp: async () => (await engine.inspect('web'))?.alive ?? false,
    close: () => {
      runner.close();
      link.close();
      return Promise.resolve();
    },
  });
});

it('a log that is slower than the container is waited for while anything comes: each byte is there, once, and nothing is read again', async () => {
  const engine = createFakeEngine();
  engine.create('web', { kind: 'loud', lines: 30_000 });
  const { runner, link } = runnerOn(engine);
  let taken = 0;
  const exited = new Promise<void>((resolve) => {
    const run = runner.launch((report) => {
      if (report.type === 'exited') resolve();
    });
    void run.output.stdout.readBy(async (chunk) => {
      // 100 KB each: 3 s and more.
      if (chunk.byteLength > 10_000) await new Promise((wake) => setTimeout(wake, 110));
      taken += chunk.byteLength;
    });
  });
  await exited;
  await vi.waitUntil(() => taken >= 3_000_000, { timeout: 10_000 });
  expect(taken).toBe(3_000_000);
  expect(engine.calls.get('logs')).toBe(undefined);
  runner.close();
  link.close();
});

it('a socket that is silent when its container has ended, and has no end, is let go of: the rest is read from the log, each byte once', async () => {
  const engine = createFakeEngine();
  engine.create('web', { kind: 'numbered', everyMs: 20, lines: 3, code: 0, lingerMs: null });
  const attach = engine.attach.bind(engine);
  engine.attach = async (ref, stdin) => {
    const real = await attach(ref, stdin);
    const silent = new PassThrough();
    real.once('data', (chunk: Buffer) => silent.write(chunk));
    real.on('error', () => undefined);
    return silent;
  };
  const { heard, close } = listenTo(engine);
  await untilOver(heard);
  expect(heard.text.replaceAll(/^\d+:/gm, '')).toBe('1\n2\n3\n');
  close();
});

/** Launches it, and returns what it says: so far, and whether it has ended. */
function listenTo(engine: FakeEngine) {
  const { runner, link } = runnerOn(engine);
  const heard = { text: '', isOver: false };
  const run = runner.launch((report) => {
    if (report.type === 'exited') heard.isOver = true;
  });
  void run.output.stdout.readBy((chunk) => {
    heard.text += Buffer.from(chunk).toString();
    return null;
  });
  const close = (): void => {
    runner.close();
    link.close();
  };
  return { heard, close };
}
const untilOver = (heard: { readonly isOver: boolean }) =>
  vi.waitUntil(() => heard.isOver, { timeout: 5000 });

it('one that somebody starts before we have attached is not started again, and has all its lines', async () => {
  const engine = createFakeEngine();
  const id = engine.create('web', { kind: 'numbered', everyMs: 20, lines: 3, code: 0, lingerMs: null });
  const { heard, close } = listenTo({
    ...engine,
    async attach(ref, stdin) {
      await engine.start(ref);
      return engine.attach(ref, stdin);
    },
  });
  await untilOver(heard);
  expect(heard.text.replaceAll(/^\d+:/gm, '')).toBe('1\n2\n3\n');
  expect(engine.calls.get('start')).toBe(1);
  expect((await engine.inspect(id))?.state).toBe('exited');
  close();
});

it('what it says after its socket broke is read from its log, although it has ended by the time we look', async () => {
  const engine = createFakeEngine();
  const id = engine.create('web', { kind: 'numbered', everyMs: 60_000, lines: null, code: 0, lingerMs: 0 });
  let lagMs = 0;
  const { heard, close } = listenTo({
    ...engine,
    async inspect(ref) {
      await new Promise((wake) => setTimeout(wake, lagMs));
      return engine.inspect(ref);
    },
  });
  await vi.waitUntil(() => heard.text !== '', { timeout: 5000 });
  lagMs = 50;
  engine.cutAttachments(id);
  await engine.kill(id, 'TERM');
  await untilOver(heard);
  expect(heard.text.replaceAll(/^\d+:/gm, '')).toBe('1\n2\n');
  close();
});

it('a late answer to a life that was found running is no news of the next one: each of its lines is there, once', async () => {
  const engine = createFakeEngine();
  const id = engine.create(
    'web',
    { kind: 'numbered', everyMs: 20, lines: 3, code: 0, lingerMs: 0 },
    { state: 'running' },
  );
  const logs = engine.logs.bind(engine);
  let answerLate: () => void = () => undefined;
  const late = new Promise<void>((resolve) => {
    answerLate = resolve;
  });
  let asked = 0;
  engine.logs = async (ref, options) => {
    asked++;
    const answer = await logs(ref, options);
    if (asked === 1) await late;
    return answer;
  };
  const { runner, link } = runnerOn(engine);
  let text = '';
  const live = (): Promise<void> =>
    new Promise((resolve) => {
      const run = runner.launch((report) => {
        if (report.type === 'exited') resolve();
      });
      void run.output.stdout.readBy((chunk) => {
        text += Buffer.from(chunk).toString();
        return null;
      });
    });
  const first = live();
  await vi.waitUntil(() => asked === 1, { timeout: 5000 });
  engine.die(id, 1);
  await first;
  text = '';
  const second = live();
  await vi.waitUntil(() => text.includes(':1\n'), { timeout: 5000 });
  answerLate();
  await second;
  expect(text.replaceAll(/^\d+:/gm, '')).toBe('1\n2\n3\n');
  runner.close();
  link.close();
});

describe('while others act on the container', () => {
  let links: EngineLink[] = [];
  afterEach(() => {
    for (const link of links) link.close();
    links = [];
  });

  function hold(
    engine: FakeEngine,
    docker?: DockerSpec,
    spec?: Partial<ProcessSpec>,
    left?: Left,
    more?: Partial<ContainerRunnerDeps>,
  ) {
    const { runner, link } = runnerOn(engine, docker, spec, left, more);
    links.push(link);
    const reports: RunnerReport[] = [];
    const appeared: unknown[] = [];
    runner.watch((found) => appeared.push(found));
    const start = () => {
      const run = runner.launch((report) => reports.push(report));
      void run.output.stdout.readBy(() => null);
      return run;
    };
    const told = (type: RunnerReport['type']): Promise<RunnerReport> =>
      expect
        .poll(() => reports.find((report) => report.type === type), { timeout: 5000 })
        .toBeDefined()
        .then(() => reports.find((report) => report.type === type)!);
    return { runner, link, reports, appeared, start, told };
  }

  it('an outside stop is an exit like any other', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' });
    const { start, told } = hold(engine);
    start();
    await told('spawned');
    await engine.stop('web', 0, null);
    expect(await told('exited')).toMatchObject({ exit: { kind: 'code', code: 0 } });
  });

  it('an OOM kill is told with its evidence', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'deaf' });
    const { start, told } = hold(engine);
    start();
    await told('spawned');
    engine.oomKill('web');
    expect(await told('exited')).toMatchObject({ exit: { code: 137, oomKilled: true } });
  });

  it('a running one is taken over, not started again, and its start is its own', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'deaf' }, { state: 'running', startedAt: '2026-01-01T00:00:00.000000001Z' });
    const { start, told, runner } = hold(engine);
    start();
    const report = await told('spawned');
    expect(engine.calls.get('start')).toBeUndefined();
    expect(report).toMatchObject({ since: expect.any(Number) as number });
    expect(runner.startedAt()).toBe(Date.parse('2026-01-01T00:00:00.000Z'));
  });

  it('one that is left running by a daemon that goes is not attached to again, nor said to be', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' });
    const warnings: string[] = [];
    const log = { ...quietLog, warn: (text: string) => void warnings.push(text) };
    const { runner, start, told } = hold(engine, dockerSpecWith(), {}, undefined, { log });
    start();
    await told('spawned');
    const before = engine.calls.get('logs') ?? 0;
    runner.close();
    // Longer than the first pause before another attachment.
    await new Promise((wake) => setTimeout(wake, 500));
    expect(warnings).toEqual([]);
    expect(engine.calls.get('logs') ?? 0).toBe(before);
  });

  it('a rename does not lose it', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' });
    const { start, told, runner, reports } = hold(engine);
    const run = start();
    await told('spawned');
    engine.rename('web', 'other');
    await expect.poll(() => runner.view().container?.name).toBe('other');
    run.stop({ signal: null, graceMs: 1000 });
    await told('exited');
    expect(reports.map(({ type }) => type)).toEqual(['spawned', 'exited']);
  });

  it('a pause changes what is said of it, and ends nothing', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' });
    const { start, told, runner, reports } = hold(engine);
    start();
    await told('spawned');
    engine.pause('web');
    await expect.poll(() => runner.view().container?.state).toBe('paused');
    expect(reports.map(({ type }) => type)).toEqual(['spawned']);
  });

  it('the loss of the Engine is told as a loss, and its return finds what runs', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' });
    const { start, told, runner, reports } = hold(engine);
    start();
    await told('spawned');
    engine.goAway('cannot reach fake://engine');
    expect(await told('lost')).toMatchObject({ reason: 'cannot reach fake://engine' });
    expect(runner.view().container).toMatchObject({ state: 'unknown', pid: null });
    engine.comeBack();
    await told('found');
    expect(reports.map(({ type }) => type)).toEqual(['spawned', 'lost', 'found']);
    expect(engine.calls.get('start')).toBe(1);
  });

  it('a launch while the Engine is away is no failure: it is lost, and goes on when the Engine is back', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' });
    engine.goAway('cannot reach fake://engine');
    const { start, told, reports } = hold(engine);
    start();
    await told('lost');
    engine.comeBack();
    await told('spawned');
    expect(reports.filter(({ type }) => type === 'spawnFailed')).toEqual([]);
  });

  it('a launch that is called back while the Engine is away is not said to have failed until that is known', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
    engine.goAway('cannot reach fake://engine');
    const { start, told, reports } = hold(engine);
    const run = start();
    await told('lost');
    run.stop({ signal: null, graceMs: 1000 });
    engine.comeBack();
    // It runs: so it comes up, and is stopped for real.
    await told('exited');
    expect(reports.map(({ type }) => type).filter((type) => type !== 'lost')).toEqual(['spawned', 'exited']);
    expect(await engine.inspect('web')).toMatchObject({ state: 'exited' });
  });

  it('a stop that an Engine has not answered when it is lost is asked for again, with the whole grace, and no kill comes before', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' });
    const stop = engine.stop.bind(engine);
    const graces: number[] = [];
    engine.stop = async (ref, graceMs, signal) => {
      graces.push(graceMs);
      if (graces.length === 1) await new Promise<never>(() => undefined);
      await stop(ref, graceMs, signal);
    };
    const { start, told } = hold(engine);
    const run = start();
    await told('spawned');
    run.stop({ signal: null, graceMs: 50 });
    await expect.poll(() => graces.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    run.kill();
    engine.goAway('cannot reach fake://engine');
    await told('lost');
    engine.comeBack();
    await told('exited');
    expect(graces).toEqual([50, 50]);
    expect(engine.calls.get('kill')).toBe(undefined);
  });

  it('what ended while no daemon was there, in the midst of a stop, is started by the next order', async () => {
    const engine = createFakeEngine();
    const id = engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
    const life = (await engine.inspect(id))?.startedAt ?? '';
    engine.die(id, 0);
    const { start, told, reports } = hold(engine, undefined, undefined, { output: null, life });
    start().stop({ signal: null, graceMs: 1000 });
    await told('spawnFailed');
    start();
    await told('spawned');
    expect(await engine.inspect(id)).toMatchObject({ state: 'running' });
    expect(reports.map(({ type }) => type)).toEqual(['spawnFailed', 'spawned']);
  });

  it.each([
    ['exited', undefined],
    ['running', true],
  ] as const)(
    'one that was %s before: whether it was adopted is told, however young it is',
    async (state, adopted) => {
      const engine = createFakeEngine();
      engine.create('web', { kind: 'well-behaved' }, { state });
      const { start, told, reports } = hold(engine);
      start();
      await told('spawned');
      expect(reports.find(({ type }) => type === 'spawned')).toMatchObject(
        adopted === undefined ? { type: 'spawned' } : { adopted },
      );
      expect(reports.some((report) => 'adopted' in report)).toBe(adopted === true);
    },
  );

  it('a stop that comes while an adoption is under way is carried out', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
    const { runner, link, reports, told } = hold(engine);
    await link.whenUp(AbortSignal.timeout(5000));
    const run = runner.adopt((report) => reports.push(report));
    run.stop({ signal: null, graceMs: 1000 });
    await told('exited');
    expect(reports.map(({ type }) => type)).toEqual(['exited']);
    expect(await engine.inspect('web')).toMatchObject({ state: 'exited', exitCode: 0 });
  });

  it('an adoption that is lost on its way is found again', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
    const { runner, link, reports, told } = hold(engine);
    await link.whenUp(AbortSignal.timeout(5000));
    engine.goAway('cannot reach fake://engine');
    runner.adopt((report) => reports.push(report));
    await told('lost');
    engine.comeBack();
    await told('found');
    expect(reports.map(({ type }) => type).filter((type) => type !== 'lost')).toEqual(['found']);
  });

  it('what a ghost rule leaves running has appeared', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
    const { runner, appeared, link } = hold(engine, dockerSpecWith({ onGhost: 'never' }));
    await link.whenUp(AbortSignal.timeout(5000));
    const before = appeared.length;
    expect(await runner.clearGhost()).toEqual({ verdict: 'nothing' });
    await expect.poll(() => appeared.length).toBeGreaterThan(before);
  });

  it('a paused one that is found while it is adopted is not given up', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
    const { runner, link, reports } = hold(engine);
    await link.whenUp(AbortSignal.timeout(5000));
    engine.pause('web');
    runner.adopt((report) => reports.push(report));
    await expect.poll(() => runner.view().container?.state).toBe('paused');
    expect(reports).toEqual([]);
  });

  it('one that is cleared out of the way has not appeared, although a stop lets go of a paused one first', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'deaf' });
    await engine.start('web');
    engine.pause('web');
    const { runner, appeared, link } = hold(engine, dockerSpecWith(), { stopWaitSeconds: 1 });
    await link.whenUp(AbortSignal.timeout(5000));
    expect(await runner.clearGhost()).toEqual({ verdict: 'cleared' });
    expect((await engine.inspect('web'))?.state).toBe('exited');
    expect(appeared).toEqual([]);
  });

  it('one that somebody starts while no run is up has appeared', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' });
    const { appeared, link } = hold(engine);
    await link.whenUp(AbortSignal.timeout(5000));
    await engine.start('web');
    await expect.poll(() => appeared.length).toBe(1);
    expect(engine.calls.get('start')).toBe(1);
  });

  it.each([
    ['paused', 'is paused'],
    ['dead', 'is dead'],
    ['removing', 'is removing'],
  ] as const)('a %s one cannot be launched, and that is said', async (state, words) => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' }, { state });
    const { start, told } = hold(engine);
    start();
    expect(await told('spawnFailed')).toHaveProperty('message', expect.stringContaining(words));
  });

  it('a missing one is named with its Engine', async () => {
    const { start, told } = hold(createFakeEngine());
    start();
    expect(await told('spawnFailed')).toMatchObject({
      message: 'container "web" does not exist on fake://engine',
    });
  });

  it('a paused ghost is stopped by default, and may be adopted', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'well-behaved' }, { state: 'paused' });
    expect(await hold(engine).runner.clearGhost()).toEqual({ verdict: 'cleared' });
    expect(await engine.inspect('web')).toMatchObject({ state: 'exited' });
    const other = createFakeEngine();
    other.create('web', { kind: 'well-behaved' }, { state: 'paused' });
    const { runner } = hold(other, dockerSpecWith({ onGhost: 'adopt' }));
    expect(await runner.clearGhost()).toEqual({ verdict: 'adopt' });
    expect(await other.inspect('web')).toMatchObject({ state: 'running' });
  });

  it.each([
    ['its claim', null, true],
    ['the state that it left', 'its life', false],
  ] as const)(
    'a paused one that a former daemon had up is taken over as it is, known by %s',
    async (_, life, knows) => {
      const engine = createFakeEngine();
      engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
      engine.pause('web');
      const startedAt = (await engine.inspect('web'))?.startedAt ?? '';
      const left = { output: null, life: life === null ? null : startedAt };
      const { runner, start, told, reports } = hold(engine, dockerSpecWith(), {}, left, {
        owners: { ...nobody, knows: () => knows },
      });
      expect(await runner.clearGhost()).toEqual({ verdict: 'nothing' });
      start();
      expect(await told('spawned')).toMatchObject({ adopted: true });
      await expect.poll(() => runner.view().container?.state).toBe('paused');
      expect(await engine.inspect('web')).toMatchObject({ state: 'paused', startedAt });
      expect(reports.map(({ type }) => type)).toEqual(['spawned']);
    },
  );

  describe('a daemon was killed while it launched', () => {
    const runSpec = dockerSpecWith({
      invocation: {
        verb: 'run',
        prefix: ['docker'],
        rest: ['run', '--rm', '--name', 'web', 'image'],
        remove: true,
        detached: false,
        host: null,
        context: null,
        target: { by: 'name', name: 'web' },
      },
    });

    it('what its client has brought up is its own, and no ghost', async () => {
      const launch = Date.now() - 1000;
      const engine = createFakeEngine();
      engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
      const left = { output: null, life: null, launch };
      const { runner, start, told } = hold(engine, runSpec, {}, left);
      expect(runner.leave()).toMatchObject({ launch });
      expect(await runner.clearGhost()).toEqual({ verdict: 'nothing' });
      start();
      expect(await told('spawned')).toMatchObject({ adopted: true });
      expect(await engine.inspect('web')).toMatchObject({ state: 'running' });
      expect(runner.leave()).toMatchObject({ launch: null });
    });

    it('what it had up is its own, though it could leave no claim', async () => {
      const engine = createFakeEngine();
      engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
      const life = (await engine.inspect('web'))?.startedAt ?? '';
      const { start, told } = hold(engine, runSpec, {}, { output: null, life });
      start();
      expect(await told('spawned')).toMatchObject({ adopted: true });
    });

    it('what is cleared out of the way did not end while no daemon was there: the next try starts it', async () => {
      const engine = createFakeEngine();
      engine.create('web', { kind: 'well-behaved' }, { state: 'restarting', restartPolicy: 'always' });
      const life = (await engine.inspect('web'))?.startedAt ?? '';
      const { runner, start, told } = hold(engine, dockerSpecWith(), {}, { output: null, life });
      expect(await runner.clearGhost()).toEqual({ verdict: 'cleared' });
      expect(await engine.inspect('web')).toMatchObject({ state: 'exited', startedAt: life });
      start();
      expect(await told('spawned')).not.toHaveProperty('adopted');
    });

    it('what ran before that, or came up long after it, is another one of that name', async () => {
      const seconds = (number: number): number => Date.now() + number * 1000;
      for (const launch of [seconds(10), seconds(-3600)]) {
        const engine = createFakeEngine();
        engine.create('web', { kind: 'well-behaved' }, { state: 'running' });
        const { start, told } = hold(engine, runSpec, {}, { output: null, life: null, launch });
        start();
        expect(await told('spawnFailed')).toHaveProperty(
          'message',
          'the name "web" is taken by a running container',
        );
      }
    });

    it('what was printed before the next one came is not passed over', async () => {
      const engine = createFakeEngine();
      engine.create('web', { kind: 'numbered', everyMs: 20, lines: null, code: 0, lingerMs: 0 });
      // The fake Engine's clock may be some ms behind.
      const launch = Date.now() - 100;
      await engine.start('web');
      await vi.waitUntil(() => [...engine.said.values()].some((lines) => lines >= 5), { timeout: 5000 });
      const { runner } = hold(engine, dockerSpecWith(), {}, { output: null, life: null, launch });
      let text = '';
      const run = runner.launch(() => undefined);
      void run.output.stdout.readBy((chunk) => {
        text += Buffer.from(chunk).toString();
        return null;
      });
      await vi.waitUntil(() => text.split('\n').length > 7, { timeout: 5000 });
      expect(text).toMatch(/^\d+:1\n\d+:2\n\d+:3\n/);
    });

    it('it says so while it launches, and no longer', async () => {
      const engine = createFakeEngine();
      engine.create('web', { kind: 'well-behaved' });
      const { runner, start, told } = hold(engine);
      expect(runner.leave()).toMatchObject({ launch: null });
      const before = Date.now();
      start();
      const { launch } = runner.leave() as Left;
      expect(launch).toBeGreaterThanOrEqual(before - 1);
      await told('spawned');
      expect(runner.leave()).toMatchObject({ launch: null });
    });
  });

  it('what belongs to a Compose project of others is not touched', async () => {
    const engine = createFakeEngine();
    engine.create(
      'web',
      { kind: 'well-behaved' },
      { state: 'paused', labels: { 'com.docker.compose.project': 'shop' } },
    );
    expect(await hold(engine).runner.clearGhost()).toMatchObject({
      verdict: 'hopeless',
      reason: expect.stringContaining('"shop"') as string,
    });
    expect(await engine.inspect('web')).toMatchObject({ state: 'paused' });
  });
});

describe('what a client says of its own', () => {
  /** A client that does nothing but say this, and ends. */
  async function failLaunch(engine: FakeEngine, script: string, spec: Partial<ProcessSpec> = {}) {
    engine.create('web', { kind: 'numbered', everyMs: 20, lines: 3, code: 0, lingerMs: null });
    const { runner, link } = runnerOn(engine, clientThatSays(script), spec);
    let text = '';
    await new Promise<void>((resolve) => {
      const run = runner.launch((report) => {
        if (report.type === 'spawnFailed') resolve();
      });
      for (const channel of [run.output.stdout, run.output.stderr])
        void channel?.readBy((chunk) => {
          text += Buffer.from(chunk).toString();
          return null;
        });
    });
    const { output } = runner.leave() as Left;
    runner.close();
    link.close();
    return { text, position: output?.position };
  }

  it('of a launch that failed is in the log, and counts for no line of the container', async () => {
    const { text, position } = await failLaunch(
      createFakeEngine(),
      'echo "Error response from daemon: task 1: already exists" >&2; echo half; exit 1',
    );
    expect(text).toContain('already exists');
    expect(position).toMatchObject({
      stdout: { lines: 0, bytes: 0 },
      stderr: { lines: 0, bytes: 0 },
    });
  });

  it('in one stream with the container, counts for none either', async () => {
    const { position } = await failLaunch(createFakeEngine(), 'echo "Error: no" >&2; exit 1', {
      redirectStderr: true,
    });
    expect(position).toMatchObject({ stdout: { lines: 0, bytes: 0 } });
  });

  it('of an Engine that goes while it launches, counts for none', async () => {
    const engine = createFakeEngine();
    engine.create('web', { kind: 'numbered', everyMs: 20, lines: 3, code: 0, lingerMs: null });
    const { runner, link } = runnerOn(
      engine,
      clientThatSays('echo "error during connect: no such socket" >&2; exit 1'),
    );
    const inspect = engine.inspect.bind(engine);
    let isAway = false;
    engine.inspect = (ref) =>
      isAway ? Promise.reject(new EngineError('unavailable', 'inspect', 'away', null)) : inspect(ref);
    const lost = new Promise<void>((resolve) => {
      const run = runner.launch((report) => {
        if (report.type === 'lost') resolve();
      });
      void run.output.stderr?.readBy(() => {
        isAway = true;
        return null;
      });
    });
    await lost;
    expect((runner.leave() as Left).output?.position).toMatchObject({ stderr: { lines: 0, bytes: 0 } });
    runner.close();
    link.close();
  });
});

it('a container that is renamed to its name while the client starts has ended in a former life, and not in this one', async () => {
  const engine = createFakeEngine();
  const id = engine.create('old', { kind: 'numbered', everyMs: 60_000, lines: null, code: 0, lingerMs: 0 });
  await engine.start(id);
  await engine.kill(id, 'KILL');
  const { runner, link } = runnerOn(engine, clientThatSays('sleep 60'));
  await link.whenUp(new AbortController().signal);
  const reports: RunnerReport[] = [];
  const run = runner.launch((report) => reports.push(report));
  void run.output.stdout.readBy(() => null);
  // The client is under way: it has no output, and nothing tells of it but its process.
  await vi.waitUntil(() => runner.view().proxy !== null, { timeout: 5000 });
  engine.rename(id, 'web');
  await vi.waitUntil(() => runner.view().container?.state === 'exited', { timeout: 5000 });
  expect(reports).toEqual([]);
  await engine.start(id);
  await vi.waitUntil(() => reports.length > 0, { timeout: 5000 });
  expect(reports).toMatchObject([{ type: 'spawned', pid: (await engine.inspect(id))?.pid }]);
  run.stop({ signal: null, graceMs: 100 });
  await vi.waitUntil(() => reports.some(({ type }) => type === 'exited'), { timeout: 5000 });
  runner.close();
  link.close();
});

it('an end whose time is still to come is of before the clock was set back, and no news of now', async () => {
  const engine = createFakeEngine();
  const id = engine.create('web', { kind: 'numbered', everyMs: 60_000, lines: null, code: 0, lingerMs: 0 });
  let tell: (event: ContainerEvent) => void = () => undefined;
  const { runner, link } = runnerOn({
    ...engine,
    events(since, signal, take) {
      tell = take;
      return engine.events(since, signal, take);
    },
  });
  const reports: RunnerReport[] = [];
  const run = runner.launch((report) => reports.push(report));
  void run.output.stdout.readBy(() => null);
  await vi.waitUntil(() => reports.some(({ type }) => type === 'spawned'), { timeout: 5000 });
  const inAnHour = `${String(Math.floor(Date.now() / 1000) + 3600)}.000000000`;
  tell({ action: 'die', id, name: 'web', labels: {}, exitCode: 137, time: inAnHour });
  await engine.kill(id, 'TERM');
  await vi.waitUntil(() => reports.some(({ type }) => type === 'exited'), { timeout: 5000 });
  expect(reports.find(({ type }) => type === 'exited')).toMatchObject({ exit: { kind: 'code', code: 0 } });
  runner.close();
  link.close();
});
