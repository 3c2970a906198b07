/** Orders, answers, groups and the way down, with scripted runs and a clock that is moved by hand. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Config, GroupSpec, ProcessSpec } from '../../src/core/config/model.ts';
import { createBus } from '../../src/supervisor/bus.ts';
import type { BusEvent } from '../../src/supervisor/bus.ts';
import { supervise } from '../../src/supervisor/supervised.ts';
import { createSupervisor } from '../../src/supervisor/supervisor.ts';
import { createHandClock } from '../support/hand-clock.ts';
import type { HandClock } from '../support/hand-clock.ts';
import { createScriptedRunner } from '../support/scripted-runner.ts';
import { noLogs } from '../support/no-logs.ts';
import type { ScriptedRunner } from '../support/scripted-runner.ts';
import { quietDaemon, specWith } from '../support/specs.ts';

const group = (name: string, priority: number, processes: readonly ProcessSpec[]): GroupSpec => ({
  name,
  priority,
  processes,
});
const one = (name: string, change: Partial<ProcessSpec> = {}, priority = 999): GroupSpec =>
  group(name, priority, [specWith({ name, ...change })]);

let clock: HandClock;
afterEach(() => {
  expect(clock.armed(), 'an alarm is left armed').toBe(0);
});

async function house(
  groups: readonly GroupSpec[],
  onStop?: (runner: ScriptedRunner) => void,
  leaveStopped?: ReadonlySet<string>,
) {
  clock = createHandClock();
  const runners = new Map<string, ScriptedRunner>();
  const events: BusEvent[] = [];
  const lines: string[] = [];
  const bus = createBus((error) => {
    throw error instanceof Error ? error : new Error(String(error));
  });
  bus.subscribe((event) => events.push(event));
  let next: readonly GroupSpec[] = groups;
  const config = (of: readonly GroupSpec[]): Config => ({
    file: 'x',
    included: [],
    daemon: quietDaemon,
    servers: [],
    groups: of,
  });
  const supervisor = createSupervisor(config(groups), {
    bus,
    clock,
    pid: 1,
    makeUnit: (spec, mayAdopt) => {
      const runner = createScriptedRunner(onStop);
      runners.set(spec.name, runner);
      const onBug = (error: unknown): never => {
        throw error instanceof Error ? error : new Error(String(error));
      };
      return Promise.resolve(supervise(spec, runner, noLogs, { clock, bus, mayAdopt, onBug }));
    },
    readConfig: () => ({ config: config(next), problems: [], included: [] }),
    logs: {
      read: () => Promise.reject(new Error('unused')),
      tail: () => Promise.reject(new Error('unused')),
      follow: () => Promise.resolve(null),
    },
    mainLog: () => null,
    clearMainLog: () => 'done',
    clearProcessLog: () => 'done',
    info: (line) => lines.push(line),
    warn: (line) => lines.push(line),
    onShutdown: () => undefined,
    onRestart: () => undefined,
  });
  await supervisor.boot({ rest: leaveStopped ?? new Set(), resume: new Set(), stop: new Set() });
  const up = (name: string): void => {
    runners.get(name)!.report({ type: 'spawned', pid: 7, since: clock.now() });
    clock.advance(1000);
  };
  return {
    supervisor,
    runners,
    events,
    lines,
    up,
    configOf: config,
    read: (of: readonly GroupSpec[]) => {
      next = of;
    },
  };
}

describe('answers to orders', () => {
  it('a start that waits is answered when it is RUNNING, and not before', async () => {
    const { supervisor, runners } = await house([one('a', { autostart: false })]);
    const answer = supervisor.start('a', 'a', true);
    let answered = false;
    void answer.then(() => {
      answered = true;
    });
    runners.get('a')!.report({ type: 'spawned', pid: 7, since: 0 });
    clock.advance(999);
    await Promise.resolve();
    expect(answered).toBe(false);
    clock.advance(1);
    expect(await answer).toBe('done');
    await supervisor.stopForGood();
  });

  it('a start that fails is a spawn error; one that does not wait is answered at once', async () => {
    const { supervisor, runners } = await house([one('a', { autostart: false, startRetries: 0 })]);
    const answer = supervisor.start('a', 'a', true);
    runners.get('a')!.report({ type: 'spawnFailed', message: 'no' });
    expect(await answer).toEqual({ refused: 'SPAWN_ERROR', text: 'a' });
    expect(await supervisor.start('a', 'a', false)).toBe('done');
    expect(await supervisor.start('a', 'a', false)).toEqual({ refused: 'ALREADY_STARTED', text: 'a' });
    const stopping = supervisor.stopForGood();
    runners.get('a')!.report({ type: 'spawnFailed', message: 'called off' });
    await stopping;
  });

  it('a stop is not answered while it is UNKNOWN; at the limit it says so, and goes on', async () => {
    const { supervisor, runners, up } = await house([one('a')], () => undefined);
    up('a');
    runners.get('a')!.report({ type: 'lost', reason: 'engine away' });
    const answer = supervisor.stop('a', 'a', true);
    expect(runners.get('a')!.told).toEqual(['launch', 'stop']);
    clock.advance(60_000);
    expect(await answer).toEqual({
      refused: 'FAILED',
      text: 'a is still UNKNOWN (engine away); the stop goes on',
    });
    expect(await supervisor.removeGroup('a')).toEqual({ refused: 'STILL_RUNNING', text: 'a' });
    runners.get('a')!.report({ type: 'exited', exit: { kind: 'unknown', reason: 'x' }, diedAt: 0 });
    expect(supervisor.view('a', 'a')?.state).toBe('STOPPED');
    await supervisor.stopForGood();
  });

  it('a start whose Engine goes is not said to have failed: nobody knows, and it goes on', async () => {
    const { supervisor, runners } = await house([one('a', { autostart: false })], () => undefined);
    const answer = supervisor.start('a', 'a', true);
    runners.get('a')!.report({ type: 'lost', reason: 'engine away' });
    const goesOn = {
      refused: 'ABNORMAL_TERMINATION',
      text: 'a is still UNKNOWN (engine away); the start goes on',
    };
    expect(await answer).toEqual(goesOn);
    expect(await supervisor.start('a', 'a', true)).toEqual(goesOn);
    expect(await supervisor.retry('a', 'a')).toEqual(goesOn);
    runners.get('a')!.report({ type: 'spawned', pid: 7, since: clock.now() });
    clock.advance(1000);
    runners.get('a')!.report({ type: 'lost', reason: 'engine away' });
    expect(await supervisor.start('a', 'a', true)).toEqual({
      refused: 'ABNORMAL_TERMINATION',
      text: 'a is UNKNOWN (engine away): it may run already, and is not started twice',
    });
    void supervisor.stop('a', 'a', false);
    expect(await supervisor.retry('a', 'a')).toMatchObject({
      text: 'a is still UNKNOWN (engine away); its stop goes on',
    });
    runners.get('a')!.report({ type: 'exited', exit: { kind: 'unknown', reason: 'x' }, diedAt: 0 });
    expect(supervisor.view('a', 'a')?.state).toBe('STOPPED');
    await supervisor.stopForGood();
  });

  it('a start of what is still stopping, and one that is overtaken by a stop, say so', async () => {
    const { supervisor, runners } = await house([one('a', { autostart: false })], () => undefined);
    const answer = supervisor.start('a', 'a', true);
    runners.get('a')!.report({ type: 'spawned', pid: 7, since: clock.now() });
    void supervisor.stop('a', 'a', false);
    expect(await answer).toMatchObject({ text: 'a was stopped before it was RUNNING' });
    const still = {
      refused: 'ABNORMAL_TERMINATION',
      text: 'a is still STOPPING: it can be started when it is STOPPED',
    };
    expect(await supervisor.start('a', 'a', true)).toEqual(still);
    expect(await supervisor.retry('a', 'a')).toEqual(still);
    runners.get('a')!.report({ type: 'exited', exit: { kind: 'unknown', reason: 'x' }, diedAt: 0 });
    await supervisor.stopForGood();
  });

  it('a retry is for what waits for its next try or was given up, and for nothing else', async () => {
    const { supervisor, runners, up } = await house([
      one('never', { autostart: false }),
      one('stopped'),
      one('over', { autorestart: 'never' }),
      one('up'),
      one('waits'),
      one('fatal', { startRetries: 0 }),
    ]);
    for (const name of ['stopped', 'over', 'up']) up(name);
    void supervisor.stop('stopped', 'stopped', false);
    const code0 = { kind: 'code', code: 0, oomKilled: false } as const;
    runners.get('over')!.report({ type: 'exited', exit: code0, diedAt: clock.now() });
    for (const name of ['waits', 'fatal']) runners.get(name)!.report({ type: 'spawnFailed', message: 'no' });
    const refusal = (state: string) => ({
      refused: 'FAILED',
      text: `it is ${state} and waits for no next try: it is started by start`,
    });
    expect(await supervisor.retry('never', 'never')).toEqual(refusal('STOPPED'));
    expect(await supervisor.retry('stopped', 'stopped')).toEqual(refusal('STOPPED'));
    expect(await supervisor.retry('over', 'over')).toEqual(refusal('EXITED'));
    expect(await supervisor.retry('up', 'up')).toEqual({ refused: 'ALREADY_STARTED', text: 'up' });
    expect(await supervisor.retryGroup('up')).toEqual([]);
    expect(await supervisor.retryGroup('nosuch')).toBeNull();
    expect(await supervisor.retryAll()).toEqual([
      { group: 'waits', process: 'waits', outcome: 'done' },
      { group: 'fatal', process: 'fatal', outcome: 'done' },
    ]);
    expect(supervisor.view('stopped', 'stopped')?.state).toBe('STOPPED');
    for (const name of ['waits', 'fatal']) up(name);
    await supervisor.stopForGood();
  });

  it('names that are not there are BAD_NAME, groups null', async () => {
    const { supervisor } = await house([]);
    expect(await supervisor.start('x', 'x', true)).toEqual({ refused: 'BAD_NAME', text: 'x' });
    expect(await supervisor.stop('g', 'x', true)).toEqual({ refused: 'BAD_NAME', text: 'g:x' });
    expect(await supervisor.startGroup('g', true)).toBeNull();
    expect(await supervisor.signal('a', 'a', 'HUP')).toEqual({ refused: 'BAD_NAME', text: 'a' });
  });
});

describe('the way down', () => {
  it('stops priorities one after the other, highest number first, equals together', async () => {
    const ended: string[] = [];
    const { supervisor, runners, up, events } = await house(
      [one('a', {}, 1), one('b', {}, 5), one('c', {}, 5), one('d', {}, 9)],
      () => undefined,
    );
    for (const name of ['a', 'b', 'c', 'd']) up(name);
    const done = supervisor.stopForGood().then(() => ended.push('done'));
    const stopping = (): string =>
      [...runners]
        .filter(([, runner]) => runner.told.includes('stop'))
        .map(([name]) => name)
        .join('');
    const end = async (name: string): Promise<void> => {
      runners
        .get(name)!
        .report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    };
    expect(stopping()).toBe('d');
    await end('d');
    expect(stopping()).toBe('bcd');
    await end('b');
    expect(stopping()).toBe('bcd');
    await end('c');
    expect(stopping()).toBe('abcd');
    await end('a');
    await done;
    expect(events.at(-1)).toMatchObject({ type: 'process-state', process: 'a' });
    expect(events.filter(({ type }) => type === 'supervisor-state')).toEqual([
      { type: 'supervisor-state', state: 'RUNNING' },
      { type: 'supervisor-state', state: 'STOPPING' },
    ]);
  });

  it('adopts nothing on the way down', async () => {
    const { supervisor, runners } = await house([one('a', { autostart: false })]);
    await supervisor.stopForGood();
    runners.get('a')!.appear({ pid: 9, since: 0 });
    expect(runners.get('a')!.told).toEqual(['close']);
  });
});

describe('a reload by difference', () => {
  it('says what is added, changed and removed, and adopts nothing until it is told to', async () => {
    const { supervisor, read, runners } = await house([
      one('a', { autostart: false }),
      one('b', { autostart: false }),
    ]);
    read([one('a', { autostart: false, priority: 5 }), one('c', { autostart: false })]);
    const found = { added: ['c'], changed: ['a'], removed: ['b'] };
    expect(await supervisor.reread()).toEqual(found);
    expect(await supervisor.reread()).toEqual(found);
    expect(supervisor.groups().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await supervisor.removeGroup('b')).toBe('done');
    expect(await supervisor.addGroup('c')).toBe('done');
    expect(await supervisor.addGroup('c')).toEqual({ refused: 'ALREADY_ADDED', text: 'c' });
    expect(await supervisor.addGroup('zz')).toEqual({ refused: 'BAD_NAME', text: 'zz' });
    expect(supervisor.groups().map(({ name }) => name)).toEqual(['a', 'c']);
    expect(runners.get('b')!.told).toEqual(['close']);
    await supervisor.stopForGood();
  });
});

describe('an update of one group', () => {
  const workers = (...change: Partial<ProcessSpec>[]): GroupSpec =>
    group(
      'w',
      999,
      change.map((each, index) => specWith({ name: `w${String(index)}`, group: 'w', ...each })),
    );

  it('restarts the process that has changed, starts the new one, stops the one that is gone, and leaves the rest', async () => {
    const { supervisor, read, runners, up, lines, events } = await house([workers({}, {}, {}, {})]);
    for (const name of ['w0', 'w1', 'w2', 'w3']) up(name);
    const before = new Map(runners);
    events.length = 0;
    read([
      group('w', 999, [
        specWith({ name: 'w0', group: 'w' }),
        specWith({ name: 'w1', group: 'w', command: 'other' }),
        specWith({ name: 'w2', group: 'w', stopWaitSeconds: 77 }),
        specWith({ name: 'w4', group: 'w' }),
      ]),
    ]);
    expect(await supervisor.planUpdate()).toMatchObject([{ group: 'w', act: 'change' }]);
    expect(events).toEqual([]);
    const done = await supervisor.updateGroup('w');
    expect(done).toMatchObject({
      processes: [
        { process: 'w0', act: 'keep' },
        { process: 'w1', act: 'restart' },
        { process: 'w2', act: 'change' },
        { process: 'w4', act: 'add' },
        { process: 'w3', act: 'remove' },
      ],
    });
    expect(before.get('w0')!.told).toEqual(['launch', 'reconfigure']);
    expect(before.get('w1')!.told).toEqual(['launch', 'stop', 'close']);
    expect(before.get('w2')!.told).toEqual(['launch', 'reconfigure']);
    expect(before.get('w3')!.told).toEqual(['launch', 'stop', 'close']);
    expect(runners.get('w1')!.told).toEqual(['launch']);
    expect(runners.get('w4')!.told).toEqual(['launch']);
    expect(supervisor.views().map(({ name, state }) => `${name} ${state}`)).toEqual([
      'w0 RUNNING',
      'w1 STARTING',
      'w2 RUNNING',
      'w4 STARTING',
    ]);
    expect(supervisor.units().find(({ spec }) => spec.name === 'w2')?.spec.stopWaitSeconds).toBe(77);
    expect(events.filter(({ type }) => type.startsWith('group-'))).toEqual([]);
    expect(lines).toContain(
      'updated: w (programs): w1 restarted (command); w2 changed without a restart (stopwaitsecs); w4 added; w3 removed',
    );
    expect(await supervisor.planUpdate()).toEqual([]);
    expect(await supervisor.updateGroup('w')).toBeNull();
    for (const name of ['w1', 'w4']) up(name);
    await supervisor.stopForGood();
  });

  it('starts again what ran by hand, and leaves what was down and does not start by itself', async () => {
    const off = { autostart: false };
    const { supervisor, read, runners, up } = await house([workers(off, off)]);
    void supervisor.start('w', 'w0', false);
    up('w0');
    read([workers({ ...off, command: 'other' }, { ...off, command: 'other' })]);
    await supervisor.planUpdate();
    await supervisor.updateGroup('w');
    expect(runners.get('w0')!.told).toEqual(['launch']);
    expect(runners.get('w1')!.told).toEqual([]);
    up('w0');
    await supervisor.stopForGood();
  });

  it('of one whose processes all change is told as a group that went and came', async () => {
    const { supervisor, read, events, up } = await house([one('a')]);
    up('a');
    events.length = 0;
    read([one('a', { command: 'other' })]);
    await supervisor.planUpdate();
    await supervisor.updateGroup('a');
    expect(events.filter(({ type }) => type.startsWith('group-'))).toEqual([
      { type: 'group-removed', group: 'a' },
      { type: 'group-added', group: 'a' },
    ]);
    up('a');
    await supervisor.stopForGood();
  });

  it('lets go of nothing that does not stop, and says so; one update of a group at a time', async () => {
    const { supervisor, read, runners, up } = await house([one('a')], () => undefined);
    up('a');
    runners.get('a')!.report({ type: 'lost', reason: 'engine away' });
    read([one('a', { command: 'other' })]);
    await supervisor.planUpdate();
    const first = supervisor.updateGroup('a');
    expect(await supervisor.updateGroup('a')).toEqual({
      refused: 'FAILED',
      text: 'a is being updated already',
    });
    clock.advance(60_000);
    expect(await first).toMatchObject({
      refused: 'FAILED',
      text: expect.stringContaining('still UNKNOWN') as string,
    });
    expect(runners.get('a')!.told).toEqual(['launch', 'stop']);
    expect(supervisor.units()[0]?.spec.command).not.toBe('other');
    runners.get('a')!.report({ type: 'exited', exit: { kind: 'unknown', reason: 'x' }, diedAt: 0 });
    await supervisor.stopForGood();
  });

  it('starts again what has ended and waits for its restart', async () => {
    const backoff = {
      kind: 'linear',
      initialSeconds: 60,
      maxSeconds: 0,
      jitter: 0,
      resetAfterSeconds: 0,
    } as const;
    const { supervisor, read, runners, up } = await house([one('a', { autorestart: 'always', backoff })]);
    up('a');
    runners
      .get('a')!
      .report({ type: 'exited', exit: { kind: 'code', code: 1, oomKilled: false }, diedAt: clock.now() });
    expect(supervisor.units()[0]!.unit().state.name).toBe('RESTARTING');
    read([one('a', { autorestart: 'always', backoff, autostart: false, command: 'other' })]);
    await supervisor.planUpdate();
    await supervisor.updateGroup('a');
    expect(runners.get('a')!.told).toEqual(['launch']);
    up('a');
    await supervisor.stopForGood();
  });

  it('starts again what was ordered up while it waited for the stop', async () => {
    const { supervisor, read, runners, up } = await house(
      [one('a', { autorestart: 'always' })],
      () => undefined,
    );
    up('a');
    runners.get('a')!.report({ type: 'lost', reason: 'engine away' });
    await supervisor.stop('a', 'a', false);
    read([one('a', { autorestart: 'always', autostart: false, command: 'other' })]);
    await supervisor.planUpdate();
    const update = supervisor.updateGroup('a');
    await expect.poll(() => runners.get('a')!.told).toHaveLength(3);
    // Refused in supervisord's words, and taken for what is wanted.
    await supervisor.start('a', 'a', false);
    runners
      .get('a')!
      .report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
    expect(await update).toMatchObject({ act: 'change' });
    expect(runners.get('a')!.told).toEqual(['launch']);
    up('a');
    const down = supervisor.stopForGood();
    runners
      .get('a')!
      .report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
    await down;
  });

  it('makes no group a second time that others have added while it waited', async () => {
    const { supervisor, read, runners, events, up, configOf } = await house([one('a')], () => undefined);
    up('a');
    const next = [one('b')];
    read(next);
    const reload = supervisor.reload(configOf(next));
    expect(await supervisor.updateGroup('b')).toMatchObject({ act: 'add' });
    const added = runners.get('b');
    runners
      .get('a')!
      .report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
    await reload;
    expect(runners.get('b')).toBe(added);
    expect(events.filter(({ type }) => type === 'group-added')).toHaveLength(2);
    up('b');
    const down = supervisor.stopForGood();
    runners
      .get('b')!
      .report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
    await down;
  });

  it('makes one group of two orders to add it at one time', async () => {
    const { supervisor, read, runners, up } = await house([]);
    read([one('a')]);
    await supervisor.reread();
    const first = supervisor.addGroup('a');
    expect(await supervisor.addGroup('a')).toEqual({ refused: 'ALREADY_ADDED', text: 'a' });
    const made = runners.get('a');
    expect(await first).toBe('done');
    expect(runners.get('a')).toBe(made);
    expect(supervisor.units()).toHaveLength(1);
    up('a');
    await supervisor.stopForGood();
  });

  it('is refused for a group that neither the file nor the daemon knows', async () => {
    const { supervisor } = await house([]);
    expect(await supervisor.updateGroup('x')).toEqual({ refused: 'BAD_NAME', text: 'x' });
    await supervisor.stopForGood();
  });

  it('starts nothing when the way down has begun meanwhile', async () => {
    const { supervisor, read, runners, up } = await house([one('a')], () => undefined);
    up('a');
    const old = runners.get('a')!;
    read([one('a', { command: 'other' })]);
    await supervisor.planUpdate();
    const update = supervisor.updateGroup('a');
    const down = supervisor.stopForGood();
    old.report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
    expect(await update).toMatchObject({ refused: 'SHUTDOWN_STATE' });
    await down;
    expect(runners.get('a')).toBe(old);
  });

  it('adds nothing when all is down by the time at which what had to go is gone', async () => {
    const { supervisor, runners, up, configOf } = await house([one('a')], () => undefined);
    up('a');
    const reload = supervisor.reload(configOf([one('b')]));
    const down = supervisor.stopForGood();
    runners
      .get('a')!
      .report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
    await Promise.all([reload, down]);
    expect(runners.has('b')).toBe(false);
  });
});

describe('a reload of everything', () => {
  it('leaves what has not changed, and starts what starts by itself and is down', async () => {
    const { supervisor, runners, up, configOf } = await house([one('a'), one('b'), one('c'), one('d')]);
    for (const name of ['a', 'b', 'c', 'd']) up(name);
    await supervisor.stop('b', 'b', true);
    const [a, b] = [runners.get('a')!, runners.get('b')!];
    await supervisor.reload(configOf([one('a'), one('b'), one('c', { command: 'other' }), one('e')]));
    expect(a.told).toEqual(['launch']);
    expect(b.told).toEqual(['launch', 'stop', 'launch']);
    expect(runners.get('c')!.told).toEqual(['launch']);
    expect(runners.get('d')!.told).toEqual(['launch', 'stop', 'close']);
    expect(runners.get('e')!.told).toEqual(['launch']);
    for (const name of ['b', 'c', 'e']) up(name);
    await supervisor.stopForGood();
  });
});

describe('the view', () => {
  it('is sorted by group and process as plain strings', async () => {
    const many = group(
      'w',
      999,
      ['w1', 'w2', 'w10'].map((name) => specWith({ name, group: 'w', autostart: false })),
    );
    const { supervisor } = await house([many, one('a', { autostart: false })]);
    expect(supervisor.views().map((view) => `${view.group}:${view.name}`)).toEqual([
      'a:a',
      'w:w1',
      'w:w10',
      'w:w2',
    ]);
    await supervisor.stopForGood();
  });

  it('is already the new one when a listener is told of a change', async () => {
    const { supervisor, runners, events } = await house([one('a', { startSeconds: 0 })]);
    runners.get('a')!.report({ type: 'spawned', pid: 7, since: 0 });
    expect(supervisor.view('a', 'a')).toMatchObject({ state: 'RUNNING', pid: 7 });
    expect(
      events.map((event) => (event.type === 'process-state' ? event.transition.to : event.type)),
    ).toEqual(['group-added', 'supervisor-state', 'order', 'STARTING', 'spawned', 'RUNNING']);
    await supervisor.stopForGood();
  });
});

describe('since when it has run', () => {
  const startOf = (house_: Awaited<ReturnType<typeof house>>): number =>
    (house_.supervisor.view('a', 'a')?.start ?? 0) - Math.floor(clock.wall() / 1000);
  it('is its own start: of what was found running, of another life after UNKNOWN, of what ended unseen', async () => {
    const of = await house([one('a', { autostart: false, autorestart: 'never' })], () => undefined);
    const runner = of.runners.get('a')!;
    runner.appear({ pid: 7, since: clock.now() - 300_000 });
    expect(startOf(of)).toBe(-300);
    runner.report({ type: 'lost', reason: 'away' });
    runner.report({ type: 'found', pid: 8, since: clock.now() - 60_000 });
    runner.report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
    expect(startOf(of)).toBe(-60);
    await of.supervisor.start('a', 'a', false);
    expect(startOf(of)).toBe(0);
    runner.report({ type: 'spawned', pid: 0, since: clock.now() - 900_000, adopted: true });
    runner.report({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
    expect(of.supervisor.view('a', 'a')?.state).toBe('EXITED');
    expect(startOf(of)).toBe(-900);
    await of.supervisor.stopForGood();
  });
});

it('what a start of the daemon is told to leave is not started by it, and can be started as ever', async () => {
  const { supervisor } = await house([one('a', {}), one('b', {})], undefined, new Set(['a:a']));
  expect(supervisor.views().map(({ name, state }) => [name, state])).toEqual([
    ['a', 'STOPPED'],
    ['b', 'STARTING'],
  ]);
  await supervisor.start('a', 'a', false);
  expect(supervisor.view('a', 'a')?.state).toBe('STARTING');
});

describe('orders on the bus', () => {
  const ordersOf = (events: readonly BusEvent[]): readonly string[] =>
    events.flatMap((event) =>
      event.type === 'order' ? [`${event.process} ${event.order}: ${event.why}`] : [],
    );
  it('while it is UNKNOWN, an order that changes what is wanted is told, though nothing can be done', async () => {
    const { supervisor, runners, events, up } = await house([one('a')], () => undefined);
    up('a');
    runners.get('a')!.report({ type: 'lost', reason: 'away' });
    await supervisor.start('a', 'a', false);
    await supervisor.stop('a', 'a', false);
    await supervisor.start('a', 'a', false);
    expect(ordersOf(events).slice(1)).toEqual(['a stop: an order', 'a start: an order']);
  });

  it('each says where it comes from, and stands before what comes of it', async () => {
    const { supervisor, events, up, runners } = await house([
      one('a'),
      one('b', { autostart: false, startRetries: 3 }),
    ]);
    up('a');
    await supervisor.signal('a', 'a', 'HUP');
    await supervisor.stop('a', 'a', false);
    await supervisor.start('b', 'b', false);
    runners.get('b')!.report({ type: 'spawnFailed', message: 'no' });
    await supervisor.retry('b', 'b');
    expect(ordersOf(events)).toEqual([
      'a start: it has autostart=true',
      'a signal HUP: an order',
      'a stop: an order',
      'b start: an order',
      'b start: an order to retry',
    ]);
    const ofB = events.filter((event) => 'process' in event && event.process === 'b');
    expect(ofB.map(({ type }) => type).slice(0, 2)).toEqual(['order', 'process-state']);
    up('b');
    await supervisor.stopForGood();
    expect(ordersOf(events).slice(5)).toEqual(['b stop: dockvisord shuts down']);
  });

  it('what is refused, or changes nothing, is none', async () => {
    const { supervisor, events } = await house([one('a', { autostart: false })]);
    await supervisor.stop('a', 'a', false);
    await supervisor.signal('a', 'a', 'HUP');
    await supervisor.stopForGood();
    expect(ordersOf(events)).toEqual([]);
  });

  it('a daemon that takes over says so', async () => {
    const { supervisor, events, up } = await house([one('a'), one('b')]);
    for (const name of ['a', 'b']) up(name);
    await supervisor.stopForGood();
    events.length = 0;
    await supervisor.boot({ rest: new Set(), resume: new Set(['a:a']), stop: new Set(['b:b']) });
    expect(ordersOf(events)).toEqual([
      'a start: it was up when the former dockvisord ended',
      'b start: its stop was under way when the former dockvisord ended',
      'b stop: its stop was under way when the former dockvisord ended',
    ]);
    for (const name of ['a', 'b']) up(name);
    await supervisor.stopForGood();
  });
});
