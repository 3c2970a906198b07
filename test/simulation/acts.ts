/** Everything that can happen to a daemon: faults of its world, acts of others, and orders. Each by name, so that a history can be read. */
import type { Random } from '../support/random.ts';
import type { ContainerFacts } from '../../src/docker/facts.ts';
import { configOf, policyOf } from './scenario.ts';
import type { Ledger, World } from './world.ts';

interface Act {
  readonly name: string;
  /** How often, beside the others; absent: 2. */
  readonly weight?: number;
  may(world: World): boolean;
  /** Returns what it did in words. */
  do(world: World): string;
}

const always = (): boolean => true;
/** How often a daemon looks at the clock, and a little (docker/wall-clock.ts). */
const lookMs = 6000;
const isThere = ({ mood }: World): boolean => mood() === 'up' || mood() === 'leaving';
const isUp = (world: World): boolean => world.mood() === 'up';
/** Others can ask the Engine only when it answers. */
const isWell = ({ engine }: World): boolean => engine.condition() === 'well';

const anyOf = ({ ledgers, random }: World): Ledger => random.pick(ledgers);

/** Somebody else's act on a container, if there is one in such a state. */
function onContainer(
  name: string,
  fits: (facts: ContainerFacts) => boolean,
  act: (world: World, facts: ContainerFacts, ledger: Ledger) => void,
  options: { readonly weight?: number; readonly needsEngine?: boolean } = {},
): Act {
  const candidates = (world: World): readonly Ledger[] =>
    world.ledgers.filter(({ id }) => {
      const facts = world.facts(id);
      return facts !== null && fits(facts);
    });
  return {
    name,
    ...(options.weight === undefined ? {} : { weight: options.weight }),
    may: (world) => candidates(world).length > 0 && (options.needsEngine === false || isWell(world)),
    do(world) {
      const ledger = world.random.pick(candidates(world));
      const facts = world.facts(ledger.id);
      if (facts !== null) act(world, facts, ledger);
      return ledger.program.container;
    },
  };
}

/** Answers are nobody's concern here: what comes of an order is judged by what is. */
function order(name: string, give: (world: World, ledger: Ledger) => Promise<unknown>, weight = 3): Act {
  return {
    name,
    weight,
    may: isUp,
    do(world) {
      const ledger = anyOf(world);
      give(world, ledger).catch((error: unknown) => {
        world.complain(`${name} was rejected: ${String(error)}`);
      });
      return ledger.program.spec.name;
    },
  };
}

const supervisorOf = (world: World) => {
  const daemon = world.daemon();
  if (daemon === null) throw new Error('there is no daemon');
  return daemon.supervisor;
};

const alive = ({ alive: is }: ContainerFacts): boolean => is;
const running = ({ state }: ContainerFacts): boolean => state === 'running';

function mend(random: Random, world: World): void {
  for (const ledger of world.ledgers) {
    const facts = world.facts(ledger.id);
    if (facts !== null && facts.name !== ledger.program.container)
      rename(world, ledger, ledger.program.container);
    // A stop that the Engine had taken in while it hung may let go of it in the same breath.
    if (facts?.state === 'paused' && random.below(2) === 0)
      world.engine.fake.unpause(ledger.id).catch(() => undefined);
  }
}

function rename(world: World, ledger: Ledger, to: string): void {
  if (world.facts(to) !== null) return;
  world.engine.fake.rename(ledger.id, to);
  ledger.touchedAt = world.time.now();
}

function editConfig(world: World): void {
  const { random } = world;
  const original = anyOf(world).program.spec;
  const { name } = original;
  const now = world.specs.find((spec) => spec.name === name);
  const others = world.specs.filter((spec) => spec.name !== name);
  if (now === undefined) world.specs = [...others, original];
  else if (random.below(4) === 0) world.specs = others;
  else {
    // Another variable is another process: that one is restarted.
    const environment = random.below(2) === 0 ? { EDITION: String(random.below(100)) } : now.environment;
    world.specs = [...others, { ...now, ...policyOf(random), environment }];
  }
}

const acts: readonly Act[] = [
  { name: 'nothing', weight: 6, may: always, do: () => '' },

  onContainer(
    'dies by a signal from outside',
    alive,
    ({ engine }, { id }) => {
      engine.fake.die(id, 137);
    },
    { needsEngine: false },
  ),
  onContainer(
    'ends by itself',
    alive,
    ({ engine, random }, { id }) => {
      engine.fake.die(id, random.pick([0, 1, 2]));
    },
    { needsEngine: false },
  ),
  onContainer(
    'OOM kill',
    alive,
    ({ engine }, { id }) => {
      engine.fake.oomKill(id);
    },
    { needsEngine: false, weight: 1 },
  ),
  onContainer('docker stop', alive, ({ engine }, { id }) => {
    void engine.fake.stop(id, 3000, null);
  }),
  onContainer(
    'docker kill',
    alive,
    ({ engine }, { id }) => {
      void engine.fake.kill(id, 'KILL');
    },
    { weight: 1 },
  ),
  onContainer('docker restart', running, ({ engine }, { id }) => {
    void engine.fake
      .stop(id, 1000, null)
      .then(() => engine.fake.start(id))
      .catch(() => undefined);
  }),
  onContainer(
    'docker start',
    ({ state }) => state === 'exited' || state === 'created',
    ({ engine }, { id }) => {
      engine.fake.start(id).catch(() => undefined);
    },
  ),
  onContainer('docker pause', running, ({ engine }, { id }) => {
    engine.fake.pause(id);
  }),
  onContainer(
    'docker unpause',
    ({ state }) => state === 'paused',
    ({ engine }, { id }) => {
      engine.fake.unpause(id).catch(() => undefined);
    },
    { weight: 4 },
  ),
  onContainer(
    'docker rm -f',
    always,
    (world, { id }, ledger) => {
      void world.engine.fake.remove(id, true);
      ledger.touchedAt = world.time.now();
    },
    { weight: 1 },
  ),
  onContainer(
    'docker rename',
    () => true,
    (world, { name }, ledger) => {
      rename(world, ledger, name === ledger.program.container ? `${name}-renamed` : ledger.program.container);
    },
    { weight: 1 },
  ),
  {
    name: 'docker create',
    weight: 4,
    may: (world) =>
      isWell(world) &&
      world.ledgers.some(
        ({ id, program }) => world.facts(id) === null && world.facts(program.container) === null,
      ),
    do(world) {
      const ledger = world.ledgers.find(
        ({ id, program }) => world.facts(id) === null && world.facts(program.container) === null,
      );
      if (ledger === undefined) return '';
      world.createContainer(ledger, 'created');
      ledger.touchedAt = world.time.now();
      return ledger.program.container;
    },
  },
  onContainer(
    'restart storm',
    alive,
    ({ engine, time, random }, { id }) => {
      for (let n = 0; n < 8; n++)
        time.outside.setTimeout(
          () => {
            const facts = engine.fake.peek().find((each) => each.id === id);
            if (facts?.alive === true) engine.fake.die(id, 1);
            else if (facts !== undefined) engine.fake.start(id).catch(() => undefined);
          },
          n * random.pick([10, 100, 700]),
        );
    },
    { weight: 1, needsEngine: false },
  ),
  onContainer('attached socket cut', running, (world, { id }, ledger) => {
    world.engine.cut(id);
    ledger.cutAt = world.time.now();
  }),

  {
    name: 'Engine away',
    may: isWell,
    do({ engine }) {
      engine.goAway('cannot reach fake://engine: nobody listens there');
      return '';
    },
  },
  {
    name: 'Engine hangs',
    may: isWell,
    do({ engine }) {
      engine.hang();
      return '';
    },
  },
  {
    name: 'Engine killed, and its containers with it',
    weight: 1,
    may: isWell,
    do({ engine }) {
      engine.goAway('cannot reach fake://engine: nobody listens there');
      engine.crash();
      return '';
    },
  },
  {
    name: 'Engine back',
    weight: 12,
    may: (world) => !isWell(world),
    do({ engine }) {
      engine.comeBack(false);
      return '';
    },
  },
  {
    name: 'Engine back, without its memory of events',
    weight: 6,
    may: ({ engine }) => engine.condition() === 'away',
    do({ engine }) {
      engine.comeBack(true);
      return '';
    },
  },
  {
    name: 'Engine slow',
    may: isWell,
    do({ engine, random }) {
      const ms = random.pick([1000, 5000, 30_000]);
      engine.setLag(ms);
      return `${String(ms)} ms`;
    },
  },
  {
    name: 'Engine quick',
    weight: 6,
    may: isWell,
    do({ engine }) {
      engine.setLag(0);
      return '';
    },
  },
  {
    name: 'events lost',
    may: isWell,
    do({ engine }) {
      engine.setHearing('nothing');
      return '';
    },
  },
  {
    name: 'events late',
    may: isWell,
    do({ engine }) {
      engine.setHearing('late');
      return '';
    },
  },
  {
    name: 'events twice',
    may: isWell,
    do({ engine }) {
      engine.setHearing('twice');
      return '';
    },
  },
  {
    name: 'events as they should be',
    weight: 4,
    may: always,
    do({ engine }) {
      engine.setHearing('all');
      return '';
    },
  },

  {
    name: 'wall clock jumps',
    weight: 1,
    // One that is made good before a daemon has seen it, and is up to remember it, is seen by nobody.
    may: ({ time, daemon, bootedAt }) => {
      const at = time.jumpedAt();
      return at === null || (daemon()?.isBooted() === true && time.now() - Math.max(at, bootedAt()) > lookMs);
    },
    do({ time, random, ledgers }) {
      const hours = random.pick([-30, -2, 1, 48]);
      time.jump(hours * 3_600_000);
      // Who follows a log has to ask for it again.
      if (hours < 0) for (const ledger of ledgers) ledger.cutAt = time.now();
      return `by ${String(hours)} h`;
    },
  },
  {
    name: 'disk full',
    weight: 1,
    may: always,
    do(world) {
      world.isDiskFull = true;
      return '';
    },
  },
  {
    name: 'disk has room',
    weight: 4,
    may: ({ isDiskFull }) => isDiskFull,
    do(world) {
      world.isDiskFull = false;
      return '';
    },
  },

  {
    name: 'daemon killed',
    weight: 1,
    may: isThere,
    do(world) {
      world.killDaemon(false);
      return '';
    },
  },
  {
    name: 'daemon killed and started',
    may: isThere,
    do(world) {
      world.killDaemon(true);
      return '';
    },
  },
  {
    name: 'daemon started',
    weight: 16,
    may: ({ mood }) => mood() === 'down',
    do(world) {
      world.boot();
      return '';
    },
  },
  {
    name: 'shutdown',
    weight: 1,
    may: isUp,
    do(world) {
      world.shutDown();
      return '';
    },
  },

  order(
    'start',
    (world, { program }) =>
      supervisorOf(world).start(program.spec.group, program.spec.name, world.random.below(2) === 0),
    6,
  ),
  order('stop', (world, { program }) =>
    supervisorOf(world).stop(program.spec.group, program.spec.name, world.random.below(2) === 0),
  ),
  order('restart', async (world, { program: { spec } }) => {
    const supervisor = supervisorOf(world);
    await supervisor.stop(spec.group, spec.name, true);
    // Over a surface a start on the way down is refused.
    if (supervisor.mood() === 'RUNNING') await supervisor.start(spec.group, spec.name, true);
  }),
  order(
    'retry',
    async (world, { program: { spec } }) => {
      const supervisor = supervisorOf(world);
      const outcome = await supervisor.retry(spec.group, spec.name);
      // Who is told that there is nothing to try again starts it.
      if (outcome !== 'done' && outcome.refused !== 'ALREADY_STARTED' && supervisor.mood() === 'RUNNING')
        await supervisor.start(spec.group, spec.name, false);
    },
    2,
  ),
  order(
    'signal',
    (world, { program }) =>
      supervisorOf(world).signal(
        program.spec.group,
        program.spec.name,
        world.random.pick(['HUP', 'USR1', 'TERM', 'KILL']),
      ),
    2,
  ),
  order('stop all', (world) => supervisorOf(world).stopAll(world.random.below(2) === 0), 1),
  order('start all', (world) => supervisorOf(world).startAll(world.random.below(2) === 0), 2),
  order('reload', (world) => {
    editConfig(world);
    return supervisorOf(world).reload(configOf(world.specs));
  }),
  order('update', async (world, { program }) => {
    editConfig(world);
    const supervisor = supervisorOf(world);
    await supervisor.reread();
    await supervisor.updateGroup(program.spec.group);
  }),
];

export const actNames: readonly string[] = acts.map(({ name }) => name);

/** One of what may happen now. */
export function actAtRandom(world: World): void {
  const possible = acts.filter((act) => act.may(world));
  let left = world.random.below(possible.reduce((sum, { weight = 2 }) => sum + weight, 0));
  for (const act of possible) {
    left -= act.weight ?? 2;
    if (left >= 0) continue;
    world.count(`act: ${act.name}`);
    const before = world.history.length;
    const what = act.do(world);
    if (act.name !== 'nothing') world.say(`${act.name} ${what}`, before);
    return;
  }
}

/** Nothing goes wrong any more: the Engine answers, names are as they were, a daemon is there. What others have paused may stay so. */
export function makePeace(world: World): void {
  world.say('peace');
  world.isDiskFull = false;
  world.engine.setLag(0);
  world.engine.setHearing('all');
  if (world.engine.condition() !== 'well') world.engine.comeBack(false);
  mend(world.random, world);
  if (world.mood() === 'leaving') {
    world.killDaemon(true);
  }
  world.boot();
}
