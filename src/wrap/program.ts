/** The one program of a wrapper: from its command line to what the container runner takes. */
import type {
  ChannelSpec,
  DockerInvocation,
  DockerSpec,
  GhostPolicy,
  ProcessSpec,
} from '../core/config/model.ts';
import { recognizeContainer } from '../core/config/container-command.ts';
import { parseContainerName } from '../core/config/dockvisor-section.ts';
import { runFlags } from '../core/config/docker-flags.ts';
import { lastFlag, readFlags } from '../core/config/go-flags.ts';

/** Which container, and how it comes to be: `invocation` null for one that is there already. */
export type Wrapped =
  | { readonly name: string; readonly invocation: DockerInvocation | null }
  | { readonly wrong: string; readonly hint: string };

/** `words`: a container's name, or the words of a docker command. */
export function readWrapped(words: readonly string[]): Wrapped {
  const [first] = words;
  if (first === undefined) {
    const hint = 'dockvisor wrap web, or: dockvisor wrap -- docker run --rm --name web IMAGE';
    return { wrong: 'Cannot wrap nothing: wanted the name of a container, or a docker command', hint };
  }
  if (words.length === 1) {
    const name = parseContainerName(first);
    return 'error' in name
      ? {
          wrong: `Cannot wrap "${first}": this is no name of a container`,
          hint: name.hint ?? 'a name or an id',
        }
      : { name: name.value, invocation: null };
  }
  const read = recognizeContainer(words);
  if (read.kind === 'plain') {
    const said = read.doubt === null ? '' : ` (${read.doubt.message})`;
    return {
      wrong: `Cannot wrap "${words.slice(0, 3).join(' ')} …": wanted a docker command of one container${said}`,
      hint: 'docker run …, docker start -a NAME, docker attach NAME, docker compose up SERVICE; anything else needs no wrapper',
    };
  }
  const { invocation } = read;
  const { target } = invocation;
  const name =
    target.by === 'name' ? target.name : target.by === 'compose' ? target.service : invocation.verb;
  return { name, invocation };
}

/** `--stop-timeout` of a `docker run`: what the container that it makes will have. null: not said. */
export function stopTimeoutOf(invocation: DockerInvocation | null): number | null {
  if (invocation?.verb !== 'run') return null;
  const read = readFlags(invocation.rest.slice(invocation.rest.indexOf('run') + 1), runFlags, false);
  const text = 'unknown' in read ? null : lastFlag(read.flags, 'stop-timeout');
  return text === null || !/^-?\d+$/.test(text) ? null : Number(text);
}

/** docker's own, where nothing is said. */
const usualGraceSeconds = 10;
/** "For ever", as a timer can hold it. */
const foreverSeconds = 20 * 24 * 3600;

/** The first that is said counts; negative is for ever, as docker has it. */
export function graceSeconds(...said: readonly (number | null)[]): number {
  const seconds = said.find((one) => one !== null) ?? usualGraceSeconds;
  return seconds < 0 ? foreverSeconds : Math.min(seconds, foreverSeconds);
}

/**
 * What to do with a container that is there already, where the user has not said it: what runs is adopted (a wrapper before us left it),
 * what somebody paused is left to him, and a stopped one is in the way of a `run` only.
 */
export function usualGhostPolicy(state: string | null): GhostPolicy {
  if (state === 'paused') return 'never';
  return state === 'running' || state === 'restarting' ? 'adopt' : 'stop';
}

export function dockerOf(
  invocation: DockerInvocation | null,
  name: string,
  choice: { readonly host: string | null; readonly onGhost: GhostPolicy },
): DockerSpec {
  const inCommand =
    invocation?.host ?? (invocation?.context == null ? null : `context:${invocation.context}`);
  return {
    attach: invocation === null || invocation.detached ? 'api' : 'cli',
    target: invocation?.target ?? { by: 'name', name },
    invocation,
    host: choice.host ?? inCommand,
    certPath: null,
    onGhost: choice.onGhost,
    restartPolicy: 'keep',
  };
}

const nowhere: ChannelSpec = {
  target: { kind: 'none' },
  maxBytes: 0,
  backups: 0,
  captureMaxBytes: 0,
  format: 'plain',
  eventsEnabled: false,
  syslog: false,
};

/** One life, and no second try: whether there is another is systemd's to say. */
export function specOf(name: string, docker: DockerSpec, stopWaitSeconds: number): ProcessSpec {
  return {
    group: name,
    name,
    section: 'wrap',
    place: { file: '', line: 0 },
    command: '',
    directory: null,
    environment: {},
    priority: 999,
    autostart: true,
    autorestart: 'never',
    startSeconds: 0,
    startRetries: 0,
    backoff: { kind: 'linear', initialSeconds: 1, maxSeconds: 0, jitter: 0, resetAfterSeconds: 0 },
    exitCodes: [0],
    stopSignal: { name: 'TERM', number: 15 },
    stopSignalWritten: false,
    stopWaitSeconds,
    stopAsGroup: false,
    killAsGroup: false,
    user: null,
    umask: null,
    redirectStderr: false,
    stdout: nowhere,
    stderr: nowhere,
    serverUrl: null,
    docker,
  };
}
