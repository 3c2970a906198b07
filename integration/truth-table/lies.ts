/** What counts as a lie: a manager's word against the witness's, at one moment. */
import type { ProcessInfo } from '../support/rpc.ts';
import { othersStatus } from './witness.ts';
import type { Testimony } from './witness.ts';

export type LieKind = 'state' | 'paused' | 'clock' | 'pid' | 'exit' | 'container' | 'health';

export interface Lie {
  readonly kind: LieKind;
  readonly says: string;
  readonly truth: string;
}

const downStates = ['STOPPED', 'EXITED', 'FATAL', 'BACKOFF'];
/** Whole seconds are told. */
const clockToleranceSeconds = 2;
/** A real supervisord tells when it started the proxy, and on a busy machine the container comes up seconds later: no lie. */
const launchSeconds = 10;

/** STARTING, STOPPING and UNKNOWN claim nothing about a container, and are no lies by themselves. */
export function liesOf(says: ProcessInfo, truth: Testimony): readonly Lie[] {
  const lies: Lie[] = [];
  const add = (kind: LieKind, said: string, is: string): number => lies.push({ kind, says: said, truth: is });
  const { by } = truth;
  const who = by === 'engine' ? 'Engine' : 'kernel';
  if (truth.runs && downStates.includes(says.state)) add('state', says.state, `${who}: ${truth.status}`);
  if (says.state === 'RUNNING') {
    if (!truth.runs) add('state', says.state, `${who}: ${truth.status}`);
    else if (truth.status === 'paused' && !says.description.includes('paused')) {
      add('paused', 'RUNNING', `${who}: paused`);
    }
    const startedAt = Date.parse(truth.startedAt) / 1000;
    const ahead = startedAt - says.start;
    const mayBeAhead = says.container === null ? launchSeconds : clockToleranceSeconds;
    if (truth.runs && (ahead > mayBeAhead || -ahead > clockToleranceSeconds)) {
      const up = (since: number): string => `up since ${new Date(since * 1000).toISOString().slice(11, 19)}`;
      add('clock', up(says.start), `${who}: ${up(startedAt)}`);
    }
  }
  const { container } = says;
  if (says.state === 'EXITED' && truth.exitCode !== null && says.exitStatus !== truth.exitCode) {
    add('exit', `exit ${String(says.exitStatus)}`, `${who}: exit ${String(truth.exitCode)}`);
  }
  if (
    container !== null &&
    container.state !== 'unknown' &&
    by === 'engine' &&
    truth.status !== othersStatus
  ) {
    if (container.state !== truth.status)
      add('container', `container ${container.state}`, `Engine: ${truth.status}`);
    else if (container.health !== truth.health) add('health', container.health, `Engine: ${truth.health}`);
    if (says.state === 'RUNNING' && truth.runs && says.pid !== truth.pid) {
      add('pid', `pid ${String(says.pid)}`, `Engine: pid ${String(truth.pid)}`);
    }
  }
  return lies;
}
