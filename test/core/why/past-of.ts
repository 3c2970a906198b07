/** A history for tests: entries a second apart, the last of them just now. */
import type { Happening, HistoryEntry, ProcessHappening, Rules } from '../../../src/core/history/entry.ts';
import type { Facts } from '../../../src/core/why/told.ts';
import { why } from '../../../src/core/why/why.ts';
import type { Why } from '../../../src/core/why/why.ts';

/** 2026-11-29 01:00:00 UTC. */
export const nowSeconds = 1_795_914_000;

export type Step = ProcessHappening | Extract<Happening, { kind: 'daemon' }>;

/** Each entry ten seconds after the one before it; the last one ten seconds ago. */
export const pastOf = (...steps: readonly Step[]): readonly HistoryEntry[] =>
  steps.map((step, at): HistoryEntry => {
    const stamp = {
      seq: at + 1,
      time: new Date((nowSeconds - 10 * (steps.length - at)) * 1000).toISOString(),
    };
    return step.kind === 'daemon'
      ? { ...stamp, ...step }
      : { ...stamp, group: 'web', process: 'web', ...step };
  });

export const secondsAgo = (seconds: number): string => new Date((nowSeconds - seconds) * 1000).toISOString();

type StateStep = Extract<ProcessHappening, { kind: 'state' }>;
export const change = (
  from: StateStep['from'],
  to: StateStep['to'],
  more: Partial<StateStep> = {},
): StateStep => ({
  kind: 'state',
  from,
  to,
  cause: '',
  tries: 0,
  pid: 0,
  expected: true,
  exit: null,
  container: null,
  started: null,
  ...more,
});
export const code = (n: number, oom = false): StateStep['exit'] => ({
  code: n,
  signal: null,
  oom_killed: oom,
  how: `exit status ${String(n)}`,
});
export const order = (name: string, reason = 'an order'): ProcessHappening => ({
  kind: 'order',
  order: name,
  why: reason,
});
export const spawned = (adopted = false): ProcessHappening => ({ kind: 'spawned', pid: 7, adopted });
export const daemon = (what: 'started' | 'stopped'): Step => ({ kind: 'daemon', what, pid: 1 });
export const cameUp: readonly Step[] = [
  order('start', 'it has autostart=true'),
  change('STOPPED', 'STARTING'),
  spawned(),
  change('STARTING', 'RUNNING', { pid: 7, started: secondsAgo(100) }),
];

export const rules: Rules = {
  autostart: true,
  autorestart: 'unexpected',
  startsecs: 1,
  startretries: 3,
  stopwaitsecs: 10,
  exitcodes: [0],
  says_ready: false,
  makes_container: false,
};

export const facts = (state: Facts['state'], more: Partial<Facts> = {}): Facts => ({
  group: 'web',
  name: 'web',
  state,
  description: '',
  spawnError: '',
  pid: state === 'RUNNING' || state === 'STOPPING' ? 7 : 0,
  exitStatus: 0,
  start: nowSeconds - 3600,
  stop: 0,
  now: nowSeconds,
  hasStdoutLog: true,
  hasStderrLog: true,
  container: {
    name: 'web',
    id: '1968125122eb',
    state: state === 'RUNNING' ? 'running' : 'exited',
    exit_code: null,
    oom_killed: false,
    error: '',
    health: 'none',
    engine: 'unix:///var/run/docker.sock',
    finished_at: null,
    restart_policy: 'no',
  },
  ...more,
});

export function ask(
  of: Facts,
  steps: readonly Step[] | null,
  change_: Partial<Rules> | null = {},
  place: readonly string[] = [],
): Why {
  return why({
    facts: of,
    rules: change_ === null ? null : { ...rules, ...change_ },
    entries: steps === null ? null : pastOf(...steps),
    place,
  });
}

/** Without the times, which differ with the machine's zone, and without the commands. */
export const said = (...args: Parameters<typeof ask>): string =>
  ask(...args)
    .paragraph.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(([^)]*)\)/g, '[$1]')
    .replace(/ Commands: .*/, '');
export const commands = (...args: Parameters<typeof ask>): readonly string[] =>
  ask(...args).commands.map(({ command }) => command);

const container = facts('EXITED').container;
export const withContainer = (more: Partial<NonNullable<typeof container>>): typeof container =>
  container === null ? null : { ...container, ...more };
