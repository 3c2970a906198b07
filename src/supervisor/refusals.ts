/**
 * Why an order was not carried out, in a sentence. The names of the faults are supervisord's, by which supervisorctl finds its own words;
 * where those would not be so, or would not be enough, the text tells the rest.
 */
import { formatName } from '../core/names.ts';
import type { RefusalReason } from '../core/unit/types.ts';
import type { Refusal } from './ports.ts';
import type { Supervised } from './supervised.ts';

export function refusalOf(reason: RefusalReason, unit: Supervised): Refusal {
  const name = nameOf(unit);
  switch (reason) {
    case 'already-started':
      return { refused: 'ALREADY_STARTED', text: name };
    case 'not-running':
      return { refused: 'NOT_RUNNING', text: name };
    case 'is-stopping':
      return abnormal(`${name} is still STOPPING: it can be started when it is STOPPED`);
    case 'unknown-state':
      return {
        refused: 'FAILED',
        text: `${name} is in an unknown process state: ${unit.view().description}`,
      };
  }
}

/** A start that cannot be said to have failed: nobody knows. */
export function startInUnknown(unit: Supervised): Refusal {
  const { state } = unit.unit();
  const name = nameOf(unit);
  const { description } = unit.view();
  // With a pid it was up when it was lost. What comes of that its policy decides, and not this order.
  return 'pid' in state && state.pid !== 0
    ? abnormal(`${name} is UNKNOWN (${description}): it may run already, and is not started twice`)
    : abnormal(`${name} is still UNKNOWN (${description}); the start goes on`);
}

/** null: it waits for its next try, or has been given up. */
export function retryRefusal(unit: Supervised): Refusal | null {
  const { state } = unit.unit();
  const name = nameOf(unit);
  switch (state.name) {
    case 'BACKOFF':
    case 'RESTARTING':
    case 'FATAL':
      return null;
    case 'STOPPED':
    case 'EXITED':
      return {
        refused: 'FAILED',
        text: `it is ${state.name} and waits for no next try: it is started by start`,
      };
    case 'UNKNOWN':
      return state.wish === 'up'
        ? startInUnknown(unit)
        : abnormal(`${name} is still UNKNOWN (${unit.view().description}); its stop goes on`);
    case 'CANCELLING':
    case 'STOPPING':
      return refusalOf('is-stopping', unit);
    case 'LAUNCHING':
    case 'STARTING':
    case 'WAITING':
    case 'RUNNING':
      return refusalOf('already-started', unit);
  }
}

const abnormal = (text: string): Refusal => ({ refused: 'ABNORMAL_TERMINATION', text });

const nameOf = ({ spec }: Supervised): string => formatName(spec.group, spec.name);
