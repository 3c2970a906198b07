/** `[dockvisor]`: our defaults (CONTRACT section 2), and the value types of the docker keys. */
import type { AttachKind, GhostPolicy, LineFormat, RestartPolicyRule } from './model.ts';
import { fullPath } from './paths.ts';
import { pyRepr } from './python-text.ts';
import { mergeNames, readSection } from './section-reader.ts';
import type { DockerDefaults, ReadContext } from './section-reader.ts';
import type { Parsed } from './values.ts';

function oneOf<T extends string>(key: string, words: readonly T[]): (text: string) => Parsed<T> {
  return (text) => {
    const value = words.find((word) => word === text.toLowerCase());
    if (value !== undefined) return { value };
    return { error: `invalid '${key}' value ${pyRepr(text)}`, hint: `one of ${words.join(', ')}` };
  };
}

export const parseAttach = oneOf<AttachKind>('docker_attach', ['cli', 'api']);
export const parseGhostPolicy = oneOf<GhostPolicy>('docker_on_ghost', ['stop', 'adopt', 'remove', 'never']);
export const parseRestartRule = oneOf<RestartPolicyRule>('docker_restart_policy', ['keep', 'disable']);

export const parseLineFormat = (channel: 'stdout' | 'stderr'): ((text: string) => Parsed<LineFormat>) =>
  oneOf<LineFormat>(`${channel}_log_format`, ['plain', 'prefix', 'json']);

/** The address of an Engine, kept as written. */
export function parseDockerHost(text: string): Parsed<string> {
  if (/^(unix:\/\/\/|tcp:\/\/[^/]|ssh:\/\/[^/]|context:.)/.test(text)) return { value: text };
  const hint = 'write unix:///path, tcp://host:port, ssh://user@host or context:NAME';
  return { error: `invalid 'docker_host' value ${pyRepr(text)}`, hint };
}

/** A container's name or id. */
export function parseContainerName(text: string): Parsed<string> {
  if (/^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text)) return { value: text.replace(/^\//, '') };
  const hint = 'a container name or id: letters, digits and _.- only';
  return { error: `invalid 'docker_container' value ${pyRepr(text)}`, hint };
}

/** For every program that says nothing of it. */
export type LineFormats = Readonly<Record<'stdout' | 'stderr', LineFormat>>;

export function readDockvisor(context: ReadContext): {
  readonly defaults: DockerDefaults;
  readonly lineFormats: LineFormats;
  readonly stateDir: string | null;
} {
  const reader = readSection(context, 'dockvisor');
  const named = new Map([
    ['here', context.here],
    ['host_node_name', context.world.hostName],
  ]);
  const names = mergeNames(context.environmentNames, named);
  const path = (text: string): Parsed<string> => ({ value: fullPath(text, context.world) });
  if (!context.ini.sections.has('dockvisor')) {
    return {
      defaults: { host: null, certPath: null, attach: null, onGhost: 'stop', restartPolicy: 'keep' },
      lineFormats: { stdout: 'plain', stderr: 'plain' },
      stateDir: null,
    };
  }
  return {
    defaults: {
      host: reader.value<string | null>('docker_host', names, parseDockerHost, null),
      certPath: reader.value<string | null>('docker_cert_path', names, path, null),
      attach: reader.value<AttachKind | null>('docker_attach', names, parseAttach, null),
      onGhost: reader.value('docker_on_ghost', names, parseGhostPolicy, 'stop'),
      restartPolicy: reader.value('docker_restart_policy', names, parseRestartRule, 'keep'),
    },
    lineFormats: {
      stdout: reader.value('stdout_log_format', names, parseLineFormat('stdout'), 'plain'),
      stderr: reader.value('stderr_log_format', names, parseLineFormat('stderr'), 'plain'),
    },
    stateDir: reader.value<string | null>('state_dir', names, path, null),
  };
}
