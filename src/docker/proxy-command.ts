/** Which words the client is run with: the user's own to start, `attach` to come back to a container that runs on. */
import type { DockerInvocation } from '../core/config/model.ts';

/** Where a container finds its end of the socket of `docker_notify`. */
const notifyInside = '/run/dockvisor-notify.sock';

/** Our end of a container's socket, on this machine; `watchdogSeconds`: how often it is to speak, 0 for no such order. */
export interface NotifyEnd {
  readonly path: string;
  readonly watchdogSeconds: number;
}

/** `cidfile`: where the client is to write the id of a container that has no name. */
export function startWords(
  invocation: DockerInvocation,
  cidfile: string | null,
  notify: NotifyEnd | null = null,
): readonly string[] {
  const { prefix, rest } = invocation;
  const run = rest.indexOf('run');
  const ours = [
    ...(cidfile === null ? [] : ['--cidfile', cidfile]),
    ...(notify === null ? [] : notifyWords(notify)),
  ];
  return [...prefix, ...rest.slice(0, run + 1), ...ours, ...rest.slice(run + 1)];
}

/** WATCHDOG_PID is left out: nobody knows the pid that it will have inside. */
const notifyWords = ({ path, watchdogSeconds }: NotifyEnd): readonly string[] => [
  '-v',
  `${path}:${notifyInside}`,
  '-e',
  `NOTIFY_SOCKET=${notifyInside}`,
  ...(watchdogSeconds === 0 ? [] : ['-e', `WATCHDOG_USEC=${String(watchdogSeconds * 1_000_000)}`]),
];

/** For a container that exists although the command is a `run`. */
export const startInsteadWords = (invocation: DockerInvocation, id: string): readonly string[] => [
  ...invocation.prefix,
  'start',
  '-a',
  id,
];

/**
 * `attach` and not the command again: `start -a` on a container that ended meanwhile would start it. Null where the client has no attach
 * (docker-compose); the Engine's socket serves there.
 */
export function attachWords(invocation: DockerInvocation, id: string): readonly string[] | null {
  if (invocation.verb === 'compose-up') return null;
  return [...invocation.prefix, 'attach', '--no-stdin', '--sig-proxy=false', id];
}
