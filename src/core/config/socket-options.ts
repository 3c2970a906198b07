/** `socket`, `socket_backlog`, `socket_owner`, `socket_mode` of `[fcgi-program:x]` (supervisord.md 2.7), with supervisord's sentences. */
import type { SocketSpec, UserSpec } from './model.ts';
import { fullPath } from './paths.ts';
import type { FormatNames } from './percent-format.ts';
import { mergeNames, readSection } from './section-reader.ts';
import type { ReadContext, SectionReader } from './section-reader.ts';
import { parseInteger, parseOctal, parseOwner, parsePort, parseUser } from './values.ts';
import type { Parsed } from './values.ts';

type Owner = Extract<SocketSpec, { kind: 'unix' }>['owner'];

function parseBacklog(text: string): Parsed<number> {
  const number = parseInteger(text);
  if ('error' in number || (number.value >= 1 && number.value <= 65535)) return number;
  return { error: `Invalid socket_backlog value ${String(number.value)}`, hint: 'a number from 1 to 65535' };
}

/**
 * null: none that can be made; why was reported.
 *
 * @param within the section is named by a group. supervisord reads no socket then: what is wrong with it is a warning.
 */
export function readSocket(
  context: ReadContext,
  section: string,
  within: 'group' | 'own',
): SocketSpec | null {
  const { problems } = context;
  const lenient = { ...context, problems: { ...problems, error: problems.warn } };
  const reader = readSection(within === 'group' ? lenient : context, section);
  const names = mergeNames(context.environmentNames, new Map([['here', context.here]]));
  const program = section.slice(section.indexOf(':') + 1);

  const backlog = reader.value<number | null>('socket_backlog', names, parseBacklog, null);
  const owner = readOwner(context, reader, names);
  const mode = reader.value<number | null>(
    'socket_mode',
    names,
    (text) => {
      const octal = parseOctal(text);
      return 'value' in octal ? octal : { ...octal, error: `Invalid socket_mode value ${text}` };
    },
    null,
  );
  const address = reader.text('socket', mergeNames(names, new Map([['program_name', program]])));
  const refuse = (message: string, key: string | null, hint: string | null = null): null => {
    reader.error(message, key, hint);
    return null;
  };
  if (address === null || address === '') {
    // An expansion that failed has been told.
    if (address === null && reader.option('socket') !== null) return null;
    const hint = 'add socket=unix:///run/%(program_name)s.sock, or socket=tcp://127.0.0.1:9000';
    return refuse(`[${section}] section requires a "socket" line`, address === null ? null : 'socket', hint);
  }
  const bad = (why: string, hint: string | null = null) =>
    refuse(`${why} in [${section}] socket`, 'socket', hint);

  if (address.startsWith('unix://')) {
    const written = address.slice('unix://'.length);
    if (!written.startsWith('/'))
      return bad(`Unix socket path ${written} is not an absolute path`, 'three slashes: unix:///run/x.sock');
    const path = fullPath(written, context.world);
    return { kind: 'unix', url: `unix://${path}`, path, mode: mode ?? 0o700, owner, backlog };
  }
  if (reader.option('socket_owner') !== null || reader.option('socket_mode') !== null)
    return bad('socket_owner and socket_mode params should only be used with a Unix domain socket');
  const [, host, digits] = /^tcp:\/\/([^\s:]+):(\d+)$/.exec(address) ?? [];
  if (host === undefined || digits === undefined)
    return bad(`Bad socket format ${address}`, 'unix:///path, or tcp://host:port');
  const port = parsePort(digits);
  if ('error' in port) return bad(port.error, port.hint);
  const name = host.toLowerCase();
  return { kind: 'inet', url: `tcp://${name}:${String(port.value)}`, host: name, port: port.value, backlog };
}

/** As written, or the program's own user. */
function readOwner(context: ReadContext, reader: SectionReader, names: FormatNames): Owner {
  const user = reader.value<UserSpec | null>('user', names, (text) => parseUser(text, context.world), null);
  return reader.value<Owner>(
    'socket_owner',
    names,
    (text) => {
      const value = parseOwner(text, context.world);
      return value === null
        ? { error: `Invalid socket_owner value ${text}`, hint: 'user or user:group, which exist here' }
        : { value };
    },
    user === null ? null : { uid: user.uid, gid: user.gid },
  );
}
