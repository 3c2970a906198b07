/** `dockvisor.*`: what supervisord has no method for. */
import type { Difference } from '../core/config/diff.ts';
import type { GroupPlan } from '../core/config/update-plan.ts';
import { formatName, parseNameSpec } from '../core/names.ts';
import { FaultError } from './faults.ts';
import { accept, isRefusal, method, refusalFault, textParam, type RpcMethod } from './method.ts';
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
    help: 'Starts a process without waiting for the pause before its next try, nor for what comes of it.',
    run: async ({ manager }, params) => {
      const name = textParam(params, 0);
      const { group, process } = parseNameSpec(name);
      if (process === null) throw new FaultError('BAD_NAME', name);
      return accept(await manager.retry(group, process), { asked: name, ours: formatName(group, process) });
    },
  }),
];

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
