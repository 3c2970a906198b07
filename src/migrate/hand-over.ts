/** The record of a hand-over: what was done and what is needed to undo it. Kept as a file, before each step and after. */
import type { Launched } from './facts.ts';

export interface ProcessRef {
  readonly pid: number;
  readonly startTicks: string;
}

/** A container that must come through in the same life. */
export interface Kept {
  readonly group: string;
  readonly process: string;
  readonly container: string;
  readonly id: string;
  /** The Engine's StartedAt with all its nanoseconds. */
  readonly startedAt: string;
  readonly pid: number;
}

export interface Name {
  readonly group: string;
  readonly process: string;
}

export interface HandOver {
  readonly version: 1;
  /** Absolute. */
  readonly file: string;
  readonly phase: 'begun' | 'rehearsed' | 'stopping' | 'retiring' | 'starting' | 'done' | 'undone';
  readonly old: Launched;
  readonly kept: readonly Kept[];
  /** Programs that the old manager had running and that are no containers: stopped by it, in this order. */
  readonly stopped: readonly Name[];
  /** What was down, and is to stay so. */
  readonly down: readonly Name[];
  /** Wanted up by the old manager, containers and others. */
  readonly up: readonly Name[];
  readonly trial: ProcessRef | null;
  /** The new daemon. */
  readonly next: ProcessRef | null;
  /** What was done, in sentences with their times. */
  readonly history: readonly { readonly at: string; readonly what: string }[];
}

/** null: it is none of ours, or of another version. */
export function parseHandOver(text: string): HandOver | null {
  try {
    const value: unknown = JSON.parse(text);
    const known = typeof value === 'object' && value !== null && 'version' in value && value.version === 1;
    // Written by us, into a directory that only root may write.
    return known ? (value as HandOver) : null;
  } catch {
    return null;
  }
}

/** The rehearsal's own configuration: each container by its id, taken over on sight, never started, stopped, or cleared away. */
export function trialConfig(
  directory: string,
  containers: readonly { readonly id: string; readonly host: string; readonly certPath: string | null }[],
): string {
  const head = `[unix_http_server]
file=${directory}/trial.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisord]
logfile=${directory}/trial.log
pidfile=${directory}/trial.pid
childlogdir=${directory}
identifier=dockvisor-migrate
nocleanup=true
user=root
`;
  return head + containers.map((one, index) => trialSection(`t${String(index)}`, one)).join('');
}

function trialSection(
  name: string,
  { id, host, certPath }: { readonly id: string; readonly host: string; readonly certPath: string | null },
): string {
  return `[container:${name}]
docker_container=${id}
docker_host=${host}
${certPath === null ? '' : `docker_cert_path=${certPath}\n`}docker_on_ghost=never
autostart=false
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE
`;
}

/**
 * For a supervisord that is started again: its own files, and over them what is to stay down. supervisord knows no other way to start
 * without starting what has autostart=true. null: nothing is to be held, its own command line will do.
 */
export function heldConfig(
  files: readonly string[],
  sections: readonly string[],
  heldFile: string,
): { readonly main: string; readonly held: string } | null {
  if (sections.length === 0) return null;
  const held = [...new Set(sections)].map((section) => `[${section}]\nautostart=false\n`).join('');
  const [original = ''] = files;
  return { main: `${standsFor}${original}\n[include]\nfiles = ${[...files, heldFile].join(' ')}\n`, held };
}

const standsFor = '; dockvisor migrate: stands for ';

/** Of the text of a file of ours: the user's own that it stands for; null: it is none of ours. */
export const originalOf = (text: string): string | null =>
  text.startsWith(standsFor) ? (text.slice(standsFor.length).split('\n')[0] ?? null) : null;

/** The options of a supervisord's command line, without the interpreter and the script. */
export function optionsOf(words: readonly string[]): readonly string[] {
  const script = words.findIndex((word) => /(^|\/)supervisord(\.py)?$/.test(word));
  return words.slice(script + 1);
}

/** Where the options name the file: which word, and what stands before it there. A cluster of flags may end in `c` (`-nc FILE`). */
function findFile(options: readonly string[]): { readonly at: number; readonly before: string } | null {
  for (const [index, word] of options.entries()) {
    if (/^(-[a-zA-Z]*c|--configuration)$/.test(word)) return { at: index + 1, before: '' };
    const before = /^(--configuration=|-c)./.exec(word)?.[1];
    if (before !== undefined) return { at: index, before };
  }
  return null;
}

/** The file that the options name; null: none. */
export function fileOf(options: readonly string[]): string | null {
  const found = findFile(options);
  return found === null ? null : (options[found.at]?.slice(found.before.length) ?? null);
}

/** The same words with another file. */
export function withFile(words: readonly string[], file: string): readonly string[] {
  const options = optionsOf(words);
  const found = findFile(options);
  if (found === null) return [...words, '-c', file];
  const head = words.slice(0, words.length - options.length);
  return [...head, ...options.map((word, index) => (index === found.at ? found.before + file : word))];
}
