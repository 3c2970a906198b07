/** The same listener, the same session, under the real supervisord and under ours: the same events in the same order, to the byte. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager } from '../support/manager.ts';
import type { Manager, ManagerKind } from '../support/manager.ts';
import { callRpc } from '../support/rpc.ts';
import { until } from '../support/until.ts';

type Recorded = readonly [Readonly<Record<string, string>>, string];

const managers: Manager[] = [];
afterEach(async () => {
  await Promise.all(managers.splice(0).map((manager) => manager.destroy()));
});

const script = join(import.meta.dirname, 'recorder.py');

const programs = (events: string): string => `
[eventlistener:rec]
command=python3 -u ${script} recorded
directory=%DIR%
events=${events}
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

async function session(kind: ManagerKind, events: string): Promise<readonly Recorded[]> {
  const manager = createManager({
    kind,
    dockvisord: inject('dockvisord'),
    dockerHost: 'unix:///nonexistent/never.sock',
    programs: programs(events),
  });
  managers.push(manager);
  const recorded = (): readonly Recorded[] => {
    try {
      return readFileSync(join(manager.directory, 'recorded'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Recorded);
    } catch {
      return [];
    }
  };
  const seen = (name: string, part: string): Promise<true> =>
    until(`${name} ${part}\n${manager.log()}`, 20_000, () =>
      recorded().some(([header, payload]) => header['eventname'] === name && payload.includes(part))
        ? true
        : null,
    );
  await manager.start();
  await seen('PROCESS_STATE_RUNNING', 'processname:rec');
  await seen('PROCESS_STATE_RUNNING', 'processname:two');
  await manager.ctl('start', 'cat');
  await manager.ctl('stop', 'cat');
  await manager.ctl('start', 'exits');
  await seen('PROCESS_STATE_EXITED', 'processname:exits');
  await manager.ctl('start', 'short');
  await seen('PROCESS_STATE_FATAL', 'processname:short');
  await manager.ctl('start', 'talks');
  await seen('PROCESS_COMMUNICATION_STDOUT', 'hé');
  await manager.ctl('stop', 'both:*');
  await seen('PROCESS_STATE_STOPPED', 'processname:two');
  await manager.ctl('remove', 'both');
  await callRpc(join(manager.directory, 'sock'), 'supervisor.sendRemoteCommEvent', ['té', 'd€']);
  await seen('REMOTE_COMMUNICATION', 'd€');
  return recorded();
}

/** Each process's own events in their order: between processes the order is a matter of time. */
function streams(recorded: readonly Recorded[]): Readonly<Record<string, readonly string[]>> {
  const of: Record<string, string[]> = {};
  for (const [header, payload] of recorded) {
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

describe.skipIf(engineSkipped)('the events of a session', () => {
  it('are those of the real supervisord, process by process', async () => {
    const events =
      'PROCESS_STATE,PROCESS_GROUP,PROCESS_COMMUNICATION,REMOTE_COMMUNICATION,SUPERVISOR_STATE_CHANGE';
    const [real, ours] = await Promise.all([session('supervisord', events), session('cli', events)]);
    expect(streams(ours)).toEqual(streams(real));
    for (const recorded of [real, ours]) {
      expect(recorded.map(([header]) => Number(header['serial']))).toEqual(recorded.map((_, index) => index));
    }
  });
});
