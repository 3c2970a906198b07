/** Groups: `[group:x]`, and each program that no group names (supervisord.md 2.6, 2.10, 4.2). */
import { readPool } from './listener-section.ts';
import type { GroupSpec, ProcessSpec } from './model.ts';
import { nearest } from './nearest.ts';
import { byPriorityAndName, readProgram } from './program-section.ts';
import type { ProgramContext } from './program-section.ts';
import { mergeNames, readSection } from './section-reader.ts';
import { readSocket } from './socket-options.ts';
import { parseInteger, parseName, parseWords } from './values.ts';

interface Found extends GroupSpec {
  readonly section: string;
}

/** Processes of one name collapse, the last one stands in the place of the first, as in supervisord's table. */
function collapse(
  context: ProgramContext,
  section: string,
  processes: readonly ProcessSpec[],
): readonly ProcessSpec[] {
  const byName = new Map<string, ProcessSpec>();
  for (const process of processes) {
    if (byName.has(process.name)) {
      const message = `[${section}] has more than one process called ${process.name}: only the last one is kept`;
      context.problems.warn({
        message,
        place: process.place,
        section,
        hint: 'give each its own process_name',
      });
    }
    byName.set(process.name, process);
  }
  return [...byName.values()];
}

/** Name and priority of a group section; null after an error that was reported. */
function readHead(
  context: ProgramContext,
  section: string,
  priority = 999,
): { readonly name: string; readonly priority: number } | null {
  const reader = readSection(context, section);
  const name = parseName(section.slice(section.indexOf(':') + 1));
  if ('error' in name) {
    reader.error(name.error, null, name.hint);
    return null;
  }
  const names = mergeNames(context.environmentNames, new Map([['here', context.here]]));
  return { name: name.value, priority: reader.value('priority', names, parseInteger, priority) };
}

/** Each with the socket that its section names. */
function readFastCgi(
  context: ProgramContext,
  section: string,
  group: string,
  within: 'group' | 'own',
): readonly ProcessSpec[] {
  const socket = readSocket(context, section, within);
  const processes = readProgram(context, section, group);
  return socket === null ? processes : processes.map((process) => ({ ...process, socket }));
}

/** What a group may name: sections `program:x`, `container:x` and `fcgi-program:x`. */
function readMembers(
  context: ProgramContext,
  section: string,
  group: string,
  taken: Set<string>,
): readonly ProcessSpec[] {
  const reader = readSection(context, section);
  const { sections } = context.ini;
  const names = mergeNames(context.environmentNames, new Map([['here', context.here]]));
  const processes: ProcessSpec[] = [];
  // supervisord's message shows the program that was resolved before, in the place of the group.
  let shown = section;
  for (const program of parseWords(reader.text('programs', names) ?? '')) {
    const kinds = ['program', 'container', 'fcgi-program'].filter((kind) =>
      sections.has(`${kind}:${program}`),
    );
    const kind = kinds[0];
    if (kind === undefined) {
      const known = [...sections.keys()]
        .filter((name) => /^(program|container|fcgi-program):/.test(name))
        .map((name) => name.slice(name.indexOf(':') + 1));
      const hint = program === '' ? 'a comma too many' : nearest(program, known);
      reader.error(`[${shown}] names unknown program or fcgi-program ${program}`, 'programs', hint);
      continue;
    }
    // A program and a container of one name are told where the sections are read.
    if (kinds.includes('fcgi-program') && kinds.length > 1) {
      reader.error(
        `[${shown}] name ${program} is ambiguous (exists as ${kind} and fcgi-program)`,
        'programs',
      );
    }
    shown = `${kind}:${program}`;
    taken.add(shown);
    const isFastCgi = kind === 'fcgi-program';
    processes.push(
      ...(isFastCgi ? readFastCgi(context, shown, group, 'group') : readProgram(context, shown, group)),
    );
  }
  return processes;
}

/** All groups by (priority, name); of two with one name the first is kept, with a warning. */
export function readGroups(context: ProgramContext): readonly GroupSpec[] {
  const sections = [...context.ini.sections.keys()];
  const taken = new Set<string>();
  const found: Found[] = [];
  for (const section of sections.filter((name) => name.startsWith('group:'))) {
    const head = readHead(context, section);
    const processes = readMembers(context, section, head?.name ?? '', taken);
    if (head !== null) found.push({ ...head, section, processes: collapse(context, section, processes) });
  }
  for (const section of sections) {
    const isContainer = section.startsWith('container:');
    if (!isContainer && !section.startsWith('program:')) continue;
    const program = section.slice(section.indexOf(':') + 1);
    if (isContainer && sections.includes(`program:${program}`)) {
      const reader = readSection(context, section);
      reader.error(
        `name ${program} is ambiguous (exists as program and container)`,
        null,
        'give one of them another name',
      );
      continue;
    }
    if (taken.has(section)) continue;
    const head = readHead(context, section);
    if (head === null) continue;
    const processes = readProgram(context, section, head.name);
    found.push({ ...head, section, processes: collapse(context, section, processes) });
  }
  for (const section of sections.filter((name) => name.startsWith('eventlistener:'))) {
    // Started first, stopped last.
    const head = readHead(context, section, -1);
    const here = mergeNames(context.environmentNames, new Map([['here', context.here]]));
    const pool = readPool(readSection(context, section), here);
    if (head === null) continue;
    const processes = readProgram(context, section, head.name);
    found.push({ ...head, section, processes: collapse(context, section, processes), pool });
  }
  for (const section of sections.filter((name) => name.startsWith('fcgi-program:') && !taken.has(name))) {
    const head = readHead(context, section);
    if (head === null) continue;
    const processes = readFastCgi(context, section, head.name, 'own');
    found.push({ ...head, section, processes: collapse(context, section, processes) });
  }
  const groups = new Map<string, GroupSpec>();
  for (const { section, ...group } of found.sort(byPriorityAndName)) {
    if (groups.has(group.name)) {
      const message = `there is more than one group called ${group.name}: [${section}] is left out`;
      const place = context.ini.sections.get(section)?.place ?? null;
      context.problems.warn({ message, place, section, hint: 'give it another name' });
    } else groups.set(group.name, group);
  }
  return [...groups.values()];
}
