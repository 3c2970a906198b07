/** What verbs work with: the server, the two outputs, and the exit code that they leave behind. */
import { isArray, isStruct, type XmlRpcStruct, type XmlRpcValue } from '../rpc/xml.ts';
import { createRpcClient, type RpcClient } from '../rpc/client.ts';
import type { CtlOptions } from './options.ts';
import type { CtlInput } from './input.ts';

/** supervisorctl's exit codes (supervisord.md 6.1). */
export const exitCodes = {
  ok: 0,
  generic: 1,
  invalidArguments: 2,
  unimplemented: 3,
  refused: 4,
  notInstalled: 5,
  notRunning: 7,
  /** Of `status` alone. */
  somethingDown: 3,
  statusUnknown: 4,
} as const;

export interface CtlOutput {
  /** Resolves when there is room for more; also, and for ever after, when the reader has gone. */
  readonly write: (data: string | Uint8Array) => Promise<void>;
  readonly error: (text: string) => void;
  /** Aborts when nobody reads our stdout any more. */
  readonly broken: AbortSignal;
  /** The size of the terminal that shows it, in characters, now; 80 by 24 if it does not say; null: it is none. */
  readonly screen: () => { readonly columns: number; readonly rows: number } | null;
}

export interface Session {
  readonly output: CtlOutput;
  readonly input: CtlInput;
  readonly prompt: string;
  readonly isInteractive: boolean;
  /** Prefixes are coloured. */
  readonly hasColour: boolean;
  json: boolean;
  serverUrl: string;
  /** Options with which another client would speak to the same manager. */
  place: readonly string[];
  username: string | null;
  password: string | null;
  exitStatus: number;
  /** A line for people: to stdout, but to stderr where stdout is JSON. */
  readonly say: (line: string) => void;
  /** A JSON document, for people to read too. */
  readonly print: (value: unknown) => void;
  /** A JSON document on a line, one of many. Resolves when there is room for more. */
  readonly printLine: (value: unknown) => Promise<void>;
  /** Calls `supervisor.<method>`. */
  readonly call: (method: string, ...params: XmlRpcValue[]) => Promise<XmlRpcValue>;
  readonly client: () => RpcClient;
  /** Closes the connection; the next call opens another one. */
  readonly hangUp: () => void;
}

export function createSession(
  options: CtlOptions & { readonly hasColour: boolean },
  output: CtlOutput,
  input: CtlInput,
): Session {
  let client: RpcClient | null = null;
  const session: Session = {
    output,
    input,
    prompt: options.prompt,
    isInteractive: options.isInteractive,
    hasColour: options.hasColour,
    json: options.json,
    serverUrl: options.serverUrl,
    place: options.place,
    username: options.username,
    password: options.password,
    exitStatus: exitCodes.ok,
    say: (line) => {
      if (session.json) output.error(`${line}\n`);
      else void output.write(`${line}\n`);
    },
    print: (value) => void output.write(`${JSON.stringify(value, null, 2)}\n`),
    printLine: (value) => output.write(`${JSON.stringify(value)}\n`),
    call: (method, ...params) => session.client().call(`supervisor.${method}`, params),
    client: () => (client ??= createRpcClient(session)),
    hangUp: () => {
      client?.close();
      client = null;
    },
  };
  return session;
}

/** The words of a verb's argument. */
export function wordsOf(arg: string): string[] {
  return arg.split(/\s+/).filter((word) => word !== '');
}

/** For a server that answers something else than it must. */
export class UnexpectedReply extends Error {
  override readonly name = 'TypeError';
}

export function structsOf(value: XmlRpcValue): readonly XmlRpcStruct[] {
  if (!isArray(value)) throw new UnexpectedReply('the server answered no array');
  return value.map(structOf);
}

export function structOf(value: XmlRpcValue): XmlRpcStruct {
  if (!isStruct(value)) throw new UnexpectedReply('the server answered no struct');
  return value;
}

/** A member as Python's str() prints it, and a string as it is. */
export function textOf(value: XmlRpcValue | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null || value === undefined ? 'None' : JSON.stringify(value);
}
