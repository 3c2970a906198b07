/** What one row of the method table is, and how rows read their arguments. */
import type { Manager, Outcome, Refusal } from '../supervisor/ports.ts';
import { FaultError } from './faults.ts';
import type { XmlRpcValue } from './xml.ts';

export type XmlRpcType = 'string' | 'int' | 'boolean' | 'array' | 'struct';
export type Params = readonly XmlRpcValue[];

export interface RpcContext {
  readonly manager: Manager;
  /** Answer of getSupervisorVersion: the supervisord that we stand for, `4.2.5`. */
  readonly supervisorVersion: string;
  /** Does `action` once the answer has been handed to the system, or the asker has left. */
  readonly afterReply: (action: () => void) => void;
}

export interface RpcMethod {
  /** First the name, then what it was called in older releases. */
  readonly names: readonly string[];
  readonly returns: XmlRpcType;
  readonly params: readonly XmlRpcType[];
  /** How many of the last parameters may be left out. */
  readonly optional: number;
  readonly help: string;
  /** False: it is also answered while the daemon shuts down. */
  readonly refusedInShutdown: boolean;
  readonly run: (context: RpcContext, params: Params) => XmlRpcValue | Promise<XmlRpcValue>;
}

type Row = Pick<RpcMethod, 'help' | 'run'> & Partial<Pick<RpcMethod, 'optional' | 'refusedInShutdown'>>;

/** `signature` as system.methodSignature gives it: what it returns, then its parameters. */
export function method(
  names: string | readonly string[],
  signature: readonly [XmlRpcType, ...XmlRpcType[]],
  row: Row,
): RpcMethod {
  const [returns, ...params] = signature;
  const list = typeof names === 'string' ? [names] : names;
  return { names: list, returns, params, optional: 0, refusedInShutdown: true, ...row };
}

export function textParam(params: Params, index: number): string {
  const value = params[index];
  if (typeof value !== 'string') throw new FaultError('INCORRECT_PARAMETERS');
  return value;
}

/** Python's int(): also a numeric string, a double without its fraction, a boolean. */
export function integerParam(params: Params, index: number): number {
  const value = params[index];
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
  throw new FaultError('INCORRECT_PARAMETERS');
}

/** By Python's truth, since some clients send 1 for true. Left out: true. */
export function waitParam(params: Params, index: number): boolean {
  const value = params[index];
  return value === undefined || Boolean(value);
}

/** A signal by name or number; some clients send the number as an int. */
export function signalParam(params: Params, index: number): string {
  const value = params[index];
  return typeof value === 'number' ? String(value) : textParam(params, index);
}

export function isRefusal(value: object | string | null): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

/** @throws FaultError for a refusal. `typed` is the name as the asker wrote it, which is how supervisord echoes it. */
export function accept(outcome: Outcome, typed?: { readonly asked: string; readonly ours: string }): true {
  if (outcome === 'done') return true;
  throw refusalFault(outcome, typed);
}

export function refusalFault(
  refusal: Refusal,
  typed?: { readonly asked: string; readonly ours: string },
): FaultError {
  const text = typed !== undefined && refusal.text === typed.ours ? typed.asked : refusal.text;
  return new FaultError(refusal.refused, text);
}

/** Refuses more or fewer parameters than the method takes. */
export function checkCount(method: RpcMethod, params: Params): void {
  const { length } = method.params;
  if (params.length > length || params.length < length - method.optional) {
    throw new FaultError('INCORRECT_PARAMETERS');
  }
}
