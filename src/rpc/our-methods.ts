/** `dockvisor.*`: what supervisord has no method for. */
import type { Difference } from '../core/config/diff.ts';
import type { GroupPlan } from '../core/config/update-plan.ts';
import type { HistoryEntry } from '../core/history/entry.ts';
import { parseNameSpec } from '../core/names.ts';
import { FaultError } from './faults.ts';
import { integerParam, isRefusal, method, refusalFault, textParam, type RpcMethod } from './method.ts';
import { groupReply, onProcess } from './process-methods.ts';
import { statusStruct } from './structs.ts';
import type { XmlRpcStruct } from './xml.ts';

export const ourMethods: readonly RpcMethod[] = [
  method('planUpdate', ['array'], {
    help: 'Reads the configuration and says what updateProcessGroup would do, and why, group by group; does nothing.',
    run: async ({ manager }) => {
      const plans = await manager.planUpdate();
      if (isRefusal(plans)) throw refusalFault(plans);
      return plans.map(planStruct);
    },
  }),
  method('updateProcessGroup', ['struct', 'string'], {
    help: 'Makes a group what the configuration as last read says, restarting only what has changed; says what was done.',
    run: async ({ manager }, params) => {
      const name = textParam(params, 0);
      const done = await manager.updateGroup(name);
      if (isRefusal(done)) throw refusalFault(done);
      return planStruct(done ?? { group: name, act: 'change', reasons: [], processes: [] });
    },
  }),
  method('shutdownKeepingContainers', ['boolean'], {
    help: 'Shuts the daemon down and leaves its containers running, for the next daemon to take over.',
    run: ({ manager, afterReply }) => {
      afterReply(() => {
        manager.shutdown(true);
      });
      return true;
    },
  }),
  method('retryProcess', ['boolean', 'string'], {
    help: 'Starts a process (or group:*) that waits for its next try or is FATAL, without waiting for the pause, nor for what comes of it.',
    run: ({ manager }, params) =>
      onProcess(
        manager,
        textParam(params, 0),
        (group, process) => manager.retry(group, process),
        (group) => manager.retryGroup(group),
      ),
  }),
  method('retryProcessGroup', ['array', 'string'], {
    help: 'Does that to all of a group that waits for its next try or is FATAL; one status for each.',
    run: async ({ manager }, params) => {
      const name = textParam(params, 0);
      return groupReply(name, await manager.retryGroup(name));
    },
  }),
  method('retryAllProcesses', ['array'], {
    help: 'Does that to every process that waits for its next try or is FATAL; one status for each.',
    run: async ({ manager }) => (await manager.retryAll()).map(statusStruct),
  }),
  method('getHistory', ['struct', 'string', 'int', 'int'], {
    help: 'What has happened to a process after the entry of this number, the newest so many entries, and the rules it runs by.',
    refusedInShutdown: false,
    optional: 2,
    run: ({ manager }, params) => {
      const name = textParam(params, 0);
      const { group, process } = parseNameSpec(name);
      const after = params.length > 1 ? integerParam(params, 1) : 0;
      const limit = params.length > 2 ? integerParam(params, 2) : historyLimit;
      const within = Math.min(Math.max(limit, 0), historyLimit);
      const history = process === null ? null : manager.history(group, process, after, within);
      if (history === null) throw new FaultError('BAD_NAME', name);
      const { rules, entries } = history;
      return { rules: { ...rules }, entries: entries.map(entryStruct) };
    },
  }),
];

/** No answer has more entries. */
const historyLimit = 1000;

function entryStruct(entry: HistoryEntry): XmlRpcStruct {
  if (entry.kind !== 'state') return { ...entry };
  const { exit, container, ...rest } = entry;
  return {
    ...rest,
    exit: exit === null ? null : { ...exit },
    container: container === null ? null : { ...container },
  };
}

function planStruct({ group, act, reasons, processes }: GroupPlan): XmlRpcStruct {
  return {
    group,
    action: act,
    reasons: reasons.map(reasonStruct),
    processes: processes.map((each) => ({
      name: each.process,
      action: each.act,
      reasons: each.reasons.map(reasonStruct),
    })),
  };
}

const reasonStruct = ({ key, reason }: Difference): XmlRpcStruct => ({ key, reason });
