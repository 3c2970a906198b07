/** What the history keeps of what is told on the bus. */
import type { End, Evidence, Happening, Rules } from '../core/history/entry.ts';
import type { ProcessSpec } from '../core/config/model.ts';
import { describeExit } from '../core/unit/exit.ts';
import type { Exit } from '../core/unit/types.ts';
import type { ContainerView, ProcessView } from '../core/view.ts';
import type { BusEvent } from './bus.ts';

/** `viewOf`: the process as it is now. null: nothing to keep. */
export function happeningOf(
  event: BusEvent,
  viewOf: (group: string, process: string) => Pick<ProcessView, 'container' | 'start'> | null,
): Happening | null {
  switch (event.type) {
    case 'process-state': {
      const { group, process } = event;
      const { from, to, cause, tries, pid, expected, exit } = event.transition;
      const view = viewOf(group, process);
      // On its way up, and where nothing came up, what is known as its start is that of the life before, or of the try.
      const hasRun = to === 'RUNNING' || (pid !== 0 && to !== 'STARTING');
      return {
        kind: 'state',
        group,
        process,
        from,
        to,
        cause,
        tries,
        pid,
        expected,
        exit: exit === null ? null : endOf(exit),
        container: evidenceOf(view?.container ?? null),
        started:
          view === null || view.start === 0 || !hasRun ? null : new Date(view.start * 1000).toISOString(),
      };
    }
    case 'order': {
      const { group, process, order, why } = event;
      return { kind: 'order', group, process, order, why };
    }
    case 'spawned': {
      const { group, process, pid, adopted } = event;
      return { kind: 'spawned', group, process, pid, adopted };
    }
    case 'killing': {
      const { group, process, pid } = event;
      return { kind: 'killing', group, process, pid };
    }
    case 'ghost': {
      const { group, process, found, done } = event;
      return { kind: 'ghost', group, process, found, done };
    }
    case 'placed':
    case 'process-output':
    case 'process-message':
    case 'group-added':
    case 'group-removed':
    case 'supervisor-state':
    case 'remote':
      return null;
  }
}

const endOf = (exit: Exit): End => ({
  code: exit.kind === 'code' ? exit.code : null,
  signal: exit.kind === 'signal' ? exit.signal : null,
  oom_killed: exit.kind === 'code' && exit.oomKilled,
  how: describeExit(exit),
});

function evidenceOf(container: ContainerView | null): Evidence | null {
  if (container === null) return null;
  const { name, id, state, exit_code, oom_killed, error } = container;
  return { name, id: id?.slice(0, 12) ?? null, state, exit_code, oom_killed, error };
}

/** The rules that a process runs by. */
export const rulesOf = (spec: ProcessSpec): Rules => ({
  autostart: spec.autostart,
  autorestart: spec.autorestart,
  startsecs: spec.startSeconds,
  startretries: spec.startRetries,
  stopwaitsecs: spec.stopWaitSeconds,
  exitcodes: spec.exitCodes,
  says_ready: spec.docker?.notify === true,
  makes_container: ['run', 'compose-up'].includes(spec.docker?.invocation?.verb ?? ''),
});
