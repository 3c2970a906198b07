/** What the Engine says of one container, in our words; made from inspect alone. None of dockerode's types leave this folder. */
import type { ContainerState, ContainerView } from '../core/view.ts';

export interface ContainerFacts {
  /** Full id, 64 hex digits. */
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly state: Exclude<ContainerState, 'missing' | 'unknown'>;
  /** Its main process lives: running or paused, and not between two lives of a restart policy. */
  readonly alive: boolean;
  /** Main process on the host; 0: none. */
  readonly pid: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** As the Engine writes it, with nanoseconds; `''`: never. Tells one life of a container from another. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly error: string;
  readonly health: ContainerView['health'];
  readonly restartPolicy: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  /** Without SIG; TERM when the image names none. */
  readonly stopSignal: string;
  /** Grace in seconds that it was created with; negative: for ever. null: not said, which is 10. */
  readonly stopTimeout: number | null;
  readonly autoRemove: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** The parts of the Engine's answer that are read; everything may be missing in an answer of another Engine. */
export interface InspectAnswer {
  readonly Id?: string;
  readonly Name?: string;
  readonly Image?: string;
  readonly State?: {
    readonly Status?: string;
    readonly Running?: boolean;
    readonly Paused?: boolean;
    readonly Restarting?: boolean;
    readonly OOMKilled?: boolean;
    readonly Dead?: boolean;
    readonly Pid?: number;
    readonly ExitCode?: number;
    readonly Error?: string;
    readonly StartedAt?: string;
    readonly FinishedAt?: string;
    readonly Health?: { readonly Status?: string } | null;
  };
  readonly Config?: {
    readonly Image?: string;
    readonly Tty?: boolean;
    readonly OpenStdin?: boolean;
    readonly StopSignal?: string;
    readonly StopTimeout?: number | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
  readonly HostConfig?: {
    readonly RestartPolicy?: { readonly Name?: string };
    readonly AutoRemove?: boolean;
  };
}

export function factsOf(answer: InspectAnswer): ContainerFacts {
  const { State: state = {}, Config: config = {}, HostConfig: host = {} } = answer;
  const word = stateOf(state);
  return {
    id: answer.Id ?? '',
    name: (answer.Name ?? '').replace(/^\//, ''),
    image: config.Image ?? answer.Image ?? '',
    state: word,
    alive: word === 'running' || word === 'paused',
    pid: state.Pid ?? 0,
    exitCode: state.ExitCode ?? 0,
    oomKilled: state.OOMKilled ?? false,
    startedAt: timeOf(state.StartedAt),
    finishedAt: timeOf(state.FinishedAt),
    error: state.Error ?? '',
    health: healthOf(state.Health?.Status),
    restartPolicy:
      host.RestartPolicy?.Name === undefined || host.RestartPolicy.Name === ''
        ? 'no'
        : host.RestartPolicy.Name,
    tty: config.Tty ?? false,
    openStdin: config.OpenStdin ?? false,
    stopSignal: (config.StopSignal ?? '').replace(/^SIG/, '') || 'TERM',
    stopTimeout: config.StopTimeout ?? null,
    autoRemove: host.AutoRemove ?? false,
    labels: config.Labels ?? {},
  };
}

/** The Engine's booleans overlap (a paused container is Running too); this is the order in which its own `Status` looks at them. */
function stateOf(state: NonNullable<InspectAnswer['State']>): ContainerFacts['state'] {
  if (state.Status === 'removing') return 'removing';
  if (state.Dead === true || state.Status === 'dead') return 'dead';
  if (state.Restarting === true) return 'restarting';
  if (state.Paused === true) return 'paused';
  if (state.Running === true) return 'running';
  return state.Status === 'created' ? 'created' : 'exited';
}

const timeOf = (text: string | undefined): string =>
  text === undefined || text.startsWith('0001-') ? '' : text;

function healthOf(word: string | undefined): ContainerView['health'] {
  return word === 'starting' || word === 'healthy' || word === 'unhealthy' ? word : 'none';
}

/** RFC 3339 with nanoseconds to milliseconds since the epoch; null for `''`. */
export function wallOf(time: string): number | null {
  if (time === '') return null;
  const ms = Date.parse(time.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(ms) ? null : ms;
}

/** The Engine's two ways to write a time (`2026-11-21T02:12:04.815123456Z`, `1795227124.815123456`) as one number of nanoseconds. */
export function nanosOf(time: string): bigint {
  const fraction = /\.(\d{1,9})/.exec(time)?.[1] ?? '';
  const seconds = time.includes('T')
    ? Math.floor((wallOf(time.replace(/\.\d+/, '')) ?? 0) / 1000)
    : Number.parseInt(time, 10);
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

const isoOf = (time: string): string | null => {
  const ms = wallOf(time);
  return ms === null ? null : new Date(ms).toISOString();
};

/** The view of CONTRACT section 3. */
export function viewOf(facts: ContainerFacts, engine: string): ContainerView {
  const ran = facts.finishedAt !== '' && !facts.alive;
  // A failed start of a container that never ran has an exit code (127, 126) too, and only `Error` tells why.
  const failedStart = facts.state === 'created' && facts.error !== '';
  return {
    name: facts.name,
    id: facts.id,
    image: facts.image,
    engine,
    state: facts.state,
    health: facts.health,
    pid: facts.alive && facts.pid > 0 ? facts.pid : null,
    exit_code: ran || failedStart ? facts.exitCode : null,
    oom_killed: facts.oomKilled,
    started_at: isoOf(facts.startedAt),
    finished_at: ran ? isoOf(facts.finishedAt) : null,
    restart_policy: facts.restartPolicy,
    error: facts.error,
  };
}

/** A container that is not there, or an Engine that cannot be asked. */
export function absentView(
  name: string,
  engine: string,
  state: 'missing' | 'unknown',
  error: string,
): ContainerView {
  return {
    name,
    id: null,
    image: null,
    engine,
    state,
    health: 'none',
    pid: null,
    exit_code: null,
    oom_killed: false,
    started_at: null,
    finished_at: null,
    restart_policy: 'no',
    error,
  };
}
