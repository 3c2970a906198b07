/** The daemon's signals (supervisord.md 4.3), and what they and the surfaces order: to shut down, or to restart. */
import type { Log } from '../log/activity-log.ts';

export interface Orders {
  /** The next order that counts; a shutdown is final. */
  next(): Promise<'shutdown' | 'restart'>;
  /** `keep`: a shutdown that leaves containers running. */
  give(order: 'shutdown' | 'restart', keep?: boolean): void;
  /** Whether the shutdown that was ordered leaves containers running. */
  keeps(): boolean;
  /** Resolves when a shutdown has been ordered, which `next` tells as well. */
  readonly shutdown: Promise<void>;
  onReopen: () => void;
  close(): void;
}

export function listenToSignals(log: Log): Orders {
  let waiting: ((order: 'shutdown' | 'restart') => void) | null = null;
  let pending: 'shutdown' | 'restart' | null = null;
  let final = false;
  let keeps = false;
  let tellShutdown: () => void = () => undefined;
  const orders: Orders = {
    shutdown: new Promise((resolve) => {
      tellShutdown = resolve;
    }),
    next() {
      return new Promise((resolve) => {
        if (pending !== null) {
          const order = pending;
          pending = null;
          resolve(order);
        } else {
          waiting = resolve;
        }
      });
    },
    keeps: () => keeps,
    give(order, keep = false) {
      if (final) return;
      if (order === 'shutdown') {
        final = true;
        keeps = keep;
        tellShutdown();
      }
      if (waiting === null) {
        pending = order;
      } else {
        const resolve = waiting;
        waiting = null;
        resolve(order);
      }
    },
    onReopen: () => undefined,
    close() {
      for (const [signal, handler] of handlers) process.removeListener(signal, handler);
    },
  };
  const exit = (signal: string) => (): void => {
    log.warn(`received ${signal} indicating exit request`);
    orders.give('shutdown');
  };
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGTERM', exit('SIGTERM')],
    ['SIGINT', exit('SIGINT')],
    ['SIGQUIT', exit('SIGQUIT')],
    [
      'SIGHUP',
      () => {
        if (final) log.warn('ignored SIGHUP indicating restart request (shutdown in progress)');
        else log.warn('received SIGHUP indicating restart request');
        orders.give('restart');
      },
    ],
    [
      'SIGUSR2',
      () => {
        log.info('received SIGUSR2 indicating log reopen request');
        orders.onReopen();
      },
    ],
    [
      'SIGCHLD',
      () => {
        log.debug('received SIGCHLD indicating a child quit');
      },
    ],
    // Node would open its debugger on this one, to whoever can signal us.
    [
      'SIGUSR1',
      () => {
        log.blather('received SIGUSR1');
      },
    ],
    ['SIGPIPE', () => undefined],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return orders;
}
