/** supervisord's value types (supervisord.md 1.6), with its error texts. */
import type { Autorestart, ConfigWorld, LogLevel, UserSpec } from './model.ts';
import { dirName, expandUser, joinPath } from './paths.ts';
import { pyInt, pyRepr, strip } from './python-text.ts';
import { environmentTokens } from './shlex.ts';

/** A value, or why there is none; `hint` says how to mend it, null when the error says it all. */
export type Parsed<T> = { readonly value: T } | { readonly error: string; readonly hint: string | null };

export function parseInteger(text: string): Parsed<number> {
  const value = pyInt(text);
  if (value !== null) return { value };
  return {
    error: `invalid literal for int() with base 10: ${pyRepr(text)}`,
    hint: 'a whole number is wanted',
  };
}

const TRUE = new Set(['yes', 'true', 'on', '1']);
const FALSE = new Set(['no', 'false', 'off', '0']);

export function parseBoolean(text: string): Parsed<boolean> {
  const word = text.toLowerCase();
  if (TRUE.has(word)) return { value: true };
  if (FALSE.has(word)) return { value: false };
  return { error: `not a valid boolean value: ${pyRepr(text)}`, hint: 'write true or false' };
}

export function parseAutorestart(text: string): Parsed<Autorestart> {
  const word = text.toLowerCase();
  if (TRUE.has(word)) return { value: 'always' };
  if (FALSE.has(word)) return { value: 'never' };
  if (word === 'unexpected') return { value: 'unexpected' };
  return { error: `invalid 'autorestart' value ${pyRepr(word)}`, hint: 'write true, false or unexpected' };
}

const SUFFIXES: readonly (readonly [string, number])[] = [
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
];

/** Bytes; may be negative. */
export function parseByteSize(text: string): Parsed<number> {
  const lower = text.toLowerCase();
  const [suffix, factor] = SUFFIXES.find(([each]) => lower.endsWith(each)) ?? ['', 1];
  const number = parseInteger(lower.slice(0, lower.length - suffix.length));
  if ('value' in number) return { value: number.value * factor };
  return { error: number.error, hint: 'a number of bytes, or one with KB, MB or GB' };
}

export function parseOctal(text: string): Parsed<number> {
  const value = pyInt(text, 8);
  if (value !== null) return { value };
  return {
    error: `${text} can not be converted to an octal type`,
    hint: 'octal digits are wanted, for example 022',
  };
}

export function parseExitCodes(text: string): Parsed<readonly number[]> {
  if (text === '') return { value: [] };
  const codes = text.split(',').map((each) => pyInt(each));
  const valid = codes.filter((code) => code !== null && code >= 0 && code <= 255);
  // Every code passed the filter, so none is null.
  if (valid.length === codes.length) return { value: valid as number[] };
  return {
    error: `not a valid list of exit codes: ${pyRepr(text)}`,
    hint: 'numbers from 0 to 255, with commas between them',
  };
}

const LEVELS: readonly LogLevel[] = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'];

export function parseLogLevel(text: string): Parsed<LogLevel> {
  const value = LEVELS.find((level) => level === text.toLowerCase());
  if (value !== undefined) return { value };
  return { error: `bad logging level name ${pyRepr(text)}`, hint: `one of ${LEVELS.join(', ')}` };
}

/** Names of programs, groups and processes; the empty name is accepted. */
export function parseName(text: string): Parsed<string> {
  const value = strip(text);
  const bad = [' ', ':', '/'].find((char) => value.includes(char));
  if (bad === undefined) return { value };
  return { error: `Invalid name: ${pyRepr(text)} because of character: ${pyRepr(bad)}`, hint: null };
}

/** `A,B` as stripped words; `''` is none, but a trailing comma is an empty word. */
export function parseWords(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((word) => strip(word));
}

const QUOTES = new Set(['"', "'"]);

/** `environment=`: `KEY=value,KEY="value"` (supervisord.md 1.7). */
export function parseEnvironment(text: string): Parsed<Readonly<Record<string, string>>> {
  const tokens = environmentTokens(text);
  if ('error' in tokens)
    return {
      error: tokens.error,
      hint: 'a quote is open; an inline comment (` ;` or ` #`) cuts even inside quotes',
    };
  const pairs = new Map<string, string>();
  for (let at = 0; at < tokens.words.length; at += 4) {
    const [key, equals, value] = tokens.words.slice(at, at + 3);
    if (key === undefined || equals !== '=' || value === undefined) {
      const hint =
        'write KEY="value",KEY="value"; quote every value that has other characters than letters, digits and _/.+-():';
      return { error: `Unexpected end of key/value pairs in value '${text}'`, hint };
    }
    pairs.set(key, strip(value, QUOTES));
  }
  return { value: Object.fromEntries(pairs) };
}

export function parseUser(text: string, world: ConfigWorld): Parsed<UserSpec> {
  const id = pyInt(text);
  const value = world.user(id === null ? text : String(id));
  if (value !== null) return { value };
  return {
    error: `Invalid user ${id === null ? 'name' : 'id'} ${text}`,
    hint: 'there is no such user on this machine',
  };
}

/** `u` or `u:g`; the caller names the key in its own sentence. null: unknown user or group. */
export function parseOwner(
  text: string,
  world: ConfigWorld,
): { readonly uid: number; readonly gid: number | null } | null {
  const colon = text.indexOf(':');
  const user = parseUser(colon < 0 ? text : text.slice(0, colon), world);
  if ('error' in user) return null;
  if (colon < 0) return { uid: user.value.uid, gid: null };
  const group = text.slice(colon + 1);
  const number = pyInt(group);
  const gid = world.groupId(number === null ? group : String(number));
  return gid === null ? null : { uid: user.value.uid, gid };
}

/** `~` expanded, not made absolute. */
export function parseExistingDirectory(text: string, world: ConfigWorld): Parsed<string> {
  const value = expandUser(text, world);
  if (world.isDirectory(joinPath(world.cwd, value))) return { value };
  return { error: `${text} is not an existing directory`, hint: 'create it, or name another' };
}

/** A path whose directory exists; `~` expanded, not made absolute. */
export function parseExistingDirPath(text: string, world: ConfigWorld): Parsed<string> {
  const value = expandUser(text, world);
  const directory = dirName(value);
  if (directory === '' || world.isDirectory(joinPath(world.cwd, directory))) return { value };
  return {
    error: `The directory named as part of the path ${text} does not exist`,
    hint: `create it: mkdir -p ${directory}`,
  };
}

/** A TCP port, 1 to 65535. */
export function parsePort(text: string): Parsed<number> {
  const port = parseInteger(text);
  if ('error' in port || (port.value >= 1 && port.value <= 65535)) return port;
  const bound = port.value < 1 ? 'below lower bound (1)' : 'above upper bound (65535)';
  return { error: `${String(port.value)} is ${bound}`, hint: 'ports are 1 to 65535' };
}

/** `port`, `*:port`, `:port` (host `''`: every IPv4 address) or `host:port`; the last colon splits. */
export function parseInetAddress(text: string): Parsed<{ readonly host: string; readonly port: number }> {
  const colon = text.lastIndexOf(':');
  const digits = text.slice(colon + 1);
  if (colon >= 0 && digits === '') return { error: "no port number specified in ''", hint: null };
  const port = parsePort(digits);
  if ('error' in port) {
    const error = colon < 0 ? `not a valid port number: ${pyRepr(text)} ` : port.error;
    return { error, hint: 'write port, *:port or host:port; ports are 1 to 65535' };
  }
  const host = colon < 0 ? '' : text.slice(0, colon).toLowerCase();
  return { value: { host: host === '*' ? '' : host, port: port.value } };
}
