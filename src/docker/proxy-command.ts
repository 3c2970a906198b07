/** Which words the client is run with: the user's own to start, `attach` to come back to a container that runs on. */
import type { DockerInvocation } from '../core/config/model.ts';

/** Where a container finds its end of the socket of `docker_notify`. */
const notifyInside = '/run/dockvisor-notify.sock';

/** `cidfile`: where the client is to write the id of a container that has no name. `notify`: our end of its socket, on this machine. */
export function startWords(
  invocation: DockerInvocation,
  cidfile: string | null,
  notify: string | null = null,
): readonly string[] {
  const { prefix, rest } = invocation;
  const run = rest.indexOf('run');
  const ours = [
    ...(cidfile === null ? [] : ['--cidfile', cidfile]),
    ...(notify === null ? [] : ['-v', `${notify}:${notifyInside}`, '-e', `NOTIFY_SOCKET=${notifyInside}`]),
  ];
  return [...prefix, ...rest.slice(0, run + 1), ...ours, ...rest.slice(run + 1)];
}

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
