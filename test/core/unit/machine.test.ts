/** The machine by examples, each a sentence; the reference is supervisord.md section 3. */
import type { BackoffPolicy } from '../../../src/core/unit/backoff.ts';
import { supervisordBackoff } from '../../../src/core/unit/backoff.ts';
import { describe, expect, it } from 'vitest';
import { step } from '../../../src/core/unit/machine.ts';
import { newUnit } from '../../../src/core/unit/types.ts';
import type { Effect, Event, Exit, Policy, RefusalReason, Unit } from '../../../src/core/unit/types.ts';

const policy: Policy = {
  startMs: 1000,
  startRetries: 3,
  backoff: { ...supervisordBackoff, seed: 'x' },
  autorestart: 'unexpected',
  exitCodes: [0],
  stopWaitMs: 10_000,
  awaitReady: false,
};
const code = (n: number): Exit => ({ kind: 'code', code: n, oomKilled: false });
type Input = Event extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never;

/** Plays events, each with its time, and remembers everything. */
function play(events: readonly (readonly [number, Input])[], with_: Partial<Policy> = {}) {
  const effects: Effect[] = [];
  const refusals: RefusalReason[] = [];
  let unit: Unit = newUnit;
  for (const [at, event] of events) {
    const result = step(unit, { ...event, at }, { ...policy, ...with_ });
    unit = result.unit;
    effects.push(...result.effects);
    if (result.refused !== undefined) refusals.push(result.refused);
  }
  const wire = effects.flatMap((effect) => (effect.do === 'publish' ? [effect.to] : []));
  const asked = effects.flatMap((effect) => (effect.do === 'publish' ? [] : [effect.do]));
  return { unit, effects, refusals, wire, asked, state: unit.state.name };
}

const withRetries = (startRetries: number): Policy => ({ ...policy, startRetries });

const start = [0, { type: 'start' }] as const;
const spawned = [10, { type: 'spawned', run: 1, pid: 7, since: 10 }] as const;
const up = [start, spawned, [1010, { type: 'deadline' }]] as const;
const exited = (at: number, exit: Exit, run = 1, diedAt = at) =>
  [at, { type: 'exited', run, exit, diedAt }] as const;

describe('starting', () => {
  it('is STARTING from the order on, and RUNNING when startsecs have passed since it was spawned', () => {
    expect(play([start]).wire).toEqual(['STARTING']);
    expect(play([start, spawned]).state).toBe('STARTING');
    expect(play([start, spawned, [1009, { type: 'deadline' }]]).state).toBe('STARTING');
    expect(play(up).wire).toEqual(['STARTING', 'RUNNING']);
  });

  it('is RUNNING at once when startsecs is 0', () => {
    expect(play([start, spawned], { startMs: 0 }).wire).toEqual(['STARTING', 'RUNNING']);
  });

  it('is RUNNING at once when what is taken over has been up for long', () => {
    expect(play([start, [5000, { type: 'spawned', run: 1, pid: 7, since: 10 }]]).state).toBe('RUNNING');
  });

  it('refuses a second start', () => {
    expect(play([start, start]).refusals).toEqual(['already-started']);
    expect(play([...up, start]).refusals).toEqual(['already-started']);
  });

  it('tries four times with waits of 1, 2 and 3 s for startretries=3, and then is FATAL', () => {
    let unit = newUnit;
    const waits: number[] = [];
    let at = 0;
    const tell = (event: Input): Effect[] => {
      const result = step(unit, { ...event, at }, policy);
      unit = result.unit;
      return [...result.effects];
    };
    tell({ type: 'start' });
    for (let tries = 1; tries <= 4; tries++) {
      tell({ type: 'spawnFailed', run: tries, message: "can't find command 'x'" });
      if (unit.state.name !== 'BACKOFF') break;
      waits.push(unit.state.until - at);
      at = unit.state.until;
      expect(tell({ type: 'deadline' }).at(-1)).toEqual({ do: 'launch', run: tries + 1 });
    }
    expect(waits).toEqual([1000, 2000, 3000]);
    expect(unit).toMatchObject({
      state: { name: 'FATAL' },
      retries: 0,
      spawnError: "can't find command 'x'",
    });
  });

  it('counts an exit before startsecs as a failed launch whatever its code', () => {
    const played = play([start, spawned, exited(500, code(0))]);
    expect(played.state).toBe('BACKOFF');
    expect(played.unit.spawnError).toBe('Exited too quickly (process log may have details)');
  });

  it('is RUNNING and then EXITED when it died after startsecs, by the time of its death and not of the telling', () => {
    expect(play([start, spawned, exited(1500, code(0))]).wire).toEqual(['STARTING', 'RUNNING', 'EXITED']);
    expect(play([start, spawned, exited(1500, code(0), 1, 900)]).wire).toEqual(['STARTING', 'BACKOFF']);
  });

  it('with a negative startretries it is tried for ever', () => {
    let unit: Unit = newUnit;
    let at = 0;
    for (let run = 1; run < 50; run++) {
      unit = step(unit, run === 1 ? { type: 'start', at } : { type: 'deadline', at }, withRetries(-1)).unit;
      unit = step(unit, { type: 'spawnFailed', run, message: 'no', at }, withRetries(-1)).unit;
      expect(unit.state).toMatchObject({ name: 'BACKOFF', until: at + run * 1000 });
      at += run * 1000;
    }
  });
});

describe('the pause before the next try', () => {
  const policyWith = (backoff: Partial<BackoffPolicy>): Partial<Policy> => ({
    backoff: { ...supervisordBackoff, seed: 'x', ...backoff },
  });
  const twice = [
    start,
    [1, { type: 'spawnFailed', run: 1, message: 'no' }],
    [60_001, { type: 'deadline' }],
    [60_002, { type: 'spawnFailed', run: 2, message: 'no' }],
  ] as const;

  it('is as the user wants it', () => {
    expect(play(twice, policyWith({ kind: 'exponential', initialMs: 3000 })).unit.state).toMatchObject({
      name: 'BACKOFF',
      until: 60_002 + 6000,
    });
  });

  it('is not waited for by a start that is to be now, which forgets no failure', () => {
    const played = play([...twice, [60_003, { type: 'start', now: true }]]);
    expect(played).toMatchObject({ state: 'LAUNCHING', refusals: [] });
    expect(played.unit.retries).toBe(2);
    expect(play([...twice, [60_003, { type: 'start' }]]).refusals).toEqual(['already-started']);
  });

  describe('with resetAfterMs', () => {
    const lasting = policyWith({ resetAfterMs: 10_000 });
    const runs = (from: number, run: number, lastsMs: number) =>
      [
        [from, { type: 'spawned', run, pid: 7, since: from }],
        [from + 1000, { type: 'deadline' }],
        [from + lastsMs, { type: 'exited', run, exit: code(1), diedAt: from + lastsMs }],
      ] as const;

    it('a run that does not last is followed by a pause, which grows, and by no FATAL', () => {
      const once = play([start, ...runs(10, 1, 5000)], lasting);
      expect(once.unit).toMatchObject({ retries: 1, state: { name: 'RESTARTING', until: 5010 + 1000 } });
      const again = play(
        [start, ...runs(10, 1, 5000), [6010, { type: 'deadline' }], ...runs(6011, 2, 5000)],
        lasting,
      );
      expect(again.unit).toMatchObject({ retries: 2, state: { name: 'RESTARTING', until: 11_011 + 2000 } });
    });

    it('a run that lasts is restarted at once, and what failed before is forgotten', () => {
      const events = [
        start,
        ...runs(10, 1, 5000),
        [6010, { type: 'deadline' }],
        ...runs(6011, 2, 10_000),
      ] as const;
      expect(play(events, lasting).unit).toMatchObject({
        retries: 0,
        state: { name: 'RESTARTING', until: 16_011 },
      });
    });

    it('supervisord forgets as soon as it is RUNNING, and so do we if nothing else is said', () => {
      expect(play([start, ...runs(10, 1, 5000)]).unit).toMatchObject({
        retries: 0,
        state: { name: 'RESTARTING', until: 5010 },
      });
    });
  });
});

describe('a unit that says itself when it is ready', () => {
  const with_ = { awaitReady: true, startMs: 0 };
  const ready = [5000, { type: 'ready', run: 1 }] as const;

  it('is STARTING until then, whatever startsecs says and however long it takes', () => {
    expect(play([start, spawned, [900_000, { type: 'deadline' }]], with_).state).toBe('WAITING');
    expect(play([start, spawned, ready], with_).wire).toEqual(['STARTING', 'RUNNING']);
    expect(play([start, spawned, [5000, { type: 'ready', run: 2 }]], with_).state).toBe('WAITING');
  });

  it('has failed to start when it ends before', () => {
    const { unit, wire } = play([start, spawned, exited(900_000, code(0))], with_);
    expect(wire).toEqual(['STARTING', 'BACKOFF']);
    expect(unit.spawnError).toContain('before it was ready');
  });

  it('is STARTING when it is found again, until it is told once more that it is ready', () => {
    const lost = [6000, { type: 'lost', run: 1, reason: 'away' }] as const;
    const found = [7000, { type: 'found', run: 1, pid: 7, since: 10 }] as const;
    const events = [start, spawned, ready, lost, found] as const;
    expect(play(events, with_).state).toBe('WAITING');
    expect(play([...events, [7000, { type: 'ready', run: 1 }]], with_).state).toBe('RUNNING');
  });

  it('can be stopped and signalled meanwhile', () => {
    expect(play([start, spawned, [20, { type: 'stop' }]], with_).wire).toEqual(['STARTING', 'STOPPING']);
    expect(play([start, spawned, [20, { type: 'signal', signal: 'HUP' }]], with_).asked).toEqual([
      'launch',
      'signal',
    ]);
  });
});

describe('ending', () => {
  it('is EXITED after an expected exit, and not started again', () => {
    expect(play([...up, exited(2000, code(0))])).toMatchObject({ state: 'EXITED', unit: { spawnError: '' } });
  });

  it('is started again at once after an unexpected one', () => {
    const played = play([...up, exited(2000, code(3)), [2000, { type: 'deadline' }]]);
    expect(played.wire).toEqual(['STARTING', 'RUNNING', 'EXITED', 'STARTING']);
  });

  it('says what was wrong with the code', () => {
    expect(play([...up, exited(2000, code(3))], { autorestart: 'never' }).unit.spawnError).toBe(
      'Bad exit code 3',
    );
    const killed: Exit = { kind: 'signal', signal: 'SIGKILL', coreDumped: false };
    expect(play([...up, exited(2000, killed)], { autorestart: 'never' }).unit.spawnError).toBe(
      'Bad exit code -1',
    );
  });

  it('waits a second between launches of what ends at once with startsecs=0', () => {
    const played = play([start, spawned, exited(20, code(1))], { startMs: 0 });
    expect(played.unit.state).toMatchObject({ name: 'RESTARTING', until: 1010 });
  });

  it('never restarts with autorestart=false, always with true', () => {
    expect(play([...up, exited(2000, code(3))], { autorestart: 'never' }).state).toBe('EXITED');
    expect(play([...up, exited(2000, code(0))], { autorestart: 'always' }).state).toBe('RESTARTING');
  });
});

describe('stopping', () => {
  const stop = [2000, { type: 'stop' }] as const;

  it('is STOPPED only when the end is reported, whatever the code', () => {
    expect(play([...up, stop]).state).toBe('STOPPING');
    expect(play([...up, stop, exited(2100, code(9))]).wire).toEqual([
      'STARTING',
      'RUNNING',
      'STOPPING',
      'STOPPED',
    ]);
  });

  it('kills at the end of the grace, and again after it', () => {
    const played = play([...up, stop, [12_000, { type: 'deadline' }], [22_000, { type: 'deadline' }]]);
    expect(played.asked).toEqual(['launch', 'stop', 'kill', 'kill']);
    expect(played.state).toBe('STOPPING');
  });

  it('calls a launch back, and waits for what comes of it', () => {
    expect(play([start, stop]).asked).toEqual(['launch', 'cancel']);
    expect(play([start, stop, [2001, { type: 'spawnFailed', run: 1, message: 'called off' }]]).wire).toEqual([
      'STARTING',
      'STOPPING',
      'STOPPED',
    ]);
    expect(play([start, stop, [2001, { type: 'spawned', run: 1, pid: 7, since: 2001 }]]).asked.at(-1)).toBe(
      'stop',
    );
  });

  it('is STOPPED at once in BACKOFF and keeps the retry count, but FATAL when the daemon goes down', () => {
    const failed = [start, [1, { type: 'spawnFailed', run: 1, message: 'no' }]] as const;
    expect(play([...failed, stop]).unit).toMatchObject({ state: { name: 'STOPPED' }, retries: 1 });
    expect(play([...failed, [2000, { type: 'shutdown' }]]).state).toBe('FATAL');
  });

  it('refuses a start while stopping, and a stop of what is stopped', () => {
    expect(play([...up, stop, [2001, { type: 'start' }]]).refusals).toEqual(['is-stopping']);
    expect(play([stop]).refusals).toEqual(['not-running']);
  });
});

describe('not knowing', () => {
  const lost = [2000, { type: 'lost', run: 1, reason: 'engine away' }] as const;

  it('is UNKNOWN with the reason when the truth is lost, and counts no retry', () => {
    expect(play([...up, lost]).unit).toMatchObject({
      state: { name: 'UNKNOWN', reason: 'engine away', wish: 'up' },
      retries: 0,
    });
    expect(play([start, [1, { type: 'lost', run: 1, reason: 'x' }]]).unit.retries).toBe(0);
  });

  it('comes back to RUNNING without a launch when it is found', () => {
    const played = play([...up, lost, [3000, { type: 'found', run: 1, pid: 7, since: 10 }]]);
    expect(played.asked).toEqual(['launch']);
    expect(played.wire.slice(-3)).toEqual(['UNKNOWN', 'STARTING', 'RUNNING']);
  });

  it('remembers a stop that was asked for, and stops what is found', () => {
    const played = play([
      ...up,
      lost,
      [2500, { type: 'stop' }],
      [3000, { type: 'found', run: 1, pid: 7, since: 10 }],
    ]);
    expect(played.state).toBe('STOPPING');
    expect(play([...up, lost, [2500, { type: 'stop' }], exited(3000, code(0))]).state).toBe('STOPPED');
  });

  it('restarts what has ended meanwhile by its policy', () => {
    expect(play([...up, lost, exited(3000, code(1))]).state).toBe('RESTARTING');
    expect(play([...up, lost, exited(3000, code(0))]).state).toBe('EXITED');
  });
});

describe('others', () => {
  const appeared = [3000, { type: 'appeared', pid: 9, since: 2900 }] as const;

  it('adopts what somebody else started, from every state of rest, and starts nothing', () => {
    expect(play([appeared]).asked).toEqual(['adopt']);
    expect(play([...up, exited(2000, code(0)), appeared]).asked).toEqual(['launch', 'adopt']);
    const failed = [start, [1, { type: 'spawnFailed', run: 1, message: 'no' }]] as const;
    expect(play([...failed, appeared]).asked.at(-1)).toBe('adopt');
  });

  it('drops reports of another run, and alarms before their time', () => {
    expect(play([...up, exited(2000, code(1), 99)]).state).toBe('RUNNING');
    expect(play([start, spawned, [500, { type: 'deadline' }]]).state).toBe('STARTING');
  });

  it('takes over what runs at once, and waits like after any failure when that fails: no loop without a pause', () => {
    const failed = [start, [1, { type: 'spawnFailed', run: 1, message: 'no' }]] as const;
    const adopted = [...failed, [2, { type: 'ghost', after: 1, verdict: 'adopt' }]] as const;
    expect(play(adopted)).toMatchObject({ state: 'LAUNCHING', unit: { retries: 0 } });
    const again = [
      ...adopted,
      [3, { type: 'spawnFailed', run: 2, message: 'no' }],
      [4, { type: 'ghost', after: 2, verdict: 'adopt' }],
    ] as const;
    expect(play(again)).toMatchObject({
      state: 'BACKOFF',
      unit: { retries: 1, state: { until: 3 + 1000 } },
    });
    const third = [
      ...again,
      [1003, { type: 'deadline' }],
      [1004, { type: 'spawnFailed', run: 3, message: 'no' }],
      [1005, { type: 'ghost', after: 3, verdict: 'adopt' }],
    ] as const;
    expect(play(third)).toMatchObject({ state: 'LAUNCHING', unit: { retries: 1 } });
  });

  it('is FATAL with the reason when the thing in the way cannot be helped', () => {
    const failed = [start, [1, { type: 'spawnFailed', run: 1, message: 'no' }]] as const;
    const played = play([
      ...failed,
      [2, { type: 'ghost', after: 1, verdict: 'hopeless', reason: 'belongs to Compose project "shop"' }],
    ]);
    expect(played.unit).toMatchObject({
      state: { name: 'FATAL' },
      spawnError: 'belongs to Compose project "shop"',
    });
  });
});
