/** `system.*`: what methods there are, and many calls in one (supervisord.md 5.9). */
import { FaultError, makeFault } from './faults.ts';
import { method, textParam, type RpcContext, type RpcMethod } from './method.ts';
import { isArray, isStruct, type XmlRpcValue } from './xml.ts';

/** The whole table, asked by exact name. */
export interface MethodTable {
  readonly names: () => readonly string[];
  readonly find: (name: string) => RpcMethod | undefined;
  readonly call: (context: RpcContext, name: string, params: readonly XmlRpcValue[]) => Promise<XmlRpcValue>;
}

/** `table` holds these methods too, so it is asked only when one of them runs. */
export function systemMethods(table: MethodTable): readonly RpcMethod[] {
  const known = (name: string): RpcMethod => {
    const found = table.find(name);
    if (found === undefined) throw new FaultError('SIGNATURE_UNSUPPORTED');
    return found;
  };
  const row = { refusedInShutdown: false };
  return [
    method('listMethods', ['array'], {
      ...row,
      help: 'The names of all methods, sorted.',
      run: () => [...table.names()],
    }),
    method('methodHelp', ['string', 'string'], {
      ...row,
      help: 'What a method does, in a sentence.',
      run: (_context, params) => known(textParam(params, 0)).help,
    }),
    method('methodSignature', ['array', 'string'], {
      ...row,
      help: 'The types of a method: what it returns, then its parameters.',
      run: (_context, params) => {
        const found = known(textParam(params, 0));
        return [found.returns, ...found.params];
      },
    }),
    method('multicall', ['array', 'array'], {
      ...row,
      help: 'Makes calls {methodName, params} one after another; gives their values, or {faultCode, faultString}.',
      run: async (context, params) => {
        const calls = params[0];
        if (!isArray(calls)) throw new FaultError('INCORRECT_PARAMETERS');
        const results: XmlRpcValue[] = [];
        for (const call of calls) results.push(await one(table, context, call));
        return results;
      },
    }),
  ];
}

/** supervisord gives bare values, not the one-element arrays of the multicall convention; clients count on it. */
async function one(table: MethodTable, context: RpcContext, call: XmlRpcValue): Promise<XmlRpcValue> {
  try {
    if (!isStruct(call)) throw new FaultError('INCORRECT_PARAMETERS');
    const { methodName, params = [] } = call;
    if (methodName === undefined || methodName === null) {
      throw new FaultError('INCORRECT_PARAMETERS', 'No methodName');
    }
    if (methodName === 'system.multicall') {
      throw new FaultError('INCORRECT_PARAMETERS', 'Recursive system.multicall forbidden');
    }
    if (typeof methodName !== 'string' || !isArray(params)) throw new FaultError('INCORRECT_PARAMETERS');
    return await table.call(context, methodName, params);
  } catch (error) {
    const fault = error instanceof FaultError ? error.fault : makeFault('FAILED', unexpected(error));
    return { faultCode: fault.code, faultString: fault.text };
  }
}

function unexpected(error: unknown): string {
  return error instanceof Error ? `${error.name}:${error.message}` : String(error);
}
