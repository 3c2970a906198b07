/** What happened, told to everybody who listens: activity log, RPC waiters, event listeners, metrics. */
import type { Transition } from '../core/unit/types.ts';

export type BusEvent =
  | {
      readonly type: 'process-state';
      readonly group: string;
      readonly process: string;
      readonly transition: Transition;
    }
  | {
      readonly type: 'spawned';
      readonly group: string;
      readonly process: string;
      readonly pid: number;
      readonly adopted: boolean;
    }
  | {
      /** An order was taken, of a person, of the configuration or of the daemon itself. Told before what comes of it. */
      readonly type: 'order';
      readonly group: string;
      readonly process: string;
      /** `start`, `stop`, `signal HUP`. */
      readonly order: string;
      /** `an order …`, or a clause that can stand after "because". */
      readonly why: string;
    }
  | {
      /** How far its output has been taken is known now: what was found running is listened to. */
      readonly type: 'placed';
      readonly group: string;
      readonly process: string;
      /** Something is about to be made that a daemon which comes after a kill could not know for ours. */
      readonly now: boolean;
    }
  | { readonly type: 'killing'; readonly group: string; readonly process: string; readonly pid: number }
  | {
      readonly type: 'ghost';
      readonly group: string;
      readonly process: string;
      readonly found: string;
      readonly done: string;
    }
  | {
      /** `process-message`: what a program said in capture mode. */
      readonly type: 'process-output' | 'process-message';
      /** 0: not known. */
      readonly pid: number;
      readonly group: string;
      readonly process: string;
      readonly channel: 'stdout' | 'stderr';
      readonly data: Uint8Array;
    }
  | { readonly type: 'group-added' | 'group-removed'; readonly group: string }
  | { readonly type: 'supervisor-state'; readonly state: 'RUNNING' | 'STOPPING' }
  | { readonly type: 'remote'; readonly kind: string; readonly data: string };

export interface Bus {
  publish(event: BusEvent): void;
  /** Returns how to stop listening. A listener that throws is reported to `onBug` and costs nobody else. */
  subscribe(listener: (event: BusEvent) => void): () => void;
}

export function createBus(onBug: (error: unknown) => void): Bus {
  const listeners = new Set<(event: BusEvent) => void>();
  return {
    publish(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (error) {
          onBug(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
