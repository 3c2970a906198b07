/** What reading a command for its container gives. */
import type { DockerInvocation } from './model.ts';

/** A warning that a docker command could not be read as one container, and how to mend it. */
export interface Doubt {
  readonly message: string;
  readonly hint: string | null;
}

export type Recognition =
  | { readonly kind: 'container'; readonly invocation: DockerInvocation }
  | { readonly kind: 'plain'; readonly doubt: Doubt | null };

/** A plain program, without a doubt. */
export const plain: Recognition = { kind: 'plain', doubt: null };

const NAME_IT = 'name the container with docker_container=, or leave it a plain program';

/** A docker command that is not one container. */
export function doubtful(message: string, hint: string = NAME_IT): Recognition {
  return { kind: 'plain', doubt: { message, hint } };
}

/** What is known when the verb is reached. */
export interface ClientCall {
  readonly client: 'docker' | 'podman';
  readonly prefix: readonly string[];
  readonly rest: readonly string[];
  readonly host: string | null;
  readonly context: string | null;
}

type Verb = Pick<DockerInvocation, 'verb' | 'remove' | 'detached' | 'target'>;

/** The container that a call of a client stands for. */
export function recognized(call: ClientCall, verb: Verb): Recognition {
  return { kind: 'container', invocation: { ...call, ...verb } };
}
