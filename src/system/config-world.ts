/** The real ConfigWorld: files, the user database, the environment. Everything is synchronous: a configuration is read in one go. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { hasMagic, matchesSegment } from '../core/config/glob-pattern.ts';
import type { ConfigWorld, UserSpec } from '../core/config/model.ts';

/** A name service (LDAP, NIS) that hangs must not hang us. */
const GETENT_TIMEOUT_MS = 5_000;

function decodes(bytes: Uint8Array, cutAllowed: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cutAllowed });
    return true;
  } catch {
    return false;
  }
}

/** Python's sentence about bytes that are not UTF-8; null: they are. */
function encodingError(bytes: Uint8Array): string | null {
  if (decodes(bytes, false)) return null;
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (decodes(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  // Now `good` bytes are valid, but may end within a character.
  let start = good;
  while (!decodes(bytes.subarray(0, start), false)) start -= 1;
  const why =
    good === bytes.length
      ? 'unexpected end of data'
      : start < good
        ? 'invalid continuation byte'
        : 'invalid start byte';
  if (good - start > 1)
    return `'utf-8' codec can't decode bytes in position ${String(start)}-${String(good - 1)}: ${why}`;
  const byte = (bytes[start] ?? 0).toString(16).padStart(2, '0');
  return `'utf-8' codec can't decode byte 0x${byte} in position ${String(start)}: ${why}`;
}

/** A byte order mark is kept: supervisord does not take it for one. */
function readText(path: string): string {
  const bytes = readFileSync(path);
  const error = encodingError(bytes);
  if (error !== null) throw Object.assign(new Error(error), { code: 'EILSEQ' });
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function exists(path: string, follow: boolean): boolean {
  return quietly(() => (follow ? statSync(path) : lstatSync(path)).mode >= 0, false);
}

function quietly<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

/** Paths that match an absolute pattern; the parts without magic are taken as they are written, `..` too. */
function glob(pattern: string): readonly string[] {
  const segments = pattern.split('/').filter((segment) => segment !== '');
  let found: readonly string[] = [''];
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    found = found.flatMap((base) => {
      const names = hasMagic(segment)
        ? quietly(() => readdirSync(base === '' ? '/' : base), []).filter((name) =>
            matchesSegment(segment, name),
          )
        : [segment];
      return names.map((name) => `${base}/${name}`).filter((path) => exists(path, !last));
    });
  }
  return [...found].sort();
}

type Table = 'passwd' | 'group';

/** The fields of a line of /etc/passwd or /etc/group; asked of `getent`, which knows LDAP too, or read from the file where it is missing. */
function createUserDatabase(): (table: Table, key: string) => readonly string[] | null {
  const cache = new Map<string, readonly string[] | null>();
  const fromFile = (table: Table, key: string) => {
    const column = /^\d+$/.test(key) ? 2 : 0;
    const lines = quietly(() => readFileSync(`/etc/${table}`, 'utf8'), '').split('\n');
    return lines.map((line) => line.split(':')).find((fields) => fields[column] === key) ?? null;
  };
  const ask = (table: Table, key: string): readonly string[] | null => {
    if (key === '' || key.startsWith('-') || key.includes('\0') || key.includes('\n')) return null;
    try {
      const line = execFileSync('getent', [table, key], {
        encoding: 'utf8',
        timeout: GETENT_TIMEOUT_MS,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const fields = line.split('\n')[0]?.split(':') ?? [];
      return fields.length > 2 ? fields : null;
    } catch (error) {
      // Status 2: there is no such key. Everything else (no getent, a hanging service): the file.
      const status = error instanceof Error && 'status' in error ? error.status : null;
      return status === 2 ? null : fromFile(table, key);
    }
  };
  return (table, key) => {
    const id = `${table} ${key}`;
    const known = cache.get(id);
    if (known !== undefined) return known;
    const fields = ask(table, key);
    cache.set(id, fields);
    return fields;
  };
}

function isOnPath(program: string, path: string): boolean {
  const places = [...path.split(':'), '/usr/bin', '/bin', '/usr/sbin', '/sbin'].filter((place) =>
    place.startsWith('/'),
  );
  return places.some((place) =>
    quietly(() => {
      accessSync(`${place}/${program}`, constants.X_OK);
      return true;
    }, false),
  );
}

/** What the world is made of; absent: the process's own. */
export interface ConfigWorldOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** The machine as the configuration reader sees it. Users and groups are asked once each, for the life of the object. */
export function createConfigWorld(options: ConfigWorldOptions = {}): ConfigWorld {
  const given = options.environment ?? process.env;
  const environment = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const find = createUserDatabase();
  const user = (nameOrId: string): UserSpec | null => {
    const fields = find('passwd', nameOrId);
    return fields === null ? null : { name: fields[0] ?? '', uid: Number(fields[2]), gid: Number(fields[3]) };
  };
  return {
    readFile: readText,
    glob,
    isDirectory,
    user,
    groupId: (nameOrId) => {
      const fields = find('group', nameOrId);
      return fields === null ? null : Number(fields[2]);
    },
    home: (name) => {
      if (name === null && environment['HOME'] !== undefined) return environment['HOME'];
      return find('passwd', name ?? String(process.getuid?.() ?? 0))?.[5] ?? null;
    },
    hostName: hostname(),
    cwd: options.cwd ?? process.cwd(),
    environment,
    tmpDir: isDirectory(tmpdir()) ? tmpdir() : '/tmp',
    hasSetpriv: isOnPath('setpriv', environment['PATH'] ?? ''),
    // Tried only when it is asked: loading native code takes its time.
    get hasDatagrams() {
      return quietly(() => createRequire(import.meta.url)('node-unix-socket') !== null, false);
    },
  };
}
