/** Judges what a daemon asks of the Engine at the instant at which it asks: nothing is started, stopped or removed without a reason. */
import type { Ask } from './hostile-engine.ts';
import type { Ledger, World } from './world.ts';

/** What began to run so short a time ago may not have been seen yet by who asks, in ms. */
const unseenMs = 5000;

export function judgeAsk(world: World, ask: Ask): void {
  if (ask.operation === 'list' || ask.operation === 'inspect' || ask.operation === 'events') return;
  const ledger = world.ledgerOf(ask.ref);
  if (ledger === undefined) return;
  const { container } = ledger.program;
  world.say(`  asked: ${ask.operation} ${container}${ask.signal === null ? '' : ` ${ask.signal}`}`);
  const reason = reasonFor(world, ledger, ask);
  if (reason !== null) world.complain(`${ask.operation} of ${container} was asked for: ${reason}`);
}

/** null: there is one. */
function reasonFor(world: World, ledger: Ledger, ask: Ask): string | null {
  switch (ask.operation) {
    case 'start':
      return againstStart(world, ledger);
    case 'stop':
      return hasToEnd(world, ledger) || mayClear(ledger, ['stop', 'remove'])
        ? null
        : 'nobody wants it to end';
    case 'kill':
      return hasToEnd(world, ledger) || ledger.signalGiven === ask.signal ? null : 'nobody wants it to end';
    case 'remove':
      return mayClear(ledger, ['remove']) ? null : 'docker_on_ghost does not say so';
    case 'unpause':
      return mayClear(ledger, ['adopt']) ? null : 'docker_on_ghost does not say so';
    case 'update':
      return specOf(world, ledger)?.docker?.restartPolicy === 'disable' || mayClear(ledger, ['stop'])
        ? null
        : 'docker_restart_policy does not say so';
    default:
      return null;
  }
}

const specOf = (world: World, { program }: Ledger) => world.daemon()?.unit(program.spec.name)?.spec;

function againstStart(world: World, ledger: Ledger): string | null {
  if (ledger.wish === 'down' && !ledger.isStartGiven) return 'nobody wants it up';
  const state = world.daemon()?.unit(ledger.program.spec.name)?.unit().state;
  if (state?.name !== 'LAUNCHING' && !(state?.name === 'UNKNOWN' && state.wish === 'up'))
    return `its unit is ${state?.name ?? 'gone'}`;
  const facts = world.facts(ledger.id);
  if (facts?.alive !== true) return null;
  const since = Math.max(
    world.engine.lastChange(ledger.id)?.at ?? 0,
    world.engine.inOrderSince() ?? Infinity,
    world.bootedAt(),
  );
  return world.time.now() - since > unseenMs ? 'it runs, and that was to be seen' : null;
}

/** Somebody gave the order, and it has not come about. */
function hasToEnd(world: World, ledger: Ledger): boolean {
  const state = world.daemon()?.unit(ledger.program.spec.name)?.unit().state;
  // THE ALLOWANCE: a stop under way is not called off by a start in UNKNOWN: the container is stopped first.
  if (state !== undefined && 'run' in state && state.run === ledger.notCalledOff) return true;
  return (
    state?.name === 'STOPPING' ||
    state?.name === 'CANCELLING' ||
    (state?.name === 'UNKNOWN' && state.wish === 'down')
  );
}

const mayClear = (ledger: Ledger, policies: readonly string[]): boolean =>
  ledger.clearings > 0 && policies.includes(ledger.program.spec.docker?.onGhost ?? '');
