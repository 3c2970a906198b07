/** Which words the client is run with: the user's own to start, `attach` to come back to a container that runs on. */
import type { DockerInvocation } from '../core/config/model.ts';

/** `cidfile`: where the client is to write the id of a container that has no name. */
export function startWords(invocation: DockerInvocation, cidfile: string | null): readonly string[] {
  const { prefix, rest } = invocation;
  if (cidfile === null) return [...prefix, ...rest];
  const run = rest.indexOf('run');
  return [...prefix, ...rest.slice(0, run + 1), '--cidfile', cidfile, ...rest.slice(run + 1)];
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
