/** Reads a whole configuration, for the daemon and for `dockvisor check`. */
import { readDaemon } from './daemon-section.ts';
import { readDockvisor } from './dockvisor-section.ts';
import { readGroups } from './group-sections.ts';
import { readIncludes } from './include.ts';
import type { ConfigWorld, DaemonOverrides, GroupSpec, ReadResult } from './model.ts';
import { absolutePath, dirName } from './paths.ts';
import { createProblemList } from './problem-list.ts';
import type { ProblemList } from './problem-list.ts';
import { checkInterfaces, checkNames } from './schema.ts';
import { environmentNames, readMain } from './read-main.ts';
import { mergeNames } from './section-reader.ts';
import { readServers } from './server-sections.ts';

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

/** Two sections of one address are given one socket: either takes what is meant for the other. */
function warnAboutSharedSockets(groups: readonly GroupSpec[], problems: ProblemList): void {
  const owners = new Map<string, string>();
  for (const { socket, section, place } of groups.flatMap((group) => group.processes)) {
    if (socket === undefined) continue;
    const owner = owners.get(socket.url);
    if (owner === undefined) owners.set(socket.url, section);
    else if (owner !== section) {
      const message = `${socket.url} is the socket of [${owner}] already: they share it`;
      problems.warn({ message, place, section, key: 'socket', hint: 'one program, one address' });
    }
  }
}

/**
 * Reads a configuration file with its includes.
 *
 * @param file as named by the user; relative to the world's cwd. Problems name it in this spelling, `Config.file` is absolute.
 * @param whose `others`: a real supervisord works with it, and we only look: what we alone would refuse is a warning.
 * @returns every problem, the first error being the one at which supervisord would have stopped (supervisord.md 1.8). Never throws for
 * what is in the file.
 */
export function readConfig(
  file: string,
  world: ConfigWorld,
  overrides: DaemonOverrides = {},
  whose: 'ours' | 'others' = 'ours',
): ReadResult {
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

  const isOthers = whose === 'others';
  const first = { world, ini, problems, file, here, isOthers, environmentNames: outside };
  const daemon = readDaemon(first, overrides);
  const context = { ...first, environmentNames: mergeNames(outside, environmentNames(daemon.environment)) };
  checkInterfaces(context);
  const { defaults: docker, lineFormats, stateDir } = readDockvisor(context);
  const groups = readGroups({ ...context, docker, lineFormats, daemonEnvironment: daemon.environment });
  const servers = readServers(context);
  checkNames(context);
  warnAboutSharing(groups, problems);
  warnAboutSharedSockets(groups, problems);

  const refused = problems.all.some((problem) => problem.severity === 'error');
  const config = { file: path, included, daemon: { ...daemon, stateDir }, servers, groups };
  return { config: refused ? null : config, problems: problems.all, included };
}
