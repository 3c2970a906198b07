import { formatName } from '../core/names.ts';
import { structsOf, textOf, type Session } from './session.ts';
import type { Complete } from './terminal.ts';
import { verbNames } from './verbs.ts';

const ofGroups = new Set(['add', 'remove', 'update']);
const ofProcesses = new Set([
  'clear',
  'fg',
  'pid',
  'restart',
  'signal',
  'start',
  'status',
  'stop',
  'tail',
  'why',
]);
/** Where Python's readline begins a word, but for `:`, `*` and `-`, which supervisorctl takes into it. */
const begunWord = /[^ \t\n`~!@#$%^&()=+[{\]}\\|;'",<>/?]*$/;

/** The shell's Tab, with what supervisorctl offers, in its order: verbs first, then the names that the verb takes. */
export function completer(session: Session): Complete {
  return async (line) => {
    const words = line.trim().split(/\s+/);
    const [verb = ''] = words;
    const begun = begunWord.exec(line)?.[0] ?? '';
    const isVerb = words.length === 1 && !line.endsWith(' ');
    const names = verb === '' || isVerb || verb === 'help' ? verbNames : await namesFor(session, verb, begun);
    const fitting = names.filter((name) => name.startsWith(begun)).map((name) => `${name} `);
    return [fitting, begun];
  };
}

async function namesFor(session: Session, verb: string, begun: string): Promise<readonly string[]> {
  if (!ofGroups.has(verb) && !ofProcesses.has(verb)) return [];
  const infos = structsOf(await session.call('getAllProcessInfo'));
  const names = infos.map((info) => [textOf(info['group']), textOf(info['name'])] as const);
  if (ofGroups.has(verb)) return [...new Set(names.map(([group]) => group))];
  return [...new Set(names.flatMap(([group, name]) => namesOf(group, name, begun.includes(':'))))];
}

/** `web`, or of a group `g:a` and `g:*`; a name that is typed with its group is offered with it. */
function namesOf(group: string, name: string, isFull: boolean): readonly string[] {
  if (group === name && !isFull) return [formatName(group, name)];
  return [`${group}:${name}`, `${group}:*`];
}
