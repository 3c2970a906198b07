/**
 * supervisord's INI dialect (supervisord.md 1.3): Python's RawConfigParser, not strict, without interpolation, with `;` and `#` as inline
 * comments. Every option and section remembers where it was written.
 */
import type { Place } from './model.ts';
import { isSpace, pyRepr, strip, stripEnd, textLines } from './python-text.ts';

/** An inline comment that cut a line of a value. */
export interface IniCut {
  readonly line: number;
  /** The value up to the cut, all its lines. */
  readonly kept: string;
  /** What was taken for a comment, with its mark. */
  readonly removed: string;
}

export interface IniOption {
  /** Lower case. */
  readonly name: string;
  /** Lines joined with `\n`; quotes are kept. */
  readonly value: string;
  readonly place: Place;
  readonly cuts: readonly IniCut[];
}

export interface IniSection {
  readonly name: string;
  /** Its first header. */
  readonly place: Place;
  readonly options: ReadonlyMap<string, IniOption>;
}

/** Sections in the order of their first header; `[DEFAULT]` apart. */
export interface Ini {
  readonly sections: ReadonlyMap<string, IniSection>;
  readonly defaults: ReadonlyMap<string, IniOption>;
}

export const emptyIni: Ini = { sections: new Map(), defaults: new Map() };

/** A syntax error in Python's words; `fatal`: reading stopped there, nothing of the file is kept. */
export interface IniError {
  readonly message: string;
  readonly line: number;
  readonly fatal: boolean;
}

interface OpenOption {
  readonly line: number;
  readonly parts: string[];
  readonly cuts: IniCut[];
}

/** Where the inline comment of a line starts: of each round of k-th marks the first round that has one decides. */
function commentStart(line: string): number | null {
  if (/^[;#]/.test(strip(line))) return 0;
  let marks: readonly [string, number][] = [
    [';', -1],
    ['#', -1],
  ];
  while (marks.length > 0) {
    const next: [string, number][] = [];
    let start: number | null = null;
    for (const [mark, from] of marks) {
      const index = line.indexOf(mark, from + 1);
      if (index < 0) continue;
      next.push([mark, index]);
      if (index === 0 || isSpace(line.charAt(index - 1))) start = Math.min(start ?? index, index);
    }
    if (start !== null) return start;
    marks = next;
  }
  return null;
}

function indentOf(line: string): number {
  for (let column = 0; column < line.length; column += 1) if (!isSpace(line.charAt(column))) return column;
  return 0;
}

/**
 * Reads `text` over what was read before: sections merge, the last value of an option wins.
 *
 * @returns the merged whole, and the syntax errors of this text as one error with one line for each, as Python tells them.
 */
export function readIni(
  text: string,
  file: string,
  into: Ini = emptyIni,
): { ini: Ini; error: IniError | null } {
  const sections = new Map(
    [...into.sections].map(([name, section]) => [name, { ...section, options: new Map(section.options) }]),
  );
  const defaults = new Map(into.defaults);
  const bad: { line: number; text: string }[] = [];
  let options: Map<string, IniOption> | null = null;
  let open: (OpenOption & { readonly name: string }) | null = null;
  let indent = 0;

  const close = () => {
    if (options !== null && open !== null) {
      const value = stripEnd(open.parts.join('\n'));
      options.set(open.name, { name: open.name, value, place: { file, line: open.line }, cuts: open.cuts });
    }
    open = null;
  };
  const noteCut = (option: OpenOption, line: number, text: string, start: number | null) => {
    if (start !== null)
      option.cuts.push({ line, kept: option.parts.join('\n'), removed: strip(text.slice(start)) });
  };

  let number = 0;
  for (const line of textLines(text)) {
    number += 1;
    const start = commentStart(line);
    const content = strip(start === null ? line : line.slice(0, start));
    // TypeScript cannot see that `close` assigns `open`; the annotation keeps both branches alive.
    const current = open;
    if (content === '') {
      if (start === null) current?.parts.push('');
      continue;
    }
    const column = indentOf(line);
    if (current !== null && current.name !== '' && column > indent) {
      current.parts.push(content);
      noteCut(current, number, line, start);
      continue;
    }
    indent = column;
    const header = /^\[(.+)\]/s.exec(content)?.[1];
    if (header !== undefined) {
      close();
      if (header === 'DEFAULT' && !sections.has(header)) options = defaults;
      else {
        const section = sections.get(header) ?? {
          name: header,
          place: { file, line: number },
          options: new Map(),
        };
        sections.set(header, section);
        options = section.options;
      }
      continue;
    }
    if (options === null) {
      const where = `file: ${pyRepr(file)}, line: ${String(number)}`;
      const message = `File contains no section headers.\n${where}\n${pyRepr(line)}`;
      return { ini: into, error: { message, line: number, fatal: true } };
    }
    const delimiter = content.search(/[=:]/);
    const name = delimiter < 0 ? '' : stripEnd(content.slice(0, delimiter)).toLowerCase();
    if (name === '') {
      bad.push({ line: number, text: `\t[line ${String(number).padStart(2)}]: ${pyRepr(line)}` });
      // A line without a delimiter leaves the option before it open; one without a name does not.
      if (delimiter >= 0) close();
      continue;
    }
    close();
    const opened = { name, line: number, parts: [strip(content.slice(delimiter + 1))], cuts: [] };
    noteCut(opened, number, line, start);
    open = opened;
  }
  close();
  const first = bad[0];
  if (first === undefined) return { ini: { sections, defaults }, error: null };
  const message = [`Source contains parsing errors: ${pyRepr(file)}`, ...bad.map((each) => each.text)].join(
    '\n',
  );
  return { ini: { sections, defaults }, error: { message, line: first.line, fatal: false } };
}

/** The option of a section, or of `[DEFAULT]`. */
export function findOption(ini: Ini, section: string, name: string): IniOption | null {
  return ini.sections.get(section)?.options.get(name) ?? ini.defaults.get(name) ?? null;
}

/** Puts `here` for every `%(here)s` that is left: done after each file of an `[include]`, so that each file sees its own directory. */
export function fillHere(ini: Ini, here: string): Ini {
  const sections = new Map<string, IniSection>();
  for (const [name, section] of ini.sections) {
    const options = new Map(section.options);
    for (const [key, option] of new Map([...ini.defaults, ...section.options])) {
      if (option.value.includes('%(here)s'))
        options.set(key, { ...option, value: option.value.replaceAll('%(here)s', () => here) });
    }
    sections.set(name, { ...section, options });
  }
  return { ...ini, sections };
}
