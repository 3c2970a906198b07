/** What a manager and an Engine say of "web", for tests. */
import type { ContainerState, ContainerView, ProcessView } from '../../src/core/view.ts';
import type { Sighting } from '../../src/supervisor/hand.ts';

export const startedAt = '2026-11-21T02:12:04.815123456Z';
export const startSeconds = Math.floor(Date.parse('2026-11-21T02:12:04Z') / 1000);

export const said = (state: ProcessView['state'], more: Partial<ProcessView> = {}): ProcessView => ({
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
  pid: state === 'RUNNING' || state === 'STARTING' || state === 'STOPPING' ? 77 : 0,
  description: '',
  container: null,
  proxy: null,
  ...more,
});

export const found = (state: ContainerState, more: Partial<ContainerView> = {}): ContainerView => ({
  name: 'web',
  id: 'f'.repeat(64),
  image: 'x',
  engine: 'unix:///x',
  state,
  health: 'none',
  pid: null,
  exit_code: null,
  oom_killed: false,
  started_at: startedAt.replace('123456Z', 'Z'),
  finished_at: null,
  restart_policy: 'no',
  error: '',
  ...more,
});

export const seen = (state: ContainerState, more: Partial<ContainerView> = {}): Sighting => ({
  container: found(state, more),
  startedAt,
  daemon: null,
  owner: null,
});
