/** `[inet_http_server*]` and `[unix_http_server*]` (supervisord.md 2.1, 2.2): inet first, as supervisord keeps them. */
import type { Credentials, ServerSpec } from './model.ts';
import { fullPath } from './paths.ts';
import { strip } from './python-text.ts';
import { mergeNames, readSection } from './section-reader.ts';
import type { ReadContext, SectionReader } from './section-reader.ts';
import { parseBoolean, parseInetAddress, parseOctal, parseOwner } from './values.ts';

/** null: no authentication. An empty user name is none, as in supervisord's server. */
function readCredentials(context: ReadContext, reader: SectionReader): Credentials | null {
  const username = reader.text('username', context.environmentNames);
  const password = reader.text('password', context.environmentNames);
  const written = [reader.option('username'), reader.option('password')].filter((option) => option !== null);
  if (written.length === 1) {
    const missing = reader.option('username') === null ? 'username' : 'password';
    const message =
      `Section [${reader.section}] contains incomplete authentication: ` +
      'If a username or a password is specified, both the username and password must be specified';
    reader.error(message, written[0]?.name ?? null, `add ${missing}=`);
  }
  return username === null || username === '' || password === null ? null : { username, password };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127(\.\d+){3}$/.test(host) || host === '::1' || host === '[::1]';
}

function readInet(context: ReadContext, section: string): ServerSpec | null {
  const reader = readSection(context, section);
  const names = context.environmentNames;
  const credentials = readCredentials(context, reader);
  if (reader.option('port') === null) {
    reader.error(`section [${section}] has no port value`, null, 'add port=127.0.0.1:9001');
    return null;
  }
  const address = reader.value('port', names, parseInetAddress, null);
  const allowUnauthenticated = reader.value('allow_unauthenticated', names, parseBoolean, false);
  if (address === null) return null;
  // Half of a login is an error of its own, told above.
  const half = (reader.option('username') === null) !== (reader.option('password') === null);
  const authenticated = (credentials !== null && credentials.password !== '') || half;
  if (!isLoopback(address.host) && !authenticated && !allowUnauthenticated) {
    const where =
      address.host === ''
        ? `every address, port ${String(address.port)}`
        : `${address.host}:${String(address.port)}`;
    reader[context.isOthers ? 'warn' : 'error'](
      `section [${section}] listens on ${where} without a password`,
      'port',
      'add username= and password=, or listen on 127.0.0.1, or say allow_unauthenticated=true',
    );
  }
  return { kind: 'inet', section, ...address, credentials, allowUnauthenticated };
}

function readUnix(context: ReadContext, section: string): ServerSpec | null {
  const { world, environmentNames: names } = context;
  const reader = readSection(context, section);
  if (reader.option('file') === null) {
    reader.error(`section [${section}] has no file value`, null, 'add file=/run/dockvisor.sock');
  }
  const file = reader.text('file', mergeNames(names, new Map([['here', context.here]])));
  const credentials = readCredentials(context, reader);
  const owner = reader.value(
    'chown',
    names,
    (text) => {
      const value = parseOwner(text, world);
      return value === null
        ? { error: `Invalid sockchown value ${text}`, hint: 'user or user:group, which exist here' }
        : { value };
    },
    null,
  );
  const mode = reader.value(
    'chmod',
    names,
    (text) => {
      const value = parseOctal(text);
      return 'value' in value ? value : { error: `Invalid chmod value ${text}`, hint: value.hint };
    },
    0o700,
  );
  return file === null
    ? null
    : { kind: 'unix', section, path: fullPath(strip(file), world), mode, owner, credentials };
}

export function readServers(context: ReadContext): readonly ServerSpec[] {
  const sections = [...context.ini.sections.keys()];
  const inet = sections
    .filter((name) => name.startsWith('inet_http_server'))
    .map((name) => readInet(context, name));
  const unix = sections
    .filter((name) => name.startsWith('unix_http_server'))
    .map((name) => readUnix(context, name));
  return [...inet, ...unix].filter((server) => server !== null);
}
