/** Where a configuration is looked for when none is named (supervisord.md 1.1; CONTRACT section 2). */
import { dirName, joinPath, normalPath } from './paths.ts';

/**
 * Candidates in order, absolute, each once: in every place of supervisord's, nearest first, `dockvisord.conf` before `supervisord.conf`;
 * `/etc/dockvisor/` before `/etc/supervisor/`.
 *
 * @param argv0 the program as it was called; a relative one is taken from `cwd`.
 */
export function searchPath(argv0: string, cwd: string): readonly string[] {
  const home = joinPath(cwd, dirName(dirName(argv0)));
  const places = [
    joinPath(home, 'etc'),
    home,
    cwd,
    joinPath(cwd, 'etc'),
    '/etc',
    '/etc/dockvisor',
    '/etc/supervisor',
  ];
  const files = places.flatMap((place) =>
    ['dockvisord.conf', 'supervisord.conf'].map((name) => normalPath(joinPath(place, name))),
  );
  return [...new Set(files)];
}

/** supervisord's sentence when none of them is there. */
export function noConfigFound(candidates: readonly string[]): string {
  return (
    `No config file found at default paths (${candidates.join(', ')}); ` +
    'use the -c option to specify a config file at a different path'
  );
}
