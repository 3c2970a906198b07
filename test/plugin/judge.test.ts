/** What is done about one program: the manager's word against the Engine's, one sentence a row. */
import { describe, expect, it } from 'vitest';
import type { ContainerState } from '../../src/core/view.ts';
import { judge, nothingKnown, remember, rememberStopped } from '../../src/plugin/judge.ts';
import type { Question } from '../../src/plugin/judge.ts';
import { said, seen, startedAt, startSeconds } from '../support/words.ts';

const asked = (more: Partial<Question>): Question => ({
  says: said('RUNNING'),
  seen: seen('running'),
  makesContainer: false,
  memory: nothingKnown,
  goingDown: 'no',
  now: 0,
  ...more,
});
const done = (more: Partial<Question>): string => judge(asked(more)).do;
const ran = { start: startSeconds, stop: startSeconds + 10 };

/** Another life was the program's own, of the start that is told. */
const ownWas = {
  ...nothingKnown,
  ownLife: '2026-11-21T01:00:00.1Z',
  ownStart: startSeconds,
  liveStart: startSeconds,
};

describe('a program that is being stopped, or was', () => {
  it.each(['running', 'paused', 'restarting'] as const)('is stopped for real: STOPPING, %s', (state) => {
    expect(done({ says: said('STOPPING'), seen: seen(state) })).toBe('stop');
  });
  it('is stopped for real when its own life outlived the stop, by memory', () => {
    const memory = { ...nothingKnown, ownLife: startedAt };
    expect(done({ says: said('STOPPED', ran), memory })).toBe('stop');
  });
  it('is stopped for real when its own life outlived the stop, by the clocks of both, after the plug-in was restarted', () => {
    expect(done({ says: said('STOPPED', ran) })).toBe('stop');
  });
  it('is told to start when somebody else started its container after the stop', () => {
    const memory = { ...ownWas, stoppedLife: ownWas.ownLife };
    // Even at the same second.
    expect(done({ says: said('STOPPED', { ...ran, stop: startSeconds }), memory })).toBe('start');
    expect(done({ says: said('STOPPED', { start: startSeconds - 90, stop: startSeconds - 60 }) })).toBe(
      'start',
    );
  });
  it('is stopped for real when its container comes up after the stop, by the order of the proxy that was killed', () => {
    const says = said('STOPPED', { start: startSeconds - 30, stop: startSeconds - 20 });
    const memory = remember(asked({ says: { ...says, state: 'STARTING', pid: 77 }, seen: seen('exited') }));
    expect(done({ says, memory })).toBe('stop');
    // Once that is stopped, the next is somebody else's. (One that was made since is not told apart: the proxy's order is by name.)
    expect(
      done({
        says,
        memory: {
          ...rememberStopped(memory, says, { ...seen('running'), startedAt: '2026-11-21T02:12:01Z' }),
        },
      }),
    ).toBe('start');
    expect(done({ says, memory, seen: seen('running', { id: 'e'.repeat(64) }) })).toBe('stop');
    // Where nothing is remembered, the time is short: it may be somebody else's.
    expect(done({ says })).toBe('start');
    expect(done({ says: { ...says, stop: startSeconds - 3 } })).toBe('stop');
  });
  it('is told to start when it was never started and its container runs', () => {
    expect(done({ says: said('STOPPED', { start: 0, stop: 0 }) })).toBe('start');
  });
  it('is stopped again when its restart policy brought it up after the stop', () => {
    const memory = ownWas;
    const again = seen('running', { restart_policy: 'always' });
    expect(done({ says: said('STOPPED', ran), seen: again, memory })).toBe('stop');
    const after = { ...memory, stoppedLife: memory.ownLife };
    expect(done({ says: said('STOPPED', ran), seen: again, memory: after })).toBe('start');
  });
  it.each(['exited', 'created', 'missing'] as const)('is left alone when it is down: %s', (state) => {
    expect(done({ says: said('STOPPED', ran), seen: state === 'missing' ? null : seen(state) })).toBe(
      'nothing',
    );
  });
});

describe('a program whose container runs although only its proxy has ended', () => {
  it('is told to start: the proxy attaches', () => {
    expect(done({ says: said('EXITED', ran) })).toBe('start');
    expect(done({ says: said('FATAL', ran) })).toBe('start');
  });
  it('is left to the next try in BACKOFF', () => {
    expect(done({ says: said('BACKOFF', ran) })).toBe('nothing');
  });
  it('is waited for while its restart policy is between two lives', () => {
    expect(done({ says: said('EXITED', ran), seen: seen('restarting') })).toBe('wait');
  });
  it('is left, and said, while somebody has it paused', () => {
    expect(judge(asked({ says: said('EXITED', ran), seen: seen('paused') }))).toMatchObject({
      do: 'leave',
      why: expect.stringContaining('docker unpause web') as string,
    });
  });
  it('is left, and said, when its command makes containers: a second proxy cannot attach', () => {
    const own = { ...nothingKnown, ownLife: startedAt };
    for (const state of ['EXITED', 'FATAL'] as const) {
      const memory = { ...own, clearedFor: `${'f'.repeat(64)} ${startedAt} running` };
      expect(done({ says: said(state, ran), makesContainer: true, memory })).toBe('leave');
    }
  });
});

describe('a ghost', () => {
  it.each(['paused', 'restarting', 'removing', 'dead'] as const)('is cleared on BACKOFF: %s', (state) => {
    expect(done({ says: said('BACKOFF', ran), seen: seen(state) })).toBe('clear-ghost');
  });
  it.each(['running', 'paused', 'exited', 'created'] as const)(
    'that holds the name of a run is cleared on BACKOFF: %s',
    (state) => {
      expect(done({ says: said('BACKOFF', ran), seen: seen(state), makesContainer: true })).toBe(
        'clear-ghost',
      );
    },
  );
  it.each(['exited', 'created'] as const)('is not what is %s: the next start starts it', (state) => {
    expect(done({ says: said('BACKOFF', ran), seen: seen(state) })).toBe('nothing');
  });
  it('is cleared once for a program that was given up because of it, which is then told to start', () => {
    const question = { says: said('FATAL', ran), seen: seen('paused') };
    expect(judge(asked(question))).toEqual({ do: 'clear-ghost', thenStart: true });
    const memory = { ...nothingKnown, clearedFor: `${'f'.repeat(64)} ${startedAt} paused` };
    expect(done({ ...question, memory })).toBe('leave');
  });
  it('that holds the name of a run is cleared once also when the program was given up before we could look', () => {
    const question = { says: said('FATAL', ran), seen: seen('exited'), makesContainer: true };
    expect(judge(asked(question))).toEqual({ do: 'clear-ghost', thenStart: true });
    expect(done({ ...question, makesContainer: false })).toBe('nothing');
  });
  it('is not what came to be long after the program was given up', () => {
    const says = said('FATAL', { start: startSeconds - 900, stop: startSeconds - 800 });
    expect(done({ says, makesContainer: true })).toBe('leave');
  });
});

describe('a program that is up, or coming up', () => {
  it.each(['STARTING', 'RUNNING'] as const)('is never touched: %s', (state) => {
    const states: readonly (ContainerState | null)[] = [
      'running',
      'paused',
      'restarting',
      'exited',
      'created',
      null,
    ];
    for (const one of states)
      for (const makesContainer of [false, true])
        expect(done({ says: said(state), seen: one === null ? null : seen(one), makesContainer })).toBe(
          'nothing',
        );
  });
  it('has a stuck proxy when that has shown the container up, and outlives it for seconds', () => {
    const up = remember(asked({ memory: nothingKnown }));
    const down = remember(asked({ seen: seen('exited'), memory: up, now: 1000 }));
    const question = { seen: seen('exited'), memory: down };
    expect(done({ ...question, now: 2000 })).toBe('wait');
    expect(done({ ...question, now: 4000 })).toBe('kill-proxy');
  });
  it('has no stuck proxy while that is starting the container, however long it takes', () => {
    const memory = remember(asked({ seen: seen('exited'), memory: nothingKnown, now: 0 }));
    expect(done({ seen: seen('exited'), memory, now: 1e9 })).toBe('nothing');
  });
});

describe('what is not the program’s', () => {
  it('is left: another dockvisord manages it', () => {
    for (const state of ['STOPPING', 'STOPPED', 'EXITED', 'FATAL', 'BACKOFF'] as const) {
      const one = { ...seen('running'), daemon: 'dockvisord pid 7 (x)' };
      expect(done({ says: said(state, ran), seen: one })).toBe('leave');
    }
  });
  it('is left: it had the name of a run before the run was started', () => {
    const later = { start: startSeconds + 50, stop: startSeconds + 60 };
    for (const state of ['STOPPING', 'STOPPED'] as const)
      expect(done({ says: said(state, later), makesContainer: true })).toBe('leave');
    expect(remember(asked({ says: said('RUNNING', later), makesContainer: true })).ownLife).toBe('');
  });
});

describe('when the whole supervisord goes down', () => {
  it.each(['STOPPED', 'EXITED', 'FATAL', 'BACKOFF', 'STOPPING', 'UNKNOWN'] as const)(
    'what it takes for down, and runs, is stopped: %s',
    (state) => {
      expect(done({ says: said(state, ran), goingDown: 'in-turn' })).toBe('stop');
    },
  );
  it('what it says is up has its turn to come, until there are no more turns', () => {
    expect(done({ goingDown: 'in-turn' })).toBe('nothing');
    expect(done({ goingDown: 'now' })).toBe('stop');
  });
  it('nothing is started, cleared or killed', () => {
    for (const state of ['STOPPED', 'EXITED', 'FATAL', 'BACKOFF', 'RUNNING'] as const)
      for (const one of [null, seen('exited'), seen('dead'), seen('created')])
        expect(done({ says: said(state, ran), seen: one, goingDown: 'now', makesContainer: true })).toBe(
          'nothing',
        );
  });
});
