/** A process specification for tests: the defaults of supervisord, with what the test cares for laid over. */
import type { DaemonSpec, DockerSpec, ProcessSpec } from '../../src/core/config/model.ts';

const channel = {
  target: { kind: 'none' },
  maxBytes: 0,
  backups: 0,
  captureMaxBytes: 0,
  format: 'plain',
  eventsEnabled: false,
  syslog: false,
} as const;

export function specWith(change: Partial<ProcessSpec> & { readonly name: string }): ProcessSpec {
  return {
    group: change.name,
    section: `program:${change.name}`,
    place: { file: 'test.conf', line: 1 },
    command: '',
    directory: null,
    environment: {},
    priority: 999,
    autostart: true,
    autorestart: 'unexpected',
    startSeconds: 1,
    startRetries: 3,
    backoff: { kind: 'linear', initialSeconds: 1, maxSeconds: 0, jitter: 0, resetAfterSeconds: 0 },
    exitCodes: [0],
    stopSignal: { name: 'TERM', number: 15 },
    stopSignalWritten: false,
    stopWaitSeconds: 10,
    stopAsGroup: false,
    killAsGroup: false,
    user: null,
    umask: null,
    redirectStderr: false,
    stdout: channel,
    stderr: channel,
    serverUrl: null,
    docker: null,
    ...change,
  };
}

/** What makes a program one of the container `web`, by the Engine's socket; the rest is the contract's defaults. */
export const dockerSpecWith = (change: Partial<DockerSpec> = {}): DockerSpec => ({
  attach: 'api',
  target: { by: 'name', name: 'web' },
  invocation: null,
  host: null,
  certPath: null,
  onGhost: 'stop',
  restartPolicy: 'keep',
  ...change,
});

/** `[supervisord]` of a daemon that writes nothing. */
export const quietDaemon: DaemonSpec = {
  logfile: '/dev/null',
  logfileMaxBytes: 0,
  logfileBackups: 0,
  loglevel: 'info',
  pidfile: '/dev/null',
  umask: 0o022,
  directory: null,
  nodaemon: true,
  silent: true,
  minfds: 1024,
  minprocs: 200,
  nocleanup: true,
  childlogdir: '/tmp',
  user: null,
  identifier: 'supervisor',
  stripAnsi: false,
  environment: {},
  stateDir: null,
};
