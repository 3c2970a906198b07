/** docker.md sections 8 and 9: the CLI's order, without docker-modem's surprises. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import type { EndpointWorld } from '../../src/docker/endpoint.ts';

const world = (
  environment: Record<string, string> = {},
  files: Record<string, string> = {},
): EndpointWorld => ({
  environment,
  home: '/root',
  readFile: (path) => files[path] ?? null,
});
const meta = (name: string): string =>
  `/root/.docker/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
const tlsFiles = { '/certs/ca.pem': 'CA', '/certs/cert.pem': 'CERT', '/certs/key.pem': 'KEY' };

describe('which Engine', () => {
  it('is the default socket when nothing is said', () => {
    expect(resolveEndpoint(null, null, world())).toMatchObject({
      kind: 'unix',
      path: '/var/run/docker.sock',
    });
  });

  it.each([
    ['unix:///run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
    ['/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
    ['tcp://10.0.0.1:2375', { kind: 'tcp', host: '10.0.0.1', port: 2375, tls: null }],
    ['tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375 }],
    ['tcp://host', { kind: 'tcp', host: 'host', port: 2375 }],
    ['ssh://deploy@host:2222', { kind: 'ssh', host: 'host', port: 2222, username: 'deploy' }],
    ['ssh://host', { kind: 'ssh', host: 'host', port: 22, username: null }],
  ])('%s', (written, wanted) => {
    expect(resolveEndpoint(written, null, world())).toMatchObject(wanted);
  });

  it('what is written wins over DOCKER_HOST, that over DOCKER_CONTEXT, that over the current context', () => {
    const files = {
      '/root/.docker/config.json': '{"currentContext":"far"}',
      [meta('far')]: '{"Endpoints":{"docker":{"Host":"tcp://far:1"}}}',
      [meta('near')]: '{"Endpoints":{"docker":{"Host":"unix:///near.sock"}}}',
    };
    expect(resolveEndpoint('unix:///w', null, world({ DOCKER_HOST: 'unix:///e' }, files)).name).toBe(
      'unix:///w',
    );
    expect(
      resolveEndpoint(null, null, world({ DOCKER_HOST: 'unix:///e', DOCKER_CONTEXT: 'near' }, files)).name,
    ).toBe('unix:///e');
    expect(resolveEndpoint(null, null, world({ DOCKER_CONTEXT: 'near' }, files)).name).toBe(
      'unix:///near.sock',
    );
    expect(resolveEndpoint(null, null, world({}, files)).name).toBe('tcp://far:1');
    expect(resolveEndpoint('context:near', null, world({}, files)).name).toBe('unix:///near.sock');
    expect(resolveEndpoint('context:default', null, world({}, files)).name).toBe(
      'unix:///var/run/docker.sock',
    );
  });

  it('takes TLS from the configuration, or from DOCKER_CERT_PATH with DOCKER_TLS_VERIFY', () => {
    const tls = { ca: 'CA', cert: 'CERT', key: 'KEY' };
    expect(resolveEndpoint('tcp://h:2376', '/certs', world({}, tlsFiles))).toMatchObject({ tls });
    const env = { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    expect(resolveEndpoint(null, null, world(env, tlsFiles))).toMatchObject({ port: 2376, tls });
    expect(
      resolveEndpoint('tcp://h:2375', null, world({ DOCKER_CERT_PATH: '/certs' }, tlsFiles)),
    ).toMatchObject({ tls: null });
  });

  it.each([
    ['http://x', 'wanted unix://PATH, tcp://HOST:PORT, ssh://[USER@]HOST or context:NAME'],
    ['context:gone', 'docker context "gone"'],
  ])('%s is refused, and why', (written, words) => {
    expect(() => resolveEndpoint(written, null, world())).toThrow(words);
  });

  it('a missing certificate is named', () => {
    expect(() => resolveEndpoint('tcp://h', '/nowhere', world())).toThrow('/nowhere/ca.pem does not exist');
  });
});
