/** Python's `os.path` for POSIX, over a ConfigWorld. */
import type { ConfigWorld } from './model.ts';

/** `os.path.dirname`. */
export function dirName(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}

/** `os.path.join` of two. */
export function joinPath(base: string, path: string): string {
  if (path.startsWith('/')) return path;
  return base === '' || base.endsWith('/') ? base + path : `${base}/${path}`;
}

/** `os.path.normpath`; `''` is `.`. */
export function normalPath(path: string): string {
  const root = path.startsWith('//') && !path.startsWith('///') ? '//' : path.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..' || (root === '' && parts.length === 0) || parts.at(-1) === '..') parts.push(part);
    else parts.pop();
  }
  return root + parts.join('/') || '.';
}

/** `os.path.expanduser`: an unknown user's `~name` stays. */
export function expandUser(path: string, world: ConfigWorld): string {
  if (!path.startsWith('~')) return path;
  const end = path.indexOf('/') < 0 ? path.length : path.indexOf('/');
  const name = path.slice(1, end);
  const home = world.home(name === '' ? null : name);
  if (home === null) return path;
  return home.replace(/\/+$/, '') + path.slice(end) || '/';
}

/** Absolute against the world's current directory, and normal. */
export function absolutePath(path: string, world: ConfigWorld): string {
  return normalPath(joinPath(world.cwd, path));
}

/** supervisord's `normalize_path`: `~`, then absolute, then normal. */
export function fullPath(path: string, world: ConfigWorld): string {
  return absolutePath(expandUser(path, world), world);
}
