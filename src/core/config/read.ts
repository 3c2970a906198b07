/** Reads a whole configuration: `readConfig` for the daemon, `readCtlConfig` for the client. */
import { readDaemon } from './daemon-section.ts';
import { readDockvisor } from './dockvisor-section.ts';
import { readGroups } from './group-sections.ts';
import { errorCode, readIncludes, syntaxHint } from './include.ts';
import { readIni } from './ini.ts';
import type { Ini } from './ini.ts';
import type { ConfigWorld, CtlConfig, DaemonOverrides, GroupSpec, Problem, ReadResult } from './model.ts';
import { absolutePath, dirName, fullPath } from './paths.ts';
import type { FormatNames } from './percent-format.ts';
import { createProblemList } from './problem-list.ts';
import type { ProblemList } from './problem-list.ts';
import { checkInterfaces, checkNames } from './schema.ts';
import { mergeNames, readSection } from './section-reader.ts';
import { readServers } from './server-sections.ts';

function environmentNames(environment: Readonly<Record<string, string>>): FormatNames {
  return new Map(Object.entries(environment).map(([key, value]) => [`ENV_${key}`, value]));
}

/** The main file's text, parsed; null after an error that leaves nothing to go on with. */
function readMain(file: string, world: ConfigWorld, problems: ProblemList): Ini | null {
  let text: string;
  try {
    text = world.readFile(file);
  } catch (error) {
    const code = errorCode(error);
    const message =
      code === 'EILSEQ' && error instanceof Error
        ? error.message
        : code === 'ENOENT' || code === 'ENOTDIR'
          ? `could not find config file ${file}`
          : `could not read config file ${file}`;
    const hint =
      code === 'EILSEQ'
        ? 'the file is not UTF-8'
        : code === 'ENOENT'
          ? null
          : `the system says ${code ?? 'no reason'}`;
    problems.error({ message, place: { file, line: 0 }, section: null, hint });
    return null;
  }
  const { ini, error } = readIni(text, file);
  if (error === null) return ini;
  problems.error({
    message: error.message,
    place: { file, line: error.line },
    section: null,
    hint: syntaxHint(text),
  });
  return error.fatal ? null : ini;
}

/** Two processes that stand for one container would fight over it. */
function warnAboutSharing(groups: readonly GroupSpec[], problems: ProblemList): void {
  const owners = new Map<string, string>();
  for (const process of groups.flatMap((group) => group.processes)) {
    if (process.docker?.target.by !== 'name') continue;
    const { target, host } = process.docker;
    const name = `${process.group}:${process.name}`;
    const id = `${host ?? ''} ${target.name}`;
    const owner = owners.get(id);
    if (owner === undefined) owners.set(id, name);
    else {
      const message = `container ${target.name} has two owners: ${owner} and ${name}`;
      problems.warn({
        message,
        place: process.place,
        section: process.section,
        hint: 'one program, one container',
      });
    }
  }
}

/**
 * Reads a configuration file with its includes.
 *
 * @param file as named by the user; relative to the world's cwd. Problems name it in this spelling, `Config.file` is absolute.
 * @returns every problem, the first error being the one at which supervisord would have stopped (supervisord.md 1.8). Never throws for
 * what is in the file.
 */
export function readConfig(file: string, world: ConfigWorld, overrides: DaemonOverrides = {}): ReadResult {
  const problems = createProblemList();
  const path = absolutePath(file, world);
  const here = dirName(path);
  const main = readMain(file, world, problems);
  if (main === null) return { config: null, problems: problems.all, included: [] };
  const outside = environmentNames(world.environment);
  const { ini, files: included } = readIncludes(main, here, outside, world, problems);
  if (!ini.sections.has('supervisord')) {
    const message = '.ini file does not include supervisord section';
    problems.error({ message, place: { file, line: 0 }, section: null, hint: 'add a line [supervisord]' });
  }

  const first = { world, ini, problems, file, here, environmentNames: outside };
  const daemon = readDaemon(first, overrides);
  const context = { ...first, environmentNames: mergeNames(outside, environmentNames(daemon.environment)) };
  checkInterfaces(context);
  const { defaults: docker, stateDir } = readDockvisor(context);
  const groups = readGroups({ ...context, docker, daemonEnvironment: daemon.environment });
  const servers = readServers(context);
  checkNames(context);
  warnAboutSharing(groups, problems);

  const refused = problems.all.some((problem) => problem.severity === 'error');
  const config = { file: path, included, daemon: { ...daemon, stateDir }, servers, groups };
  return { config: refused ? null : config, problems: problems.all, included };
}

/**
 * `[supervisorctl]` (supervisord.md 2.4); `[include]` is not looked at.
 *
 * @param file null: no configuration was found, the defaults hold.
 * @returns `config` null exactly when a problem is an error; other sections are not judged.
 */
export function readCtlConfig(
  file: string | null,
  world: ConfigWorld,
): { readonly config: CtlConfig | null; readonly problems: readonly Problem[] } {
  const defaults = {
    serverUrl: 'http://localhost:9001',
    username: null,
    password: null,
    prompt: 'supervisor',
    historyFile: null,
  };
  if (file === null) return { config: defaults, problems: [] };
  const problems = createProblemList();
  const ini = readMain(file, world, problems);
  if (ini === null) return { config: null, problems: problems.all };
  if (!ini.sections.has('supervisorctl')) {
    const message = '.ini file does not include supervisorctl section';
    problems.error({
      message,
      place: { file, line: 0 },
      section: null,
      hint: 'add [supervisorctl] with serverurl=',
    });
  }
  const here = dirName(fullPath(file, world));
  const names = environmentNames(world.environment);
  const reader = readSection({ world, ini, problems, file, here, environmentNames: names }, 'supervisorctl');
  const withHere = mergeNames(names, new Map([['here', here]]));
  const url = reader.text('serverurl', withHere) ?? defaults.serverUrl;
  const history = reader.text('history_file', withHere) ?? '';
  const config = {
    serverUrl: url.startsWith('unix://') ? `unix://${fullPath(url.slice('unix://'.length), world)}` : url,
    username: reader.text('username', names),
    password: reader.text('password', names),
    prompt: reader.text('prompt', names) ?? defaults.prompt,
    historyFile: history === '' ? null : fullPath(history, world),
  };
  return { config: problems.all.length > 0 ? null : config, problems: problems.all };
}
