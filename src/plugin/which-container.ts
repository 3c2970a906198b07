/**
 * Which container a process of the manager stands for. The file says it, but the file may have changed without an `update`: where the
 * command line of the live process names another container, that one is meant. Pure.
 */
import { recognizeContainer } from '../core/config/container-command.ts';
import type { ContainerTarget, DockerSpec, ProcessSpec } from '../core/config/model.ts';
import type { ContainerProgram } from './ports.ts';

/**
 * `live`: words of the process that runs now; null: none runs, or nothing is known of it. `suffix`: names the container after the process
 * where the command names none; `''`: no such habit. Null: a plain program.
 */
export function whichContainer(
  spec: ProcessSpec,
  live: readonly string[] | null,
  suffix: string,
): ContainerProgram | null {
  const { docker } = spec;
  if (docker !== null && (live === null || !isReadFromCommand(docker))) return { spec, docker };
  if (live === null) return named(spec, suffix);
  const recognition = recognizeContainer(live);
  if (recognition.kind === 'plain') {
    // The file names a client, and what runs is none: it is the program of an older file, or a script that holds a client.
    return docker === null ? named(spec, suffix) : null;
  }
  const { invocation } = recognition;
  if (docker !== null && isSameTarget(docker.target, invocation.target)) return { spec, docker };
  const base: DockerSpec = docker ?? unwritten;
  return {
    spec,
    docker: { ...base, target: invocation.target, invocation, host: docker?.host ?? hostOf(invocation) },
  };
}

/** What a program has whose file says nothing of a container any more: nothing that goes beyond stopping it. */
const unwritten: Omit<DockerSpec, 'target'> & { target: ContainerTarget } = {
  attach: 'cli',
  target: { by: 'name', name: '' },
  invocation: null,
  host: null,
  certPath: null,
  onGhost: 'never',
  restartPolicy: 'keep',
};

function named(spec: ProcessSpec, suffix: string): ContainerProgram | null {
  if (suffix === '') return null;
  const target: ContainerTarget = { by: 'name', name: `${spec.name}${suffix}` };
  return { spec, docker: { ...unwritten, target, onGhost: 'stop' } };
}

/** Not so where `docker_container` names it: then the command may be anything. */
const isReadFromCommand = ({ invocation, target }: DockerSpec): boolean =>
  invocation !== null && isSameTarget(invocation.target, target);

const isSameTarget = (a: ContainerTarget, b: ContainerTarget): boolean =>
  a.by === 'name' && b.by === 'name'
    ? a.name === b.name
    : a.by === 'compose' && b.by === 'compose'
      ? a.service === b.service && (a.project === null || b.project === null || a.project === b.project)
      : a.by === 'cidfile' && b.by === 'cidfile' && a.path === b.path;

const hostOf = ({ host, context }: { readonly host: string | null; readonly context: string | null }) =>
  host ?? (context === null ? null : `context:${context}`);
