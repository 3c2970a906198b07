/** Reads what the client needs, and loads nothing more: its start-up is a feature. */
import type { ConfigWorld, CtlConfig, Problem } from './model.ts';
import { dirName, fullPath } from './paths.ts';
import { createProblemList } from './problem-list.ts';
import { environmentNames, readMain } from './read-main.ts';
import { mergeNames, readSection } from './section-reader.ts';

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
  const context = { world, ini, problems, file, here, isOthers: true, environmentNames: names };
  const reader = readSection(context, 'supervisorctl');
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
