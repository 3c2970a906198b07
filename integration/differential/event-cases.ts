/** Listeners: the events of a session to the byte, and how they are talked to (supervisord.md 7 and 9.6). */
import { join } from 'node:path';
import { describe } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { alone } from './house.ts';
import type { Side } from './side.ts';

type Recorded = readonly [Readonly<Record<string, string>>, string];

const recorder = join(import.meta.dirname, '../listeners/recorder.py');
const listener = join(import.meta.dirname, 'listener.py');

const programs = `
[eventlistener:rec]
command=python3 -u ${recorder} recorded
directory=%DIR%
events=PROCESS_STATE,PROCESS_GROUP,PROCESS_COMMUNICATION,REMOTE_COMMUNICATION,SUPERVISOR_STATE_CHANGE
buffer_size=1000
[program:cat]
command=cat
autostart=false
[program:exits]
command=sh -c "sleep 1.5; exit 3"
autostart=false
autorestart=false
[program:short]
command=false
autostart=false
startretries=1
startsecs=5
[program:talks]
command=sh -c "printf 'a<!--XSUPERVISOR:BEGIN-->hé<!--XSUPERVISOR:END-->b and what follows is long enough'; exec sleep 1000"
autostart=false
stdout_capture_maxbytes=1000
[program:one]
command=sleep 1000
[program:two]
command=sleep 1000
[group:both]
programs=one,two
`;

const recorded = (side: Side): readonly Recorded[] =>
  side
    .file('recorded')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded);

async function session(side: Side): Promise<unknown> {
  const seen = (name: string, part: string): Promise<true> =>
    until(`${name} ${part}\n${side.manager.log()}`, 20_000, () =>
      recorded(side).some(([header, payload]) => header['eventname'] === name && payload.includes(part))
        ? true
        : null,
    );
  await seen('PROCESS_STATE_RUNNING', 'processname:rec');
  await seen('PROCESS_STATE_RUNNING', 'processname:two');
  await side.ctl('start', 'cat');
  await side.ctl('stop', 'cat');
  await side.ctl('start', 'exits');
  await seen('PROCESS_STATE_EXITED', 'processname:exits');
  await side.ctl('start', 'short');
  await seen('PROCESS_STATE_FATAL', 'processname:short');
  await side.ctl('start', 'talks');
  await seen('PROCESS_COMMUNICATION_STDOUT', 'hé');
  await side.ctl('stop', 'both:*');
  await seen('PROCESS_STATE_STOPPED', 'processname:two');
  await side.ctl('remove', 'both');
  await side.rpc('supervisor.sendRemoteCommEvent', 'té', 'd€');
  await seen('REMOTE_COMMUNICATION', 'd€');
  const all = recorded(side);
  return { streams: streams(all), serials: all.map(([header]) => header['serial']) };
}

/** Each process's own events in their order: between processes the order is a matter of time. */
function streams(all: readonly Recorded[]): Readonly<Record<string, readonly string[]>> {
  const of: Record<string, string[]> = {};
  for (const [header, payload] of all) {
    const key = /^processname:(\S+)/.exec(payload)?.[1] ?? 'others';
    const { serial: _serial, poolserial: _poolSerial, ...rest } = header;
    (of[key] ??= []).push(
      `${JSON.stringify(rest)} ${payload}`
        .replace(/\bpid:[1-9]\d*/g, 'pid:N')
        .replace(/"len":"\d+"/, '"len":"N"'),
    );
  }
  return of;
}

/** Events are those that a script sends: nothing of the boot, which differs on purpose. */
const withListener = (mode: string): string => `
[eventlistener:l]
command=python3 -u ${listener} ${mode} heard
directory=%DIR%
events=REMOTE_COMMUNICATION
buffer_size=100
`;

const send = async (side: Side, count: number): Promise<void> => {
  for (let number = 0; number < count; number++)
    await side.rpc('supervisor.sendRemoteCommEvent', `type${String(number)}`, 'data');
};
const heard = (side: Side, count: number): Promise<true> =>
  until(`${String(count)} events are heard\n${side.manager.log()}`, 20_000, () =>
    side.file('heard').trim().split('\n').length >= count && side.file('heard') !== '' ? true : null,
  );

describe.skipIf(engineSkipped)('events', () => {
  alone('the events of a session', programs, session);

  for (const mode of ['good', 'slowly'])
    alone(`a listener that answers: ${mode}`, withListener(mode), async (side) => {
      await side.untilState('l', 'RUNNING');
      await send(side, 3);
      await heard(side, 3);
      return side.file('heard');
    });
  for (const mode of ['fails', 'other'])
    alone(`an event that is rejected: ${mode}`, withListener(mode), async (side) => {
      await side.untilState('l', 'RUNNING');
      await send(side, 1);
      await heard(side, 2);
      return [side.file('heard'), side.logged('l: event was').length];
    });
  alone('a listener that dies of an event is given it again', withListener('dies'), async (side) => {
    await side.untilState('l', 'RUNNING');
    await send(side, 1);
    await heard(side, 2);
    return side.file('heard');
  });
  alone('a listener that answers nonsense is not spoken to again', withListener('nonsense'), async (side) => {
    await side.untilState('l', 'RUNNING');
    await send(side, 2);
    await side.untilLog('bad result line');
    return [side.file('heard'), side.logged('bad result line'), side.logged('-> UNKNOWN')];
  });
  alone(
    'a listener that begins with something else is not spoken to',
    withListener('hello'),
    async (side) => {
      await side.untilState('l', 'RUNNING');
      await send(side, 1);
      await side.untilLog('UNKNOWN');
      return [side.file('heard'), side.logged('UNKNOWN')];
    },
  );
  alone('a listener that says half of READY is waited for', withListener('half'), async (side) => {
    await side.untilState('l', 'RUNNING');
    await send(side, 1);
    return [side.file('heard'), side.logged('UNKNOWN')];
  });
  alone(
    '126: of two pools one rejects an event',
    `${withListener('fails')}${withListener('good').replace('eventlistener:l', 'eventlistener:m').replace(' heard', ' heard-too')}`,
    async (side) => {
      await side.untilState('l', 'RUNNING');
      await side.untilState('m', 'RUNNING');
      await send(side, 2);
      await heard(side, 3);
      // Another event comes after all that were sent again.
      await send(side, 1);
      await heard(side, 4);
      await until(`the last is heard\n${side.manager.log()}`, 20_000, () =>
        side.file('heard-too').trim().split('\n').length >= (side.isReal ? 4 : 3) ? true : null,
      );
      return side.file('heard-too').trim().split('\n').length;
    },
  );
});
