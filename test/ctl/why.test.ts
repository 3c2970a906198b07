/** The verb `why` over a manager in memory, and over one that is a supervisord. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHttpServer, type HttpServer } from '../../src/http/server.ts';
import {
  createFakeManager,
  fakeContainer,
  fakeProcess,
  serving,
  servingAsSupervisord,
  type FakeManager,
} from '../support/fake-manager.ts';
import { runOurs } from './run-both.ts';

let folder: string;
let manager: FakeManager;
let server: HttpServer | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dockvisor-why-'));
  manager = createFakeManager([
    fakeProcess('web', { state: 'RUNNING', container: fakeContainer }),
    fakeProcess('g:a', { autostart: false }),
    fakeProcess('g:b', { state: 'FATAL', description: 'no such file' }),
  ]);
  const time = new Date((1_800_000_012 - 5) * 1000).toISOString();
  const web = { time, group: 'web', process: 'web' };
  const changed = { cause: '', tries: 0, pid: 0, expected: true, exit: null, container: null, started: null };
  manager.past = [
    { seq: 1, ...web, kind: 'order', order: 'start', why: 'an order' },
    { seq: 2, ...web, kind: 'state', from: 'STOPPED', to: 'STARTING', ...changed },
    { seq: 3, ...web, kind: 'spawned', pid: 4321, adopted: false },
    { seq: 4, ...web, kind: 'state', from: 'STARTING', to: 'RUNNING', ...changed, pid: 4321 },
  ];
});
afterEach(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

const path = (): string => join(folder, 's.sock');
async function serve(as: typeof serving | typeof servingAsSupervisord): Promise<void> {
  server = await openHttpServer(
    { kind: 'unix', section: 'unix_http_server', path: path(), mode: 0o700, owner: null, credentials: null },
    as(manager),
  );
}
const ours = (...argv: string[]) => runOurs(['-s', `unix://${path()}`, ...argv]);

test('one paragraph on one line', async () => {
  await serve(serving);
  const { stdout, stderr, code } = await ours('why', 'web');
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toMatch(
    /^web is RUNNING since .* \(12 seconds ago\): it was started at .* \(5 seconds ago\) by an order\. When it ends, .* Commands: dockvisorctl -s unix:\S+ stop web \(to stop it\), .*\.\n$/,
  );
});

test('several, groups, and one that is not there: the others are told', async () => {
  await serve(serving);
  const { stdout, code } = await ours('why', 'g:*', 'nosuch', 'web');
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^nosuch: ERROR \(no such process\)\ng:a is STOPPED: .*autostart=false.*\n\ng:b is FATAL: .*\n\nweb is RUNNING .*\n$/,
  );
});

test('--json: what is said in parts, the rules and the history', async () => {
  await serve(serving);
  const { stdout, stderr, code } = await ours('why', '--json', 'web', 'nosuch');
  expect({ stderr, code }).toEqual({ stderr: 'nosuch: ERROR (no such process)\n', code: 1 });
  const answers = JSON.parse(stdout) as readonly object[];
  expect(answers).toHaveLength(1);
  expect(answers[0]).toMatchObject({
    name: 'web',
    state: 'RUNNING',
    since: '2027-01-15T08:00:00.000Z',
    cause: expect.stringContaining('by an order') as unknown,
    evidence: [],
    next: expect.stringMatching(/^When it ends/) as unknown,
    commands: [
      { command: `dockvisorctl -s unix://${path()} stop web`, to: 'stop it' },
      { command: `dockvisorctl -s unix://${path()} restart web`, to: 'restart it' },
    ],
    rules: { autorestart: 'unexpected', startsecs: 1, exitcodes: [0] },
    entries: manager.past,
  });
});

test('a supervisord keeps no history: what it says is told, and that', async () => {
  await serve(servingAsSupervisord);
  const { stdout, code } = await ours('why', 'web');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^web is RUNNING since .*\. It is a supervisord, which keeps no history\. /);
  expect(stdout).not.toContain('autorestart=');
  const [answer] = JSON.parse((await ours('why', 'web', '--json')).stdout) as readonly object[];
  expect(answer).toMatchObject({ entries: null, rules: { autorestart: null, startretries: 3 } });
});

test('without a name: how it is used', async () => {
  await serve(serving);
  const { stdout, code } = await ours('why');
  expect(code).toBe(2);
  expect(stdout).toMatch(/^Error: why requires a process name\nwhy <name> \[\.\.\.\]\t/);
  expect((await ours('help', 'why')).stdout).toContain('why [...] --json');
});

test('no daemon: as every verb says it', async () => {
  server = null;
  expect(await ours('why', 'web')).toMatchObject({ code: 7, stdout: `unix://${path()} no such file\n` });
});
