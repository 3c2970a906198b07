/** The paragraphs, by example; and that every state has one, whatever is known. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wireStates } from '../../../src/core/unit/states.ts';
import type { WireStateName } from '../../../src/core/unit/states.ts';
import {
  ask,
  cameUp,
  change,
  code,
  commands,
  daemon,
  facts,
  nowSeconds,
  order,
  rules,
  said,
  secondsAgo,
  spawned,
  withContainer,
} from './past-of.ts';
import type { Step } from './past-of.ts';

const down = [order('stop'), change('RUNNING', 'STOPPING'), change('STOPPING', 'STOPPED', { exit: code(0) })];
const untilStart =
  'It stays so until it is started by an order, by a reload, or by the first start of dockvisord after a shutdown or a boot (autostart=true).';

describe('STOPPED', () => {
  test('by an order', () => {
    expect(said(facts('STOPPED'), [...cameUp, ...down])).toBe(
      `web is STOPPED since [10 seconds ago]: it was stopped at [30 seconds ago] by an order. It ended with exit code 0. It had been RUNNING since [100 seconds ago]. ${untilStart}`,
    );
  });
  test('because the daemon shut down, after a kill', () => {
    const steps: readonly Step[] = [
      ...cameUp,
      order('stop', 'dockvisord shuts down'),
      change('RUNNING', 'STOPPING'),
      { kind: 'killing', pid: 7 },
      change('STOPPING', 'STOPPED', { exit: code(137) }),
      daemon('stopped'),
    ];
    expect(said(facts('STOPPED'), steps)).toContain(
      'it was stopped at [50 seconds ago] because dockvisord shuts down. It did not end within its grace of 10 seconds and its kill was ordered at [30 seconds ago]. It ended with exit code 137 (128 + 9: SIGKILL).',
    );
  });
  test('while a pause before the next try was waited for', () => {
    const steps = [
      ...cameUp.slice(0, 2),
      change('STARTING', 'BACKOFF', { cause: 'no' }),
      order('stop'),
      change('BACKOFF', 'STOPPED'),
    ];
    expect(said(facts('STOPPED'), steps)).toContain('it was stopped at [20 seconds ago] by an order.');
  });
  test('an order of another life is not taken for that of this one', () => {
    const steps = [...cameUp, ...down, ...cameUp, change('RUNNING', 'STOPPED')];
    expect(said(facts('STOPPED'), steps)).toContain('who ordered that is not in the history');
  });
  test('never started', () => {
    expect(said(facts('STOPPED', { start: 0 }), [], { autostart: false })).toBe(
      'web is STOPPED: it has not been started, and it does not start by itself (autostart=false). The history has nothing of it. It stays so until it is started by an order (autostart=false).',
    );
  });
  test('left down by the daemon that came after a shutdown', () => {
    const ended = [...cameUp, change('RUNNING', 'EXITED', { exit: code(0) }), daemon('started')];
    expect(said(facts('STOPPED'), ended, { autostart: false })).toContain(
      'web is STOPPED: dockvisord was started at [10 seconds ago] and left it down, and it does not start by itself (autostart=false). It had been EXITED since [20 seconds ago], after it had ended with exit code 0.',
    );
  });
});

describe('STARTING', () => {
  test('being launched', () => {
    expect(said(facts('STARTING'), cameUp.slice(0, 2))).toBe(
      'web is STARTING since [10 seconds ago]: it was started at [20 seconds ago] because it has autostart=true. It is being launched: the Engine has not said yet that the container runs.',
    );
  });
  test('waiting for startsecs, or for its own word', () => {
    const up = facts('STARTING', { pid: 7 });
    expect(said(up, cameUp.slice(0, 3), { startsecs: 5 })).toContain(
      'counts as RUNNING once it has run for 5 seconds (startsecs).',
    );
    expect(said(up, cameUp.slice(0, 3), { says_ready: true })).toContain('once it says that it is ready');
  });
  test('tried again', () => {
    const steps = [
      ...cameUp.slice(0, 2),
      change('STARTING', 'BACKOFF', { cause: 'it did not come up', tries: 1 }),
      change('BACKOFF', 'STARTING'),
    ];
    expect(said(facts('STARTING'), steps)).toContain(
      'it was tried again after 1 failed try; the last failed at [20 seconds ago]: it did not come up.',
    );
  });
});

describe('RUNNING', () => {
  test('what happens at its end is told by its policy', () => {
    expect(said(facts('RUNNING'), cameUp)).toBe(
      'web is RUNNING since [60 minutes ago]: it was started at [40 seconds ago] because it has autostart=true. When it ends, it is started again, unless its exit code is 0 (autorestart=unexpected).',
    );
    expect(said(facts('RUNNING'), cameUp, { autorestart: 'always' })).toContain('however it ends');
    expect(said(facts('RUNNING'), cameUp, { autorestart: 'never' })).toContain('it stays down');
    expect(commands(facts('RUNNING'), cameUp)).toEqual(['dockvisorctl stop web', 'dockvisorctl restart web']);
  });
  test('taken over by the next daemon', () => {
    const steps = [
      ...cameUp,
      daemon('started'),
      order('start', 'it was up when the former dockvisord ended'),
      change('STOPPED', 'STARTING'),
      spawned(true),
      change('STARTING', 'RUNNING'),
    ];
    // As long as it has been up by the history of the former daemon.
    expect(said(facts('RUNNING', { start: nowSeconds - 100 }), steps)).toContain(
      'it was taken up at [40 seconds ago] because it was up when the former dockvisord ended; it ran already, and was not restarted.',
    );
    expect(said(facts('RUNNING', { start: nowSeconds - 70 }), steps)).toContain(
      'because it was up when the former dockvisord ended; somebody else had started it anew at [70 seconds ago], and it was not restarted.',
    );
    // Killed in the midst of a restart of its own.
    const restarted = [
      ...cameUp,
      change('RUNNING', 'EXITED', { exit: code(1), started: secondsAgo(100) }),
      change('EXITED', 'STARTING'),
      spawned(),
      ...steps.slice(cameUp.length),
    ];
    expect(said(facts('RUNNING', { start: nowSeconds - 70 }), restarted)).toContain(
      '; it ran already, and was not restarted.',
    );
  });
  test.each(['STOPPED', 'EXITED', 'BACKOFF', 'FATAL'] as const)(
    'started by somebody else while it was %s',
    (from) => {
      const steps = [change(from, 'STARTING'), spawned(true), change('STARTING', 'RUNNING')];
      expect(said(facts('RUNNING'), steps)).toContain('somebody else had started the container');
    },
  );
  test('started again after an end, which is counted', () => {
    const again = [
      change('RUNNING', 'EXITED', { exit: code(1), expected: false }),
      change('EXITED', 'STARTING'),
      spawned(),
      change('STARTING', 'RUNNING'),
    ];
    expect(said(facts('RUNNING'), [...cameUp, ...again, ...again])).toContain(
      'it was started again after it had ended with exit code 1, at [40 seconds ago]. In the last hour it has ended by itself or failed to start at least twice, the last time at [40 seconds ago], with exit code 1.',
    );
  });
  test('paused, unhealthy', () => {
    const paused = facts('RUNNING', { container: withContainer({ state: 'paused' }) });
    expect(said(paused, cameUp)).toContain('Container web is paused: it stands still');
    expect(commands(paused, cameUp)[0]).toBe('docker unpause web');
    const ill = facts('RUNNING', { container: withContainer({ state: 'running', health: 'unhealthy' }) });
    expect(said(ill, cameUp)).toContain('is unhealthy by its own health check');
  });
});

test('BACKOFF: which try, its failure, when the next one comes, and when it is given up', () => {
  const failed = change('STARTING', 'BACKOFF', {
    cause: 'Exited too quickly (process log may have details)',
    exit: code(3),
    tries: 2,
  });
  const now = facts('BACKOFF', {
    description: 'Exited too quickly, next try in 2 s, container web exited 3',
  });
  expect(said(now, [...cameUp.slice(0, 3), failed])).toBe(
    'web is BACKOFF since [10 seconds ago]: its try number 2 failed: Exited too quickly (process log may have details); it ended with exit code 3. It is tried again in 2 seconds. After 2 more failures it is given up and is FATAL (startretries=3).',
  );
  expect(said(now, [...cameUp, failed], { startretries: -1 })).toContain('It is tried for ever');
  expect(commands(now, [...cameUp, failed])[0]).toBe('dockvisorctl retry web');
});

test('STOPPING: who ordered it, and when it is killed', () => {
  const steps = [...cameUp, order('stop'), change('RUNNING', 'STOPPING')];
  expect(said(facts('STOPPING'), steps, { stopwaitsecs: 60 })).toBe(
    'web is STOPPING since [10 seconds ago]: it is being stopped by an order. It has 50 seconds more to end by itself, then it is killed (stopwaitsecs=60).',
  );
  expect(said(facts('STOPPING'), [...steps, { kind: 'killing', pid: 7 }])).toContain(
    'It did not end within its grace: its kill was ordered at [10 seconds ago], and it has not ended yet.',
  );
});

describe('EXITED', () => {
  test('nobody ordered it, and it is not started again', () => {
    expect(said(facts('EXITED'), [...cameUp, change('RUNNING', 'EXITED', { exit: code(0) })])).toBe(
      `web is EXITED since [10 seconds ago]: it ended with exit code 0, as expected (exitcodes=0). Nobody had ordered that through dockvisord: it ended by itself, or somebody stopped it through the Engine (docker stop, docker kill). It had been RUNNING since [100 seconds ago]. It is not started again (autorestart=unexpected, and this was expected). ${untilStart}`,
    );
  });
  test('for want of memory', () => {
    const oom = change('RUNNING', 'EXITED', { exit: code(137, true), expected: false });
    const text = said(facts('EXITED'), [...cameUp, oom], { autorestart: 'never' });
    expect(text).toContain(
      'it ended with exit code 137 (128 + 9: SIGKILL), killed for want of memory (OOM), which was not expected (exitcodes=0).',
    );
    expect(text).not.toContain('Nobody');
  });
  test('while no daemon was there', () => {
    const finished_at = new Date((nowSeconds - 3600) * 1000).toISOString();
    const now = facts('EXITED', { container: withContainer({ finished_at }) });
    expect(said(now, [...cameUp, change('RUNNING', 'EXITED', { exit: code(0) })])).toContain(
      'The container had ended already at [60 minutes ago], while nobody looked.',
    );
  });
  test('after a signal that was ordered', () => {
    const steps = [...cameUp, order('signal HUP'), change('RUNNING', 'EXITED', { exit: code(129) })];
    expect(said(facts('EXITED'), steps)).toContain('SIGHUP had been sent to it by an order at');
  });
  test('on its way to the next start', () => {
    const end = change('RUNNING', 'EXITED', { exit: code(1), expected: false });
    expect(said(facts('EXITED'), [...cameUp, end])).toContain('It is started again at once');
    expect(said(facts('EXITED', { description: 'next try in 7 s' }), [...cameUp, end])).toContain(
      'It is started again in 7 seconds',
    );
  });
});

describe('FATAL', () => {
  test('after too many tries', () => {
    const steps = [
      ...cameUp.slice(0, 2),
      change('STARTING', 'BACKOFF', { cause: 'cannot start container web', tries: 4 }),
      change('BACKOFF', 'FATAL', { cause: 'too many start retries too quickly' }),
    ];
    const now = facts('FATAL', { container: withContainer({ state: 'created', error: 'no such file' }) });
    expect(said(now, steps)).toBe(
      'web is FATAL since [10 seconds ago]: it was given up after 4 failed tries in a row (startretries=3). The last try, at [20 seconds ago], failed: cannot start container web. The Engine says of container web: no such file. It is not tried again until it is started by an order, by a reload, or by the next start of dockvisord (autostart=true).',
    );
  });
  test('because no further try can succeed', () => {
    const steps = [
      change('STARTING', 'BACKOFF', { cause: 'the name is taken', tries: 1 }),
      change('BACKOFF', 'FATAL', { cause: 'the name is taken by web2: docker rm web2' }),
    ];
    expect(said(facts('FATAL'), steps)).toContain(
      'it was given up: the name is taken by web2: docker rm web2.',
    );
  });
});

test('UNKNOWN: the reason, and what is wished', () => {
  const now = facts('UNKNOWN', {
    description: 'cannot reach unix:///x: nobody listens there, container web unknown',
  });
  const lost = change('RUNNING', 'UNKNOWN', { cause: 'cannot reach unix:///x' });
  expect(said(now, [...cameUp, lost])).toContain(
    'it cannot be known whether it runs: cannot reach unix:///x: nobody listens there. When it was last known it was RUNNING. Nothing is restarted on a guess',
  );
  expect(said(now, [...cameUp, lost, order('stop')])).toContain('It is to be stopped');
});

test('of a supervisord only what it says, and that it keeps no history', () => {
  const text = said(facts('RUNNING', { description: 'pid 7, uptime 1:00:00', container: null }), null, {
    autorestart: null,
  });
  expect(text).toContain(
    'Its manager says: Pid 7, uptime 1:00:00. It is a supervisord, which keeps no history.',
  );
  expect(text).not.toContain('autorestart=');
});

test('commands can be copied: names with blanks, other Engines', () => {
  const other = facts('FATAL', {
    name: "it's me",
    container: withContainer({ engine: 'tcp://far:2376' }),
  });
  expect(commands(other, [])).toEqual([
    `dockvisorctl start 'web:it'\\''s me'`,
    'docker -H tcp://far:2376 logs --tail 50 web',
    'docker -H tcp://far:2376 inspect web',
  ]);
});

test('commands speak to the manager that was asked', () => {
  const place = ['-c', '/etc/my own.conf', '-s', 'unix:///run/x.sock'];
  expect(commands(facts('STOPPED'), [], {}, place)).toEqual([
    `dockvisorctl -c '/etc/my own.conf' -s unix:///run/x.sock start web`,
  ]);
  const unknown = facts('UNKNOWN');
  expect(commands(unknown, [], {}, place)).toContain(`dockvisor doctor -c '/etc/my own.conf'`);
  expect(commands(unknown, [], {}, place.slice(2))).toContain('dockvisor doctor');
});

const states = Object.keys(wireStates) as WireStateName[]; // the keys of a constant object are its own
const anyState = fc.constantFrom(...states);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(anyState, anyState, fc.constantFrom('', 'why not'), fc.option(fc.integer({ min: 0, max: 255 })))
    .map(([from, to, cause, n]) => change(from, to, { cause, exit: n === null ? null : code(n) })),
  fc.constantFrom('start', 'stop', 'signal HUP').map((name) => order(name)),
  fc.boolean().map(spawned),
  fc.constant<Step>({ kind: 'killing', pid: 7 }),
  fc.constant<Step>({ kind: 'ghost', found: 'a container runs', done: '' }),
  fc.constantFrom('started' as const, 'stopped' as const).map(daemon),
);

test('every state has one paragraph that says nothing strange, whatever happened', () => {
  fc.assert(
    fc.property(
      anyState,
      fc.option(fc.array(anyStep, { maxLength: 12 })),
      fc.option(fc.constantFrom(null, 'never', 'always', 'unexpected')),
      fc.boolean(),
      fc.constantFrom(0, 1_795_910_400),
      (state, steps, autorestart, isPlain, start) => {
        const now = facts(state, { start, ...(isPlain ? { container: null } : {}) });
        const {
          paragraph,
          evidence,
          next,
          commands: list,
        } = ask(now, steps, autorestart === undefined ? null : { ...rules, autorestart });
        expect(paragraph).toMatch(new RegExp(`^web is ${state}[ :.]`));
        expect(paragraph).not.toMatch(/undefined|NaN|null|\[object|\n|\.\.|: \.|  /);
        expect(next).toMatch(/\.$/);
        expect(evidence.every((text) => text.endsWith('.'))).toBe(true);
        expect(list.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 1000 },
  );
});
