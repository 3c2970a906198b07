import { parseNameSpec } from '../core/names.ts';
import type { XmlRpcStruct } from '../rpc/xml.ts';

/** Those that the names mean, in the order of the names; `all`, or no name: all of them. A name that nothing has is told to `missing`. */
export function chooseProcesses(
  all: readonly XmlRpcStruct[],
  names: readonly string[],
  missing: (why: string) => void,
): readonly XmlRpcStruct[] {
  if (names.length === 0 || names.includes('all')) return all;
  return names.flatMap((name) => {
    const { group, process } = parseNameSpec(name);
    const found = all.filter(
      (info) => info['group'] === group && (process === null || info['name'] === process),
    );
    if (found.length === 0)
      missing(process === null ? `${group}: ERROR (no such group)` : `${name}: ERROR (no such process)`);
    return found;
  });
}
