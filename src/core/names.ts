/** Names as supervisorctl writes them: `group:process`, `group:*`, or a bare `name` that stands for `name:name`. */

/** `process` null means every process of the group (`g:*` or `g:`). */
export interface NameSpec {
  readonly group: string;
  readonly process: string | null;
}

export function parseNameSpec(text: string): NameSpec {
  const colon = text.indexOf(':');
  if (colon < 0) return { group: text, process: text };
  const process = text.slice(colon + 1);
  return { group: text.slice(0, colon), process: process === '' || process === '*' ? null : process };
}

/** `p` when group and process have one name, else `g:p`. */
export function formatName(group: string, process: string): string {
  return group === process ? process : `${group}:${process}`;
}
