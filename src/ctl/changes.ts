/** What `reloadConfig` answers, and the faults of the verbs about groups. */
import { FaultReply } from '../rpc/client.ts';
import { isArray, type XmlRpcValue } from '../rpc/xml.ts';
import { textOf, UnexpectedReply } from './session.ts';

/** supervisord's numbers (supervisord.md 5.4). */
export const faults = {
  unknownMethod: 1,
  shutdownState: 6,
  badName: 10,
  failed: 30,
  alreadyAdded: 90,
  stillRunning: 91,
  cantReread: 92,
} as const;

export function isFault(error: unknown, code: number): error is FaultReply {
  return error instanceof FaultReply && error.code === code;
}

export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** reloadConfig answers `[[added, changed, removed]]`. */
export function changesOf(value: XmlRpcValue): Changes {
  const lists = isArray(value) ? value[0] : undefined;
  if (!isArray(lists)) throw new UnexpectedReply('reloadConfig answered no list of changes');
  const names = (list: XmlRpcValue | undefined) => (isArray(list) ? list.map(textOf) : []);
  return { added: names(lists[0]), changed: names(lists[1]), removed: names(lists[2]) };
}
