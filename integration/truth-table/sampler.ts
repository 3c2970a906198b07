/**
 * Samples what a manager says against what is so, all through a case. A sample counts when the witness says the same before and after the
 * manager was asked; a lie counts when it was told in every sample for longer than the tolerance.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manager } from '../support/manager.ts';
import type { ProcessInfo } from '../support/rpc.ts';
import { liesOf } from './lies.ts';
import type { Lie, LieKind } from './lies.ts';
import type { Testimony, Witness } from './witness.ts';

export interface Subject {
  readonly program: string;
  readonly witness: Witness;
}

export interface ToldLie extends Lie {
  readonly program: string;
  readonly ms: number;
  /** Still told when the sampling ended. */
  readonly atRest: boolean;
}

export interface Sample {
  readonly says: ProcessInfo;
  readonly truth: Testimony;
}

export interface Sampler {
  /** The last sample that counts, by program. */
  last(program: string): Sample | null;
  /**
   * From the first to the last sample in which every program and every container was at rest, as `performance.now()`; null: something
   * moves. What comes after the last sample nobody has seen.
   */
  resting(): { readonly since: number; readonly until: number } | null;
  /** How many samples of all programs counted. */
  count(): number;
  /** Ends the sampling; all lies longer than the tolerance. */
  end(): Promise<readonly ToldLie[]>;
}

const pauseMs = 50;
export const toleranceMs = 300;
const movingStates = ['STARTING', 'STOPPING', 'BACKOFF', 'UNKNOWN'];

interface Span {
  readonly lie: Lie;
  readonly from: number;
  to: number;
}

export function startSampler(manager: Manager, subjects: readonly Subject[]): Sampler {
  const ending = new AbortController();
  const told: ToldLie[] = [];
  const open = new Map<string, Map<LieKind, Span>>(subjects.map(({ program }) => [program, new Map()]));
  const last = new Map<string, Sample>();
  let count = 0;
  let resting: { readonly picture: string; readonly since: number; until: number } | null = null;

  function close(program: string, kind: LieKind, atRest: boolean): void {
    const spans = open.get(program);
    const span = spans?.get(kind);
    if (span === undefined) return;
    spans?.delete(kind);
    const ms = Math.round(span.to - span.from);
    if (ms > toleranceMs) told.push({ ...span.lie, program, ms, atRest });
  }

  function take(program: string, sample: Sample, at: number): void {
    last.set(program, sample);
    const spans = open.get(program) ?? new Map<LieKind, Span>();
    const lies = liesOf(sample.says, sample.truth);
    for (const [kind, { lie }] of [...spans]) {
      const same = lies.find((one) => one.kind === kind && one.says === lie.says && one.truth === lie.truth);
      if (same === undefined) close(program, kind, false);
    }
    for (const lie of lies) {
      const span = spans.get(lie.kind);
      if (span === undefined) spans.set(lie.kind, { lie, from: at, to: at });
      else span.to = at;
    }
  }

  async function once(): Promise<void> {
    const ask = (): Promise<readonly (Testimony | null)[]> =>
      Promise.all(subjects.map(({ witness }) => witness.ask()));
    const before = await ask();
    const at = performance.now();
    const says = await manager.processes().catch(() => null);
    const after = await ask();
    if (says === null) {
      // Nobody speaks, so nobody lies.
      for (const [program, spans] of open) for (const kind of [...spans.keys()]) close(program, kind, false);
      resting = null;
      return;
    }
    let counted = true;
    subjects.forEach(({ program }, index) => {
      const said = says.find(({ name }) => name === program);
      const [was, is] = [before[index] ?? null, after[index] ?? null];
      if (said === undefined || was === null || is === null || !agree(was, is)) counted = false;
      else take(program, { says: said, truth: is }, at);
    });
    if (counted) count++;
    const picture = counted ? pictureOf([...last.values()]) : null;
    if (picture === null) resting = null;
    else if (picture !== resting?.picture) resting = { picture, since: at, until: at };
    else resting.until = at;
  }

  const done = (async () => {
    while (!ending.signal.aborted) {
      const from = performance.now();
      await once();
      const leftMs = Math.max(1, pauseMs - (performance.now() - from));
      await sleep(leftMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();

  return {
    last: (program) => last.get(program) ?? null,
    count: () => count,
    resting: () => resting,
    async end() {
      ending.abort();
      await done;
      for (const [program, spans] of open) for (const kind of [...spans.keys()]) close(program, kind, true);
      return told;
    },
  };
}

const agree = (a: Testimony, b: Testimony): boolean =>
  a.by === b.by &&
  a.status === b.status &&
  a.startedAt === b.startedAt &&
  a.pid === b.pid &&
  a.health === b.health;

/** null: something moves. Otherwise what must stay the same for rest. */
function pictureOf(samples: readonly Sample[]): string | null {
  const moving = samples.some(
    ({ says, truth }) =>
      movingStates.includes(says.state) ||
      truth.by === 'kernel' ||
      truth.health === 'starting' ||
      truth.status === 'restarting' ||
      truth.status === 'removing',
  );
  if (moving) return null;
  return JSON.stringify(
    samples.map(({ says, truth }) => [
      says.name,
      says.state,
      says.pid,
      truth.status,
      truth.startedAt,
      truth.health,
    ]),
  );
}
