/** From a process's command and docker keys to what makes it stand for a container; null: a plain program. */
import { recognizeContainer } from './container-command.ts';
import {
  parseAttach,
  parseContainerName,
  parseDockerHost,
  parseGhostPolicy,
  parseRestartRule,
} from './dockvisor-section.ts';
import type { AttachKind, ContainerTarget, DockerInvocation, DockerSpec } from './model.ts';
import { fullPath, joinPath, normalPath } from './paths.ts';
import type { FormatNames } from './percent-format.ts';
import type { DockerDefaults, ReadContext, SectionReader } from './section-reader.ts';
import { splitCommand } from './shlex.ts';
import { parseBoolean, parseInteger } from './values.ts';
import type { Parsed } from './values.ts';

const DOCKER_KEYS = [
  'docker_attach',
  'docker_host',
  'docker_cert_path',
  'docker_on_ghost',
  'docker_restart_policy',
  'docker_notify',
  'docker_notify_watchdog',
];

export interface DockerQuestion {
  readonly context: ReadContext;
  readonly reader: SectionReader;
  readonly defaults: DockerDefaults;
  readonly names: FormatNames;
  /** `''` for a `[container:x]`. */
  readonly command: string;
  /** Of a `[container:x]`; null for a program. */
  readonly containerName: string | null;
  readonly directory: string | null;
  /** The process's own environment over `[supervisord] environment`. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Compose's project may be named by the environment, and its default by a directory relative to where the command runs. */
function settle(target: ContainerTarget, question: DockerQuestion): ContainerTarget {
  if (target.by !== 'compose') return target;
  const { world } = question.context;
  const named =
    question.environment['COMPOSE_PROJECT_NAME'] ?? world.environment['COMPOSE_PROJECT_NAME'] ?? '';
  const cwd = joinPath(world.cwd, question.directory ?? '');
  const { project, projectDirectory } = target;
  return {
    ...target,
    project: project ?? (named === '' ? null : named),
    projectDirectory: projectDirectory === null ? null : normalPath(joinPath(cwd, projectDirectory)),
  };
}

function chooseAttach(question: DockerQuestion, invocation: DockerInvocation | null): AttachKind {
  const { reader, defaults, names } = question;
  const written = reader.value<AttachKind | null>('docker_attach', names, parseAttach, null);
  if (question.containerName !== null) {
    if (written === 'cli') {
      const message = `Cannot set docker_attach=cli in [${reader.section}]: it has no command to run`;
      reader.error(
        message,
        'docker_attach',
        `write a [program:x] with command=docker start -a ${question.containerName}`,
      );
    }
    return 'api';
  }
  const attach = written ?? defaults.attach ?? 'cli';
  if (invocation === null) return attach;
  const verb = invocation.verb === 'compose-up' ? 'compose up' : invocation.verb;
  if (
    attach === 'api' &&
    !invocation.detached &&
    (invocation.verb === 'run' || invocation.verb === 'compose-up')
  ) {
    reader.warn(
      `docker_attach=api cannot be with "${invocation.client ?? 'docker'} ${verb}": only the command can make the container; supervised as docker_attach=cli`,
      written === null ? 'command' : 'docker_attach',
      'make the container beforehand and write "start -a NAME", or use -d, or leave docker_attach=api out',
    );
    return 'cli';
  }
  if (attach === 'api' || !invocation.detached) return attach;
  reader.warn(
    `"${invocation.client ?? 'docker'} ${verb}" comes back at once here: supervised as docker_attach=api`,
    'command',
    verb === 'start' ? 'write "start -a", or docker_attach=api' : 'leave out -d, or write docker_attach=api',
  );
  return 'api';
}

function chooseHost(question: DockerQuestion, invocation: DockerInvocation | null): string | null {
  const { reader, defaults } = question;
  const written =
    reader.value<string | null>('docker_host', question.names, parseDockerHost, null) ?? defaults.host;
  const inCommand =
    invocation?.host ?? (invocation?.context == null ? null : `context:${invocation.context}`);
  if (written !== null && inCommand !== null && written !== inCommand) {
    const message = `command talks to ${inCommand}, but the container is looked for on ${written}`;
    reader.warn(message, 'command', 'name one Engine');
  }
  return written ?? inCommand;
}

/** The socket is given to a container when it is made, and by us: where that cannot be, the key is refused. */
function readNotify(
  question: DockerQuestion,
  invocation: DockerInvocation | null,
  host: string | null,
): boolean {
  const { reader, names } = question;
  if (!reader.value('docker_notify', names, parseBoolean, false)) return false;
  const refuse = (why: string, hint: string): false => {
    reader.error(`Cannot use docker_notify=true: ${why}`, 'docker_notify', hint);
    return false;
  };
  if (invocation?.verb !== 'run') {
    const what =
      'the container is made by somebody else, and its socket can only be given to it when it is made';
    return refuse(what, 'write command=docker run …, or leave docker_notify out');
  }
  if (invocation.client === 'podman')
    return refuse('podman has its own way', 'use podman run --sdnotify under systemd');
  if (host !== null && /^(tcp|ssh):/.test(host))
    return refuse(`the Engine at ${host} is on another machine, and a socket is not`, 'use a local Engine');
  if (!question.context.world.hasDatagrams) {
    const what = 'the optional package node-unix-socket cannot be loaded';
    return refuse(
      what,
      'install it: npm install node-unix-socket (there are builds for x64 and arm64 Linux)',
    );
  }
  return true;
}

/** 0: none. It is heard over the socket of docker_notify, and means nothing without. */
function readWatchdog({ reader, names }: DockerQuestion, hasSocket: boolean): number {
  const seconds = reader.value('docker_notify_watchdog', names, parseInteger, 0);
  if (seconds < 0) {
    const message = `invalid 'docker_notify_watchdog' value ${String(seconds)}`;
    reader.error(message, 'docker_notify_watchdog', 'write seconds, or 0 for none');
  }
  if (seconds > 0 && !hasSocket) {
    const message = 'docker_notify_watchdog has no effect without docker_notify=true';
    reader.warn(message, 'docker_notify_watchdog', 'write docker_notify=true beside it');
  }
  return hasSocket ? Math.max(0, seconds) : 0;
}

/** Reads the docker keys and the command. */
export function readDockerSpec(question: DockerQuestion): DockerSpec | null {
  const { context, reader, defaults, names } = question;
  const split = splitCommand(question.command);
  const recognition = recognizeContainer('words' in split ? split.words : []);
  const invocation = recognition.kind === 'container' ? recognition.invocation : null;
  const written = reader.value<string | null>('docker_container', names, parseContainerName, null);
  const name = written ?? question.containerName;
  if (name === null && invocation === null) {
    if (recognition.kind === 'plain' && recognition.doubt !== null) {
      reader.warn(recognition.doubt.message, 'command', recognition.doubt.hint);
    }
    for (const key of DOCKER_KEYS) {
      if (context.ini.sections.get(reader.section)?.options.has(key) !== true) continue;
      const message = `${key} has no effect: no container was read from the command`;
      reader.warn(message, key, 'name it with docker_container=');
    }
    return null;
  }
  const path = (text: string): Parsed<string> => ({ value: fullPath(text, context.world) });
  const host = chooseHost(question, invocation);
  const notify = readNotify(question, invocation, host);
  const watchdogSeconds = readWatchdog(question, notify);
  return {
    attach: chooseAttach(question, invocation),
    // One of the two is there: both null has returned above.
    target: name !== null ? { by: 'name', name } : settle((invocation as DockerInvocation).target, question),
    invocation,
    host,
    certPath: reader.value<string | null>('docker_cert_path', names, path, defaults.certPath),
    onGhost: reader.value('docker_on_ghost', names, parseGhostPolicy, defaults.onGhost),
    restartPolicy: reader.value('docker_restart_policy', names, parseRestartRule, defaults.restartPolicy),
    ...(notify ? { notify } : {}),
    ...(watchdogSeconds > 0 ? { watchdogSeconds } : {}),
  };
}
