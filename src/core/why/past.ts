/** What the history says of one process, as questions that an explanation asks. */
import type { HistoryEntry } from '../history/entry.ts';
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
  /** Nobody ordered it: somebody else started the container. */
  | { readonly kind: 'elsewhere' };

export interface Past {
  /** The last change of the state, if it led to this one. */
  readonly entered: StateEntry | null;
  /** The last change of the state, wherever it led. */
  readonly last: StateEntry | null;
  /** The newest that led to this state. */
  lastTo(state: WireStateName): StateEntry | null;
  /** null: the history does not reach back so far. */
  startCause(): StartCause | null;
  /** The order that the current or last stop goes back to. */
  stopOrder(): EntryOf<'order'> | null;
  lastOrder(): EntryOf<'order'> | null;
  /** Taken over since it last came up. */
  readonly adopted: boolean;
  /** The last kill since it was told to stop. */
  killedAt(): EntryOf<'killing'> | null;
  ghost(): EntryOf<'ghost'> | null;
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
  const starting = lastTo('STARTING');
  const adopted = ofKind(after(starting), 'spawned')?.adopted === true;

  return {
    entered: last?.to === state ? last : null,
    last,
    lastTo,
    startCause() {
      if (starting === null) return null;
      const order = orderBefore(starting, 'start');
      if (order !== null) return { kind: 'order', order };
      // Who launches is told of a run that is new.
      if (adopted && starting.from !== 'UNKNOWN') return { kind: 'elsewhere' };
      const former = states.findLast(({ seq }) => seq < starting.seq) ?? null;
      switch (starting.from) {
        case 'BACKOFF':
          return { kind: 'retry', after: former };
        case 'EXITED':
          return { kind: 'restart', after: former };
        case 'UNKNOWN':
          return { kind: 'found' };
        default:
          return { kind: 'elsewhere' };
      }
    },
    stopOrder() {
      const stopping = lastTo('STOPPING');
      const begun = [stopping, lastTo('STOPPED')].filter((entry) => entry !== null);
      const start = starting?.seq ?? 0;
      for (const entry of begun) {
        const order = entry.seq < start ? null : orderBefore(entry, 'stop');
        if (order !== null) return order;
      }
      return null;
    },
    lastOrder: () => ofKind(entries, 'order'),
    adopted,
    killedAt: () => ofKind(after(lastTo('STOPPING')), 'killing'),
    ghost: () => ofKind(after(starting), 'ghost'),
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
}
