/** The part of `supervisor.*` that reads and clears logs, and writes to a process's stdin. */
import { formatName, parseNameSpec, type NameSpec } from '../core/names.ts';
import type { LogRef, Manager } from '../supervisor/ports.ts';
import { FaultError } from './faults.ts';
import { accept, integerParam, isRefusal, method, refusalFault, textParam } from './method.ts';
import type { Params, RpcContext, RpcMethod } from './method.ts';
import { statusStruct } from './structs.ts';
import type { XmlRpcValue } from './xml.ts';

type Channel = 'stdout' | 'stderr';
type ProcessName = NameSpec & { readonly process: string };

function findProcess(manager: Manager, name: string): ProcessName {
  const { group, process } = parseNameSpec(name);
  if (process === null || manager.view(group, process) === null) throw new FaultError('BAD_NAME', name);
  return { group, process };
}

async function read(manager: Manager, log: LogRef, offset: number, length: number): Promise<XmlRpcValue> {
  const text = await manager.readLog(log, offset, length);
  if (isRefusal(text)) throw refusalFault(text);
  return text;
}

const readMain = ({ manager }: RpcContext, params: Params) =>
  read(manager, { kind: 'main' }, integerParam(params, 0), integerParam(params, 1));

const readChannel = (channel: Channel) => (context: RpcContext, params: Params) => {
  const { manager } = context;
  const log: LogRef = { kind: 'process', channel, ...findProcess(manager, textParam(params, 0)) };
  return read(manager, log, integerParam(params, 1), integerParam(params, 2));
};

const tailChannel = (channel: Channel) => async (context: RpcContext, params: Params) => {
  const { manager } = context;
  const log: LogRef = { kind: 'process', channel, ...findProcess(manager, textParam(params, 0)) };
  const tail = await manager.tailLog(log, integerParam(params, 1), integerParam(params, 2));
  if (!isRefusal(tail)) return [tail.text, tail.offset, tail.overflow];
  // supervisord: a log that is not there is an empty one.
  if (tail.refused === 'NO_FILE') return ['', 0, false];
  throw refusalFault(tail);
};

export const logMethods: readonly RpcMethod[] = [
  method(['readLog', 'readMainLog'], ['string', 'int', 'int'], {
    help: "Reads length bytes of the daemon's log from offset; a negative offset counts from the end.",
    run: readMain,
  }),
  method('clearLog', ['boolean'], {
    help: "Deletes the daemon's log and opens a new one.",
    run: async ({ manager }) => accept(await manager.clearLog({ kind: 'main' })),
  }),
  method(['readProcessStdoutLog', 'readProcessLog'], ['string', 'string', 'int', 'int'], {
    help: "Reads length bytes of a process's stdout log from offset; a negative offset counts from the end.",
    run: readChannel('stdout'),
  }),
  method('readProcessStderrLog', ['string', 'string', 'int', 'int'], {
    help: "Reads length bytes of a process's stderr log from offset; a negative offset counts from the end.",
    run: readChannel('stderr'),
  }),
  method(['tailProcessStdoutLog', 'tailProcessLog'], ['array', 'string', 'int', 'int'], {
    help: "The last length bytes of a process's stdout log: [text, size of the log, whether some were skipped].",
    run: tailChannel('stdout'),
  }),
  method('tailProcessStderrLog', ['array', 'string', 'int', 'int'], {
    help: "The last length bytes of a process's stderr log: [text, size of the log, whether some were skipped].",
    run: tailChannel('stderr'),
  }),
  method(['clearProcessLogs', 'clearProcessLog'], ['boolean', 'string'], {
    help: "Empties a process's stdout and stderr logs.",
    run: async ({ manager }, params) => {
      const name = textParam(params, 0);
      const { group, process } = findProcess(manager, name);
      const outcome = await manager.clearLog({ group, process });
      return accept(outcome, { asked: name, ours: formatName(group, process) });
    },
  }),
  method('clearAllProcessLogs', ['array'], {
    help: 'Empties the logs of every process; one status for each.',
    run: async ({ manager }) => {
      const lines: XmlRpcValue[] = [];
      for (const group of manager.groups()) {
        for (const { name } of [...group.processes].sort((a, b) => a.priority - b.priority)) {
          const outcome = await manager.clearLog({ group: group.name, process: name });
          lines.push(statusStruct({ group: group.name, process: name, outcome }));
        }
      }
      return lines;
    },
  }),
  method('sendProcessStdin', ['boolean', 'string', 'string'], {
    help: "Writes a text, as UTF-8, to a process's stdin.",
    run: async ({ manager }, params) => {
      const chars = params[1];
      // The one method that names the culprit: a fault text of supervisord's own.
      if (typeof chars !== 'string') throw new FaultError('INCORRECT_PARAMETERS', JSON.stringify(chars));
      const name = textParam(params, 0);
      const { group, process } = findProcess(manager, name);
      const outcome = await manager.writeStdin(group, process, new TextEncoder().encode(chars));
      return accept(outcome, { asked: name, ours: formatName(group, process) });
    },
  }),
];
