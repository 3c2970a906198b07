import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { completer } from '../../src/ctl/complete.ts';
import { createOutput } from '../../src/ctl/output.ts';
import { runCtl } from '../../src/ctl/run.ts';
import { createSession } from '../../src/ctl/session.ts';
import type { GroupPlan } from '../../src/core/config/update-plan.ts';
import { openHttpServer, type HttpServer } from '../../src/http/server.ts';
import {
  createFakeManager,
  fakeContainer,
  fakeProcess,
  serving,
  type FakeManager,
} from '../support/fake-manager.ts';
import { plainConfig, runOurs } from './run-both.ts';

let folder: string;
let url: string;
let manager: FakeManager;
let server: HttpServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dockvisor-ctl-'));
  const path = join(folder, 's.sock');
  url = `unix://${path}`;
  manager = createFakeManager([
    fakeProcess('web', {
      state: 'RUNNING',
      stdout: 'hello\n',
      container: fakeContainer,
      proxy: { kind: 'cli', pid: null },
    }),
    fakeProcess('g:a'),
  ]);
  server = await openHttpServer(
    { kind: 'unix', section: 'unix_http_server', path, mode: 0o700, owner: null, credentials: null },
    serving(manager),
  );
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const ours = (...argv: string[]) => runOurs(['-s', url, ...argv]);
/** One that runs on: what it is told to do next must find it there. That the server has begun to answer does not say that it has read. */
function watched(...argv: string[]) {
  let stdout = '';
  const running = runOurs(['-s', url, ...argv], { seen: (text) => (stdout = text) });
  const untilSeen = async (...texts: string[]): Promise<void> => {
    for (const text of texts) await expect.poll(() => stdout).toContain(text);
  };
  return { running, untilSeen };
}

describe('--json', () => {
  test('status prints every field, and exits as without it', async () => {
    const { stdout, code } = await ours('status', '--json');
    expect(code).toBe(3);
    const rows = JSON.parse(stdout) as object[];
    expect(rows[0]).toMatchObject({ name: 'a', group: 'g', state: 0, container: null, proxy: null });
    expect(rows[1]).toMatchObject({
      name: 'web',
      container: fakeContainer,
      proxy: { kind: 'cli', pid: null },
    });
    expect(Object.keys((rows[1] as { container: object }).container)).toEqual(Object.keys(fakeContainer));
    expect((await ours('--json', 'status', 'web')).code).toBe(0);
  });
  test('what goes wrong is told on stderr, so that stdout stays JSON', async () => {
    expect(await ours('status', '--json', 'nosuch')).toEqual({
      stdout: '[]\n',
      stderr: 'nosuch: ERROR (no such process)\n',
      code: 4,
    });
    expect(await runOurs(['-s', `${url}x`, '--json', 'status'])).toEqual({
      stdout: '',
      stderr: `${url}x no such file\n`,
      code: 4,
    });
  });
  test.each<[string[], unknown]>([
    [['pid'], { pid: 1234 }],
    [['pid', 'web'], [{ name: 'web', group: 'web', pid: 4321 }]],
    [['version'], { version: '4.2.5' }],
    [['reread'], { added: [], changed: [], removed: [] }],
    [['tail', '-3', 'web'], { name: 'web', group: 'web', channel: 'stdout', log: 'lo\n' }],
    [['maintail', '-4'], { log: expect.any(String) as string }],
    [['avail'], [expect.objectContaining({ name: 'a' }), expect.objectContaining({ name: 'web' })]],
  ])('%j', async (argv, value) => {
    expect(JSON.parse((await ours('--json', ...argv)).stdout)).toEqual(value);
  });
  test('a verb that does not read takes no notice of it', async () => {
    expect(await ours('--json', 'start', 'g:a')).toMatchObject({ stdout: 'g:a: started\n', stderr: '' });
  });
});

describe('update of a dockvisord', () => {
  const plan = (): GroupPlan[] => [
    { group: 'old', act: 'remove', reasons: [], processes: [{ process: 'old', act: 'remove', reasons: [] }] },
    {
      group: 'g',
      act: 'change',
      reasons: [{ process: null, key: 'programs', reason: 'was a, is a, b' }],
      processes: [
        {
          process: 'a',
          act: 'restart',
          reasons: [{ process: 'a', key: 'command', reason: 'was "x", is "y"' }],
        },
        { process: 'b', act: 'add', reasons: [] },
      ],
    },
    {
      group: 'web',
      act: 'change',
      reasons: [],
      processes: [
        {
          process: 'web',
          act: 'change',
          reasons: [{ process: 'web', key: 'startsecs', reason: 'was 1, is 5' }],
        },
      ],
    },
    { group: 'new', act: 'add', reasons: [], processes: [{ process: 'new', act: 'add', reasons: [] }] },
  ];
  const updates = (): readonly string[] => manager.asked.filter((each) => each.startsWith('updateGroup'));
  beforeEach(() => {
    manager.plans = plan();
  });

  test('says what supervisorctl says; what was not stopped is not said to be', async () => {
    expect(await ours('update')).toEqual({
      stdout:
        'old: stopped\nold: removed process group\ng: stopped\ng: updated process group\nweb: updated process group\nnew: added process group\n',
      stderr: '',
      code: 0,
    });
    expect(updates()).toEqual(['updateGroup old', 'updateGroup g', 'updateGroup web', 'updateGroup new']);
  });
  test('of some groups only', async () => {
    expect((await ours('update', 'new', 'nosuch')).stdout).toBe(
      'ERROR: no such group: nosuch\nnew: added process group\n',
    );
    expect(updates()).toEqual(['updateGroup new']);
  });
  test('--plan says why, and does nothing', async () => {
    expect((await ours('update', '--plan')).stdout).toBe(`old: would be stopped and removed
g: would be changed
  programs: was a, is a, b
  a: restarted
    command: was "x", is "y"
  b: added
web: would be changed
  web: changed without a restart
    startsecs: was 1, is 5
new: would be added
`);
    expect((await ours('update', '--plan', 'new')).stdout).toBe('new: would be added\n');
    expect(updates()).toEqual([]);
  });
  test('--plan as JSON', async () => {
    const { stdout } = await ours('--json', 'update', '--plan', 'web');
    expect(JSON.parse(stdout)).toEqual([
      {
        group: 'web',
        action: 'change',
        reasons: [],
        processes: [
          { name: 'web', action: 'change', reasons: [{ key: 'startsecs', reason: 'was 1, is 5' }] },
        ],
      },
    ]);
  });
  test('a bad file is told, with code 1', async () => {
    manager.plans = { refused: 'CANT_REREAD', text: 'no command' };
    const { stdout, code } = await ours('update');
    expect(stdout).toContain('CANT_REREAD: no command');
    expect(code).toBe(1);
  });
});

describe('retry', () => {
  test('asks for a start that waits for nothing, and says that it is tried', async () => {
    expect(await ours('retry', 'g:a', 'nosuch', 'web')).toEqual({
      stdout: 'g:a: tried again\nnosuch: ERROR (no such process)\nweb: ERROR (already started)\n',
      stderr: '',
      code: 1,
    });
    expect(manager.asked.filter((each) => each.startsWith('retry'))).toEqual(['retry g:a', 'retry web:web']);
  });
  test('of a group, and of all: what waits for a try or was given up', async () => {
    manager.processes.push(fakeProcess('g:b', { state: 'FATAL' }), fakeProcess('h:c', { state: 'FATAL' }));
    expect(await ours('retry', 'g:*', 'x:*')).toEqual({
      stdout: 'g:b: tried again\nx: ERROR (no such group)\n',
      stderr: '',
      code: 2,
    });
    expect((await ours('retry', 'all')).stdout).toBe('h:c: tried again\n');
    expect((await ours('retry', 'all')).stdout).toBe('');
  });
  test('what is refused is told in its own words', async () => {
    const text = 'it is EXITED and waits for no next try: it is started by start';
    manager.processes.push(fakeProcess('over', { startRefusal: { refused: 'FAILED', text } }));
    expect(await ours('retry', 'over')).toMatchObject({ stdout: `over: ERROR (${text})\n`, code: 1 });
  });
  test('wants a name', async () => {
    expect(await ours('retry')).toMatchObject({ code: 2 });
  });
  test('help retry', async () => {
    expect((await ours('help', 'retry')).stdout).toContain('retry <name> [...]');
  });
});

describe('the command line', () => {
  test('--help ends with an example, --version with the version', async () => {
    expect((await ours('--help')).stdout).toContain('Example: ');
    expect(await ours('--version')).toEqual({ stdout: '1.2.3\n', stderr: '', code: 0 });
  });
  test('the configuration’s server is used, and its first error told', async () => {
    expect((await runOurs(['pid'], { config: { ...plainConfig, serverUrl: url } })).stdout).toBe('1234\n');
    const stderr = new PassThrough();
    const code = await runCtl({
      argv: ['-c', '/nosuch', 'pid'],
      argv0: 'dockvisorctl',
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr,
      env: {},
      version: '1',
      loadConfig: (file) => ({
        config: null,
        problems: [
          {
            severity: 'error',
            message: `could not find config file ${file}`,
            place: null,
            section: null,
            key: null,
            hint: null,
          },
        ],
      }),
    });
    expect(code).toBe(2);
    expect(String(stderr.read())).toBe(
      'Error: could not find config file /nosuch\nFor help, use dockvisorctl -h\n',
    );
  });
  test('a start that failed says why, where supervisorctl shows a Python error', async () => {
    manager.processes.push(
      fakeProcess('lost', { startRefusal: { refused: 'FAILED', text: 'the Engine cannot be reached' } }),
    );
    expect(await ours('start', 'lost', 'g:a')).toMatchObject({
      stdout: 'lost: ERROR (the Engine cannot be reached)\ng:a: started\n',
      code: 1,
    });
  });
});

test('a start that nobody knows the end of says so; a supervisord says no more than the name', async () => {
  const text = 'lost is still UNKNOWN (no Engine); the start goes on';
  manager.processes.push(
    fakeProcess('lost', { startRefusal: { refused: 'ABNORMAL_TERMINATION', text } }),
    fakeProcess('g:short', { startRefusal: { refused: 'ABNORMAL_TERMINATION', text: 'g:short' } }),
  );
  expect(await ours('start', 'lost', 'g:*')).toMatchObject({
    stdout: `lost: ERROR (${text})\ng:a: started\ng:short: ERROR (abnormal termination)\n`,
    code: 7,
  });
});

describe('options after the verb', () => {
  const elsewhere = { config: { ...plainConfig, serverUrl: 'unix:///nosuch/other.sock' } };
  test.each<[string[]]>([
    [['status', '-s', 'URL', 'web']],
    [['status', 'web', '--serverurl=URL']],
    [['status', '--se', 'URL', '--json', 'web']],
    [['status web -s URL']],
  ])('%j asks the manager that is meant', async (argv) => {
    const { stdout, code } = await runOurs(
      argv.map((word) => word.replace('URL', url)),
      elsewhere,
    );
    expect(stdout).toContain('web');
    expect(code).toBe(0);
  });
  test('-c names the file, and is no name', async () => {
    const read: (string | null)[] = [];
    const run = (...argv: string[]) =>
      runOurs(argv, { load: (file) => (read.push(file), { ...plainConfig, serverUrl: url }) });
    expect(await run('stop', '-c', 'a b.conf', 'web')).toEqual({
      stdout: 'web: stopped\n',
      stderr: '',
      code: 0,
    });
    expect((await run('why', 'web', '-cx.conf')).stdout).toMatch(/^web is STOPPED/);
    expect(read).toEqual(['a b.conf', 'x.conf']);
    expect((await run('-c', 'a', 'stop', '-c', 'b', 'web')).stderr).toContain('conflicting');
  });
  test.each<[string[], string]>([
    [['stop', '-C', 'x.conf', 'web'], 'option -C not recognized'],
    [['stop', '--config-file', 'x.conf', 'web'], 'option --config-file not recognized'],
    [['stop', 'web', '-c'], 'option -c requires argument'],
    [['why', '-s', 'web'], "invalid value for -s 'web': value 'web' is not a URL"],
    [['tail', '--follow', 'web'], 'option --follow not recognized'],
  ])('%j is refused before anything is done', async (argv, message) => {
    expect(await ours(...argv)).toEqual({
      stdout: '',
      stderr: `Error: ${message}\nFor help, use /usr/bin/supervisorctl -h\n`,
      code: 2,
    });
    expect(manager.asked).toEqual([]);
  });
  test('after -- there are names; what the verb has itself is its own', async () => {
    expect((await ours('stop', '--', '-c', 'web')).stdout).toBe(
      '-c: ERROR (no such process)\nweb: stopped\n',
    );
    expect((await ours('signal', '-HUP', 'web')).stdout).toBe('web: ERROR (bad signal name)\n');
    expect((await ours('tail', '-3', 'g:a')).code).toBe(0);
    expect((await ours('tail', '-x', 'web')).stdout).toBe('Error: bad argument -x\n');
  });
  test.each([['-h'], ['--help'], ['-?']])('%s is help of the verb, without a daemon', async (option) => {
    const { stdout, code } = await runOurs(['retry', option, 'web'], elsewhere);
    expect(stdout).toMatch(/^retry <name>/);
    expect(code).toBe(0);
    expect((await runOurs(['status', option], elsewhere)).stdout).toContain('--watch');
    expect((await runOurs([option, 'status'], elsewhere)).stdout).toContain('Usage: ');
  });
  test('at the prompt they cannot be said', async () => {
    const { stdout } = await runOurs(['-s', url], { stdin: 'stop -c x web\nstop -x web\nwhy --help\n' });
    expect(stdout).toContain('Error: option -c is not for a line at the prompt\n');
    expect(stdout).toContain('Error: option -x not recognized\n');
    expect(stdout).toContain('why <name> [...]\tWhy');
    expect(manager.asked).toEqual([]);
  });
});

describe('following a log', () => {
  test('copies what comes until the server ends', async () => {
    const { running, untilSeen } = watched('tail', '-f', 'web');
    await untilSeen('hello');
    expect(manager.followers).toBe(1);
    manager.feed('more ☃\n');
    await untilSeen('more ☃');
    await server.close();
    expect(await running).toEqual({
      stdout: '==> Press Ctrl-C to exit <==\nhello\nmore ☃\n',
      stderr: '',
      code: 0,
    });
  });
  test('of several: each line after its name, and what is not there is told', async () => {
    const { running, untilSeen } = watched('tail', '-f', 'web', 'g:*', 'nosuch');
    await expect.poll(() => manager.followers).toBe(2);
    manager.feed('more ☃\nhalf');
    await untilSeen('web | hello', 'web | more ☃', 'g:a | more ☃');
    expect(manager.followers).toBe(2);
    process.emit('SIGINT');
    const { stdout, stderr, code } = await running;
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('==> Press Ctrl-C to exit <==');
    expect(lines).toContain('web | hello');
    expect({ stderr, code }).toEqual({ stderr: 'nosuch: ERROR (no such process)\n', code: 1 });
  });
  test('of many more than there are connections for calls', async () => {
    for (let number = 0; number < 20; number += 1)
      manager.processes.push(
        fakeProcess(`many:m${number}`, { state: 'RUNNING', stdout: `I am ${number}\n` }),
      );
    const { running, untilSeen } = watched('tail', '-f', 'all', 'stdout', '--json');
    await expect.poll(() => manager.followers).toBe(22);
    await untilSeen('"I am 7"');
    await server.close();
    const { stdout, stderr, code } = await running;
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toContainEqual({ name: 'm7', group: 'many', channel: 'stdout', line: 'I am 7' });
    expect(stderr).toContain('ended the tail: the daemon has stopped or restarted');
    expect(code).toBe(7);
  });
  test('ends with a new line on Ctrl-C', async () => {
    const { running, untilSeen } = watched('maintail', '-f');
    await untilSeen(manager.mainLog ?? '');
    expect(manager.followers).toBe(1);
    process.emit('SIGINT');
    expect(await running).toMatchObject({
      stdout: expect.stringMatching(/<==\n[^]*\n\n$/) as string,
      code: 0,
    });
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
  test('ends without a word when nobody reads any more', async () => {
    const stdout = new Writable({
      write: (chunk: Buffer, _encoding, done) =>
        done(
          chunk.toString().includes('hello')
            ? Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
            : null,
        ),
    });
    const stderr = new PassThrough();
    const code = await runCtl({
      argv: ['-s', url, 'tail', '-f', 'web'],
      argv0: 'dockvisorctl',
      stdin: new PassThrough(),
      stdout,
      stderr,
      env: {},
      version: '1',
      loadConfig: () => ({ config: plainConfig, problems: [] }),
    });
    expect(code).toBe(0);
    expect(stderr.read()).toBeNull();
    await expect.poll(() => manager.followers).toBe(0);
  });
});

describe('status --watch', () => {
  test('prints what changes, and what is no more', async () => {
    let looks = 0;
    const { views } = manager;
    const counted: FakeManager['views'] = () => {
      looks += 1;
      return views();
    };
    Object.assign(manager, { views: counted });
    const looked = () => looks;
    const running = ours('status', '--watch=0.1');
    await expect.poll(looked).toBeGreaterThan(1);
    const [, second] = manager.processes;
    if (second !== undefined) second.state = 'RUNNING';
    manager.processes.shift();
    const sofar = looked();
    await expect.poll(looked).toBeGreaterThan(sofar + 1);
    process.emit('SIGINT');
    const { stdout, code } = await running;
    expect(stdout.split('\n').map((line) => line.replace(/\s+/g, ' '))).toEqual([
      'g:a STOPPED Not started',
      'web RUNNING pid 4321, uptime 0:00:12',
      'g:a RUNNING Not started',
      'web: removed',
      '',
    ]);
    expect(code).toBe(0);
  });
  test('refuses what is no number, and ends when nothing is to be seen', async () => {
    expect(await ours('status', '--watch=0')).toMatchObject({
      stdout: 'Error: bad argument --watch=0\n',
      code: 1,
    });
    expect(await ours('status', '--watch', '3', 'nosuch')).toMatchObject({ code: 4 });
  });
});

describe('fg', () => {
  test('passes lines on to the process, and leaves at the end of the input', async () => {
    const { stdout, code } = await runOurs(['-s', url, 'fg', 'web'], { stdin: 'one\ntwo\n' });
    expect(manager.processes[0]?.stdin).toBe('one\ntwo\n');
    expect(stdout).toMatch(/^==> Press Ctrl-C to exit <==\n[^]*Exiting foreground\n$/);
    expect(code).toBe(0);
    await expect.poll(() => manager.followers).toBe(0);
  });
});

describe('completion', () => {
  const complete = (line: string) => {
    const output = createOutput(new PassThrough(), new PassThrough());
    const options = {
      ...plainConfig,
      serverUrl: url,
      place: [],
      action: [],
      isInteractive: true,
      json: false,
      hasColour: false,
    };
    const session = createSession(options, output, {
      isTerminal: false,
      open: () => Promise.reject(new Error('nobody is asked')),
    });
    return completer(session)(line).finally(session.hangUp);
  };
  test.each<[string, string[]]>([
    ['sta', ['start ', 'status ']],
    ['help ver', ['version ']],
    ['start ', ['g:a ', 'g:* ', 'web ']],
    ['start g:', ['g:a ', 'g:* ']],
    ['update w', ['web ']],
    ['reread ', []],
  ])('of %j', async (line, found) => {
    expect((await complete(line))[0]).toEqual(found);
  });
});
