/**
 * Judges the world at an instant: what the supervisor says against what is. Every allowance is a constant here, with its reason.
 */
import { wireOf } from '../../src/core/unit/types.ts';
import type { Supervised } from '../../src/supervisor/supervised.ts';
import type { ContainerFacts } from '../../src/docker/facts.ts';
import type { Ledger, World } from './world.ts';

/**
 * A change that was told as it happened: event and inspect take ms; an exit is told when the output has come to its end, for which
 * `container-run.ts` waits 2 s, and 2 s more for whoever writes it down.
 */
const toldMs = 5000;
/** A change that nobody was told of is found by the next comparison: 10 s, a slow answer, and what a told one takes. */
const comparedMs = 10_000 + 2000 + toldMs;
/** An Engine that is mute is found out by the next comparison, which waits 10 s for its answer. */
const muteMs = 10_000 + 10_000 + 2000;
/** Attaching again waits up to 10 s between two tries. */
const attachMs = 10_000 + comparedMs;
/** A restart that nobody was told of looks like nothing: each sixth comparison looks in any case, and each takes a slow answer. */
const otherLifeMs = 6 * (10_000 + 2000) + comparedMs;
/**
 * One that began so soon after the other is as long up, by the Engine's words and a slow answer: each sixtieth looks then. So does one that
 * is counted in hours, as one of now is after the clock was set ahead.
 */
const alikeMs = 4000;
const hourMs = 3_600_000;
const alikeLifeMs = 60 * (10_000 + 2000) + comparedMs;
/**
 * Retries that were on their way when the Engine went: of an end that it had told of, and of which it was asked for the last lines, which it
 * may leave unanswered for 10 s.
 */
const retryMs = 10_000 + 5000;
/**
 * A launch that was lost says UNKNOWN until it is known what became of it: it may wait 70 s for a container that restarts by its own policy,
 * and an Engine that takes 120 s for a start.
 */
const launchMs = 120_000 + comparedMs;
/** Lines flow as they are said. */
const lineMs = 2000;

export interface Judge {
  (): void;
}

export function createJudge(world: World): Judge {
  const retries = new Map<string, { readonly unit: Supervised; readonly count: number }>();
  const states = new Map<string, { readonly unit: Supervised; readonly name: string }>();
  return () => {
    for (const ledger of world.ledgers) {
      countLines(world, ledger);
      const unit = world.daemon()?.unit(ledger.program.spec.name);
      if (unit === undefined) continue;
      noteAge(ledger, unit);
      for (const complaint of [
        ...truth(world, ledger, unit),
        ...mute(world, ledger, unit),
        ...attachments(world, ledger, unit),
      ])
        world.complain(`${ledger.program.spec.name}: ${complaint}`);
      burntRetries(ledger, unit);
    }
  };

  function noteAge(ledger: Ledger, unit: Supervised): void {
    const { name } = unit.unit().state;
    const before = states.get(ledger.program.spec.name);
    states.set(ledger.program.spec.name, { unit, name });
    if (before?.unit !== unit) ledger.madeAt = world.time.now();
    if (before?.unit !== unit || before.name !== name) ledger.stateSince = world.time.now();
  }

  function burntRetries(ledger: Ledger, unit: Supervised): void {
    const { name } = ledger.program.spec;
    const before = retries.get(name);
    const count = unit.unit().retries;
    retries.set(name, { unit, count });
    const muted = world.engine.mutedSince();
    // A log that cannot be opened is a failure of its own.
    if (before?.unit !== unit || muted === null || world.isDiskFull) return;
    if (world.time.now() - muted > retryMs && count > before.count)
      world.complain(`${name}: a retry was counted while the Engine could not be asked`);
  }
}

/** What it says it is about: by id while it holds one, by name while it does not. */
export function containerOf(world: World, ledger: Ledger, unit: Supervised): ContainerFacts | null {
  const { container } = unit.view();
  const held = 'run' in unit.unit().state ? (container?.id ?? null) : null;
  return world.facts(held ?? ledger.program.container);
}

/** How long the daemon could have known what is so now; null: it cannot. `ms`: how long that may take. */
function knowable(world: World, ledger: Ledger): { readonly since: number; readonly ms: number } | null {
  const inOrder = world.engine.inOrderSince();
  if (inOrder === null) return null;
  const change = world.engine.lastChange(ledger.id);
  const since = Math.max(change?.at ?? 0, inOrder, world.bootedAt(), ledger.touchedAt, ledger.madeAt);
  return { since, ms: change?.told === true ? toldMs : comparedMs };
}

function isAlike({ begun }: Ledger, one: number, other: number, startedAt: string): boolean {
  const [first, second] = [begun.get(one), begun.get(other)];
  if (Date.now() - Date.parse(startedAt) > hourMs) return true;
  return first === undefined || second === undefined || Math.abs(first - second) < alikeMs;
}

function* truth(world: World, ledger: Ledger, unit: Supervised): Generator<string> {
  const known = knowable(world, ledger);
  if (known === null) return;
  const forMs = world.time.now() - known.since;
  if (forMs <= known.ms) return;
  const { state } = unit.unit();
  const facts = containerOf(world, ledger, unit);
  const what = `says ${wireOf[state.name]} (${state.name}), and its container is ${facts?.state ?? 'missing'}`;
  switch (state.name) {
    case 'STARTING':
    case 'WAITING':
    case 'RUNNING':
      if (facts?.alive !== true) yield what;
      else if (
        state.pid !== facts.pid &&
        forMs > (isAlike(ledger, state.pid, facts.pid, facts.startedAt) ? alikeLifeMs : otherLifeMs)
      )
        yield `says pid ${String(state.pid)}, and it is ${String(facts.pid)}`;
      break;
    case 'STOPPED':
    case 'EXITED':
    case 'RESTARTING':
    case 'BACKOFF':
    case 'FATAL':
      // A paused one is a ghost and no appearance: it is not taken over. While the daemon goes, what others start is theirs.
      if (facts?.state === 'running' && ledger.clearings === 0 && world.mood() === 'up') yield what;
      break;
    case 'UNKNOWN':
      if (forMs > (state.pid === 0 ? launchMs : comparedMs))
        yield `says UNKNOWN (${state.reason}), and the Engine can be asked`;
      break;
    case 'LAUNCHING':
    case 'CANCELLING':
    case 'STOPPING':
      break;
  }
  if (forMs > comparedMs) {
    const seen = unit.view().container?.state;
    if (seen !== (facts?.state ?? 'missing'))
      yield `says that its container is ${seen ?? 'none'}, and it is ${facts?.state ?? 'missing'}`;
  }
}

function* mute(world: World, ledger: Ledger, unit: Supervised): Generator<string> {
  const since = Math.max(world.engine.mutedSince() ?? Infinity, ledger.madeAt, ledger.stateSince);
  if (world.time.now() - since <= muteMs) return;
  const { state } = unit.unit();
  if ('run' in state && state.name !== 'UNKNOWN')
    yield `says ${wireOf[state.name]} (${state.name}), and the Engine is mute`;
  const seen = unit.view().container?.state;
  if (seen !== 'unknown') yield `says that its container is ${seen ?? 'none'}, and the Engine is mute`;
}

function* attachments(world: World, ledger: Ledger, unit: Supervised): Generator<string> {
  const facts = containerOf(world, ledger, unit);
  if (facts === null) return;
  const open = world.connection()?.attachments(facts.id) ?? 0;
  if (open > 1) yield `${String(open)} sockets are attached`;
  const known = knowable(world, ledger);
  const since = Math.max(known?.since ?? Infinity, ledger.cutAt, ledger.stateSince);
  if (
    open === 0 &&
    unit.unit().state.name === 'RUNNING' &&
    facts.state === 'running' &&
    world.time.now() - since > attachMs
  )
    yield 'it runs, and nobody listens';
}

function countLines(world: World, ledger: Ledger): void {
  for (;;) {
    const [first] = ledger.ended;
    if (first === undefined || world.time.now() - first.at <= lineMs) return;
    ledger.ended.shift();
    world.closeLines(ledger, first.life);
  }
}

/** How long things may take to be as they should be once nothing goes wrong any more: the longest pauses of all parties one after another. */
export const restMs = 150_000;

/** After `restMs` of peace: every program is what its wish and its policy say. */
export function judgeRest(world: World): void {
  for (const ledger of world.ledgers) {
    const { program, wish } = ledger;
    const unit = world.daemon()?.unit(program.spec.name);
    if (unit === undefined) continue;
    const { state } = unit.unit();
    const facts = containerOf(world, ledger, unit);
    const { behaviour } = program;
    const lasts = behaviour.kind === 'numbered' && behaviour.lines === null;
    const says = `${program.spec.name}: after ${String(restMs / 1000)} s of peace it is ${state.name}`;
    if (state.name === 'UNKNOWN' || state.name === 'STOPPING' || state.name === 'CANCELLING')
      world.complain(says);
    if (wish === 'down' && 'run' in state) world.complain(`${says}, and is to be down`);
    if (wish === 'down' && facts?.state === 'running') world.complain(`${says}, is to be down, and runs`);
    if (wish === 'up' && lasts && facts !== null && facts.state !== 'paused' && state.name !== 'RUNNING')
      world.complain(`${says}, and is to be up; its container is ${facts.state}`);
  }
}
