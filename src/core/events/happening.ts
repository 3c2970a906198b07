/** What can be told to event listeners, and how supervisord writes each (supervisord.md 7.3). */
import type { Transition } from '../unit/types.ts';
import type { EventName } from './names.ts';
import { payloadText } from './payload-text.ts';

interface OfProcess {
  readonly group: string;
  readonly process: string;
}

interface Output extends OfProcess {
  readonly pid: number;
  readonly channel: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

export type TickPeriod = 5 | 60 | 3600;

export type Happening =
  /** `container`: its name, for a program that stands for one; else null. */
  | (OfProcess & {
      readonly type: 'process-state';
      readonly transition: Transition;
      readonly container: string | null;
    })
  | (Output & { readonly type: 'process-log' | 'process-communication' })
  | { readonly type: 'group-added' | 'group-removed'; readonly group: string }
  | { readonly type: 'supervisor-state'; readonly state: 'RUNNING' | 'STOPPING' }
  | { readonly type: 'remote'; readonly kind: string; readonly data: string }
  /** `when`: seconds since the epoch, a multiple of the period. */
  | { readonly type: 'tick'; readonly period: TickPeriod; readonly when: number };

/** An event as listeners get it, whoever they are: what is theirs (serials, pool) is in the envelope. */
export interface EventText {
  readonly name: EventName;
  readonly payload: string;
}

export function eventText(happening: Happening): EventText {
  switch (happening.type) {
    case 'process-state':
      return { name: `PROCESS_STATE_${happening.transition.to}`, payload: statePayload(happening) };
    case 'process-log': {
      const { channel, data } = happening;
      const payload = `${outputHead(happening)} channel:${channel}\n${payloadText(data)}`;
      return { name: channel === 'stdout' ? 'PROCESS_LOG_STDOUT' : 'PROCESS_LOG_STDERR', payload };
    }
    case 'process-communication': {
      const { channel, data } = happening;
      const payload = `${outputHead(happening)}\n${payloadText(data)}`;
      return {
        name: channel === 'stdout' ? 'PROCESS_COMMUNICATION_STDOUT' : 'PROCESS_COMMUNICATION_STDERR',
        payload,
      };
    }
    case 'group-added':
      return { name: 'PROCESS_GROUP_ADDED', payload: `groupname:${happening.group}\n` };
    case 'group-removed':
      return { name: 'PROCESS_GROUP_REMOVED', payload: `groupname:${happening.group}\n` };
    case 'supervisor-state':
      return { name: `SUPERVISOR_STATE_CHANGE_${happening.state}`, payload: '' };
    case 'remote':
      return { name: 'REMOTE_COMMUNICATION', payload: `type:${happening.kind}\n${happening.data}` };
    case 'tick':
      return { name: `TICK_${happening.period}`, payload: `when:${String(happening.when)}` };
  }
}

const processHead = ({ group, process }: OfProcess): string => `processname:${process} groupname:${group}`;
const outputHead = (output: Output): string => `${processHead(output)} pid:${String(output.pid)}`;

/** supervisord's own tokens first, so that who reads by position reads the same; ours after them. */
function statePayload(happening: Happening & { type: 'process-state' }): string {
  const { transition, container } = happening;
  return [
    `${processHead(happening)} from_state:${transition.from}`,
    ...ownTokens(transition),
    ...(container === null ? [] : containerTokens(container, transition)),
  ].join(' ');
}

function ownTokens({ to, tries, pid, expected }: Transition): readonly string[] {
  switch (to) {
    case 'STARTING':
    case 'BACKOFF':
      return [`tries:${String(tries)}`];
    case 'RUNNING':
    case 'STOPPING':
    case 'STOPPED':
      return [`pid:${String(pid)}`];
    case 'EXITED':
      return [`expected:${expected ? '1' : '0'}`, `pid:${String(pid)}`];
    case 'FATAL':
    case 'UNKNOWN':
      return [];
  }
}

/** How it ended is told only where that is known. */
function containerTokens(name: string, { exit }: Transition): readonly string[] {
  const ended =
    exit?.kind === 'code'
      ? [`exit_code:${String(exit.code)}`, `oom_killed:${exit.oomKilled ? '1' : '0'}`]
      : [];
  return [`container:${name}`, ...ended];
}
