import { createServer } from 'node:net';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServerSpec } from '../../src/core/config/model.ts';
import { ListenError, openHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createFakeManager, serving } from '../support/fake-manager.ts';

let folder: string;
let path: string;
let log: string[];
const open: HttpServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dockvisor-http-'));
  path = join(folder, 's.sock');
  log = [];
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
  rmSync(folder, { recursive: true });
});

async function listen(unusual: Partial<Extract<ServerSpec, { kind: 'unix' }>> = {}): Promise<HttpServer> {
  const server = await openHttpServer(
    {
      kind: 'unix',
      section: 'unix_http_server',
      path,
      mode: 0o700,
      owner: null,
      credentials: null,
      ...unusual,
    },
    serving(createFakeManager([]), (level, message) => log.push(`${level} ${message}`)),
  );
  open.push(server);
  return server;
}

test('the socket has its mode, and nothing else is left beside it', async () => {
  await listen({ mode: 0o640 });
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(['s.sock']);
  expect(log).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)('the socket has its owner', async () => {
  await listen({ owner: { uid: 65534, gid: null } });
  expect(statSync(path).uid).toBe(65534);
});

test('it goes when the server closes', async () => {
  await (await listen()).close();
  expect(readdirSync(folder)).toEqual([]);
});

test('a socket that is no longer ours stays when the server closes', async () => {
  const first = await listen();
  rmSync(path);
  await listen();
  await first.close();
  expect(existsSync(path)).toBe(true);
});

test('a socket whose owner is dead is cleared away, and that is said', async () => {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(existsSync(path)).toBe(true);
  await listen();
  expect(log).toContain(`warn Unlinking stale socket ${path}`);
});

test('a socket that somebody listens on is not touched, even if he does not answer', async () => {
  const silent = createServer().listen(path);
  await expect(listen()).rejects.toThrow(
    new ListenError(
      'Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord.',
    ),
  );
  expect(readdirSync(folder)).toEqual(['s.sock']);
  await new Promise((resolve) => silent.close(resolve));
});

test('a file that is no socket is not deleted', async () => {
  writeFileSync(path, 'precious');
  await expect(listen()).rejects.toThrow('exists and is not a socket');
  expect(statSync(path).size).toBe(8);
});

test('a second server on the same path is refused, and the first goes on', async () => {
  await listen();
  await expect(listen()).rejects.toThrow(ListenError);
  expect(readdirSync(folder)).toEqual(['s.sock']);
});

test('a folder that is not there is told in supervisord’s words', async () => {
  path = join(folder, 'no', 's.sock');
  await expect(listen()).rejects.toThrow(/^Cannot open an HTTP server: socket.error reported errno\.E/);
});
