/** What a client is told by its environment. */
import { describe, expect, it } from 'vitest';
import type { DockerInvocation } from '../../src/core/config/model.ts';
import type { Endpoint } from '../../src/docker/endpoint.ts';
import { environmentOfClient } from '../../src/main/engines.ts';
import { dockerSpecWith, specWith } from '../support/specs.ts';

const endpoint: Endpoint = { kind: 'unix', name: 'unix:///x.sock', path: '/x.sock' };
const invoking = (
  verb: DockerInvocation['verb'],
  client: 'docker' | 'podman' = 'docker',
): DockerInvocation => ({
  ...{ verb, client, prefix: [client], rest: [verb, 'web'], remove: false, detached: false },
  ...{ host: null, context: null, target: { by: 'name', name: 'web' } },
});
const told = (
  invocation: DockerInvocation | null,
  environment = {},
  host: string | null = null,
): Readonly<Record<string, string>> =>
  environmentOfClient(
    specWith({ name: 'web', docker: dockerSpecWith({ invocation, host }) }),
    endpoint,
    environment,
  );

describe('one thread of Go', () => {
  it.each(['start', 'attach'] as const)('is enough for %s', (verb) => {
    expect(told(invoking(verb), { PATH: '/bin' })).toEqual({ PATH: '/bin', GOMAXPROCS: '1' });
  });
  it('is not what somebody else has said', () => {
    expect(told(invoking('start'), { GOMAXPROCS: '4' })).toEqual({ GOMAXPROCS: '4' });
  });
  it.each([invoking('run'), invoking('compose-up'), invoking('start', 'podman'), null])(
    'is not for who hands it on, or does more: %o',
    (invocation) => {
      expect(told(invocation)).toEqual({});
    },
  );
});

it('a client that names no Engine is told which', () => {
  expect(told(invoking('run'), { DOCKER_HOST: 'unix:///other.sock' }, 'unix:///x.sock')).toEqual({
    DOCKER_HOST: 'unix:///x.sock',
  });
  expect(told({ ...invoking('run'), host: 'unix:///own.sock' }, {}, 'unix:///x.sock')).toEqual({});
  expect(told(invoking('run'), {}, 'context:far')).toEqual({ DOCKER_CONTEXT: 'far' });
});
