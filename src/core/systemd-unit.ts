/**
 * Texts of systemd units: for one container under `dockvisor wrap`, and for the daemon. Why each line is there is in docs/systemd.md.
 *
 * Ordered after docker.service, and no more than that: systemd stops in the reverse order, so that at a shutdown the Engine is there until
 * the last grace is over; but a restart of docker.service, through which containers may live, must not stop them for us.
 */
import type { Config, ProcessSpec } from './config/model.ts';
import { assignment, commandLine, escapePercent, looksSecret, unitText } from './systemd-text.ts';

export interface UnitText {
  readonly text: string;
  /** What the reader should know before he installs it. */
  readonly notes: readonly string[];
}

/** What a stop may take beyond its grace, in seconds: the Engine's kill and its clearing up. */
const stopMarginSeconds = 30;
/** Twice the longest that the Engine may take for one answer, and some. */
const watchdogSeconds = 30;
/** An image may have to be pulled. */
const pullSeconds = 900;
/** A container that ends by TERM says 143: no failure, when it is asked to stop. */
const endedByTerm = 143;

/** `dockvisor`: the words that run it. */
export function unitOfContainer(name: string, dockvisor: readonly string[]): UnitText {
  const text = unitText([
    ['Unit', [`Description=Container ${escapePercent(name)}`, ...afterEngine(true)]],
    [
      'Service',
      [
        'Type=notify',
        'NotifyAccess=main',
        `ExecStart=${commandLine([...dockvisor, 'wrap', name])}`,
        'KillMode=mixed',
        // Its own StopTimeout is not known here: the wrapper asks for as much more as it needs.
        `TimeoutStopSec=${String(10 + stopMarginSeconds)}`,
        `WatchdogSec=${String(watchdogSeconds)}`,
        'Restart=on-failure',
        'RestartSec=1',
        `SuccessExitStatus=${String(endedByTerm)}`,
      ],
    ],
    install,
  ]);
  return { text, notes: [] };
}

/** null: a plain program, which systemd runs without us. */
export function unitOfProgram(spec: ProcessSpec, dockvisor: readonly string[]): UnitText | null {
  const { docker } = spec;
  if (docker === null) return null;
  const { invocation, target } = docker;
  const byName =
    target.by === 'name' && (invocation === null || !['run', 'compose-up'].includes(invocation.verb));
  const command =
    byName || invocation === null
      ? [target.by === 'name' ? target.name : spec.name]
      : ['--', ...invocation.prefix, ...invocation.rest];
  const environment = Object.entries(spec.environment).filter(([name]) => !byName || /^DOCKER_/.test(name));
  const grace = Math.max(0, Math.ceil(spec.stopWaitSeconds));
  const tries = spec.startRetries + 1;
  // For ever, where startretries is negative.
  const limit = tries <= 0 ? 0 : Math.ceil(tries * (Math.max(0, spec.startSeconds) + 2));
  const text = unitText([
    [
      'Unit',
      [
        `Description=Container of ${escapePercent(spec.section)}`,
        ...afterEngine(isLocal(docker.host)),
        `StartLimitIntervalSec=${String(limit)}`,
        limit === 0 ? null : `StartLimitBurst=${String(tries)}`,
      ],
    ],
    [
      'Service',
      [
        'Type=notify',
        'NotifyAccess=main',
        `ExecStart=${commandLine([...dockvisor, 'wrap', ...wrapOptions(spec, grace), ...command])}`,
        ...environment.map(([name, value]) => `Environment=${assignment(name, value)}`),
        spec.directory === null || byName ? null : `WorkingDirectory=${escapePercent(spec.directory)}`,
        spec.user === null ? null : `User=${escapePercent(spec.user.name)}`,
        spec.umask === null ? null : `UMask=${spec.umask.toString(8).padStart(4, '0')}`,
        'KillMode=mixed',
        byName ? null : `TimeoutStartSec=${String(pullSeconds)}`,
        `TimeoutStopSec=${String(grace + stopMarginSeconds)}`,
        `WatchdogSec=${String(watchdogSeconds)}`,
        ...restart(spec),
        'RestartSec=1',
      ],
    ],
    install,
  ]);
  return { text, notes: notesOn(spec, environment, byName) };
}

export function unitOfDaemon(config: Config, dockvisord: readonly string[]): UnitText {
  const processes = config.groups.flatMap((group) => group.processes);
  const engine = processes.some(({ docker }) => docker !== null && isLocal(docker.host));
  const remote = processes.some(({ docker }) => docker !== null && !isLocal(docker.host));
  const text = unitText([
    [
      'Unit',
      [
        'Description=dockvisor, the supervisor of containers and programs',
        ...(engine ? afterEngine(true) : []),
        ...(remote ? afterEngine(false) : []),
        engine || remote ? null : 'After=network.target',
      ],
    ],
    [
      'Service',
      [
        'Type=notify',
        'NotifyAccess=main',
        `ExecStart=${commandLine([...dockvisord, '-n', '-c', config.file])}`,
        'ExecReload=/bin/kill -HUP $MAINPID',
        'KillMode=mixed',
        `TimeoutStopSec=${String(graceOfAll(config) + stopMarginSeconds)}`,
        `WatchdogSec=${String(watchdogSeconds)}`,
        'Restart=on-failure',
        'RestartSec=1',
      ],
    ],
    install,
  ]);
  return { text, notes: [] };
}

/** Groups of one priority stop together, those of another after them. Seconds. */
export function graceOfAll({ groups }: Pick<Config, 'groups'>): number {
  const longest = new Map<number, number>();
  for (const { priority, processes } of groups) {
    const grace = Math.max(0, ...processes.map(({ stopWaitSeconds }) => stopWaitSeconds));
    longest.set(priority, Math.max(longest.get(priority) ?? 0, grace));
  }
  return Math.ceil([...longest.values()].reduce((sum, grace) => sum + grace, 0));
}

const install = ['Install', ['WantedBy=multi-user.target']] as const;

const afterEngine = (local: boolean): readonly string[] =>
  local
    ? ['After=docker.service', 'Wants=docker.service']
    : ['After=network-online.target', 'Wants=network-online.target'];

const isLocal = (host: string | null): boolean =>
  host === null || host.startsWith('unix:') || host.startsWith('context:');

function wrapOptions(spec: ProcessSpec, grace: number): readonly string[] {
  const { docker } = spec;
  const inCommand = docker?.invocation?.host ?? docker?.invocation?.context ?? null;
  const host = inCommand === null ? (docker?.host ?? null) : null;
  return [
    '--stop-timeout',
    String(grace),
    ...(host === null
      ? []
      : host.startsWith('context:')
        ? ['--context', host.slice('context:'.length)]
        : ['--host', host]),
    ...(docker === null || docker.onGhost === 'stop' ? [] : ['--on-ghost', docker.onGhost]),
  ];
}

/** The wrapper's own death is always made good: the next one adopts the container, and restarts nothing. */
function restart({ autorestart, exitCodes }: ProcessSpec): readonly (string | null)[] {
  const success = [...new Set([...exitCodes.filter((code) => code !== 0), endedByTerm])].join(' ');
  switch (autorestart) {
    case 'never':
      return ['Restart=on-abnormal', `SuccessExitStatus=${success}`];
    case 'always':
      return ['Restart=always', `SuccessExitStatus=${success}`];
    case 'unexpected':
      return [
        'Restart=on-failure',
        `SuccessExitStatus=${success}`,
        exitCodes.includes(0) ? null : 'RestartForceExitStatus=0',
      ];
  }
}

function notesOn(
  spec: ProcessSpec,
  environment: readonly (readonly [string, string])[],
  byName: boolean,
): readonly string[] {
  const inCommand = byName ? [] : (spec.docker?.invocation?.rest ?? []).map((word) => word.split('=', 2));
  const secrets = [...environment, ...inCommand]
    .filter(([name = '', value = '']) => looksSecret(name) && value !== '')
    .map(([name = '']) => name);
  return [
    ...secrets.map(
      (name) =>
        `the value of ${name} looks like a secret and is printed: units can be read by everybody; EnvironmentFile= can be kept to root`,
    ),
    ...(spec.stopSignalWritten
      ? [
          `stopsignal=${spec.stopSignal.name} is not taken over: the container's own stop signal holds (docker create --stop-signal)`,
        ]
      : []),
  ];
}
