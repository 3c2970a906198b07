/**
 * What the Engine tells again of the past when its event stream is taken up with `since`, and where that ends. Its order tells, and not its
 * times: after the clock was set back, much that is long past has a later time than the last event, and an old `die` is no news of now.
 */
import type { ContainerEvent } from './events.ts';

/** What an Engine keeps of its events (moby, daemon/events/events.go: eventsLimit). */
const keptEvents = 256;

/** By which an event is known again. */
export const nameOf = ({ time, action, id }: ContainerEvent): string => `${time} ${action} ${id}`;

export interface Replay {
  take(event: ContainerEvent): void;
  /** All that is of the past has come. */
  end(): void;
}

/**
 * `last`: name of the last event that was heard; what comes before it was, too, or is older. `''`: none. An Engine that does not know it any
 * more (it was restarted, or many came meanwhile) has only what is new. `hear`: gets what is new, as soon as that is known.
 */
export function createReplay(last: string, hear: (event: ContainerEvent) => void): Replay {
  const held: ContainerEvent[] = [];
  let isOver = last === '';
  const end = (): void => {
    isOver = true;
    const known = held.findLastIndex((event) => nameOf(event) === last);
    for (const event of held.splice(0).slice(known + 1)) hear(event);
  };
  return {
    take(event) {
      if (isOver) {
        hear(event);
        return;
      }
      held.push(event);
      if (held.length === keptEvents) end();
    },
    end,
  };
}
