import { parseNameSpec } from '../core/names.ts';
import type { ContainerView, ProxyView } from '../core/view.ts';
import { isStruct, type XmlRpcStruct } from '../rpc/xml.ts';

/** All keys of the contract, in its order; XML-RPC leaves out those that are null. */
const emptyContainer: { readonly [Key in keyof ContainerView]: null } = {
  name: null,
  id: null,
  image: null,
  engine: null,
  state: null,
  health: null,
  pid: null,
  exit_code: null,
  oom_killed: null,
  started_at: null,
  finished_at: null,
  restart_policy: null,
  error: null,
};
const emptyProxy: { readonly [Key in keyof ProxyView]: null } = { kind: null, pid: null };

/** The log of `tail --json`: all that was asked for, in one piece. */
export function logJson(name: string, channel: string, log: string): object {
  const { group, process } = parseNameSpec(name);
  return { name: process, group, channel, log };
}

/** A process as `--json` prints it: supervisord's fields, then `container` and `proxy`, null where there is none (CONTRACT 3). */
export function processJson(info: XmlRpcStruct): object {
  const { container, proxy, ...rest } = info;
  return {
    ...rest,
    container: isStruct(container) ? { ...emptyContainer, ...container } : null,
    proxy: isStruct(proxy) ? { ...emptyProxy, ...proxy } : null,
  };
}
