/** Reads the options of one section: looks up, expands, converts, and reports what is wrong with place and key. */
import { expand } from './expand.ts';
import { findOption } from './ini.ts';
import type { Ini, IniOption } from './ini.ts';
import type { ConfigWorld, GhostPolicy, AttachKind, Place, RestartPolicyRule } from './model.ts';
import type { FormatNames } from './percent-format.ts';
import type { ProblemList } from './problem-list.ts';
import type { Parsed } from './values.ts';

/** `[dockvisor]`: defaults for the docker keys of every program; null: not written. */
export interface DockerDefaults {
  readonly host: string | null;
  readonly certPath: string | null;
  readonly attach: AttachKind | null;
  readonly onGhost: GhostPolicy;
  readonly restartPolicy: RestartPolicyRule;
}

/** What every reader of a section needs. */
export interface ReadContext {
  readonly world: ConfigWorld;
  readonly ini: Ini;
  readonly problems: ProblemList;
  /** The main file as it was named. */
  readonly file: string;
  /** Directory of the main file, absolute. */
  readonly here: string;
  /** The file is another manager's, and only looked at: what we alone would refuse is a warning. */
  readonly isOthers: boolean;
  /** `ENV_<VAR>` of the daemon's environment and, once read, of `[supervisord] environment`. */
  readonly environmentNames: FormatNames;
}

export interface SectionReader {
  readonly section: string;
  /** Of its header; of the main file when there is no such section. */
  readonly place: Place;
  option(key: string): IniOption | null;
  /** Expanded text; null: not written, or an error that was reported. */
  text(key: string, names: FormatNames): string | null;
  /** Converted value; `fallback` when not written, or after an error that was reported. */
  value<T>(key: string, names: FormatNames, convert: (text: string) => Parsed<T>, fallback: T): T;
  /** Reports; `suffix` is already taken care of. */
  error(message: string, key: string | null, hint?: string | null): void;
  warn(message: string, key: string | null, hint?: string | null): void;
}

/**
 * @param suffix put after every error's sentence: supervisord has one for the options of a process, none elsewhere.
 */
export function readSection(context: ReadContext, section: string, suffix = ''): SectionReader {
  const { ini, problems } = context;
  const place = ini.sections.get(section)?.place ?? { file: context.file, line: 0 };
  const option = (key: string) => findOption(ini, section, key);
  const placeOf = (key: string | null) => (key === null ? null : option(key)?.place) ?? place;
  const error = (message: string, key: string | null, hint: string | null = null) => {
    problems.error({ message: message + suffix, place: placeOf(key), section, key, hint });
  };
  const expanded = (key: string, names: FormatNames): Parsed<string> | null => {
    const found = option(key);
    return found === null ? null : expand(found.value, names, `${section}.${key}`);
  };
  return {
    section,
    place,
    option,
    error,
    warn: (message, key, hint = null) => {
      problems.warn({ message, place: placeOf(key), section, key, hint });
    },
    text: (key, names) => {
      const result = expanded(key, names);
      if (result !== null && 'error' in result) error(result.error, key, result.hint);
      return result !== null && 'value' in result ? result.value : null;
    },
    value: (key, names, convert, fallback) => {
      const raw = expanded(key, names);
      if (raw === null) return fallback;
      const result = 'value' in raw ? convert(raw.value) : raw;
      if ('value' in result) return result.value;
      error(result.error, key, result.hint);
      return fallback;
    },
  };
}

/** Names of two maps; the second wins. */
export function mergeNames(first: FormatNames, second: FormatNames): FormatNames {
  return new Map([...first, ...second]);
}
