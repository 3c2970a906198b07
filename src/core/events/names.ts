/** supervisord's event types and their tree (supervisord.md 7.1): who subscribes to a parent gets all its children. */

const tree = {
  PROCESS_STATE: ['STOPPED', 'STARTING', 'RUNNING', 'BACKOFF', 'STOPPING', 'EXITED', 'FATAL', 'UNKNOWN'],
  PROCESS_COMMUNICATION: ['STDOUT', 'STDERR'],
  PROCESS_LOG: ['STDOUT', 'STDERR'],
  SUPERVISOR_STATE_CHANGE: ['RUNNING', 'STOPPING'],
  TICK: ['5', '60', '3600'],
  PROCESS_GROUP: ['ADDED', 'REMOVED'],
} as const;

type Tree = typeof tree;
type Parent = keyof Tree;
type Child = { [P in Parent]: `${P}_${Tree[P][number]}` }[Parent];

/** What an event can be called. */
export type EventName = Child | 'REMOTE_COMMUNICATION';
/** What can be subscribed to: events, and what stands above them. */
export type Subscription = EventName | Parent | 'EVENT';

const parents = new Map<EventName, readonly Subscription[]>([['REMOTE_COMMUNICATION', ['EVENT']]]);
for (const [parent, children] of Object.entries(tree)) {
  // `Object.entries` forgets the literal types that `tree` has.
  for (const child of children) parents.set(`${parent}_${child}` as EventName, [parent as Parent, 'EVENT']);
}

const subscriptions = new Set<string>([...parents.keys(), ...Object.keys(tree), 'EVENT']);

/** In the order of the reference. */
export const eventNames: readonly EventName[] = [...parents.keys()];
export const subscribable: readonly string[] = [...subscriptions];

export const isSubscription = (name: string): name is Subscription => subscriptions.has(name);

/** Whether an event is for somebody with these subscriptions: once, however many of them it falls under. */
export const isWanted = (event: EventName, wanted: ReadonlySet<Subscription>): boolean =>
  wanted.has(event) || (parents.get(event) ?? []).some((parent) => wanted.has(parent));
