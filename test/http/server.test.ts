import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  openHttpServer,
  type HttpLimits,
  type HttpServer,
  type HttpServerOptions,
} from '../../src/http/server.ts';
import { buildCall } from '../../src/rpc/xml.ts';
import { createFakeManager, fakeProcess, serving, type FakeManager } from '../support/fake-manager.ts';

const open: HttpServer[] = [];
const sockets: Socket[] = [];
let log: string[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of open.splice(0)) await server.close();
  log = [];
});

interface World {
  readonly manager: FakeManager;
  readonly port: number;
  readonly server: HttpServer;
}

async function world(
  unusual: Partial<HttpServerOptions> = {},
  password: string | null = null,
  path: string | null = null,
): Promise<World> {
  const manager = createFakeManager([
    fakeProcess('web', { state: 'RUNNING', stdout: `${'x'.repeat(2000)}end\n` }),
    fakeProcess('g:a', { stdout: 'of a\n' }),
    fakeProcess('silent', { stdout: null }),
  ]);
  const credentials = password === null ? null : { username: 'user', password };
  const server = await openHttpServer(
    path === null
      ? {
          kind: 'inet',
          section: 'inet_http_server',
          host: '127.0.0.1',
          port: 0,
          credentials,
          allowUnauthenticated: false,
        }
      : { kind: 'unix', section: 'unix_http_server', path, mode: 0o700, owner: null, credentials },
    { ...serving(manager, (level, message) => log.push(`${level} ${message}`)), ...unusual },
  );
  open.push(server);
  return { manager, server, port: server.port ?? 0 };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

function send(
  port: number,
  path: string,
  { method = 'GET', body = '', headers = {} }: { method?: string; body?: string; headers?: object } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method, headers: { ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const post = (port: number, body: string, headers: object = {}) =>
  send(port, '/RPC2', {
    method: 'POST',
    body,
    headers: { 'Content-Length': Buffer.byteLength(body), ...headers },
  });
const basic = (login: string) => ({ Authorization: `Basic ${Buffer.from(login).toString('base64')}` });

/**
 * How many connections the system knows at this port of ours; 0A is the listener itself. The table is read in pieces, and while others
 * come and go a row may be in two of them: each is counted by its other end.
 */
function connections(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  const others = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, own, , state]) => own?.endsWith(local) && state === '01')
    .map(([, , other]) => other);
  return new Set(others).size;
}

/** A connection that has asked for an answer of 16 MB and does not read. `path`: by a unix socket there. */
async function unread(
  limits: Partial<HttpLimits>,
  path: string | null = null,
): Promise<{ port: number; socket: Socket }> {
  const { port, manager } = await world({ limits }, null, path);
  manager.mainLog = 'x'.repeat(16_000_000);
  const body = buildCall('supervisor.readLog', [0, 0]);
  const socket = path === null ? connect(port, '127.0.0.1') : connect(path);
  sockets.push(socket);
  socket.on('data', () => undefined);
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(`POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  if (path === null) await expect.poll(() => connections(port), { interval: 10 }).toBe(1);
  else await once(socket, 'connect');
  return { port, socket };
}

/** Writes bytes as they are, and gives what came once `until` is in it, or the connection has ended. */
function raw(port: number, text: string, until: string | null): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.write(text);
  return new Promise((resolve) => {
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk.toString();
      if (until !== null && got.includes(until)) resolve(got);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(got));
  });
}

describe('routes', () => {
  test('/ok.html says OK', async () => {
    const { port } = await world();
    const answer = await send(port, '/ok.html');
    expect(answer).toMatchObject({ status: 200, text: 'OK' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain',
      server: 'dockvisor',
      'content-length': '2',
    });
  });
  test('what is not there is supervisord’s 404', async () => {
    const { port } = await world();
    expect(await send(port, '/nosuch')).toMatchObject({
      status: 404,
      text: '<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n<p>Error code 404.\r\n<p>Message: Not Found.\r\n</body>\r\n',
    });
  });
  test.each([
    ['PUT', '/ok.html'],
    ['GET', '/RPC2'],
    ['POST', '/logtail/web'],
    ['GET', '/%zz'],
  ])('%s %s is a bad request', async (method, path) => {
    const { port } = await world();
    expect((await send(port, path, { method, headers: { 'Content-Length': 0 } })).status).toBe(400);
  });
  test('others may add routes, behind the login', async () => {
    const { port } = await world(
      {
        routes: [
          (_request, response, { path }) => {
            if (path !== '/metrics') return false;
            response.end('42');
            return true;
          },
        ],
      },
      'secret',
    );
    expect((await send(port, '/metrics')).status).toBe(401);
    expect((await send(port, '/metrics?x', { headers: basic('user:secret') })).text).toBe('42');
  });
  test('a route that throws is a 500 and a line in the log', async () => {
    const { port } = await world({
      routes: [
        () => {
          throw new Error('ouch');
        },
      ],
    });
    expect((await send(port, '/x')).status).toBe(500);
    expect(log.join()).toContain('critical Handling GET /x raised an unexpected exception: Error: ouch');
  });
});

describe('XML-RPC', () => {
  test('answers a call', async () => {
    const { port } = await world();
    const answer = await post(port, buildCall('supervisor.getPID', []));
    expect(answer.headers['content-type']).toBe('text/xml');
    expect(answer.text).toContain('<int>1234</int>');
  });
  test('a fault is a 200', async () => {
    const { port } = await world();
    expect(await post(port, buildCall('nosuch', []))).toMatchObject({
      status: 200,
      text: expect.stringContaining('UNKNOWN_METHOD') as string,
    });
  });
  test('what cannot be read, or names no method, is a 400 with its line in the log', async () => {
    const { port } = await world();
    expect((await post(port, "it's garbage")).status).toBe(400);
    expect((await post(port, '<a/>')).status).toBe(400);
    const errors = log.filter((line) => line.startsWith('error'));
    expect(errors[0]).toContain("XML-RPC request data 'it\\'s garbage' is invalid: unmarshallable");
    expect(errors[1]).toBe("error XML-RPC request data '<a/>' is invalid: no method name");
  });
  test('bytes that are no UTF-8 are a 400', async () => {
    const { port } = await world();
    const text = 'POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\n';
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.write(Buffer.concat([Buffer.from(text), Buffer.from([0xff])]));
    const got = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString())),
    );
    expect(got).toMatch(/^HTTP\/1.1 400 /);
  });
  test('a bug in a method is a 500, and the next call is answered', async () => {
    const { port, manager } = await world();
    manager.isBroken = true;
    expect((await post(port, buildCall('supervisor.getAllProcessInfo', []))).status).toBe(500);
    expect((await post(port, buildCall('supervisor.getPID', []))).status).toBe(200);
  });
  test('shutdown is answered before it happens', async () => {
    const { port, manager } = await world();
    expect((await post(port, buildCall('supervisor.shutdown', []))).text).toContain('<boolean>1');
    await expect.poll(() => manager.asked).toEqual(['shutdown']);
  });
  test('a page of another site cannot post, our own can', async () => {
    const { port } = await world();
    const body = buildCall('supervisor.getPID', []);
    expect((await post(port, body, { Origin: 'http://evil.example' })).status).toBe(403);
    expect((await post(port, body, { Origin: 'null' })).status).toBe(403);
    expect((await post(port, body, { Origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  });
  test('a page whose name was bent to our address cannot post where no password is asked for', async () => {
    const body = buildCall('supervisor.getPID', []);
    const bent = { Origin: 'http://evil.example:9001', Host: 'evil.example:9001' };
    const { port } = await world();
    expect((await post(port, body, bent)).status).toBe(403);
    expect((await post(port, body, { ...bent, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(403);
    for (const host of [`localhost:${port}`, `[::1]:${port}`]) {
      expect((await post(port, body, { Origin: `http://${host}`, Host: host })).status).toBe(200);
    }
    const { port: guarded } = await world({}, 'secret');
    expect((await post(guarded, body, { ...bent, ...basic('user:secret') })).status).toBe(200);
  });
});

describe('limits', () => {
  test('a body without a length is a 411, chunked or not', async () => {
    const { port } = await world();
    expect(
      (await send(port, '/RPC2', { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } })).status,
    ).toBe(411);
    expect(await raw(port, 'POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n', '411')).toContain('411');
  });
  test('a body that is too long is a 413', async () => {
    const { port } = await world({ limits: { maxBodyBytes: 100 } });
    expect((await post(port, 'x'.repeat(101))).status).toBe(413);
    expect((await post(port, 'x'.repeat(5_000_000))).status).toBe(413);
  });
  test('headers that are too long are a 431', async () => {
    const { port } = await world();
    const text = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(port, text, '431')).toContain('431');
  });
  test('what is no HTTP gets no answer', async () => {
    const { port } = await world();
    expect(await raw(port, 'rubbish\r\n\r\n', null)).toBe('');
  });
  test('headers that never end do not stay', async () => {
    const { port } = await world({ limits: { headerTimeoutMs: 50, requestTimeoutMs: 100 } });
    expect(await raw(port, 'GET / HTTP/1.1\r\n', null)).toBe('');
  });
  test('a body that never ends does not stay', async () => {
    const { port } = await world({ limits: { headerTimeoutMs: 40, requestTimeoutMs: 80 } });
    const text = 'POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n<a';
    expect(await raw(port, text, null)).toBe('');
  });
  test('nor one that nobody wants, before the password is given', async () => {
    const { port } = await world({ limits: { headerTimeoutMs: 40, requestTimeoutMs: 80 } }, 'secret');
    const text = 'POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n<a';
    expect(await raw(port, text, null)).toBe('');
  });
  test('a connection on which nothing is ever said does not stay', async () => {
    const { port } = await world({ limits: { headerTimeoutMs: 40 } });
    expect(await raw(port, '', null)).toBe('');
  });
  test('who does not read his answer is let go', async () => {
    const { port, socket } = await unread({ answerTimeoutMs: 300 });
    await expect.poll(() => connections(port), { timeout: 5000 }).toBe(0);
    expect(socket.bytesRead).toBeLessThan(16_000_000);
  });
  test('who reads it slowly is not', async ({ onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'dockvisor-slow-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    // A unix socket holds little, so that each piece that is read makes room for another. Over TCP the system takes megabytes for a reader,
    // and then nothing until he has read half of them: for longer than the limit, on a busy machine.
    const { socket } = await unread({ answerTimeoutMs: 1000 }, join(folder, 's.sock'));
    const letGo = once(socket, 'close').then(() => {
      throw new Error(`the connection was ended after ${socket.bytesRead} bytes`);
    });
    for (let taken = 0; taken < 16_000_000; taken = socket.bytesRead) {
      socket.resume();
      await Promise.race([once(socket, 'data'), letGo]);
      socket.pause();
      await delay(10);
    }
    expect(socket.bytesRead).toBeGreaterThan(16_000_000);
  }, 30_000);
  test('a connection that is idle for too long is ended', async () => {
    const { port } = await world({ limits: { idleTimeoutMs: 30 } });
    expect(await raw(port, 'GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n', null)).toContain('\r\n\r\nOK');
  });
  test('an answer that is held is not', async () => {
    const { port, manager } = await world({
      limits: { idleTimeoutMs: 20, headerTimeoutMs: 300, requestTimeoutMs: 300 },
    });
    let release = () => undefined as void;
    manager.hold = new Promise((resolve) => (release = resolve));
    const answer = post(port, buildCall('supervisor.startProcess', ['g:a']));
    await expect.poll(() => manager.asked).toHaveLength(1);
    // One that was made later, and on which nothing is said, has been ended: so has the other been there for longer than any limit.
    expect(await raw(port, '', null)).toBe('');
    release();
    expect((await answer).text).toContain('<boolean>1');
  });
});

describe('login', () => {
  const sha = '{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4'; // of `secret`
  test.each([
    ['secret', 'user:secret', 200],
    [sha, 'user:secret', 200],
    [sha, `user:${sha.slice(5)}`, 401],
    ['secret', 'user:wrong', 401],
    ['secret', 'other:secret', 401],
    ['secret', 'user', 401],
    ['a:b', 'user:a:b', 200],
    ['sécret', 'user:sécret', 200],
  ])('password %s, given %s: %i', async (password, given, status) => {
    const { port } = await world({}, password);
    expect((await send(port, '/ok.html', { headers: basic(given) })).status).toBe(status);
  });
  test('without one, everything is a 401 that says what is wanted, and ends the connection', async () => {
    const { port } = await world({}, 'secret');
    for (const path of ['/ok.html', '/nosuch', '/logtail/web']) {
      const answer = await send(port, path);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="default"');
      expect(answer.headers.connection).toBe('close');
    }
    expect((await post(port, buildCall('supervisor.shutdown', []))).status).toBe(401);
    expect((await send(port, '/ok.html', { headers: { Authorization: 'Digest x' } })).status).toBe(401);
  });
  test('a client that writes its body late still reads the answer', async () => {
    const { port } = await world({}, 'secret');
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.write('POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.write('12345');
    expect(await answer).toMatch(/^HTTP\/1.1 401 /);
  });
});

describe('keep-alive', () => {
  const get = (version: string, headers = '') => `GET /ok.html HTTP/${version}\r\nHost: \r\n${headers}\r\n`;
  test('HTTP/1.1 stays open, 1.0 closes, and each can be told otherwise', async () => {
    const { port } = await world();
    expect(await raw(port, get('1.1') + get('1.1', 'Connection: close\r\n'), null)).toMatch(/OKHTTP[^]*OK$/);
    expect(await raw(port, get('1.0'), null)).toMatch(/OK$/);
    expect(await raw(port, get('1.0', 'Connection: Keep-Alive\r\n') + get('1.0'), null)).toMatch(
      /OKHTTP[^]*OK$/,
    );
  });
});

describe('several calls sent at once on one connection', () => {
  test('are made and answered one after the other', async () => {
    const { port, manager } = await world();
    let release = () => undefined as void;
    manager.hold = new Promise((resolve) => (release = resolve));
    const call = (name: string) => {
      const body = buildCall(name, name.endsWith('Process') ? ['g:a'] : []);
      return `POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    };
    const both = raw(port, call('supervisor.startProcess') + call('supervisor.stopProcess'), null);
    await expect.poll(() => manager.asked).toHaveLength(1);
    await post(port, buildCall('supervisor.getPID', []));
    expect(manager.asked).toHaveLength(1);
    release();
    await expect.poll(() => manager.asked).toHaveLength(2);
    await expect.poll(() => manager.processes[1]?.state).toBe('STOPPED');
    sockets[0]?.end();
    expect((await both).match(/<boolean>1/g)).toHaveLength(2);
  });
  test('the first one’s answer is out, so its time-out does not end the second', async () => {
    const { port, manager } = await world({ limits: { answerTimeoutMs: 50 } });
    let release = () => undefined as void;
    manager.hold = new Promise((resolve) => (release = resolve));
    const call = (name: string, params: string[]) => {
      const body = buildCall(name, params);
      return `POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    };
    const calls = call('supervisor.getPID', []) + call('supervisor.startProcess', ['g:a']);
    const both = raw(port, calls, '<boolean>1');
    setTimeout(release, 300);
    expect(await both).toContain('<boolean>1');
  });
});

describe('log tails', () => {
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: \r\n\r\n`;
  test('give the last 1024 bytes in one chunk, then what comes', async () => {
    const { port, manager } = await world();
    const got = await raw(port, get('/logtail/web'), 'end\n\r\n');
    expect(got).toContain('Transfer-Encoding: chunked');
    expect(got).toContain('Content-Type: text/plain;charset=utf-8');
    expect(got).toContain('X-Accel-Buffering: no');
    expect(got).toMatch(/\r\n\r\n400\r\nx{1020}end\n\r\n$/);
    const more = new Promise<string>((resolve) =>
      sockets[0]?.once('data', (data) => resolve(data.toString())),
    );
    manager.feed('news\n');
    expect(await more).toBe('5\r\nnews\n\r\n');
  });
  test('take names with a group, encoded or not', async () => {
    const { port } = await world();
    expect(await raw(port, get('/logtail/g:a/stdout'), 'of a')).toContain('of a');
    expect(await raw(port, get('/logtail/g%3Aa'), 'of a')).toContain('of a');
    expect(await raw(port, get('/mainlogtail'), 'main log')).toContain('main log');
  });
  test('HTTP/1.0, which knows no chunks, gets the bytes as they are', async () => {
    const { port, manager } = await world();
    const got = await raw(port, 'GET /logtail/web HTTP/1.0\r\n\r\n', 'end\n');
    expect(got).toMatch(/\r\n\r\nx{1020}end\n$/);
    expect(got).not.toContain('Transfer-Encoding');
    const more = new Promise<string>((resolve) =>
      sockets[0]?.once('data', (data) => resolve(data.toString())),
    );
    manager.feed('news\n');
    expect(await more).toBe('news\n');
  });
  test.each([
    '/logtail',
    '/logtail/',
    '/logtail/nosuch',
    '/logtail/g:*',
    '/logtail/web/x',
    '/logtail/web/stdout/x',
  ])('%s is a 404', async (path) => {
    const { port } = await world();
    expect((await send(port, path)).status).toBe(404);
  });
  test('a log that is not there is a 404', async () => {
    const { port, manager } = await world();
    manager.mainLog = null;
    expect((await send(port, '/logtail/silent')).status).toBe(404);
    expect((await send(port, '/mainlogtail')).status).toBe(404);
  });
  test('are no longer fed when the client leaves', async () => {
    const { port, manager } = await world();
    await raw(port, get('/logtail/web'), 'end\n');
    expect(manager.followers).toBe(1);
    sockets[0]?.destroy();
    await expect.poll(() => manager.followers).toBe(0);
  });
  test('end when the server closes', async () => {
    const { port, server, manager } = await world();
    const whole = raw(port, get('/logtail/web'), null);
    await expect.poll(() => manager.followers).toBe(1);
    await server.close();
    expect(await whole).toMatch(/0\r\n\r\n$/);
    expect(manager.followers).toBe(0);
  });
});

describe('the client leaving', () => {
  test('cancels nothing', async () => {
    const { port, manager } = await world();
    let release = () => undefined as void;
    manager.hold = new Promise((resolve) => (release = resolve));
    const body = buildCall('supervisor.startProcess', ['g:a']);
    void raw(port, `POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`, null);
    await expect.poll(() => manager.asked).toHaveLength(1);
    sockets[0]?.destroy();
    release();
    await expect.poll(() => manager.processes[1]?.state).toBe('RUNNING');
    expect((await post(port, buildCall('supervisor.getPID', []))).status).toBe(200);
  });
});

describe('closing', () => {
  test('a held answer is still given when it comes soon', async () => {
    const { port, manager, server } = await world();
    let release = () => undefined as void;
    manager.hold = new Promise((resolve) => (release = resolve));
    const answer = post(port, buildCall('supervisor.startProcess', ['g:a']));
    await expect.poll(() => manager.asked).toHaveLength(1);
    const closed = server.close();
    setTimeout(release, 50);
    expect((await answer).headers.connection).toBe('close');
    await closed;
  });
  test('a held answer is given up after the grace', async () => {
    const { port, manager, server } = await world({ limits: { closeGraceMs: 50 } });
    manager.hold = new Promise(() => undefined);
    const answer = post(port, buildCall('supervisor.startProcess', ['g:a']));
    const failed = expect(answer).rejects.toThrow();
    await expect.poll(() => manager.asked).toHaveLength(1);
    await server.close();
    await failed;
  });
  test('idle connections do not hold it up, and twice is as good as once', async () => {
    const { port, server } = await world();
    await raw(port, 'GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n', 'OK');
    await server.close();
    await server.close();
  });
});

test('a port that is taken is told in supervisord’s words', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const spec = {
    kind: 'inet',
    section: 'inet_http_server',
    credentials: null,
    allowUnauthenticated: false,
  } as const;
  const options = serving(createFakeManager([]));
  await expect(openHttpServer({ ...spec, host: '127.0.0.1', port }, options)).rejects.toThrow(
    'Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord.',
  );
  await expect(openHttpServer({ ...spec, host: '192.0.2.1', port: 0 }, options)).rejects.toThrow(
    'Cannot open an HTTP server: socket.error reported errno.EADDRNOTAVAIL (99)',
  );
  await new Promise((resolve) => other.close(resolve));
});

test('a call leaves supervisord’s lines in the trace', async () => {
  const { port } = await world();
  await post(port, buildCall('supervisor.getVersion', []));
  await post(port, buildCall('supervisor.getProcessInfo', ['x']));
  const trace = log.filter((line) => line.startsWith('trace'));
  expect(trace[0]).toBe('trace XML-RPC method called: supervisor.getVersion()');
  expect(trace[1]).toBe('trace XML-RPC method supervisor.getVersion() returned successfully');
  expect(trace[2]).toMatch(
    /^trace 127\.0\.0\.1:\d+ - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "POST \/RPC2 HTTP\/1\.1" 200 129$/,
  );
  expect(trace[4]).toBe('trace XML-RPC method supervisor.getProcessInfo() returned fault: [10] BAD_NAME: x');
});
