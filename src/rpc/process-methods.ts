/** The part of `supervisor.*` that starts, stops and signals. */
import { formatName, parseNameSpec } from '../core/names.ts';
import type { GroupOutcome, Manager, Outcome } from '../supervisor/ports.ts';
import { FaultError } from './faults.ts';
import { accept, method, signalParam, textParam, waitParam, type RpcMethod } from './method.ts';
import { statusStruct } from './structs.ts';
import type { XmlRpcValue } from './xml.ts';

/** Does it to one process, or for `g:*` to the whole group, as all single methods do. */
export async function onProcess(
  manager: Manager,
  name: string,
  one: (group: string, process: string) => Promise<Outcome>,
  all: (group: string) => Promise<readonly GroupOutcome[] | null>,
): Promise<XmlRpcValue> {
  const { group, process } = parseNameSpec(name);
  if (process === null) return groupReply(name, await all(group));
  if (manager.view(group, process) === null) throw new FaultError('BAD_NAME', name);
  return accept(await one(group, process), { asked: name, ours: formatName(group, process) });
}

/** `typed`: the name as the asker wrote it. */
export function groupReply(typed: string, lines: readonly GroupOutcome[] | null): XmlRpcValue {
  if (lines === null) throw new FaultError('BAD_NAME', typed);
  return lines.map(statusStruct);
}

export const processMethods: readonly RpcMethod[] = [
  method('startProcess', ['boolean', 'string', 'boolean'], {
    help: 'Starts a process (or group:*). With wait, answers when it runs or has failed.',
    optional: 1,
    run: ({ manager }, params) => {
      const wait = waitParam(params, 1);
      return onProcess(
        manager,
        textParam(params, 0),
        (group, process) => manager.start(group, process, wait),
        (group) => manager.startGroup(group, wait),
      );
    },
  }),
  method('startProcessGroup', ['array', 'string', 'boolean'], {
    help: 'Starts what does not run of a group; one status for each.',
    optional: 1,
    run: async ({ manager }, params) => {
      const name = textParam(params, 0);
      return groupReply(name, await manager.startGroup(name, waitParam(params, 1)));
    },
  }),
  method('startAllProcesses', ['array', 'boolean'], {
    help: 'Starts every process that does not run; one status for each.',
    optional: 1,
    run: async ({ manager }, params) => (await manager.startAll(waitParam(params, 0))).map(statusStruct),
  }),
  method('stopProcess', ['boolean', 'string', 'boolean'], {
    help: 'Stops a process (or group:*). With wait, answers when it is stopped.',
    optional: 1,
    run: ({ manager }, params) => {
      const wait = waitParam(params, 1);
      return onProcess(
        manager,
        textParam(params, 0),
        (group, process) => manager.stop(group, process, wait),
        (group) => manager.stopGroup(group, wait),
      );
    },
  }),
  method('stopProcessGroup', ['array', 'string', 'boolean'], {
    help: 'Stops what runs of a group; one status for each.',
    optional: 1,
    run: async ({ manager }, params) => {
      const name = textParam(params, 0);
      return groupReply(name, await manager.stopGroup(name, waitParam(params, 1)));
    },
  }),
  method('stopAllProcesses', ['array', 'boolean'], {
    help: 'Stops every process that runs; one status for each.',
    optional: 1,
    run: async ({ manager }, params) => (await manager.stopAll(waitParam(params, 0))).map(statusStruct),
  }),
  method('signalProcess', ['boolean', 'string', 'string'], {
    help: 'Sends a signal, by name or number, to a process (or group:*).',
    run: ({ manager }, params) => {
      const signal = signalParam(params, 1);
      return onProcess(
        manager,
        textParam(params, 0),
        (group, process) => manager.signal(group, process, signal),
        (group) => manager.signalGroup(group, signal),
      );
    },
  }),
  method('signalProcessGroup', ['array', 'string', 'string'], {
    help: 'Sends a signal to what runs of a group; one status for each.',
    run: async ({ manager }, params) => {
      const name = textParam(params, 0);
      return groupReply(name, await manager.signalGroup(name, signalParam(params, 1)));
    },
  }),
  method('signalAllProcesses', ['array', 'string'], {
    help: 'Sends a signal to every process that runs; one status for each.',
    run: async ({ manager }, params) => (await manager.signalAll(signalParam(params, 0))).map(statusStruct),
  }),
];
