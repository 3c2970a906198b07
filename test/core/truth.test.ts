/** What counts as a lie: a manager's word against the Engine's. */
import { describe, expect, it } from 'vitest';
import { liesOf } from '../../src/core/truth.ts';
import type { ContainerState, ContainerView, ProcessView } from '../../src/core/view.ts';

const startedAt = '2026-11-21T02:12:04.815Z';
const startSeconds = Math.floor(Date.parse(startedAt) / 1000);

const said = (state: ProcessView['state'], more: Partial<ProcessView> = {}): ProcessView => ({
  group: 'web',
  name: 'web',
  state,
  start: startSeconds,
  stop: 0,
  now: startSeconds + 100,
  spawnError: '',
  exitStatus: 0,
  stdoutLogfile: '',
  stderrLogfile: '',
  pid: 0,
  description: '',
  container: null,
  proxy: null,
  ...more,
});
const found = (state: ContainerState, more: Partial<ContainerView> = {}): ContainerView => ({
  name: 'web',
  id: 'f'.repeat(64),
  image: 'x',
  engine: 'unix:///x',
  state,
  health: 'none',
  pid: null,
  exit_code: null,
  oom_killed: false,
  started_at: startedAt,
  finished_at: null,
  restart_policy: 'no',
  error: '',
  ...more,
});
const kinds = (says: ProcessView, container: ContainerView): readonly string[] =>
  liesOf(says, container).map(({ kind }) => kind);

describe('a manager lies when it says', () => {
  it.each(['STOPPED', 'EXITED', 'FATAL', 'BACKOFF'] as const)(
    '%s of what runs, pauses or restarts',
    (state) => {
      for (const truth of ['running', 'paused', 'restarting'] as const)
        expect(kinds(said(state), found(truth))).toEqual(['runs']);
    },
  );
  it.each(['exited', 'created', 'missing', 'dead', 'removing'] as const)('RUNNING of what is %s', (truth) => {
    expect(kinds(said('RUNNING'), found(truth))).toEqual(['does-not-run']);
  });
  it('RUNNING of what is paused, unless it says so', () => {
    expect(kinds(said('RUNNING'), found('paused'))).toEqual(['paused']);
    expect(kinds(said('RUNNING', { description: 'container web paused' }), found('paused'))).toEqual([]);
  });
  it('another start than the container had; a proxy may be older by the time that a launch takes', () => {
    expect(kinds(said('RUNNING', { start: startSeconds + 60 }), found('running'))).toEqual(['since']);
    expect(kinds(said('RUNNING', { start: startSeconds - 8 }), found('running'))).toEqual([]);
    expect(kinds(said('RUNNING', { start: startSeconds - 60 }), found('running'))).toEqual(['since']);
  });
  it('another exit code than the container had', () => {
    const exited = found('exited', { exit_code: 3 });
    expect(kinds(said('EXITED', { exitStatus: 3 }), exited)).toEqual([]);
    expect(kinds(said('EXITED', { exitStatus: -1 }), exited)).toEqual(['exit-code']);
  });
});

describe('it is no lie', () => {
  it.each(['STARTING', 'STOPPING', 'UNKNOWN'] as const)('%s, which claims nothing', (state) => {
    for (const truth of ['running', 'exited', 'missing'] as const)
      expect(kinds(said(state), found(truth))).toEqual([]);
  });
  it('when the Engine cannot be asked', () => {
    expect(kinds(said('RUNNING'), found('unknown'))).toEqual([]);
  });
  it.each(['STOPPED', 'EXITED', 'FATAL', 'BACKOFF'] as const)('%s of what does not run', (state) => {
    for (const truth of ['exited', 'created', 'missing', 'dead'] as const)
      expect(kinds(said(state), found(truth))).toEqual([]);
  });
});
