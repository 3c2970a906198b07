/** From the text of a request to the text of its answer: what a server of any kind needs of XML-RPC. */
import type { LogLevel } from '../core/config/model.ts';
import { createRpc, type RpcOptions } from './methods.ts';
import { buildFault, buildResponse, parseCall, XmlRpcSyntaxError, type XmlRpcCall } from './xml.ts';

/** null: the text is no XML-RPC call, and the log says why. `afterwards` is to be called once, when the answer is out. */
export type RpcEndpoint = (
  text: string,
) => Promise<{ readonly body: string; readonly afterwards: () => void } | null>;

/**
 * Answers calls, and writes supervisord's lines about them: `trace` for each call, `error` for what cannot be read
 * (supervisord.md 4.6). The promise rejects only for a bug.
 */
export function createRpcEndpoint(
  options: RpcOptions & { readonly log: (level: LogLevel, message: string) => void },
): RpcEndpoint {
  const { log } = options;
  const rpc = createRpc(options);
  return async (text) => {
    const call = readCall(text, (message) => log('error', message));
    if (call === null) return null;
    log('trace', `XML-RPC method called: ${call.method}()`);
    const reply = await rpc.call(call);
    if (reply.kind === 'fault') {
      const { code, text: why } = reply.fault;
      log('trace', `XML-RPC method ${call.method}() returned fault: [${code}] ${why}`);
      return { body: buildFault(code, why), afterwards: () => undefined };
    }
    log('trace', `XML-RPC method ${call.method}() returned successfully`);
    return { body: buildResponse(reply.value), afterwards: reply.afterwards };
  };
}

function readCall(text: string, complain: (message: string) => void): XmlRpcCall | null {
  try {
    const call = parseCall(text);
    if (call.method !== '') return call;
    complain(`XML-RPC request data ${quote(text)} is invalid: no method name`);
  } catch (error) {
    if (!(error instanceof XmlRpcSyntaxError)) throw error;
    complain(`XML-RPC request data ${quote(text)} is invalid: unmarshallable (${error.message})`);
  }
  return null;
}

/** On one line, and not all of somebody's 8 MiB. */
function quote(text: string): string {
  const shown = text.length > 500 ? `${text.slice(0, 500)}…` : text;
  return `'${JSON.stringify(shown).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
