/** What a wrapper tells systemd, and what it ends with, with a scripted run and a clock that is moved by hand. */
import { afterEach, describe, expect, it } from 'vitest';
import { absentView } from '../../src/docker/facts.ts';
import type { ContainerView } from '../../src/core/view.ts';
import { createBus } from '../../src/supervisor/bus.ts';
import { supervise } from '../../src/supervisor/supervised.ts';
import { dockerOf, specOf } from '../../src/wrap/program.ts';
import { startSession } from '../../src/wrap/session.ts';
import type { SessionDeps } from '../../src/wrap/session.ts';
import { createHandClock } from '../support/hand-clock.ts';
import type { HandClock } from '../support/hand-clock.ts';
import { noLogs } from '../support/no-logs.ts';
import { createScriptedRunner } from '../support/scripted-runner.ts';

let clock: HandClock;
afterEach(() => {
  expect(clock.armed(), 'an alarm is left armed').toBe(0);
});

const running = (change: Partial<ContainerView> = {}): ContainerView => ({
  ...absentView('web', 'unix:///x', 'missing', ''),
  id: 'f00',
  state: 'running',
  pid: 7,
  ...change,
});

function wrapped(change: Partial<SessionDeps> = {}, onStop: () => void = () => undefined) {
  clock = createHandClock();
  const runner = createScriptedRunner(onStop);
  const spec = specOf('web', dockerOf(null, 'web', { host: null, onGhost: 'adopt' }), 10);
  const fail = (error: unknown): never => {
    throw error instanceof Error ? error : new Error(String(error));
  };
  const bus = createBus(fail);
  const unit = supervise(spec, runner, noLogs, {
    clock,
    bus,
    mayAdopt: () => false,
    onBug: fail,
  });
  const said: string[] = [];
  const complaints: string[] = [];
  let ask: () => Promise<boolean> = () => Promise.resolve(false);
  const session = startSession({
    unit,
    bus,
    voice: {
      ready: () => void said.push('READY'),
      status: (text) => {
        if (!said.includes(text)) said.push(text);
      },
      stopping: () => void said.push('STOPPING'),
      extend: () => {
        said.push('EXTEND');
        return () => void said.push('ENOUGH');
      },
      watch: (isWell) => {
        ask = isWell;
      },
    },
    ready: 'running',
    keep: false,
    foundRunning: false,
    complain: (message) => complaints.push(message),
    runs: () => Promise.resolve(true),
    ...change,
  });
  const up = (view = running()): void => {
    runner.container = view;
    runner.report({ type: 'spawned', pid: 7, since: clock.now() });
  };
  const exit = (code: number): void => {
    runner.container = running({ state: 'exited', pid: null, exit_code: code });
    runner.report({ type: 'exited', exit: { kind: 'code', code, oomKilled: false }, diedAt: clock.now() });
  };
  return { session, runner, said, complaints, up, exit, isWell: () => ask() };
}

describe('a wrapper', () => {
  it('is ready when the container runs, and ends with its exit code', async () => {
    const { session, said, up, exit } = wrapped();
    expect(said).toEqual(['starting container web']);
    up();
    expect(said.slice(1)).toEqual(['container web running', 'READY']);
    exit(7);
    expect(await session.over).toBe(7);
  });

  it('--ready=healthy: is ready when the health check says so', async () => {
    const { session, runner, said, complaints, up, exit } = wrapped({ ready: 'healthy' });
    up(running({ health: 'starting' }));
    runner.container = running({ health: 'unhealthy' });
    session.look();
    session.look();
    expect(said).not.toContain('READY');
    expect(complaints).toHaveLength(1);
    runner.container = running({ health: 'healthy' });
    session.look();
    expect(said.slice(-2)).toEqual(['container web running (healthy)', 'READY']);
    exit(0);
    await session.over;
  });

  it('--ready=healthy without a health check: stops what it started and says 125', async () => {
    const { session, runner, complaints, up, exit } = wrapped({ ready: 'healthy' });
    up();
    await Promise.resolve();
    expect(runner.told).toEqual(['launch', 'stop']);
    exit(0);
    expect(await session.over).toBe(125);
    expect(complaints[0]).toContain('no health check');
  });

  it('--ready=healthy without a health check: leaves alone what ran before', async () => {
    const { session, runner, up } = wrapped({ ready: 'healthy', foundRunning: true });
    up();
    expect(await session.over).toBe(125);
    expect(runner.told).toEqual(['launch']);
  });

  it('stops for real, and asks for time until it is over', async () => {
    const { session, runner, said, up, exit } = wrapped();
    up();
    session.stop();
    session.stop();
    expect(said.slice(-3)).toEqual(['STOPPING', 'EXTEND', 'stopping container web: it has 10 s']);
    expect(runner.told).toEqual(['launch', 'stop']);
    exit(137);
    expect(await session.over).toBe(137);
    expect(said.at(-1)).toBe('ENOUGH');
  });

  it('--keep: leaves the container running, and ends well', async () => {
    const { session, runner, said, up } = wrapped({ keep: true });
    up();
    session.stop();
    expect(await session.over).toBe(0);
    expect(runner.told).toEqual(['launch']);
    expect(said.at(-1)).toBe('container "web" is left running (--keep)');
  });

  it('--keep: what is only being started is called back', async () => {
    const { session, runner } = wrapped({ keep: true });
    session.stop();
    expect(runner.told).toEqual(['launch', 'cancel']);
    runner.report({ type: 'spawnFailed', message: 'called off' });
    expect(await session.over).toBe(0);
  });

  it.each([
    ['exec: "nix": executable file not found in $PATH', 127],
    ['exec: "/etc": permission denied', 126],
    ['No such image: nix', 125],
  ])('a launch that fails with %s ends with %i', async (message, code) => {
    const { session, runner, complaints } = wrapped();
    runner.report({ type: 'spawnFailed', message });
    expect(await session.over).toBe(code);
    expect(complaints).toEqual([`Cannot start container "web": ${message}`]);
  });

  it('passes signals on, and says so when there is nobody to hear them', async () => {
    const { session, runner, complaints, up, exit } = wrapped();
    session.pass('HUP');
    expect(complaints).toHaveLength(1);
    up();
    session.pass('HUP');
    expect(runner.told).toEqual(['launch', 'signal HUP']);
    exit(0);
    await session.over;
  });

  it('is well only while the Engine answers that it runs', async () => {
    let answer: () => Promise<boolean> = () => Promise.resolve(true);
    const { session, runner, said, up, exit, isWell } = wrapped({ runs: () => answer() });
    up();
    expect(await isWell()).toBe(true);
    answer = () => Promise.resolve(false);
    expect(await isWell()).toBe(false);
    answer = () => Promise.reject(new Error('no answer within 1 s'));
    expect(await isWell()).toBe(false);
    expect(said.at(-1)).toBe('container "web": the Engine cannot be asked (no answer within 1 s)');
    runner.report({ type: 'lost', reason: 'gone' });
    answer = () => Promise.resolve(true);
    expect(await isWell()).toBe(false);
    runner.report({ type: 'found', pid: 7, since: 0 });
    expect(await isWell()).toBe(true);
    exit(0);
    await session.over;
  });

  it('says 125 when nobody saw the end', async () => {
    const { session, runner, complaints, up } = wrapped();
    up();
    runner.report({
      type: 'exited',
      exit: { kind: 'unknown', reason: 'the container was removed' },
      diedAt: 0,
    });
    expect(await session.over).toBe(125);
    expect(complaints[0]).toContain('the container was removed');
  });
});
