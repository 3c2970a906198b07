import { formatName } from '../core/names.ts';
import { structsOf, textOf, type Session } from './session.ts';
import type { Complete } from './terminal.ts';
import { verbNames } from './verbs.ts';

const ofGroups = new Set(['add', 'remove', 'update']);
const ofProcesses = new Set(['clear', 'fg', 'pid', 'restart', 'signal', 'start', 'status', 'stop', 'tail']);

/** The shell's Tab: verbs first, then the names that the verb takes. */
export function completer(session: Session): Complete {
  return async (line) => {
    const words = line.trimStart().split(/\s+/);
    const [verb = ''] = words;
    const begun = words.at(-1) ?? '';
    const names = words.length <= 1 || verb === 'help' ? verbNames : await namesFor(session, verb, begun);
    const fitting = names.filter((name) => name.startsWith(begun)).map((name) => `${name} `);
    return [fitting, begun];
  };
}

async function namesFor(session: Session, verb: string, begun: string): Promise<readonly string[]> {
  if (!ofGroups.has(verb) && !ofProcesses.has(verb)) return [];
  const infos = structsOf(await session.call('getAllProcessInfo'));
  const groups = [...new Set(infos.map((info) => textOf(info['group'])))];
  if (ofGroups.has(verb)) return groups;
  const names = infos.map((info) => {
    const [group, name] = [textOf(info['group']), textOf(info['name'])];
    return begun.includes(':') ? `${group}:${name}` : formatName(group, name);
  });
  const whole = groups.filter((group) => names.some((name) => name.startsWith(`${group}:`)));
  return [...names, ...whole.map((group) => `${group}:*`)];
}
