/** What the history says of one process, as questions that an explanation asks. */
import type { HistoryEntry } from '../history/entry.ts';
import { isTakingUp, wasStopping } from '../history/taking-up.ts';
import type { WireStateName } from '../unit/states.ts';

export type EntryOf<K extends HistoryEntry['kind']> = Extract<HistoryEntry, { kind: K }>;
type StateEntry = EntryOf<'state'>;

/** Why it came up. */
export type StartCause =
  | { readonly kind: 'order'; readonly order: EntryOf<'order'> }
  | { readonly kind: 'retry'; readonly after: StateEntry | null }
  | { readonly kind: 'restart'; readonly after: StateEntry | null }
  /** The Engine answers again. */
  | { readonly kind: 'found' }
  /** Nobody ordered it: somebody else started the container. `byPolicy`: the Engine was about to, by its restart policy. */
  | { readonly kind: 'elsewhere'; readonly byPolicy: boolean };

export interface Past {
  /** The last change of the state, if it led to this one. */
  readonly entered: StateEntry | null;
  /** The last change of the state, wherever it led. */
  readonly last: StateEntry | null;
  /** The newest that led to this state. */
  lastTo(state: WireStateName): StateEntry | null;
  /** null: the history does not reach back so far. */
  startCause(): StartCause | null;
  /** The change before it came up. */
  beforeStart(): StateEntry | null;
  /** When the life began in which it was RUNNING just before it came up, RFC 3339; null: it was not, or that is not known. */
  lifeBefore(): string | null;
  /** The order that the current or last stop goes back to: the first one, where a later daemon has gone on with it. */
  stopOrder(): EntryOf<'order'> | null;
  /** A later daemon's own order to go on with that stop. */
  stopTakenUp(): EntryOf<'order'> | null;
  lastOrder(): EntryOf<'order'> | null;
  /** Taken over since it last came up. */
  readonly adopted: boolean;
  /** Its main process has been told of since it was last launched. */
  readonly spawned: EntryOf<'spawned'> | null;
  /** The last kill since it was told to stop. */
  killedAt(): EntryOf<'killing'> | null;
  ghost(): EntryOf<'ghost'> | null;
  /** The daemon cleared away what was in the way, and nothing that runs was told of since. */
  clearedAway(): EntryOf<'ghost'> | null;
  /** That it was RUNNING in the life that has ended, or is ending. */
  ran(): StateEntry | null;
  /** What it was before it was UNKNOWN; null: that is not known either. `launch`: a start, of which nothing is known. */
  lastKnown(): { readonly state: WireStateName | null; readonly launch: StateEntry | null };
  /** Ends that nobody ordered, and tries that failed, since then. */
  endsSince(ms: number): readonly StateEntry[];
  /** The history begins before then. */
  reachesTo(ms: number): boolean;
  /** The daemon was started after the last change. */
  readonly daemonSince: EntryOf<'daemon'> | null;
}

/** `entries`: of the process and of the daemon, oldest first. */
export function pastOf(entries: readonly HistoryEntry[], state: WireStateName): Past {
  const states = entries.filter((entry): entry is StateEntry => entry.kind === 'state');
  const last = states.at(-1) ?? null;
  const lastTo = (to: WireStateName): StateEntry | null =>
    states.findLast((entry) => entry.to === to) ?? null;
  const changeBefore = (entry: HistoryEntry): StateEntry | null =>
    states.findLast(({ seq }) => seq < entry.seq) ?? null;
  const before = (entry: HistoryEntry): readonly HistoryEntry[] =>
    entries.filter(({ seq }) => seq < entry.seq);
  const after = (entry: HistoryEntry | null): readonly HistoryEntry[] =>
    entry === null ? entries : entries.filter(({ seq }) => seq > entry.seq);
  /** The order that stands before it with no other change between. */
  const orderBefore = (entry: StateEntry, order: string): EntryOf<'order'> | null => {
    const found = before(entry).findLast(({ kind }) => kind === 'order' || kind === 'state');
    return found?.kind === 'order' && found.order === order ? found : null;
  };
  const ofKind = <K extends HistoryEntry['kind']>(
    list: readonly HistoryEntry[],
    kind: K,
  ): EntryOf<K> | null => list.findLast((entry): entry is EntryOf<K> => entry.kind === kind) ?? null;
  /** Told since this launch; what comes out of UNKNOWN is told before it. */
  const spawnedOf = (starting: StateEntry | null): EntryOf<'spawned'> | null => {
    if (starting === null) return ofKind(entries, 'spawned');
    const next = states.find(({ seq, to }) => seq > starting.seq && to === 'STARTING');
    const from = starting.from === 'UNKNOWN' ? changeBefore(starting) : starting;
    const until = next?.from === 'UNKNOWN' ? changeBefore(next) : next;
    return ofKind(
      after(from).filter(({ seq }) => until == null || seq < until.seq),
      'spawned',
    );
  };
  /** The daemon's own way to what runs already, or to what it can ask for again: no life of the container begins with it. */
  const isTransit = (starting: StateEntry): boolean => {
    const order = orderBefore(starting, 'start');
    if (order?.why === wasStopping) return true;
    if (starting.from !== 'UNKNOWN' && (order === null || !isTakingUp(order.why))) return false;
    return spawnedOf(starting)?.adopted !== false;
  };
  const starting = lastTo('STARTING');
  const spawned = spawnedOf(starting);
  const adopted = spawned?.adopted === true;
  const begun = states.findLast((entry) => entry.to === 'STARTING' && !isTransit(entry)) ?? null;

  const orders = after(begun).filter((entry): entry is EntryOf<'order'> => entry.kind === 'order');
  // What is to be stopped may, while it is UNKNOWN, be ordered up again.
  const calledBack = orders.findLastIndex(({ order, why }) => order === 'start' && !isTakingUp(why));
  const stops = orders.slice(calledBack + 1).filter(({ order }) => order === 'stop');
  const stopOrder = (): EntryOf<'order'> | null =>
    stops.findLast(({ why }) => why !== wasStopping) ?? stops.at(-1) ?? null;

  return {
    entered: last?.to === state ? last : null,
    last,
    lastTo,
    startCause() {
      if (starting === null) return null;
      // A launch of which nothing was known for a while is the same launch.
      const own = starting.from === 'UNKNOWN' && !isTransit(starting) ? launchBefore(starting) : starting;
      const order = orderBefore(own, 'start');
      if (order !== null) return { kind: 'order', order };
      const former = changeBefore(own);
      const elsewhere: StartCause = {
        kind: 'elsewhere',
        byPolicy: former?.container?.state === 'restarting' || own.container?.state === 'restarting',
      };
      // Who launches is told of a run that is new.
      if (adopted && own.from !== 'UNKNOWN') return elsewhere;
      switch (own.from) {
        case 'BACKOFF':
          return { kind: 'retry', after: former };
        case 'EXITED':
          return { kind: 'restart', after: former };
        case 'UNKNOWN':
          return { kind: 'found' };
        default:
          return elsewhere;
      }
    },
    beforeStart: () => (starting === null ? null : changeBefore(starting)),
    lifeBefore() {
      // One that was on its way up may have come up since, in a life that nobody noted.
      const before = starting === null ? null : changeBefore(starting);
      return before?.to === 'RUNNING' ? before.started : null;
    },
    stopOrder,
    stopTakenUp() {
      const order = stopOrder();
      return order === null || order.why === wasStopping
        ? null
        : (stops.findLast(({ why, seq }) => why === wasStopping && seq > order.seq) ?? null);
    },
    lastOrder: () => ofKind(entries, 'order'),
    adopted,
    spawned,
    killedAt: () => ofKind(after(stopOrder() ?? lastTo('STOPPING')), 'killing'),
    ghost: () => ofKind(after(starting), 'ghost'),
    clearedAway() {
      const ghost = ofKind(entries, 'ghost');
      return ghost !== null && after(ghost).every((entry) => entry.kind !== 'spawned' || entry.pid === 0)
        ? ghost
        : null;
    },
    ran() {
      const isDown = (to: WireStateName): boolean =>
        to === 'STOPPED' || to === 'EXITED' || to === 'FATAL' || to === 'BACKOFF';
      const down = states.findLastIndex(({ to }) => !isDown(to));
      for (const entry of states.slice(0, down + 1).reverse()) {
        if (entry.to === 'RUNNING') return entry;
        if (isDown(entry.to) || (entry.to === 'STARTING' && !isTransit(entry))) return null;
      }
      return null;
    },
    lastKnown() {
      let launch: StateEntry | null = null;
      for (const entry of [...states].reverse()) {
        const { from, to, pid } = entry;
        if (to === 'UNKNOWN') {
          if (from !== 'STARTING' || pid !== 0) return { state: from, launch };
        } else if (to !== 'STARTING' || spawnedOf(entry) !== null) {
          return { state: to, launch };
        } else if (!isTransit(entry)) {
          launch ??= entry;
        }
      }
      return { state: null, launch };
    },
    endsSince: (ms) =>
      states.filter(
        (entry) => (entry.to === 'EXITED' || entry.to === 'BACKOFF') && Date.parse(entry.time) >= ms,
      ),
    reachesTo: (ms) => states[0] !== undefined && Date.parse(states[0].time) <= ms,
    daemonSince:
      after(last).findLast(
        (entry): entry is EntryOf<'daemon'> => entry.kind === 'daemon' && entry.what === 'started',
      ) ?? null,
  };

  function launchBefore(found: StateEntry): StateEntry {
    return (
      states.findLast(({ seq, to, from }) => seq < found.seq && to === 'STARTING' && from !== 'UNKNOWN') ??
      found
    );
  }
}
