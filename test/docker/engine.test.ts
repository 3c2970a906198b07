/** The way to an Engine: TLS, versions, limits. A small server stands in for what cannot be had at will: old, new and silent Engines. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { compareVersions, connectEngine } from '../../src/docker/engine.ts';
import { EngineError, engineErrorOf } from '../../src/docker/engine-error.ts';

const certificates = join(import.meta.dirname, '..', 'fixtures', 'tls');
const read = (name: string): string => readFileSync(join(certificates, name), 'utf8');
const world = { environment: {}, home: '/nowhere', readFile: (path: string) => readFileSync(path, 'utf8') };

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

async function listen(made: Server): Promise<number> {
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as AddressInfo).port;
}

const asked: string[] = [];
const speaking =
  (newest: string, oldest: string): RequestListener =>
  (request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('Content-Type', 'application/json');
    response.end(
      request.url?.includes('/version') === true
        ? JSON.stringify({ ApiVersion: newest, MinAPIVersion: oldest })
        : '[]',
    );
  };

describe('the version', () => {
  it.each([
    ['1.41', '1.12', '1.41', 'an Engine 20.10 speaks at most 1.41'],
    ['1.52', '1.44', '1.51', 'what is newer than we know is not asked for'],
    ['1.60', '1.55', '1.60', 'an Engine that refuses ours is spoken to in its own'],
  ])('%s (at least %s) gives %s: %s', async (newest, oldest, agreed) => {
    const port = await listen(createServer(speaking(newest, oldest)));
    const engine = await connectEngine(resolveEndpoint(`tcp://127.0.0.1:${port}`, null, world));
    await engine.negotiate();
    expect(engine.apiVersion).toBe(agreed);
    asked.length = 0;
    await engine.list();
    expect(asked[0]).toMatch(new RegExp(`^/v${agreed}/containers/json`));
  });

  it('compares by number, not by text', () => {
    expect(compareVersions('1.9', '1.41')).toBeLessThan(0);
    expect(compareVersions('1.41', '1.41')).toBe(0);
  });
});

describe('TLS', () => {
  const secure = (): Promise<number> =>
    listen(
      createTlsServer(
        {
          ca: read('ca.pem'),
          cert: read('server.pem'),
          key: read('server-key.pem'),
          requestCert: true,
          rejectUnauthorized: true,
        },
        speaking('1.41', '1.12'),
      ),
    );

  it('shows our certificate and checks theirs', async () => {
    const port = await secure();
    const engine = await connectEngine(resolveEndpoint(`tcp://127.0.0.1:${port}`, certificates, world));
    await engine.negotiate();
    expect(engine.apiVersion).toBe('1.41');
  });

  it('an Engine without our certificate is unreachable, and that is said', async () => {
    const port = await secure();
    const engine = await connectEngine(resolveEndpoint(`tcp://127.0.0.1:${port}`, null, world));
    await expect(engine.negotiate()).rejects.toMatchObject({ family: 'unavailable' });
  });
});

describe('an Engine that does not answer', () => {
  it('a socket that is not there is unavailable, with the reason', async () => {
    const engine = await connectEngine(resolveEndpoint('unix:///nonexistent/docker.sock', null, world));
    await expect(engine.list()).rejects.toMatchObject({
      family: 'unavailable',
      message:
        'cannot reach unix:///nonexistent/docker.sock: there is no such socket (is the Engine running?)',
    });
  });

  it.each([
    ['ended', (socket: Socket) => socket.destroy()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])(
    'a connection that is %s in the midst of a call, as when the Engine is killed, is said in words',
    async (_how, breaks) => {
      const port = await listen(
        createServer((request) => {
          breaks(request.socket);
        }),
      );
      const engine = await connectEngine(resolveEndpoint(`tcp://127.0.0.1:${port}`, null, world));
      await expect(engine.list()).rejects.toMatchObject({
        family: 'unavailable',
        message: `cannot reach tcp://127.0.0.1:${port}: the connection broke before it answered`,
      });
    },
  );

  it('DOCKER_HOST does not win over the endpoint that was resolved', async () => {
    const port = await listen(createServer(speaking('1.41', '1.12')));
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    try {
      const engine = await connectEngine(resolveEndpoint(`tcp://127.0.0.1:${port}`, null, world));
      await engine.negotiate();
      const unix = await connectEngine(resolveEndpoint('unix:///nonexistent/docker.sock', null, world));
      await expect(unix.list()).rejects.toThrow('unix:///nonexistent/docker.sock: there is no such socket');
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });
});

describe('errors', () => {
  it.each([
    [304, 'not-modified'],
    [404, 'not-found'],
    [409, 'conflict'],
    [400, 'invalid'],
    [500, 'unknown'],
    [503, 'unavailable'],
  ])('status %i is %s', (statusCode, family) => {
    const error = engineErrorOf({ statusCode, json: { message: 'the sentence' } }, 'start', 'e', false);
    expect(error).toMatchObject({ family, message: 'the sentence', operation: 'start' });
  });

  it('the sentence is found where dockerode leaves it null or a Buffer', () => {
    expect(engineErrorOf({ statusCode: 409, json: null, message: 'm' }, 'attach', 'e', false).message).toBe(
      'm',
    );
    expect(engineErrorOf({ statusCode: 409, json: Buffer.from('b\n') }, 'attach', 'e', false).message).toBe(
      'b',
    );
  });

  it('a limit of ours is unavailable, and an error of ours passes through', () => {
    expect(engineErrorOf(new Error('x'), 'inspect', 'e', true)).toMatchObject({
      family: 'unavailable',
      message: 'e does not answer (inspect took too long)',
    });
    const own = new EngineError('conflict', 'a', 'b', null);
    expect(engineErrorOf(own, 'x', 'y', false)).toBe(own);
  });
});
