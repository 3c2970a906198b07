/** All XML-RPC methods over a `Manager`: the table, and how a call finds its row. */
import type { Manager } from '../supervisor/ports.ts';
import { daemonMethods } from './daemon-methods.ts';
import { FaultError, type Fault } from './faults.ts';
import { logMethods } from './log-methods.ts';
import { ourMethods } from './our-methods.ts';
import { checkCount, type RpcContext, type RpcMethod } from './method.ts';
import { processMethods } from './process-methods.ts';
import { systemMethods, type MethodTable } from './system-methods.ts';
import type { XmlRpcCall, XmlRpcValue } from './xml.ts';

export type RpcReply =
  | {
      readonly kind: 'value';
      readonly value: XmlRpcValue;
      /** To be called once, when the answer is out or the asker has left: `shutdown` acts then. */
      readonly afterwards: () => void;
    }
  | { readonly kind: 'fault'; readonly fault: Fault };

export interface Rpc {
  /** Answers when the method does, which for `wait=true` may be long. Rejects only for a bug. */
  readonly call: (call: XmlRpcCall) => Promise<RpcReply>;
}

export interface RpcOptions {
  readonly manager: Manager;
  /** For getSupervisorVersion, for example `4.2.5`. */
  readonly supervisorVersion: string;
}

/** Every method of `supervisor.*` and `system.*` (supervisord.md 5.5 and 5.9). */
export function createRpc(options: RpcOptions): Rpc {
  const table = methodTable();
  return {
    call: async ({ method, params }) => {
      const actions: (() => void)[] = [];
      const context: RpcContext = { ...options, afterReply: (action) => actions.push(action) };
      const afterwards = () => {
        for (const action of actions.splice(0)) action();
      };
      try {
        return { kind: 'value', value: await table.call(context, method, params), afterwards };
      } catch (error) {
        if (error instanceof FaultError) return { kind: 'fault', fault: error.fault };
        throw error;
      }
    },
  };
}

/**
 * A Map from whole names to rows: a call never walks objects by the name that a stranger sent (CVE-2017-11610), so
 * `a.b.c`, `_x` and `toString` are simply not in it.
 */
function methodTable(): MethodTable {
  const rows = new Map<string, RpcMethod>();
  const table: MethodTable = {
    names: () => [...rows.keys()].sort(),
    find: (name) => rows.get(name),
    call: async (context, name, params) => {
      const row = rows.get(name);
      if (row === undefined) throw new FaultError('UNKNOWN_METHOD');
      checkCount(row, params);
      if (row.refusedInShutdown && context.manager.mood() !== 'RUNNING')
        throw new FaultError('SHUTDOWN_STATE');
      return row.run(context, params);
    },
  };
  const add = (namespace: string, methods: readonly RpcMethod[]) => {
    for (const row of methods) for (const name of row.names) rows.set(`${namespace}.${name}`, row);
  };
  add('supervisor', [...daemonMethods, ...processMethods, ...logMethods]);
  add('dockvisor', ourMethods);
  add('system', systemMethods(table));
  return table;
}
