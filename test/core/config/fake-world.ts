/** A made-up machine for the configuration reader. */
import { matchesSegment } from '../../../src/core/config/glob-pattern.ts';
import type {
  Config,
  ConfigWorld,
  Problem,
  ProcessSpec,
  ReadResult,
} from '../../../src/core/config/model.ts';
import { readConfig } from '../../../src/core/config/read.ts';

export const MAIN = '/conf/main.conf';

const users = [
  { name: 'root', uid: 0, gid: 0 },
  { name: 'www', uid: 33, gid: 33 },
];
const directories = new Set(['/', '/tmp', '/conf', '/conf/inc', '/home/me', '/var/log']);

export function fakeWorld(
  files: Readonly<Record<string, string>>,
  changes: Partial<ConfigWorld> = {},
): ConfigWorld {
  return {
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return text;
    },
    glob: (pattern) =>
      Object.keys(files).filter((path) => {
        const [wanted, found] = [pattern.split('/'), path.split('/')];
        return (
          wanted.length === found.length &&
          wanted.every((each, index) => matchesSegment(each, found[index] ?? ''))
        );
      }),
    isDirectory: (path) => directories.has(path),
    user: (key) => users.find((user) => user.name === key || String(user.uid) === key) ?? null,
    groupId: (key) => (key === 'docker' || key === '999' ? 999 : null),
    home: (name) => (name === null || name === 'me' ? '/home/me' : null),
    hostName: 'host1',
    cwd: '/conf',
    environment: { HOME: '/home/me' },
    tmpDir: '/tmp',
    hasSetpriv: true,
    hasDatagrams: true,
    ...changes,
  };
}

/** Reads a main file, and others beside it by their absolute paths. */
export function read(
  text: string,
  more: Readonly<Record<string, string>> = {},
  changes: Partial<ConfigWorld> = {},
): ReadResult {
  return readConfig(MAIN, fakeWorld({ [MAIN]: text, ...more }, changes));
}

export function errorsOf(result: { readonly problems: readonly Problem[] }): readonly string[] {
  return result.problems.filter((problem) => problem.severity === 'error').map((problem) => problem.message);
}

export function warningsOf(result: { readonly problems: readonly Problem[] }): readonly string[] {
  return result.problems
    .filter((problem) => problem.severity === 'warning')
    .map((problem) => problem.message);
}

/** The configuration of a file without errors. */
export function good(result: ReadResult): Config {
  if (result.config === null) throw new Error(errorsOf(result).join('\n'));
  return result.config;
}

/** A file with one program, whose lines are these. */
export function program(...lines: readonly string[]): string {
  return ['[supervisord]', '[program:x]', 'command=/bin/cat', ...lines].join('\n') + '\n';
}

/** The first process of a file without errors. */
export function onlyProcess(text: string, changes: Partial<ConfigWorld> = {}): ProcessSpec {
  const process = good(read(text, {}, changes)).groups[0]?.processes[0];
  if (process === undefined) throw new Error('no process');
  return process;
}
