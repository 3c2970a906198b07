/** Evidence for the doctor's judges, laid over a container program that is well. */
import type { DockerSpec } from '../../src/core/config/model.ts';
import type { ContainerView, ProcessView } from '../../src/core/view.ts';
import { commandsFor } from '../../src/doctor/commands.ts';
import type { ContainerSeen, Evidence, ManagerSeen } from '../../src/doctor/evidence.ts';
import { dockerSpecWith, specWith } from '../support/specs.ts';

export const startedAt = Date.parse('2026-11-21T02:12:04Z');

export const real: ManagerSeen = { kind: 'supervisord', url: 'unix:///run/s.sock', pid: 7, local: true };
export const ours: ManagerSeen = { ...real, kind: 'dockvisord' };

export const view: ContainerView = {
  name: 'web',
  id: 'a'.repeat(64),
  image: 'nginx',
  engine: 'unix:///e.sock',
  state: 'running',
  health: 'none',
  pid: 99,
  exit_code: null,
  oom_killed: false,
  started_at: new Date(startedAt).toISOString(),
  finished_at: null,
  restart_policy: 'no',
  error: '',
};

export const says: ProcessView = {
  group: 'web',
  name: 'web',
  state: 'RUNNING',
  start: startedAt / 1000,
  stop: 0,
  now: startedAt / 1000 + 60,
  spawnError: '',
  exitStatus: 0,
  stdoutLogfile: '',
  stderrLogfile: '',
  pid: 50,
  description: 'pid 50, uptime 0:01:00',
  container: null,
  proxy: null,
};

export function dockerSpec(
  verb: 'start' | 'run',
  more: Partial<DockerSpec> = {},
  remove = false,
): DockerSpec {
  const target = { by: 'name', name: 'web' } as const;
  const rest = verb === 'start' ? ['start', '-a', 'web'] : ['run', '--name', 'web', 'nginx'];
  return dockerSpecWith({
    attach: 'cli',
    target,
    invocation: {
      verb,
      prefix: ['docker'],
      rest,
      remove,
      detached: false,
      host: null,
      context: null,
      target,
    },
    ...more,
  });
}

export const seen: ContainerSeen = { view, tty: false, openStdin: false, owner: null, holder: null };

export function evidenceOf(change: {
  readonly says?: Partial<ProcessView> | null;
  readonly view?: Partial<ContainerView>;
  readonly container?: Partial<ContainerSeen>;
  readonly docker?: DockerSpec;
  readonly manager?: ManagerSeen;
  readonly more?: Partial<Evidence>;
}): Evidence {
  return {
    group: 'web',
    process: 'web',
    spec: specWith({ name: 'web', docker: change.docker ?? dockerSpec('start') }),
    says: change.says === null ? null : { ...says, ...change.says },
    container: { ...seen, ...change.container, view: { ...view, ...change.view } },
    wantedId: view.id,
    proxy: null,
    pidAlive: null,
    commands: commandsFor({
      manager: (change.manager ?? real).kind,
      file: '/etc/s.conf',
      fileUrl: real.url,
      url: real.url,
      dockerOptions: [],
    }),
    ...change.more,
  };
}
