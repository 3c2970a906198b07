/**
 * supervisorctl and dockvisorctl each on a terminal of its own, typed at alike, against the same supervisord: what the screen shows is
 * the same. Left out: where in Python's source an error arose, times, and how a line end is spelt (readline writes CR itself).
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager, type Manager } from '../support/manager.ts';
import { until } from '../support/until.ts';

const driver = join(import.meta.dirname, 'on-a-terminal.py');
const prompt = 'supervisor> ';
const really = 'y/N? ';
const programs = `
[program:cat]
command=/bin/cat
stdout_logfile=%DIR%/cat.out
stderr_logfile=%DIR%/cat.err
[program:idle]
command=/bin/cat
autostart=false
[program:g]
command=/bin/cat
process_name=p%(process_num)s
numprocs=2
`;

interface Step {
  readonly wait: string;
  readonly send: string;
}
const type = (wait: string, send: string): Step => ({ wait, send });

interface Scene {
  readonly title: string;
  readonly argv?: readonly string[];
  readonly steps: readonly Step[];
  /** On a server that asks for a login. */
  readonly locked?: boolean;
}

const controlC = '\x03';
const controlD = '\x04';
const scenes: readonly Scene[] = [
  { title: 'Ctrl-D leaves', steps: [type(prompt, controlD)] },
  { title: 'Ctrl-C leaves', steps: [type(prompt, controlC)] },
  { title: 'exit', steps: [type(prompt, 'exit\n')] },
  { title: 'quit', steps: [type(prompt, 'quit\n')] },
  {
    title: 'verbs, an empty line, ? and !',
    steps: [
      'help\n',
      '\n',
      '?\n',
      '!x\n',
      '?stop\n',
      'bogus\n',
      'pid\n',
      'pid nosuch\n',
      'version\n',
      controlD,
    ].map((line) => type(prompt, line)),
  },
  {
    title: 'no to shutdown and reload',
    steps: [
      type(prompt, 'shutdown\n'),
      type(really, 'n\n'),
      type(prompt, 'reload\n'),
      type(really, '\n'),
      type(prompt, controlD),
    ],
  },
  {
    title: 'Ctrl-D to a question is an error, and the shell goes on',
    steps: [type(prompt, 'shutdown\n'), type(really, controlD), type(prompt, controlD)],
  },
  { title: 'Ctrl-D to a question of -i', argv: ['-i', 'shutdown'], steps: [type(really, controlD)] },
  {
    title: 'fg, refused',
    steps: ['fg\n', 'fg idle\n', 'fg nosuch\n', 'fg a b\n', controlD].map((line) => type(prompt, line)),
  },
  {
    title: 'tail -f, left by Ctrl-C',
    steps: [type(prompt, 'tail -f cat\n'), type('before\r\n', controlC), type(prompt, controlD)],
  },
  {
    title: 'open of nobody, and errors after it',
    steps: ['open http://127.0.0.1:1\n', 'status\n', 'pid\n', 'avail\n', 'open x\n', controlD].map((line) =>
      type(prompt, line),
    ),
  },
  {
    title: 'a login is asked for, and the password not shown',
    locked: true,
    steps: [
      type('Username:', 'user\n'),
      type('Password:', 'secret\n'),
      type(prompt, 'version\n'),
      type(prompt, controlD),
    ],
  },
  {
    title: 'a wrong password, then Ctrl-D',
    locked: true,
    steps: [
      type('Username:', 'user\n'),
      type('Password:', 'x\n'),
      type('Username:', controlD),
      type(prompt, controlD),
    ],
  },
  { title: 'Ctrl-C at the login', locked: true, steps: [type('Username:', controlC)] },
];

interface Shown {
  readonly output: string;
  readonly code: number;
}

describe.skipIf(engineSkipped)('on a terminal dockvisorctl is supervisorctl', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dockvisor-terminal-'));
  const built = (): string => join(dirname(inject('dockvisord')), 'dockvisorctl.js');
  let manager: Manager;
  const conf = () => join(manager.directory, 'supervisord.conf');
  const locked = join(folder, 'locked.conf');
  let lockedDaemon: ReturnType<typeof spawn>;

  beforeAll(async () => {
    manager = createManager({ kind: 'supervisord', dockvisord: '', dockerHost: '', programs });
    await manager.start();
    await until('cat runs', 20_000, async () =>
      (await manager.processes()).some(({ name, state }) => name === 'cat' && state === 'RUNNING')
        ? true
        : null,
    );
    writeFileSync(
      locked,
      `[unix_http_server]\nfile=${folder}/sock\nusername=user\npassword=secret\n[supervisord]\nlogfile=${folder}/log\n` +
        `pidfile=${folder}/pid\nuser=root\nchildlogdir=${folder}\n[supervisorctl]\nserverurl=unix://${folder}/sock\n` +
        '[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n',
    );
    lockedDaemon = spawn('/usr/bin/supervisord', ['-n', '-c', locked], { stdio: 'ignore' });
    await until('the locked daemon answers', 20_000, () => (existsSync(join(folder, 'sock')) ? true : null));
  });
  afterAll(async () => {
    lockedDaemon.kill('SIGKILL');
    await manager.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  /** `dumb`: a terminal that is drawn on by nobody, so that what was written is what is seen. */
  const show = (argv: readonly string[], steps: readonly Step[], term = 'dumb'): Promise<Shown> => {
    const env = { PATH: process.env['PATH'], TERM: term, LANG: 'C.UTF-8' };
    const child = spawn('/usr/bin/python3', [driver], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.end(JSON.stringify({ argv, env, steps, limit: 60 }));
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return new Promise((resolve, reject) => {
      child.on('close', (code) => {
        if (code === 0) resolve(JSON.parse(stdout) as Shown);
        else reject(new Error(`${argv.join(' ')}: ${stderr}`));
      });
    });
  };
  const real = (...argv: string[]) => ['/usr/bin/supervisorctl', ...argv];
  const ours = (...argv: string[]) => [process.execPath, built(), ...argv];
  const seen = ({ output, code }: Shown) => ({
    code,
    output: output
      .replaceAll(/\r+\n/g, '\n')
      .replaceAll(/: file: \S+ line: \d+$/gm, '')
      .replaceAll(/uptime [\d:]+/g, 'uptime'),
  });

  test.each(scenes)('$title', async ({ argv = [], steps, locked: isLocked }) => {
    const file = isLocked === true ? locked : conf();
    const refill = () => writeFileSync(join(manager.directory, 'cat.out'), 'before\n');
    refill();
    const theirs = await show(real('-c', file, ...argv), steps);
    refill();
    const own = await show(ours('-c', file, ...argv), steps);
    expect(seen(own)).toEqual(seen(theirs));
  });

  // Not beside the real one, which waits for its own thread for ever, or shows an error of it, as chance has it.
  test('fg writes what is typed to the program, shows what it says, and Ctrl-C leads back to the prompt', async () => {
    writeFileSync(join(manager.directory, 'cat.out'), '');
    const { output, code } = await show(ours('-c', conf()), [
      type(prompt, 'fg cat\n'),
      type('<==\r\n', 'hello\n'),
      type('hello\r\nhello\r\n', controlC),
      type(prompt, 'exit\n'),
    ]);
    expect(seen({ output, code }).output).toMatch(
      /> fg cat\n==> Press Ctrl-C to exit <==\nhello\nhello\n\^CExiting foreground\nsupervisor> exit\n\n$/,
    );
    expect(code).toBe(0);
  });
  test.each([
    ['Ctrl-C', controlC],
    ['Ctrl-D', controlD],
  ])('fg by itself ends on %s', async (_name, key) => {
    writeFileSync(join(manager.directory, 'cat.out'), '');
    const { output, code } = await show(ours('-c', conf(), 'fg', 'cat'), [
      type('<==\r\n', 'hello\n'),
      type('hello\r\nhello\r\n', key),
    ]);
    expect(output).toMatch(/hello\r\nhello\r\n(\^C)?Exiting foreground\r\n$/);
    expect(code).toBe(0);
  });

  test('the history is read, kept for the user alone, and serves the next shell', async () => {
    const file = join(folder, 'history');
    const up = '\x1b[A';
    await show(ours('-c', conf(), '-r', file), [
      type(prompt, 'pid\n'),
      type(prompt, 'pid\n'),
      type(prompt, 'exit\n'),
    ]);
    expect(readFileSync(file, 'utf8')).toBe('pid\nexit\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await show(
      ours('-c', conf(), '-r', file),
      [type(prompt, `${up}${up}\n`), type('\r\n', ''), type(prompt, controlD)],
      'xterm',
    );
    expect(again.output).toMatch(/supervisor> pid\S*\r+\n\d+\r\n/);
  });

  test('Tab completes verbs and names', async () => {
    const { output } = await show(
      ours('-c', conf()),
      [
        type(prompt, 'stat'),
        // By itself: readline takes a Tab amid other keys for a pasted one.
        type('stat', '\t'),
        type('us ', 'id'),
        type('id', '\t'),
        type('le ', '\n'),
        type('Not started', ''),
        type(prompt, controlD),
      ],
      'xterm',
    );
    expect(output).toMatch(/idle \S*\r+\nidle +STOPPED/);
  });

  test('status --watch draws anew until Ctrl-C', async () => {
    const { output, code } = await show(
      ours('-c', conf(), 'status', '--watch=0.2'),
      [type('\x1b[2J\x1b[H', ''), type('\x1b[H', controlC)],
      'xterm',
    );
    expect(code).toBe(0);
    expect(output).toContain('cat');
  });

  test('prefixes are coloured on a terminal alone', async () => {
    writeFileSync(join(manager.directory, 'cat.out'), 'before\n');
    const { output } = await show(
      ours('-c', conf(), 'tail', '-f', 'cat', 'g:*'),
      [type('before', controlC)],
      'xterm',
    );
    expect(output).toContain('\x1b[36mcat  | \x1b[0mbefore');
  });
});
