/** One seed's world: the containers and their Engine, the daemon of the moment, what people want of it, and the history of all that. */
import type { ProcessSpec } from '../../src/core/config/model.ts';
import type { ContainerFacts } from '../../src/docker/facts.ts';
import type { Unit } from '../../src/core/unit/types.ts';
import { isToGoOn } from '../../src/main/state-file.ts';
import type { DaemonState } from '../../src/main/state-file.ts';
import type { Owners } from '../../src/docker/owners.ts';
import { createRandom } from '../support/random.ts';
import type { Random } from '../support/random.ts';
import { createHostileEngine } from './hostile-engine.ts';
import type { EngineConnection, HostileEngine } from './hostile-engine.ts';
import { judgeAsk } from './judge-ask.ts';
import { createLineLedger } from './line-ledger.ts';
import { configOf, createScenario } from './scenario.ts';
import type { Program } from './scenario.ts';
import { createSimulatedDaemon } from './simulated-daemon.ts';
import type { Sabotage, SimulatedDaemon, Witness } from './simulated-daemon.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** What is known of one program beside the daemon. */
export interface Ledger {
  readonly program: Program;
  /** What people and the policy want: judged by orders and by what is told. */
  wish: 'up' | 'down';
  /** It was brought down by an order, or has come to its end: a daemon that follows one that was killed leaves it so. */
  rests: boolean;
  /** Main process that was to end by that order; 0: none was up. */
  restsSince: number;
  /** A start is being given at this moment. */
  isStartGiven: boolean;
  /** Run that was to stop, and was wanted up again while it was UNKNOWN; 0: none. */
  notCalledOff: number;
  /** How often it was STARTING within this second. */
  starts: { readonly second: number; readonly count: number };
  /** Signals that are being given at this moment. */
  signalGiven: string | null;
  /** What is in the way is being dealt with. */
  clearings: number;
  /** Its container of the moment, or the last that there was. */
  id: string;
  /** Main process of its life of the moment; 0: none. */
  life: number;
  /** When each of its lives began, by main process. */
  readonly begun: Map<number, number>;
  /** Lives that have ended and whose lines are still to be counted: main process, and since when. */
  readonly ended: { readonly life: number; readonly at: number }[];
  cutAt: number;
  /** When it was renamed, removed or made. */
  touchedAt: number;
  /** When its unit was seen first, and when it was seen first in its state. */
  madeAt: number;
  stateSince: number;
}

export interface World {
  readonly seed: number;
  readonly random: Random;
  readonly time: SimulatedTime;
  readonly engine: HostileEngine;
  readonly ledgers: readonly Ledger[];
  /** The configuration file as it is written now. */
  specs: readonly ProcessSpec[];
  isDiskFull: boolean;
  daemon(): SimulatedDaemon | null;
  connection(): EngineConnection | null;
  /** `leaving`: it was told to stop everything, and is at it. */
  mood(): 'up' | 'leaving' | 'dying' | 'down';
  bootedAt(): number;
  boot(): void;
  /** kill -9. `again`: somebody starts it at once. */
  killDaemon(again: boolean): void;
  shutDown(): void;
  facts(ref: string): ContainerFacts | null;
  ledgerOf(ref: string): Ledger | undefined;
  createContainer(ledger: Ledger, state: 'created' | 'exited' | 'running' | 'paused'): void;
  closeLines(ledger: Ledger, life: number): void;
  /** `at`: where in the history, for what is known only afterwards. */
  say(text: string, at?: number): void;
  complain(text: string): void;
  complaint(): string | null;
  readonly history: readonly string[];
  /** How often each thing came about: acts, `STATE.event` of the machine, changes of the wire state. */
  readonly visited: Map<string, number>;
  count(what: string): void;
}

/** What a daemon may leave armed for a while after its last word: sleeps that nobody calls off, limits of calls. */
const lingerMs = 5000;

export async function createWorld(
  seed: number,
  time: SimulatedTime,
  sabotage: Sabotage,
  keepHistory: boolean,
): Promise<World> {
  const random = createRandom(seed);
  const engine = await createHostileEngine(time, createRandom(seed ^ 0x5eed));
  const ledgers = createScenario(random).map((program): Ledger => ({
    program,
    wish: 'down',
    rests: false,
    restsSince: 0,
    isStartGiven: false,
    signalGiven: null,
    clearings: 0,
    id: '',
    life: 0,
    begun: new Map(),
    ended: [],
    cutAt: 0,
    touchedAt: 0,
    madeAt: 0,
    stateSince: 0,
    notCalledOff: 0,
    starts: { second: 0, count: 0 },
  }));
  const history: string[] = [];
  const visited = new Map<string, number>();
  const claims = new Set<string>();
  const owners: Owners = {
    other: () => null,
    knows: (id) => claims.has(id),
    claim: (id) => void claims.add(id),
    release: (id) => void claims.delete(id),
  };
  let complaint: string | null = null;
  let daemon: SimulatedDaemon | null = null;
  let connection: EngineConnection | null = null;
  let mood: ReturnType<World['mood']> = 'down';
  let bootedAt = 0;
  /** On the way down something was left that could not be stopped. */
  let isGivenUp = false;
  /** Somebody starts a daemon as soon as the old one is gone. */
  let isWanted = false;

  const say = (text: string, at = history.length): void => {
    if (keepHistory) history.splice(at, 0, `${(time.now() / 1000).toFixed(3).padStart(9)}  ${text}`);
  };
  const complain = (text: string): void => {
    say(`COMPLAINT: ${text}`);
    complaint ??= `${text} (at ${(time.now() / 1000).toFixed(3)} s)`;
  };
  const count = (what: string): void => {
    visited.set(what, (visited.get(what) ?? 0) + 1);
  };
  /** More than a storm of restarts brings about: a loop without a pause. */
  const mostStartsInASecond = 50;
  const countStart = (of: Ledger): void => {
    const second = Math.floor(time.now() / 1000);
    of.starts = of.starts.second === second ? { second, count: of.starts.count + 1 } : { second, count: 1 };
    if (of.starts.count === mostStartsInASecond)
      complain(`${of.program.spec.name}: is started ${String(of.starts.count)} times within a second`);
  };
  const ledger = (name: string): Ledger | undefined =>
    ledgers.find(({ program }) => program.spec.name === name);
  const ledgerOf = (ref: string): Ledger | undefined =>
    ledgers.find(({ id, program }) => id === ref || program.container === ref);
  const lines = createLineLedger(engine, complain);

  await engine.fake.events(null, new AbortController().signal, (event) => {
    const of = ledgers.find(({ id }) => id === event.id);
    if (of === undefined) return;
    say(
      `  engine: ${event.action} ${of.program.container}${event.exitCode === null ? '' : ` ${String(event.exitCode)}`}`,
    );
    if (event.action === 'start') {
      of.life = world.facts(event.id)?.pid ?? 0;
      of.begun.set(of.life, time.now());
    }
    if (event.action === 'die') of.ended.push({ life: of.life, at: time.now() });
    if (event.action === 'start' && of.program.spec.docker?.notify === true) {
      const life = world.facts(event.id)?.pid;
      time.outside.setTimeout(() => {
        if (world.facts(event.id)?.pid !== life) return;
        daemon?.hear(of.program.spec.name, { ready: true, watchdog: null, status: null });
      }, of.program.readyAfterMs);
    }
  });

  const ledgerIsDeaf = (of: Ledger, before: Unit): boolean =>
    daemon?.unit(of.program.spec.name)?.unit().lastRun === before.lastRun;

  const witness: Witness = {
    visited: (state, event) => {
      count(`${state}.${event}`);
    },
    giving(program, event) {
      const of = ledger(program);
      if (of === undefined) return;
      of.isStartGiven = event?.type === 'start';
      // What comes of it may come before the answer: a failure ends the wish again.
      if (of.isStartGiven) of.wish = 'up';
      of.signalGiven = event?.type === 'signal' ? event.signal : null;
    },
    order(program, event, refused, before) {
      const of = ledger(program);
      say(
        `  order: ${event.type} ${program} in ${before.state.name}${refused === undefined ? '' : `, refused: ${refused}`}`,
      );
      if (of === undefined) return;
      // KNOWN GAP: while `update` changes a group, a start may reach the unit that is on its way out, and is lost.
      const isLost = event.type === 'start' && refused === undefined && ledgerIsDeaf(of, before);
      if (isLost || (event.type === 'start' && refused === 'is-stopping')) of.wish = 'down';
      if (event.type === 'start' && refused !== 'is-stopping') of.rests = false;
      if ((event.type === 'stop' || event.type === 'shutdown') && refused === undefined) of.wish = 'down';
      if (event.type === 'stop' && refused === undefined)
        Object.assign(of, { rests: true, restsSince: 'pid' in before.state ? before.state.pid : 0 });
      // THE ALLOWANCE of judge-ask.ts.
      if (before.state.name === 'UNKNOWN' && before.state.wish === 'down' && event.type === 'start')
        of.notCalledOff = before.state.run;
    },
    bus(event, unit) {
      if (event.type === 'spawned')
        say(`  ${event.process}: spawned ${String(event.pid)}${event.adopted ? ', adopted' : ''}`);
      if (event.type === 'group-removed') {
        const gone = ledger(event.group);
        // What comes in its place has never run.
        if (gone !== undefined) gone.rests = false;
        // Nothing is wanted of what is gone; one that was replaced is there. (Who asks for it again meanwhile is told that it is being updated.)
        if (gone !== undefined && daemon?.unit(event.group) === undefined) gone.wish = 'down';
      }
      const isAutostart = event.type === 'order' && event.why === 'it has autostart=true';
      if (isAutostart && daemon?.isBooted() === false && ledger(event.process)?.rests === true)
        complain(`${event.process} was at rest when the former daemon was killed, and is started by itself`);
      if (event.type !== 'process-state') return;
      const { from, to, cause } = event.transition;
      say(`  ${event.process}: ${from} -> ${to}${cause === '' ? '' : ` (${cause})`}`);
      count(`${from} -> ${to}`);
      const of = ledger(event.process);
      if (of === undefined || unit === null) return;
      if (to === 'STARTING') {
        countStart(of);
        if (unit.state.name === 'LAUNCHING' && of.wish === 'down' && !of.isStartGiven)
          complain(`${event.process} is launched, and nobody wants it up`);
        if (of.rests && 'pid' in unit.state && unit.state.pid === of.restsSince)
          complain(`${event.process} is taken over, and was to be brought down`);
        Object.assign(of, { wish: 'up', rests: false });
      }
      if (to === 'FATAL' || unit.state.name === 'EXITED') of.wish = 'down';
      if (unit.state.name === 'EXITED') of.rests = true;
    },
    clearing(program, begins) {
      const of = ledger(program);
      if (of !== undefined) of.clearings += begins ? 1 : -1;
    },
    beginsAnew(program) {
      lines.beginAnew(program);
    },
    output(program, channel, text) {
      lines.take(program, channel, text);
    },
    log(level, message) {
      say(`  log ${level}: ${message}`);
      // A stop that goes on has its timers for as long as there is a process to have them.
      if (message.startsWith('not stopped: ')) isGivenUp = true;
      if (level === 'critical') complain(`critical: ${message}`);
    },
    bug(error, where) {
      complain(
        `a bug in ${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    },
  };

  /** One that is shut down leaves nothing. */
  let former: DaemonState | null = null;
  const world: World = {
    seed,
    random,
    time,
    engine,
    ledgers,
    specs: ledgers.map(({ program }) => program.spec),
    isDiskFull: false,
    daemon: () => daemon,
    connection: () => connection,
    mood: () => mood,
    bootedAt: () => bootedAt,
    boot() {
      if (mood === 'dying') isWanted = true;
      if (mood !== 'down') return;
      isWanted = false;
      const held = isToGoOn(former) ? world.specs.map(({ name }) => name) : [];
      for (const each of ledgers) {
        Object.assign(each, { clearings: 0, notCalledOff: 0 });
        // Only who was killed in the midst of things leaves wishes.
        if (!held.includes(each.program.spec.name)) Object.assign(each, { wish: 'down', rests: false });
      }
      const made = engine.connect((ask) => {
        judgeAsk(world, ask);
      });
      connection = made;
      mood = 'up';
      bootedAt = time.now();
      const born = createSimulatedDaemon({
        config: () => configOf(world.specs),
        engine: made.engine,
        owners,
        witness: whileAlive(witness, () => !made.isSevered()),
        isDiskFull: () => world.isDiskFull,
        sabotage,
        former,
      });
      daemon = born;
      born.boot().catch((error: unknown) => {
        complain(`the boot failed: ${String(error)}`);
      });
    },
    killDaemon(again) {
      const killed = daemon;
      if (killed !== null) former = killed.leave(mood === 'leaving');
      connection?.sever();
      connection = null;
      daemon = null;
      mood = 'dying';
      // What it was in the midst of comes to rest within this instant, and arms timers that nobody hears.
      time.outside.setTimeout(() => {
        time.forgetDaemon();
        killed?.letGo();
        mood = 'down';
        if (again || isWanted) world.boot();
      }, 1);
    },
    shutDown() {
      if (mood !== 'up' || daemon === null) return;
      const going = daemon;
      const its = connection;
      isGivenUp = false;
      former = null;
      mood = 'leaving';
      going.supervisor.stopForGood().then(
        () => {
          // It may have been killed meanwhile.
          if (daemon !== going) return;
          say('the daemon has ended');
          going.close();
          // Its process ends, and what it could not stop is left alone.
          if (isGivenUp) connection?.sever();
          connection = null;
          daemon = null;
          mood = 'dying';
          time.outside.setTimeout(() => {
            const left = isGivenUp ? 0 : time.armedByDaemon();
            if (left > 0) complain(`${String(left)} timers are armed after the end of the daemon`);
            time.forgetDaemon();
            // By now its process is gone, and what it still had asked with it.
            its?.sever();
            going.letGo();
            mood = 'down';
            if (isWanted) world.boot();
          }, lingerMs);
        },
        (error: unknown) => {
          complain(`the way down failed: ${String(error)}`);
        },
      );
    },
    facts: (ref) => engine.fake.peek().find(({ id, name }) => id === ref || name === ref) ?? null,
    ledgerOf,
    createContainer(of, state) {
      const { container, behaviour, restartPolicy } = of.program;
      of.id = engine.fake.create(container, behaviour, { state, restartPolicy });
      of.life = world.facts(of.id)?.pid ?? 0;
    },
    closeLines(of, life) {
      lines.close(of.program.spec.name, life);
    },
    say,
    complain,
    complaint: () => complaint,
    history,
    visited,
    count,
  };
  for (const each of ledgers) {
    const { found, behaviour } = each.program;
    // What cannot be executed does not run.
    const isRunnable = behaviour.kind !== 'missing' || found === 'created' || found === 'exited';
    if (found !== 'missing') world.createContainer(each, isRunnable ? found : 'created');
  }
  return world;
}

/** A process that was killed does and says nothing more, though what it was in the midst of runs on here to the end of the instant. */
function whileAlive(witness: Witness, isAlive: () => boolean): Witness {
  const guarded =
    <Told extends unknown[]>(tell: (...told: Told) => void) =>
    (...told: Told): void => {
      if (isAlive()) tell(...told);
    };
  return {
    visited: guarded(witness.visited),
    giving: guarded(witness.giving),
    order: guarded(witness.order),
    bus: guarded(witness.bus),
    clearing: guarded(witness.clearing),
    output: guarded(witness.output),
    beginsAnew: guarded(witness.beginsAnew),
    log: guarded(witness.log),
    bug: guarded(witness.bug),
  };
}
