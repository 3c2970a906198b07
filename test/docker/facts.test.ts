import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../src/docker/events.ts';
import { factsOf, nanosOf, viewOf } from '../../src/docker/facts.ts';
import type { InspectAnswer } from '../../src/docker/facts.ts';

const answer = (State: InspectAnswer['State']): InspectAnswer => ({
  Id: '1968125122eb',
  Name: '/web',
  State: { StartedAt: '2026-11-21T02:12:04.815123456Z', FinishedAt: '0001-01-01T00:00:00Z', ...State },
  Config: { Image: 'nginx:1.27' },
  HostConfig: { RestartPolicy: { Name: '' } },
});

describe('what the Engine says', () => {
  it.each([
    [{ Status: 'running', Running: true, Pid: 7 }, 'running', true],
    [{ Status: 'paused', Running: true, Paused: true, Pid: 7 }, 'paused', true],
    [{ Status: 'restarting', Running: true, Restarting: true, Pid: 0 }, 'restarting', false],
    [{ Status: 'removing' }, 'removing', false],
    [{ Status: 'dead', Dead: true }, 'dead', false],
    [{ Status: 'created' }, 'created', false],
    [{ Status: 'exited' }, 'exited', false],
  ] as const)('%j is %s', (state, word, alive) => {
    expect(factsOf(answer(state))).toMatchObject({ state: word, alive });
  });

  it('is printed as the contract has it', () => {
    expect(
      viewOf(
        factsOf(answer({ Status: 'running', Running: true, Pid: 2635, Health: { Status: 'healthy' } })),
        'unix:///x',
      ),
    ).toEqual({
      name: 'web',
      id: '1968125122eb',
      image: 'nginx:1.27',
      engine: 'unix:///x',
      state: 'running',
      health: 'healthy',
      pid: 2635,
      exit_code: null,
      oom_killed: false,
      started_at: '2026-11-21T02:12:04.815Z',
      finished_at: null,
      restart_policy: 'no',
      error: '',
    });
  });

  it('a failed start has its code and sentence although it never ran', () => {
    const facts = factsOf(
      answer({
        Status: 'created',
        ExitCode: 127,
        Error: 'exec: "x": not found',
        StartedAt: '0001-01-01T00:00:00Z',
      }),
    );
    expect(viewOf(facts, 'e')).toMatchObject({
      exit_code: 127,
      started_at: null,
      finished_at: null,
      error: 'exec: "x": not found',
    });
  });

  it('an answer with nothing in it is survived', () => {
    expect(viewOf(factsOf({}), 'e')).toMatchObject({ state: 'exited', exit_code: null, started_at: null });
  });

  it('its two ways to write a time agree to the nanosecond', () => {
    const seconds = Date.parse('2026-11-21T02:12:04Z') / 1000;
    expect(nanosOf('2026-11-21T02:12:04.815123456Z')).toBe(nanosOf(`${String(seconds)}.815123456`));
    expect(nanosOf('2026-11-21T02:12:04.8Z')).toBe(BigInt(seconds) * 1_000_000_000n + 800_000_000n);
  });
});

describe('an event', () => {
  it('keeps the digits of timeNano, which no number can hold', () => {
    const line =
      '{"Type":"container","Action":"die","Actor":{"ID":"abc","Attributes":{"exitCode":"137","name":"web"}},"timeNano":1795227124815123457}';
    expect(parseEvent(line)).toMatchObject({
      action: 'die',
      id: 'abc',
      name: 'web',
      exitCode: 137,
      time: '1795227124.815123457',
    });
  });

  it.each(['', 'no json', '[]', '{"Type":"network","Action":"connect"}', '{"Type":"container"}'])(
    '%j is none',
    (line) => {
      expect(parseEvent(line)).toBeNull();
    },
  );
});
