import { describe, expect, test } from 'vitest';
import { commandsFor, shellLine } from '../../src/doctor/commands.ts';
import { conflictsFound } from '../../src/doctor/conflicts.ts';
import { liesFound } from '../../src/doctor/lies.ts';
import { sharedContainers } from '../../src/doctor/owner-conflicts.ts';
import { clientConflict } from '../../src/doctor/proxy-conflicts.ts';
import { dockerSpec, evidenceOf, ours, real, startedAt, view } from './evidence.ts';

const mendOf = (
  change: Parameters<typeof evidenceOf>[0],
): readonly { readonly kind: string; readonly mend: readonly string[] }[] =>
  liesFound(evidenceOf(change), change.manager ?? real).map(({ kind, mend }) => ({ kind, mend }));

const ctl = 'supervisorctl -c /etc/s.conf';

describe('lies', () => {
  test('what is well is no lie', () => {
    expect(mendOf({})).toEqual([]);
  });

  test('STOPPED was asked for: the container is stopped, with the grace of the program', () => {
    expect(mendOf({ says: { state: 'STOPPED' } })).toEqual([
      { kind: 'runs', mend: ['docker stop -t 10 web'] },
    ]);
  });

  test('what was never started under this manager, and runs, is taken up and not stopped', () => {
    expect(mendOf({ says: { state: 'STOPPED', start: 0 } })).toEqual([
      { kind: 'runs', mend: [`${ctl} start web`] },
    ]);
  });

  test('EXITED, FATAL and BACKOFF were not asked for: the container is taken up again', () => {
    expect(mendOf({ says: { state: 'EXITED' } })[0]?.mend).toEqual([`${ctl} start web`]);
    expect(mendOf({ says: { state: 'FATAL' } })[0]?.mend).toEqual([`${ctl} start web`]);
    // `start` would be refused: ALREADY_STARTED.
    expect(mendOf({ says: { state: 'BACKOFF' } })[0]?.mend).toEqual([`${ctl} restart web`]);
  });

  test('a paused one is unpaused before it is taken up', () => {
    expect(mendOf({ says: { state: 'FATAL' }, view: { state: 'paused' } })[0]?.mend).toEqual([
      'docker unpause web',
      `${ctl} start web`,
    ]);
  });

  test('a run cannot take up what exists: it makes way, and is removed only with --rm', () => {
    expect(mendOf({ says: { state: 'EXITED' }, docker: dockerSpec('run', {}, true) })[0]?.mend).toEqual([
      'docker rm -f web',
      `${ctl} start web`,
    ]);
    expect(mendOf({ says: { state: 'EXITED' }, docker: dockerSpec('run') })[0]?.mend).toEqual([
      'docker stop -t 10 web',
      'docker rename web web-old',
      `${ctl} start web`,
    ]);
  });

  test('a run whose name is held by what others own does not lie about its own container', () => {
    const change = {
      says: { state: 'FATAL' },
      docker: dockerSpec('run'),
      container: { owner: 'Compose project "shop"' },
    } as const;
    expect(mendOf(change)).toEqual([]);
    expect(conflictsFound(evidenceOf(change), real).map(({ kind, mend }) => ({ kind, mend }))).toEqual([
      { kind: 'other-owner', mend: [] },
      { kind: 'name-in-the-way', mend: [] },
    ]);
  });

  test('nothing that another dockvisord has is stopped', () => {
    const change = {
      says: { state: 'STOPPED' },
      container: { holder: { pid: 8, identifier: 'other' } },
    } as const;
    expect(mendOf(change)).toEqual([{ kind: 'runs', mend: [] }]);
    expect(conflictsFound(evidenceOf(change), real).map(({ kind }) => kind)).toEqual(['other-daemon']);
    // Its own claim is no conflict.
    const own = evidenceOf({ container: { holder: { pid: ours.pid, identifier: 'x' } } });
    expect(conflictsFound(own, ours)).toEqual([]);
  });

  test('a clock that is the proxy’s is mended by a restart that really stops', () => {
    expect(mendOf({ says: { start: startedAt / 1000 + 30 } })).toEqual([
      { kind: 'since', mend: [`${ctl} stop web`, 'docker stop -t 10 web', `${ctl} start web`] },
    ]);
  });

  test('a container that came up long after its client was started is a slow launch, and no lie', () => {
    expect(mendOf({ says: { start: startedAt / 1000 - 60 } })).toEqual([]);
    // Ours tells the container's own start: for that there is no such excuse.
    const told = { start: startedAt / 1000 - 60, container: view };
    expect(mendOf({ says: told, manager: ours })).toMatchObject([{ kind: 'since' }]);
  });

  test('RUNNING over a container that is gone: the program is stopped, and somebody has to make the container', () => {
    expect(mendOf({ view: { state: 'missing', id: null } })).toEqual([
      { kind: 'does-not-run', mend: [`${ctl} stop web`] },
    ]);
  });

  test('a plain program is judged by its pid', () => {
    const plain = { container: null, spec: null } as const;
    expect(liesFound(evidenceOf({ more: { ...plain, pidAlive: true } }), real)).toEqual([]);
    expect(liesFound(evidenceOf({ more: { ...plain, pidAlive: null } }), real)).toEqual([]);
    expect(liesFound(evidenceOf({ more: { ...plain, pidAlive: false } }), real)).toMatchObject([
      { kind: 'does-not-run', mend: [`${ctl} restart web`] },
    ]);
  });
});

describe('conflicts', () => {
  const kinds = (change: Parameters<typeof evidenceOf>[0]): readonly string[] =>
    conflictsFound(evidenceOf(change), change.manager ?? real).map(({ kind }) => kind);

  test('each is named', () => {
    expect(kinds({})).toEqual([]);
    expect(kinds({ view: { restart_policy: 'always' } })).toEqual(['restart-policy']);
    expect(kinds({ view: { health: 'unhealthy' } })).toEqual(['unhealthy']);
    expect(kinds({ says: { state: 'FATAL' }, view: { state: 'dead' } })).toEqual(['dead']);
    expect(kinds({ says: { state: 'FATAL' }, view: { state: 'missing', id: null } })).toEqual(['missing']);
    expect(kinds({ says: { state: 'FATAL' }, view: { state: 'created', error: 'port is taken' } })).toEqual([
      'failed-start',
    ]);
    expect(kinds({ container: { openStdin: true } })).toEqual(['waits-for-stdin']);
    expect(kinds({ says: null })).toEqual(['not-in-manager']);
    expect(kinds({ more: { spec: null, container: null } })).toEqual(['not-in-file']);
  });

  test('what a run makes may be missing', () => {
    expect(
      kinds({ says: { state: 'STOPPED' }, docker: dockerSpec('run'), view: { state: 'missing', id: null } }),
    ).toEqual([]);
  });

  test('a TTY is a matter of the client of a real supervisord; dockvisord asks the Engine', () => {
    expect(kinds({ container: { tty: true } })).toEqual(['tty-stop']);
    expect(kinds({ container: { tty: true }, manager: ours })).toEqual([]);
  });

  test('a client at another container than the file names; by id or by name it may be the same', () => {
    const at = (ref: string): readonly string[] =>
      kinds({ more: { proxy: { pid: 50, ref, clientVersion: null } } });
    expect(at('old')).toEqual(['changed-in-file']);
    expect(at('web')).toEqual([]);
    expect(at('a'.repeat(12))).toEqual([]);
  });

  test('two programs of one container: the second is told, and one that the manager does not know yet is never the first', () => {
    const one = evidenceOf({});
    const late = evidenceOf({ says: null, more: { group: 'late', process: 'late' } });
    const found = sharedContainers([late, one]);
    expect([...found.keys()]).toEqual([late]);
    expect(found.get(late)?.text).toContain("web's as well as late's");
  });

  test('a client that does not wait is told once for all, and only under a real supervisord', () => {
    const all = [evidenceOf({ more: { proxy: { pid: 50, ref: 'web', clientVersion: '28.2.2' } } })];
    expect(clientConflict(all, real)).toMatchObject({ kind: 'client-does-not-wait' });
    expect(clientConflict(all, ours)).toBeNull();
    const old = [evidenceOf({ more: { proxy: { pid: 50, ref: 'web', clientVersion: '20.10.24' } } })];
    expect(clientConflict(old, real)).toBeNull();
  });

  test('without a manager what the Engine knows is still told', () => {
    expect(
      conflictsFound(evidenceOf({ says: null, view: { state: 'paused' } }), null).map(({ kind }) => kind),
    ).toEqual(['paused']);
  });
});

describe('commands', () => {
  const targets = {
    manager: 'supervisord',
    file: '/etc/s.conf',
    fileUrl: null,
    url: 'http://localhost:9001',
    dockerOptions: ['-H', 'tcp://e:1'],
  } as const;
  test('a file that leads its client nowhere is not given to the client', () => {
    expect(commandsFor(targets).ctl('start', 'a')).toBe('supervisorctl -s http://localhost:9001 start a');
  });
  test('the Engine is named where the client would not find it', () => {
    expect(commandsFor(targets).docker('stop', 'a')).toBe('docker -H tcp://e:1 stop a');
  });
  test('words are quoted only where a shell would take them apart', () => {
    expect(shellLine(['a', 'b c', "it's", '{{json .}}'])).toBe(`a 'b c' 'it'\\''s' '{{json .}}'`);
  });
  test('the name of the container is the Engine’s', () => {
    expect(mendOf({ says: { state: 'STOPPED' }, view: { ...view, name: 'web-renamed' } })[0]?.mend).toEqual([
      'docker stop -t 10 web-renamed',
    ]);
  });
});
