/** What `reloadConfig` answers. */
import { isArray, type XmlRpcValue } from '../rpc/xml.ts';
import { textOf, UnexpectedReply } from './session.ts';

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
