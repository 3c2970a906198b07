/** Where an explanation was once untrue: what a daemon does on its own behalf is not what became of the container. */
import { describe, expect, test } from 'vitest';
import { wasStopping, wasUp } from '../../../src/core/history/taking-up.ts';
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
  said,
  secondsAgo,
  spawned,
  withContainer,
} from './past-of.ts';
import type { Step } from './past-of.ts';

const takenUp: readonly Step[] = [daemon('started'), order('start', wasUp), change('STOPPED', 'STARTING')];
const stopTakenUp: readonly Step[] = [
  daemon('started'),
  order('start', wasStopping),
  change('STOPPED', 'STARTING'),
  order('stop', wasStopping),
  change('STARTING', 'STOPPING'),
];
const ghost = (found: string, done: string): Step => ({ kind: 'ghost', found, done });
const killing: Step = { kind: 'killing', pid: 7 };

describe('an end that dockvisord brought about by clearing the way', () => {
  const cleared = (found: string, done: string): readonly Step[] => [
    ...cameUp,
    ...takenUp,
    change('STARTING', 'BACKOFF', { cause: 'container "web" is paused', tries: 1 }),
    ghost(found, done),
    change('BACKOFF', 'STARTING'),
    { kind: 'spawned', pid: 0, adopted: true },
    change('STARTING', 'RUNNING', { started: secondsAgo(300) }),
    change('RUNNING', 'EXITED', { exit: code(137), expected: false }),
  ];
  test('is told as one', () => {
    const finished_at = secondsAgo(62);
    const now = facts('EXITED', { container: withContainer({ finished_at }) });
    const text = said(now, cleared('paused', 'stop'), { autorestart: 'never' });
    expect(text).toContain(
      'Dockvisord had ended it itself: its container was paused, and so in the way of a start, and had been stopped by [50 seconds ago].',
    );
    expect(text).not.toMatch(/Nobody|while nobody looked/);
  });
  test('is not told of what had ended already, was left, or ran again since', () => {
    for (const steps of [
      cleared('exited', 'stop-and-remove'),
      cleared('paused', 'leave'),
      [...cleared('paused', 'stop'), ...cameUp, change('RUNNING', 'EXITED', { exit: code(1) })],
    ])
      expect(said(facts('EXITED'), steps)).toContain('Nobody had ordered that');
  });
  test('by its watchdog', () => {
    const now = facts('EXITED', { description: 'Nov 29 01:00 AM, watchdog: not heard for 30 s' });
    const text = said(now, [...cameUp, change('RUNNING', 'EXITED', { exit: code(137), expected: false })]);
    expect(text).toContain('Dockvisord had killed it, because it had not been heard for 30 seconds');
    expect(text).not.toContain('Nobody');
  });
});

describe('since when it had been RUNNING', () => {
  const ended = change('RUNNING', 'EXITED', { exit: code(0) });
  test('is its own start, not that of the daemon or of the Engine answering again', () => {
    const again = change('STARTING', 'RUNNING', { started: secondsAgo(500) });
    const adopted = [...takenUp, spawned(true), again];
    const found = [change('RUNNING', 'UNKNOWN', { pid: 7 }), change('UNKNOWN', 'STARTING'), again];
    for (const steps of [adopted, found, [...adopted, ...found]])
      expect(said(facts('EXITED'), [...cameUp, ...steps, ended])).toContain(
        'It had been RUNNING since [8 minutes ago].',
      );
  });
  test('is told of a life that only a former daemon had seen RUNNING', () => {
    const stop = [order('stop'), change('RUNNING', 'STOPPING'), ...stopTakenUp];
    expect(said(facts('STOPPED'), [...cameUp, ...stop, change('STOPPING', 'STOPPED')])).toContain(
      'It had been RUNNING since [100 seconds ago].',
    );
  });
  test('is not told of another life, nor where an older daemon did not note it', () => {
    const failed = [order('start'), change('EXITED', 'STARTING'), change('STARTING', 'BACKOFF')];
    expect(said(facts('FATAL'), [...cameUp, ended, ...failed, change('BACKOFF', 'FATAL')])).not.toContain(
      'It had been',
    );
    const old = cameUp.map((step) => (step.kind === 'state' ? { ...step, started: null } : step));
    expect(said(facts('EXITED'), [...old, ended])).not.toContain('It had been');
  });
  test('is told of what a new daemon has left down', () => {
    expect(said(facts('STOPPED'), [...cameUp, daemon('started')], { autostart: false })).toContain(
      'It had been RUNNING since [100 seconds ago].',
    );
  });
});

describe('what was last known', () => {
  const away = change('STARTING', 'UNKNOWN', { cause: 'cannot reach it' });
  test.each([
    ['RUNNING', cameUp],
    ['RUNNING', [...cameUp, change('RUNNING', 'UNKNOWN', { pid: 7 })]],
    ['STARTING', cameUp.slice(0, 3)],
    ['BACKOFF', [...cameUp.slice(0, 2), change('STARTING', 'BACKOFF')]],
    ['RUNNING', [...cameUp, ...takenUp, away]],
  ] as const)('%s, where a new daemon came up without an Engine', (state, former) => {
    const text = said(facts('UNKNOWN'), [...former, ...takenUp, away]);
    expect(text).toContain(`When it was last known it was ${state}. Nothing is restarted`);
  });
  test('before a start of which nothing is known', () => {
    const steps = [
      change('BACKOFF', 'FATAL'),
      daemon('started'),
      order('start', 'it has autostart=true'),
      change('STOPPED', 'STARTING'),
      away,
    ];
    expect(said(facts('UNKNOWN'), steps)).toContain(
      'When it was last known it was FATAL; what has come of its start at [20 seconds ago] is not known.',
    );
    expect(said(facts('UNKNOWN'), steps.slice(1))).toContain(
      'What has come of its start at [20 seconds ago] is not known.',
    );
    expect(said(facts('UNKNOWN'), [...takenUp, away])).not.toContain('last known');
  });
  test('a start that comes out of it was ordered before', () => {
    const steps = [
      order('start'),
      change('STOPPED', 'STARTING'),
      away,
      spawned(),
      change('UNKNOWN', 'STARTING'),
      change('STARTING', 'RUNNING'),
    ];
    expect(said(facts('RUNNING'), steps)).toContain('it was started at [60 seconds ago] by an order.');
  });
  test('what is ordered up again is not to be stopped', () => {
    const steps = [...cameUp, order('stop'), change('RUNNING', 'STOPPING'), change('STOPPING', 'UNKNOWN')];
    expect(said(facts('UNKNOWN'), steps)).toContain('It is to be stopped');
    expect(said(facts('UNKNOWN'), [...steps, order('start')])).not.toContain('stopped');
  });
});

describe('a stop that the next daemon goes on with', () => {
  const begun: readonly Step[] = [...cameUp, order('stop'), change('RUNNING', 'STOPPING'), ...stopTakenUp];
  test('is that of the first order', () => {
    const text = said(facts('STOPPING'), [...begun, spawned(true)], { stopwaitsecs: 25 });
    expect(text).toBe(
      'web is STOPPING since [80 seconds ago]: it is being stopped by an order. The dockvisord that was told so ended meanwhile, and the next one has gone on with it since [30 seconds ago]. If it does not end by itself, it is killed in 15 seconds at the latest (stopwaitsecs=25).',
    );
  });
  test('before it has been found', () => {
    const text = said(facts('STOPPING', { pid: 0 }), begun);
    expect(text).toContain('It is looked whether container web still runs; if it does, it is stopped.');
    expect(text).not.toContain('second more');
  });
  test('after a kill, and a kill of a former daemon', () => {
    expect(said(facts('STOPPING'), [...begun, spawned(true), killing])).toContain('killed again and again');
    const killed = [...cameUp, order('stop'), change('RUNNING', 'STOPPING'), killing, ...stopTakenUp];
    const text = said(facts('STOPPING'), [...killed, spawned(true)], { stopwaitsecs: 25 });
    expect(text).toContain(
      'its kill was ordered at [70 seconds ago], and it has not ended yet. If it does not end',
    );
  });
  test('tells of its end that its grace was over, whoever killed it', () => {
    const steps = [...begun, spawned(true), change('STOPPING', 'STOPPED', { exit: code(137) })];
    expect(said(facts('STOPPED'), steps, { stopwaitsecs: 25 })).toContain(
      'it was stopped at [90 seconds ago] by an order. The dockvisord that was told so ended meanwhile, and the next one has gone on with it since [40 seconds ago]. It did not end within its grace of 25 seconds, and was killed. It ended with exit code 137 (128 + 9: SIGKILL). It had been',
    );
    const early = facts('STOPPED', { container: withContainer({ finished_at: secondsAgo(70) }) });
    expect(said(early, steps, { stopwaitsecs: 25 })).not.toContain('grace');
    const gentle = [...steps.slice(0, -1), change('STOPPING', 'STOPPED', { exit: code(143) })];
    expect(said(facts('STOPPED'), gentle, { stopwaitsecs: 25 })).not.toContain('grace');
  });
  test('and one that is found again after the Engine was away', () => {
    const steps = [
      ...cameUp,
      order('stop'),
      change('RUNNING', 'STOPPING'),
      change('STOPPING', 'UNKNOWN'),
      change('UNKNOWN', 'STOPPING'),
    ];
    expect(said(facts('STOPPING'), steps, { stopwaitsecs: 25 })).toContain(
      'it is being stopped by an order. If it does not end by itself, it is killed in 15 seconds at the latest (stopwaitsecs=25).',
    );
  });
  test('a launch that is called back has no grace yet', () => {
    const steps = [...cameUp.slice(0, 2), order('stop'), change('STARTING', 'STOPPING')];
    expect(said(facts('STOPPING', { pid: 0 }), steps)).toContain(
      'It was still on its way up when the stop came. Its launch is being called back; what comes up all the same is stopped.',
    );
    expect(said(facts('STOPPING'), [...steps, spawned()], { stopwaitsecs: 25 })).toContain(
      'It has 15 seconds more to end by itself, then it is killed',
    );
  });
});

describe('a restart policy of its own', () => {
  const own = (state: 'running' | 'restarting' | 'exited') =>
    withContainer({ state, restart_policy: 'always' });
  const without = 'docker update --restart=no web';
  const elsewhere = [change('EXITED', 'STARTING'), spawned(true), change('STARTING', 'RUNNING')];
  test('between two starts', () => {
    const now = facts('STARTING', { container: own('restarting') });
    expect(said(now, cameUp.slice(0, 2))).toContain(
      "The Engine's own restart policy (always) is between two starts of container web, and starts it again when its pause is over.",
    );
    expect(commands(now, cameUp.slice(0, 2))).toContain(without);
  });
  test('is the likely or the certain cause of a start that nobody ordered', () => {
    const now = facts('RUNNING', { container: own('running') });
    expect(said(now, elsewhere)).toContain(
      "somebody else had started the container, most likely the Engine by the container's own restart policy (always), and dockvisord took it over",
    );
    const { container } = facts('EXITED', { container: own('restarting') });
    const seen = [change('RUNNING', 'EXITED', { exit: code(1), container }), ...elsewhere];
    expect(said(now, seen)).toContain(
      'the Engine had started the container again by its own restart policy (always), and dockvisord took it over',
    );
    expect(said(now, cameUp, { autorestart: 'never' })).toContain(
      'When it ends, dockvisord does not start it again (autorestart=false). Container web has a restart policy of its own (always), by which the Engine starts it again, too, when it ends by itself.',
    );
    expect(commands(now, elsewhere)).toContain(without);
    const rests = change('RUNNING', 'EXITED', { container: facts('EXITED').container });
    expect(said(now, [rests, ...elsewhere])).toContain('somebody else had started the container, perhaps');
    expect(said(facts('RUNNING'), elsewhere)).not.toContain('policy');
  });
  test('what it started after the new daemon had come ran not already', () => {
    const steps = [...cameUp, ...takenUp, spawned(true), change('STARTING', 'RUNNING')];
    const now = (seconds: number) =>
      facts('RUNNING', { container: own('running'), start: nowSeconds - seconds });
    expect(said(now(25), steps)).toContain(
      "; somebody else had started the container at [25 seconds ago], most likely the Engine by the container's own restart policy (always).",
    );
    expect(said(now(100), steps)).toContain('; it ran already, and was not restarted.');
    expect(said(now(-300), steps)).not.toMatch(/ran already|somebody else/);
  });
  test('nothing is said to have been started before that is so', () => {
    expect(said(facts('STARTING'), [...cameUp, ...takenUp])).toContain(
      'it was to be taken up, or started, at [20 seconds ago] because it was up when the former dockvisord ended.',
    );
  });
  test('while it is down', () => {
    const end = change('RUNNING', 'EXITED', { exit: code(1), expected: false });
    const now = facts('EXITED', { container: own('restarting') });
    const text = said(now, [...cameUp, end], { autorestart: 'never' });
    expect(text).toContain('The Engine says that container web is restarting now.');
    expect(text).toContain('The Engine starts container web again when its pause is over');
    expect(text).not.toContain('It stays so');
    expect(commands(now, [...cameUp, end])).toContain(without);
    expect(said(facts('STOPPED', { container: own('exited') }), [])).toContain(
      'An Engine that is restarted starts container web again',
    );
  });
});

describe('commands that help', () => {
  const plain = { container: null };
  const quick = change('STARTING', 'BACKOFF', {
    cause: 'Exited too quickly',
    exit: code(1),
    tries: 1,
    pid: 7,
  });
  const never = change('STARTING', 'BACKOFF', { cause: "can't find command 'x'", tries: 1 });
  const fatal = (failed: Step): readonly Step[] => [
    ...cameUp.slice(0, 2),
    failed,
    change('BACKOFF', 'FATAL', { cause: 'too many start retries too quickly' }),
  ];
  test('the last words are on stderr too', () => {
    const tails = ['dockvisorctl tail web', 'dockvisorctl tail web stderr'];
    expect(commands(facts('FATAL', plain), fatal(quick)).slice(1)).toEqual(tails);
    expect(commands(facts('FATAL', { ...plain, hasStderrLog: false }), fatal(quick)).slice(1)).toEqual(
      tails.slice(0, 1),
    );
    expect(commands(facts('FATAL', { ...plain, hasStdoutLog: false }), fatal(quick)).slice(1)).toEqual(
      tails.slice(1),
    );
  });
  test('what never ran has none', () => {
    expect(commands(facts('FATAL', plain), fatal(never))).toEqual(['dockvisorctl start web']);
    expect(commands(facts('BACKOFF', plain), fatal(never).slice(0, 3))).toEqual([
      'dockvisorctl retry web',
      'dockvisorctl stop web',
    ]);
    const spawnError = "can't find command 'x'";
    expect(commands(facts('FATAL', { ...plain, spawnError }), null)).toEqual(['dockvisorctl start web']);
  });
  test('a container that is missing', () => {
    const now = facts('EXITED', { container: withContainer({ state: 'missing', id: null }) });
    const steps = [...cameUp, change('RUNNING', 'EXITED', { exit: code(0) })];
    expect(said(now, steps)).toContain(
      'The Engine says that there is no container web now; until somebody makes it, no start can succeed.',
    );
    expect(ask(now, steps).commands[0]?.to).toBe('start it, once there is such a container again');
    expect(said(now, steps, { makes_container: true })).toContain(
      'there is no container web now; a start makes it.',
    );
    expect(ask(now, steps, { makes_container: true }).commands[0]?.to).toBe('start it');
    expect(said(now, steps, { makes_container: null })).toContain('there is no container web now. ');
  });
  test('what waits for its next start can be retried, or kept down', () => {
    const end = change('RUNNING', 'EXITED', { exit: code(1), expected: false });
    const now = facts('EXITED', { description: 'next try in 7 s' });
    expect(commands(now, [...cameUp, end]).slice(0, 2)).toEqual([
      'dockvisorctl retry web',
      'dockvisorctl stop web',
    ]);
    const long: Step[] = [...cameUp, end, daemon('stopped'), daemon('started')];
    expect(said(facts('EXITED'), long)).toContain(
      'If it still waits for its next start, that comes within a second. It stays so',
    );
    expect(commands(facts('EXITED'), long)[0]).toBe('dockvisorctl start web');
  });
  test('startretries as it is configured', () => {
    expect(said(facts('BACKOFF'), fatal(quick).slice(0, 3), { startretries: -2 })).toContain(
      'It is tried for ever (startretries=-2).',
    );
  });
});
