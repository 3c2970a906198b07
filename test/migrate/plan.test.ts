import { describe, expect, test } from 'vitest';
import type { RawSection } from '../../src/core/config/read-sections.ts';
import type { Facts } from '../../src/migrate/facts.ts';
import { makePlan } from '../../src/migrate/plan.ts';
import type { Plan } from '../../src/migrate/plan.ts';
import { renderPlan } from '../../src/migrate/render-plan.ts';
import { painter } from '../../src/doctor/render.ts';
import { specWith } from '../support/specs.ts';
import { dockerSpec, evidenceOf, real } from '../doctor/evidence.ts';

type Change = Parameters<typeof evidenceOf>[0];

const old: NonNullable<Facts['old']> = {
  launched: {
    pid: 7,
    startTicks: '1',
    words: ['/usr/bin/python3', '/usr/bin/supervisord'],
    environment: {},
    cwd: '/',
    uid: 0,
    gid: 0,
  },
  file: '/etc/s.conf',
  unit: null,
  unitMasked: false,
  parent: null,
};

function planFor(changes: readonly Change[], more: Partial<Facts> = {}): Plan {
  return makePlan({
    file: '/etc/s.conf',
    path: '/etc/s.conf',
    manager: real,
    old,
    candidates: changes.map((change) => ({ evidence: evidenceOf(change), lies: [] })),
    sections: [],
    problems: [],
    takenAddresses: [],
    hasServer: true,
    isRoot: true,
    ...more,
  });
}

const fateOf = (change: Change, more: Partial<Facts> = {}): string =>
  planFor([change], more).programs[0]?.fate ?? '';
const plain = { container: null, spec: specWith({ name: 'web' }) } as const;

describe('what becomes of a program', () => {
  test('what runs is adopted, whatever the old manager says of it', () => {
    expect(fateOf({})).toBe('adopted');
    expect(fateOf({ says: { state: 'STOPPED' } })).toBe('adopted');
    expect(fateOf({ docker: dockerSpec('run') })).toBe('adopted');
  });

  test('what is down stays down, also what has autostart=true', () => {
    for (const state of ['STOPPED', 'EXITED', 'FATAL'] as const)
      expect(fateOf({ says: { state }, view: { state: 'exited' } })).toBe('left-stopped');
    expect(fateOf({ says: { state: 'STOPPED' }, more: plain })).toBe('left-stopped');
  });

  test('what was tried again goes on being tried', () => {
    expect(fateOf({ says: { state: 'BACKOFF' }, view: { state: 'exited' } })).toBe('started');
  });

  test('a plain program is restarted', () => {
    expect(fateOf({ more: plain })).toBe('restarted');
  });

  test('what has not come to rest is waited for', () => {
    expect(fateOf({ says: { state: 'STARTING' } })).toBe('blocked');
    expect(fateOf({ view: { state: 'restarting' } })).toBe('blocked');
  });

  test('a paused container is not taken over as it is, and an unknown one not at all', () => {
    expect(planFor([{ view: { state: 'paused' } }]).blockers).toMatchObject([
      { mend: ['docker unpause web'] },
    ]);
    expect(fateOf({ view: { state: 'unknown' } })).toBe('blocked');
  });

  test('another dockvisord’s container is left alone', () => {
    expect(fateOf({ container: { holder: { pid: 9, identifier: 'x' } } })).toBe('blocked');
  });

  test('a client that holds a stdin is not ended', () => {
    const docker = dockerSpec('start');
    const invocation =
      docker.invocation === null ? null : { ...docker.invocation, rest: ['start', '-ai', 'web'] };
    expect(fateOf({ container: { openStdin: true } })).toBe('adopted');
    expect(fateOf({ container: { openStdin: true }, docker: { ...docker, invocation } })).toBe('blocked');
  });

  test('the file must be what runs', () => {
    expect(planFor([{ says: null }]).blockers).toMatchObject([
      { mend: ['supervisorctl -c /etc/s.conf update web'] },
    ]);
    expect(fateOf({ more: { proxy: { pid: 5, ref: 'old', clientVersion: null } } })).toBe('blocked');
  });

  const section = (name: string, command: string): RawSection => ({
    name,
    place: { file: '/etc/s.conf', line: 3 },
    values: new Map([['command', command]]),
  });

  test('a FastCGI program is a plain one: stopped here, started there', () => {
    const spec = specWith({ name: 'web', section: 'fcgi-program:web' });
    expect(fateOf({ more: { container: null, spec } })).toBe('restarted');
  });

  test('an event listener is a process like any other; our own plug-in need not come along, which is said', () => {
    const spec = specWith({ name: 'web', section: 'eventlistener:web', docker: null });
    const change = { more: { container: null, spec } };
    const plan = (command: string) =>
      planFor([change], { sections: [section('eventlistener:web', command)] });
    expect(plan('memmon').programs[0]).toMatchObject({ kind: 'listener', fate: 'restarted', notes: [] });
    expect(plan('dockvisor listen').programs[0]?.notes).toEqual([
      expect.stringContaining('needs no plug-in') as string,
    ]);
  });
});

describe('what speaks against it', () => {
  const texts = (more: Partial<Facts>): string =>
    planFor([{}], more)
      .blockers.map(({ text }) => text)
      .join('\n');

  test('nothing, on a host that is well', () => {
    expect(texts({})).toBe('');
  });

  test('each obstacle of the host is named', () => {
    expect(texts({ isRoot: false })).toContain('root is needed');
    expect(texts({ hasServer: false })).toContain('nobody could ask');
    expect(texts({ old: null })).toContain('not a process of this machine');
    expect(texts({ takenAddresses: ['127.0.0.1:9001'] })).toContain('127.0.0.1:9001');
    expect(texts({ old: { ...old, file: '/etc/other.conf' } })).toContain('/etc/other.conf');
    expect(texts({ old: { ...old, launched: { ...old.launched, pid: 1 } } })).toContain('process 1');
    expect(texts({ old: { ...old, parent: 'runsv' } })).toContain('runsv');
  });

  test('a systemd unit must be masked first, by the user and not by us', () => {
    const unit = { ...old, unit: 'supervisor.service' };
    expect(planFor([{}], { old: unit }).blockers[0]?.mend[0]).toBe(
      'systemctl mask --runtime supervisor.service',
    );
    expect(texts({ old: { ...unit, unitMasked: true } })).toBe('');
  });
});

test('two programs of one container are warned about', () => {
  const plan = planFor([{}, { more: { group: 'b', process: 'b' } }]);
  expect(plan.warnings.join('\n')).toContain('web and b stand for one container');
});

test('a negative startretries means something else to us, and is warned about', () => {
  const plan = planFor([{ more: { spec: specWith({ name: 'web', startRetries: -1 }) } }]);
  expect(plan.warnings.join('\n')).toContain('web: startretries=-1');
  expect(planFor([{}]).warnings.join('\n')).not.toContain('startretries');
});

test('the steps name who is stopped, who is started, and who is left', () => {
  const plan = planFor([{}, { more: { ...plain, group: 'p', process: 'p' } }]);
  const text = renderPlan(plan, painter(false));
  expect(text).toContain('starts p');
  expect(text).toMatch(/web +RUNNING +runs on, adopted +container web \(by docker start, cli\)/);
  expect(text).toContain('undone: it starts them again');
});
