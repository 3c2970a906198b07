/** Python's own xmlrpc.client, and supervisor's transport for unix sockets, against our server. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { openHttpServer } from '../../src/http/server.ts';
import { createFakeManager, fakeContainer, fakeProcess, serving } from '../support/fake-manager.ts';

const isSkipped = (process.env['DOCKVISOR_TEST_SKIP'] ?? '').split(/[ ,]+/).includes('engine');

const script = `
import json, sys, xmlrpc.client
from supervisor.xmlrpc import SupervisorTransport
def show(function, *args):
    try: return function(*args)
    except xmlrpc.client.Fault as e: return [e.faultCode, e.faultString]
http = xmlrpc.client.ServerProxy(sys.argv[1])
unix = xmlrpc.client.ServerProxy('http://127.0.0.1', transport=SupervisorTransport('user', 'secret', sys.argv[2]))
for s in (http, unix):
    print(json.dumps([
        s.supervisor.getState(),
        s.supervisor.getProcessInfo('web')['container'],
        'container' in s.supervisor.getProcessInfo('idle'),
        s.supervisor.readProcessStdoutLog('web', 0, 0),
        s.supervisor.tailProcessStdoutLog('web', 0, 100),
        s.supervisor.sendProcessStdin('web', 'h\\u2603<&>'),
        show(s.supervisor.nosuch),
        show(s.supervisor.startProcess, 'nosuch'),
        s.supervisor.stopAllProcesses(False) + s.supervisor.startProcessGroup('web', True),
        s.system.multicall([{'methodName': 'supervisor.getPID', 'params': []}]),
        len(s.supervisor.getAllConfigInfo()),
    ]))
`;

test.skipIf(isSkipped)('Python reads what we write, over TCP and a unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dockvisor-python-'));
  const manager = createFakeManager([
    fakeProcess('web', { state: 'RUNNING', stdout: 'a\x1b[1m ]]> <b>\n', container: fakeContainer }),
    fakeProcess('idle'),
  ]);
  const options = serving(manager);
  const credentials = { username: 'user', password: 'secret' };
  const inet = await openHttpServer(
    {
      kind: 'inet',
      section: 'inet_http_server',
      host: 'localhost',
      port: 0,
      credentials,
      allowUnauthenticated: false,
    },
    options,
  );
  const path = join(folder, 's.sock');
  const unix = await openHttpServer(
    { kind: 'unix', section: 'unix_http_server', path, mode: 0o700, owner: null, credentials },
    options,
  );
  try {
    const { code, stdout, stderr } = await python([
      `http://user:secret@127.0.0.1:${inet.port}`,
      `unix://${path}`,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(lines[1]);
    const web = { name: 'web', group: 'web', status: 80, description: 'OK' };
    const { exit_code: _code, finished_at: _at, ...present } = fakeContainer;
    expect(JSON.parse(lines[0] ?? '')).toEqual([
      { statecode: 1, statename: 'RUNNING' },
      present,
      false,
      'a\ufffd[1m ]]> <b>\n',
      ['a\ufffd[1m ]]> <b>\n', 14, false],
      true,
      [1, 'UNKNOWN_METHOD'],
      [10, 'BAD_NAME: nosuch'],
      [web, web],
      [1234],
      2,
    ]);
    expect(manager.processes[0]?.stdin).toBe('h☃<&>h☃<&>');
  } finally {
    await inet.close();
    await unix.close();
    rmSync(folder, { recursive: true });
  }
});

function python(argv: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('/usr/bin/python3', ['-c', script, ...argv], { cwd: '/', env: { LANG: 'C.UTF-8' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
