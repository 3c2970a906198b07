/**
 * Which Engine: the endpoint is resolved here and given to dockerode in parts, because docker-modem lets DOCKER_HOST win over an explicit
 * socket path and knows no contexts (docker.md section 9). The order is the docker CLI's, after what the configuration says.
 */
import { isRecord } from '../core/is-record.ts';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type Endpoint =
  | { readonly kind: 'unix'; readonly name: string; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly name: string;
      readonly host: string;
      readonly port: number;
      readonly tls: TlsFiles | null;
    }
  | {
      readonly kind: 'ssh';
      readonly name: string;
      readonly host: string;
      readonly port: number;
      readonly username: string | null;
    };

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The machine as endpoint resolution needs it; tests make one up. */
export interface EndpointWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readFile(path: string): string | null;
}

export const systemEndpointWorld: EndpointWorld = {
  environment: process.env,
  home: homedir(),
  readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null),
};

/** Throws an Error that names what was wanted and found. `written`: from the configuration or the command; null: nothing there. */
export function resolveEndpoint(
  written: string | null,
  certPath: string | null,
  world: EndpointWorld,
): Endpoint {
  const env = world.environment;
  if (written !== null && written !== '') return resolve(written, certPath, world);
  if (set(env['DOCKER_HOST'])) return resolve(env['DOCKER_HOST'] ?? '', certPath, world);
  const context = set(env['DOCKER_CONTEXT']) ? env['DOCKER_CONTEXT'] : currentContext(world);
  if (set(context) && context !== 'default') return fromContext(context ?? '', certPath, world);
  return { kind: 'unix', name: 'unix:///var/run/docker.sock', path: '/var/run/docker.sock' };
}

const set = (value: string | undefined): boolean => value !== undefined && value !== '';

function resolve(host: string, certPath: string | null, world: EndpointWorld): Endpoint {
  if (host.startsWith('context:')) return fromContext(host.slice('context:'.length), certPath, world);
  if (host.startsWith('/')) return { kind: 'unix', name: `unix://${host}`, path: host };
  if (host.startsWith('unix://')) {
    const path = host.slice('unix://'.length);
    return { kind: 'unix', name: host, path: path === '' ? '/var/run/docker.sock' : path };
  }
  const url = URL.canParse(host) ? new URL(host) : null;
  const name = url === null ? '' : url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url?.protocol === 'tcp:' && name !== '') {
    const tls = tlsFiles(certPath, world);
    return {
      kind: 'tcp',
      name: host,
      host: name,
      port: Number(url.port || (tls === null ? 2375 : 2376)),
      tls,
    };
  }
  if (url?.protocol === 'ssh:' && name !== '') {
    return {
      kind: 'ssh',
      name: host,
      host: name,
      port: Number(url.port || 22),
      username: url.username || null,
    };
  }
  throw new Error(
    `Cannot use Engine address "${host}": wanted unix://PATH, tcp://HOST:PORT, ssh://[USER@]HOST or context:NAME`,
  );
}

/** As the CLI: TLS when a directory of certificates is named, by the configuration or by DOCKER_CERT_PATH with DOCKER_TLS_VERIFY. */
function tlsFiles(certPath: string | null, world: EndpointWorld): TlsFiles | null {
  const env = world.environment;
  const directory =
    certPath ??
    (set(env['DOCKER_TLS_VERIFY']) ? (env['DOCKER_CERT_PATH'] ?? join(world.home, '.docker')) : null);
  return directory === null ? null : readTls(directory, world);
}

function readTls(directory: string, world: EndpointWorld): TlsFiles {
  const read = (file: string): string => {
    const text = world.readFile(join(directory, file));
    if (text === null) throw new Error(`Cannot use TLS: ${join(directory, file)} does not exist`);
    return text;
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

const dockerConfig = (world: EndpointWorld): string =>
  world.environment['DOCKER_CONFIG'] ?? join(world.home, '.docker');

function currentContext(world: EndpointWorld): string | undefined {
  const parsed = parseJson(world.readFile(join(dockerConfig(world), 'config.json')));
  const context = parsed['currentContext'];
  return typeof context === 'string' ? context : undefined;
}

function fromContext(context: string, certPath: string | null, world: EndpointWorld): Endpoint {
  if (context === 'default') return resolveEndpoint(null, certPath, { ...world, readFile: () => null });
  const id = createHash('sha256').update(context).digest('hex');
  const file = join(dockerConfig(world), 'contexts', 'meta', id, 'meta.json');
  const text = world.readFile(file);
  if (text === null) throw new Error(`Cannot use docker context "${context}": ${file} does not exist`);
  const endpoints = parseJson(text)['Endpoints'];
  const docker = isRecord(endpoints) ? endpoints['docker'] : undefined;
  const host = isRecord(docker) ? docker['Host'] : undefined;
  if (typeof host !== 'string' || host === '')
    throw new Error(`Cannot use docker context "${context}": ${file} names no Host`);
  const tls = join(dockerConfig(world), 'contexts', 'tls', id, 'docker');
  const hasTls = world.readFile(join(tls, 'ca.pem')) !== null;
  return resolve(host, certPath ?? (hasTls ? tls : null), world);
}

function parseJson(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
