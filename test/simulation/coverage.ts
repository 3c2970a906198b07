/** Whether histories went everywhere: each act, and each cell of the machine that a container program can come to. */
import { machine } from '../../src/core/unit/machine.ts';
import { actNames } from './acts.ts';

/** Cells that stand for other runners, or for what is kept away from the machine. */
const outOfReach: readonly RegExp[] = [
  // The supervisor refuses these before the machine is asked.
  /^(STOPPED|FATAL|EXITED|RESTARTING)\.(stop|signal)$/,
  /^(BACKOFF|UNKNOWN)\.signal$/,
  // A runner tells of what others started only while it holds no run.
  /^(LAUNCHING|STARTING|WAITING|RUNNING|CANCELLING|STOPPING|UNKNOWN)\.appeared$/,
  // A signal over the Engine fails silently.
  /\.signalFailed$/,
  // The runner's contract: what is up is not spawned again, does not fail to spawn, and is found only after it was lost.
  /^(STARTING|WAITING|RUNNING|STOPPING)\.(spawned|spawnFailed|found)$/,
  /^(LAUNCHING|CANCELLING)\.(exited|found|ready)$/,
  // Only who waits for it is told.
  /^(STARTING|RUNNING|UNKNOWN)\.ready$/,
];

const cells = Object.entries(machine).flatMap(([state, row]) =>
  Object.keys(row).map((event) => `${state}.${event}`),
);

export function neverVisited(visited: ReadonlyMap<string, number>): readonly string[] {
  return [...actNames.map((name) => `act: ${name}`), ...cells].filter(
    (what) => !visited.has(what) && !outOfReach.some((pattern) => pattern.test(what)),
  );
}
