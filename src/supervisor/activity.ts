/** What the activity log says of what happened: supervisord's sentences, because people grep for them (supervisord.md 3.3). */
import type { LogLevel } from '../core/config/model.ts';
import { describeExit } from '../core/unit/exit.ts';
import type { Transition } from '../core/unit/types.ts';
import type { BusEvent } from './bus.ts';

export interface Sentence {
  readonly level: LogLevel;
  readonly text: string;
}

/** `startSeconds`: of that process. null: nothing to say. */
export function sentenceFor(
  event: BusEvent,
  startSeconds: (group: string, process: string) => number,
): Sentence | null {
  switch (event.type) {
    case 'process-state':
      return forTransition(event.process, event.transition, startSeconds(event.group, event.process));
    case 'spawned':
      return {
        level: 'info',
        text: `${event.adopted ? 'adopted' : 'spawned'}: '${event.process}' with pid ${String(event.pid)}`,
      };
    case 'killing':
      return { level: 'warn', text: `killing '${event.process}' (${String(event.pid)}) with SIGKILL` };
    case 'ghost':
    case 'placed':
    case 'order':
    case 'group-added':
    case 'group-removed':
    case 'process-output':
    case 'process-message':
    case 'supervisor-state':
    case 'remote':
      return null;
  }
}

function forTransition(name: string, change: Transition, startSeconds: number): Sentence | null {
  switch (change.to) {
    case 'STARTING':
    case 'STOPPING':
      return null;
    case 'RUNNING':
      return {
        level: 'info',
        text: `success: ${name} entered RUNNING state, ${change.cause === '' ? `process has stayed up for > than ${String(startSeconds)} seconds (startsecs)` : change.cause}`,
      };
    case 'BACKOFF':
      return change.exit === null
        ? { level: 'info', text: `spawnerr: ${change.cause}` }
        : { level: 'warn', text: `exited: ${name} (${describeExit(change.exit)}; not expected)` };
    case 'EXITED': {
      const how = change.exit === null ? 'exit status unknown' : describeExit(change.exit);
      return change.expected
        ? { level: 'info', text: `exited: ${name} (${how}; expected)` }
        : { level: 'warn', text: `exited: ${name} (${how}; not expected)` };
    }
    case 'STOPPED':
      // INFO whatever the code: supervisord warns of each TERM death that it asked for, and alarms people for nothing.
      return change.exit === null
        ? null
        : { level: 'info', text: `stopped: ${name} (${describeExit(change.exit)})` };
    case 'FATAL':
      return { level: 'info', text: `gave up: ${name} entered FATAL state, ${change.cause}` };
    case 'UNKNOWN':
      return { level: 'warn', text: `unknown: ${name} entered UNKNOWN state, ${change.cause}` };
  }
}
