/**
 * dockvisorctl and the real supervisorctl 4.2.5, one after another against the same server, must write the same bytes and
 * exit alike. Left out of the comparison: where in Python's source an unexpected error arose, and what `help VERB` adds of ours.
 */
import { accessSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHttpServer, type HttpServer } from '../../src/http/server.ts';
import {
  createFakeManager,
  fakeProcess,
  servingAsSupervisord,
  type FakeManager,
} from '../../test/support/fake-manager.ts';
import { runOurs, runReal, supervisorctl, type Ran } from '../../test/ctl/run-both.ts';

const isSkipped = (process.env['DOCKVISOR_TEST_SKIP'] ?? '').split(/[ ,]+/).includes('engine');

const house = () => [
  fakeProcess('web', { state: 'RUNNING', stdout: 'one\ntwo ☃\n', stderr: 'oops\n' }),
  fakeProcess('idle', { autostart: false, priority: 5 }),
  fakeProcess('failed', { state: 'FATAL', description: 'unknown error (try "tail failed")' }),
  fakeProcess('tired', {
    state: 'BACKOFF',
    description: 'Exited too quickly (process log may have details)',
  }),
  fakeProcess('ended', { state: 'EXITED', description: 'Nov 21 02:18 AM' }),
  fakeProcess('workers:w1', { state: 'RUNNING' }),
  fakeProcess('workers:w10', { state: 'STOPPED' }),
  fakeProcess('workers:w2', { state: 'STOPPING', description: '' }),
  fakeProcess('a-group-with-a-name:and-a-process-that-is-longer', { state: 'STARTING', description: '' }),
  fakeProcess('nofile', { startRefusal: { refused: 'NO_FILE', text: "can't find command 'x'" } }),
  fakeProcess('noexec', { startRefusal: { refused: 'NOT_EXECUTABLE', text: 'command is empty' } }),
  fakeProcess('nospawn', { startRefusal: { refused: 'SPAWN_ERROR', text: 'nospawn' } }),
  fakeProcess('abnormal', { startRefusal: { refused: 'ABNORMAL_TERMINATION', text: 'abnormal' } }),
  fakeProcess('stuck', { state: 'RUNNING', stopRefusal: { refused: 'FAILED', text: 'no such pid' } }),
  fakeProcess('silent', { stdout: null, stderr: null }),
  fakeProcess('broken', {
    stdout: 'unreadable',
    clearRefusal: { refused: 'FAILED', text: 'broken' },
  }),
];

interface Case {
  readonly argv: readonly string[];
  readonly arrange?: (manager: FakeManager) => void;
  /** False: without user and password, which the server asks for. */
  readonly login?: boolean;
  readonly stdin?: string;
}

const shuttingDown = (manager: FakeManager) => {
  manager.moodNow = 'SHUTDOWN';
};
const changed = (manager: FakeManager) => {
  manager.changes = { added: ['zoo', 'new'], changed: ['workers'], removed: ['idle', 'web'] };
  manager.available.add('zoo').add('new');
};
const badFile = (manager: FakeManager) => {
  manager.changes = { refused: 'CANT_REREAD', text: "bad section 'program:x' (file: '/etc/x.conf')" };
};

const stuckRemoved = (manager: FakeManager) => {
  manager.changes = { added: [], changed: [], removed: ['stuck'] };
};
const withoutLog = (manager: FakeManager) => {
  manager.mainLog = null;
};
const unreadableLog = (manager: FakeManager) => {
  manager.mainLog = 'unreadable';
};
const broken = (manager: FakeManager) => {
  manager.isBroken = true;
};

const words = (line: string): readonly string[] => line.split(' ').filter((word) => word !== '');

const cases: readonly Case[] = [
  ...[
    'status',
    'status all',
    'status web',
    'status tired',
    'status workers:*',
    'status workers:',
    'status nosuch web nogroup:* workers:w1',
    'status nosuch',
    'status workers',
    'pid',
    'pid web',
    'pid all',
    'pid idle',
    'pid nosuch web',
    'pid workers:*',
    'start idle',
    'start web',
    'start idle web nosuch workers:w10',
    'start workers:*',
    'start nogroup:*',
    'start all',
    'start nofile',
    'start noexec',
    'start nospawn',
    'start abnormal',
    'start nospawn web',
    'start web:web',
    'stop web',
    'stop idle',
    'stop all',
    'stop workers:*',
    'stop nogroup:*',
    'stop nosuch web',
    'stop stuck',
    'restart web',
    'restart idle',
    'restart workers:*',
    'restart nosuch',
    'restart nogroup:*',
    'restart all',
    'signal HUP web',
    'signal SIGUSR1 workers:*',
    'signal 0 web',
    'signal 99 web',
    'signal BOGUS web',
    'signal BOGUS workers:*',
    'signal HUP idle',
    'signal HUP nosuch',
    'signal HUP nogroup:*',
    'signal HUP all',
    'tail web',
    'tail -5 web',
    'tail -0 web',
    'tail --3 web',
    'tail web stderr',
    'tail web STDOUT',
    'tail -3 web stderr',
    'tail web bogus',
    "tail web it's",
    'tail web extra stderr',
    'tail -x web',
    'tail -1_0 web',
    'tail -5',
    'tail nosuch',
    'tail silent',
    'tail broken',
    'tail -f nosuch',
    'tail -f silent stderr',
    'maintail',
    'maintail -4',
    'maintail bogus',
    'maintail -bogus',
    'clear web',
    'clear web idle nosuch',
    'clear workers:*',
    'clear broken',
    'clear all',
    'avail',
    'reread',
    'update',
    'add web',
    'add nosuch',
    'add',
    'remove idle',
    'remove web',
    'remove nosuch',
    'remove ended failed',
    'shutdown',
    'reload',
    'version',
    'open http://127.0.0.1:1',
    'open ftp://x',
    'fg web extra',
    'fg nosuch',
    'fg idle',
    'help nosuch',
    'help',
    'bogus',
    'bogus with words',
    '-- -x',
    '!x',
    'status:web',
    'EOF',
    'quit',
    'exit',
  ].map((line): Case => ({ argv: words(line) })),
  ...['start', 'stop', 'restart', 'signal HUP', 'signal', 'clear', 'fg', 'tail', 'maintail a b'].map(
    (line): Case => ({ argv: words(line) }),
  ),
  ...['tail a b c d', 'avail x', 'reread x', 'reload x', 'shutdown x', 'version x'].map((line): Case => ({
    argv: words(line),
  })),
  // Not of update and shutdown: they have a line of ours.
  ...words('add clear exit fg help EOF open quit reload remove restart signal start stop').map(
    (verb): Case => ({ argv: ['help', verb] }),
  ),
  ...['?', '?stop', 'help start stop', 'open', 'open HTTP://x', 'tail -f'].map((line): Case => ({
    argv: words(line),
  })),
  // Not `fg web`: at the end of its input the real one hangs, waiting for its own thread.
  ...['reread', 'update', 'update web new', 'update nosuch zoo', 'update all', 'avail'].map((line): Case => ({
    argv: words(line),
    arrange: changed,
  })),
  ...['reread', 'update'].map((line): Case => ({ argv: words(line), arrange: badFile })),
  { argv: ['update'], arrange: stuckRemoved },
  ...words(
    'status pid start_web stop_web avail reread update add_x remove_x shutdown reload version maintail',
  ).map((line): Case => ({ argv: line.split('_'), arrange: shuttingDown })),
  { argv: ['maintail'], arrange: withoutLog },
  { argv: ['maintail'], arrange: unreadableLog },
  { argv: ['status'], arrange: broken },
  ...['status', 'pid', 'avail', 'shutdown', 'start web'].map((line): Case => ({
    argv: words(line),
    login: false,
  })),
];

const unreachable = [
  'status',
  'pid',
  'start web',
  'avail',
  'reread',
  'update',
  'add x',
  'remove x',
  'reload',
  'shutdown',
];
const wrongOptions: readonly (readonly string[])[] = [
  ['--bogus'],
  ['-x'],
  ['-s'],
  ['--serverurl'],
  ['--se=bogus', 'status'],
  ['-s', 'bogus', 'status'],
  ['-s', "it's", 'status'],
  ['-u', 'a', '-u', 'b', 'status'],
  ['-i', '-i', 'status'],
  ['--interactive=1', 'status'],
  ['-s', 'ftp://x', 'status'],
  ['-s', 'ftp://x', 'avail'],
];

describe.skipIf(isSkipped)('dockvisorctl is supervisorctl', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dockvisor-ctl-'));
  const configFile = join(folder, 'ctl.conf');
  beforeAll(() => {
    accessSync(supervisorctl); // fails, with the path, where Debian's supervisor is not installed
    writeFileSync(configFile, '[supervisorctl]\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const withServer = async (
    { arrange, login }: Case,
    path: string,
    run: (url: readonly string[]) => Promise<Ran>,
  ): Promise<{ readonly ran: Ran; readonly asked: readonly string[] }> => {
    const manager = createFakeManager(house());
    arrange?.(manager);
    const server: HttpServer = await openHttpServer(
      {
        kind: 'unix',
        section: 'unix_http_server',
        path,
        mode: 0o700,
        owner: null,
        credentials: { username: 'user', password: 'secret' },
      },
      servingAsSupervisord(manager),
    );
    const url = ['-s', `unix://${path}`, ...(login === false ? [] : ['-u', 'user', '-p', 'secret'])];
    try {
      return { ran: await run(url), asked: manager.asked };
    } finally {
      await server.close();
    }
  };

  test.concurrent.each(cases.map((given, number) => ({ given, number, title: titleOf(given) })))(
    'for $title',
    async ({ given, number }) => {
      // One path for both, as both print it.
      const path = join(folder, `${number}.sock`);
      const real = await withServer(given, path, (url) =>
        runReal([...url, ...given.argv], configFile, given.stdin),
      );
      const ours = await withServer(given, path, (url) =>
        runOurs([...url, ...given.argv], given.stdin === undefined ? {} : { stdin: given.stdin }),
      );
      expect(comparable(ours.ran)).toEqual(comparable(real.ran));
      expect(ours.asked).toEqual(real.asked);
    },
  );

  test('over TCP with a login', async () => {
    const server = await openHttpServer(
      {
        kind: 'inet',
        section: 'inet_http_server',
        host: '127.0.0.1',
        port: 0,
        // SHA-1 of `secret`
        credentials: { username: 'user', password: '{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4' },
        allowUnauthenticated: false,
      },
      servingAsSupervisord(createFakeManager(house())),
    );
    const url = ['-s', `http://127.0.0.1:${server.port}`];
    try {
      for (const login of [
        ['-u', 'user', '-p', 'secret'],
        ['-u', 'user', '-p', 'wrong'],
        ['-u', 'user'],
        [],
      ]) {
        const argv = [...url, ...login, 'status'];
        expect(comparable(await runOurs(argv))).toEqual(comparable(await runReal(argv, configFile)));
      }
    } finally {
      await server.close();
    }
  });

  test.concurrent.each(unreachable)('when the socket is not there: %s', async (line) => {
    const argv = ['-s', `unix://${folder}/nothing.sock`, ...words(line)];
    expect(comparable(await runOurs(argv))).toEqual(comparable(await runReal(argv, configFile)));
  });

  test.concurrent.each(unreachable)('when nobody listens: %s', async (line) => {
    const argv = ['-s', 'http://127.0.0.1:1', ...words(line)];
    expect(comparable(await runOurs(argv))).toEqual(comparable(await runReal(argv, configFile)));
  });

  test.concurrent.each(wrongOptions.map((argv) => ({ argv })))(
    'for wrong options $argv',
    async ({ argv }) => {
      expect(comparable(await runOurs(argv))).toEqual(comparable(await runReal(argv, configFile)));
    },
  );

  test.each(words('avail maintail pid reread status tail update version'))(
    'help %s begins as theirs, and ends with what is ours',
    async (verb) => {
      const real = await runReal(['help', verb], configFile);
      const ours = await runOurs(['help', verb]);
      expect(ours.stdout.startsWith(real.stdout)).toBe(true);
      expect(ours.stdout.slice(real.stdout.length)).toContain('--json');
    },
  );

  test('in the shell, of which a script is the input', async () => {
    const stdin =
      'stop web\n\nbogus\n!x\n?stop\npid\nopen x\nshutdown\nn\nreload\nyes\nstatus\nfg idle\nshutdown\n';
    const given: Case = { argv: [], stdin };
    const path = join(folder, 'shell.sock');
    const real = await withServer(given, path, (url) => runReal(url, configFile, stdin));
    const ours = await withServer(given, path, (url) => runOurs(url, { stdin }));
    expect(comparable(ours.ran)).toEqual(comparable(real.ran));
    expect(ours.asked).toEqual(real.asked);
  });
});

function titleOf({ argv, arrange, login }: Case): string {
  const how = [
    arrange === undefined ? [] : arrange.name || 'arranged',
    login === false ? 'no login' : [],
  ].flat();
  return [argv.join(' '), ...how].join(', ');
}

function comparable(ran: Ran): Ran {
  return { ...ran, stdout: ran.stdout.replaceAll(/: file: \S+ line: \d+$/gm, '') };
}
