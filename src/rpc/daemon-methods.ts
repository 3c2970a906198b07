/** The part of `supervisor.*` that is about the daemon and its groups. */
import { parseNameSpec } from '../core/names.ts';
import { FaultError } from './faults.ts';
import { accept, isRefusal, method, refusalFault, textParam, type RpcMethod } from './method.ts';
import { configStruct, processStruct } from './structs.ts';

/** What supervisorctl checks before anything else. */
const apiVersion = '3.0';
const moodCodes = { RUNNING: 1, SHUTDOWN: -1 } as const;

export const daemonMethods: readonly RpcMethod[] = [
  method(['getAPIVersion', 'getVersion'], ['string'], {
    help: 'Version of this API.',
    run: () => apiVersion,
  }),
  method('getSupervisorVersion', ['string'], {
    help: 'Version of supervisord whose behaviour this daemon follows.',
    run: ({ supervisorVersion }) => supervisorVersion,
  }),
  method('getIdentification', ['string'], {
    help: 'The identifier that the configuration gives this daemon.',
    run: ({ manager }) => manager.identifier,
  }),
  method('getState', ['struct'], {
    help: 'State of the daemon: statecode and statename.',
    run: ({ manager }) => ({ statecode: moodCodes[manager.mood()], statename: manager.mood() }),
  }),
  method('getPID', ['int'], {
    help: 'Process id of the daemon.',
    run: ({ manager }) => manager.pid,
  }),
  method('shutdown', ['boolean'], {
    help: 'Stops every process, then the daemon.',
    run: ({ manager, afterReply }) => {
      afterReply(() => manager.shutdown(false));
      return true;
    },
  }),
  method('restart', ['boolean'], {
    help: 'Reads the configuration again and goes over to it: only what has changed is stopped and started.',
    run: ({ manager, afterReply }) => {
      afterReply(() => manager.restart());
      return true;
    },
  }),
  method('reloadConfig', ['array'], {
    help: 'Reads the configuration and says what differs, adopting nothing: [[added, changed, removed]] group names.',
    run: async ({ manager }) => {
      const changes = await manager.reread();
      if (isRefusal(changes)) throw refusalFault(changes);
      return [[[...changes.added], [...changes.changed], [...changes.removed]]];
    },
  }),
  method('addProcessGroup', ['boolean', 'string'], {
    help: 'Activates a group of the configuration as last read.',
    run: async ({ manager }, params) => accept(await manager.addGroup(textParam(params, 0))),
  }),
  method('removeProcessGroup', ['boolean', 'string'], {
    help: 'Removes a group, all of whose processes are stopped, from the active ones.',
    run: async ({ manager }, params) => accept(await manager.removeGroup(textParam(params, 0))),
  }),
  method('getProcessInfo', ['struct', 'string'], {
    help: 'Everything known about one process.',
    run: ({ manager }, params) => {
      const name = textParam(params, 0);
      const { group, process } = parseNameSpec(name);
      const view = process === null ? null : manager.view(group, process);
      if (view === null) throw new FaultError('BAD_NAME', name);
      return processStruct(view);
    },
  }),
  method('getAllProcessInfo', ['array'], {
    help: 'getProcessInfo of every process, by group and name.',
    run: ({ manager }) => manager.views().map(processStruct),
  }),
  method('getAllConfigInfo', ['array'], {
    help: 'The configuration of every process as last read, by process name.',
    run: ({ manager }) =>
      [...manager.configInfo()]
        .sort((a, b) => (a.spec.name < b.spec.name ? -1 : a.spec.name > b.spec.name ? 1 : 0))
        .map((info) => configStruct(info, manager.view(info.spec.group, info.spec.name))),
  }),
  method('sendRemoteCommEvent', ['boolean', 'string', 'string'], {
    help: 'Sends an event of this type and with these data to listeners of REMOTE_COMMUNICATION.',
    refusedInShutdown: false,
    run: ({ manager }, params) => {
      manager.sendRemoteEvent(textParam(params, 0), textParam(params, 1));
      return true;
    },
  }),
];
