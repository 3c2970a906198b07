/** Every option of `[program:x]` has its effect, and the daemon's signals theirs. */
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import { callRpc } from '../support/rpc.ts';
import { startPlainDaemon } from './plain-daemon.ts';
import type { PlainDaemon } from './plain-daemon.ts';

describe.skipIf(engineSkipped)('a plain program', () => {
  let daemon: PlainDaemon | null = null;
  afterEach(async () => {
    await daemon?.destroy();
    daemon = null;
  });
  const start = async (sections: string, args: readonly string[] = []): Promise<PlainDaemon> => {
    daemon = await startPlainDaemon(inject('dockvisord'), sections, args);
    return daemon;
  };
  const untilText = (of: PlainDaemon, file: string, text: string): Promise<true> =>
    until(`${text} in ${file}`, 10_000, () => (of.file(file).includes(text) ? true : null));

  it("has its user, umask, directory and environment, and supervisord's own variables", async () => {
    const d = await start(`[supervisord]
environment=FROM_DAEMON="d",BOTH="daemon"
[program:env]
command=sh -c "id -un; umask; pwd; echo $FROM_DAEMON $BOTH $OWN %(process_num)d %(ENV_FROM_DAEMON)s; echo $SUPERVISOR_ENABLED $SUPERVISOR_PROCESS_NAME $SUPERVISOR_GROUP_NAME $SUPERVISOR_SERVER_URL; exec sleep 1000"
user=nobody
umask=027
directory=/tmp
environment=BOTH="program",OWN="n%(process_num)d"
process_name=%(program_name)s_%(process_num)02d
numprocs=2
numprocs_start=4
stdout_logfile=%DIR%/%(program_name)s_%(process_num)d.log
`);
    await untilText(d, 'env_5.log', 'unix://');
    expect(d.file('env_5.log')).toBe(
      `nobody\n0027\n/tmp\nd program n5 5 d\n1 env_05 env unix://${d.directory}/sock\n`,
    );
    await untilText(d, 'env_4.log', 'env_04');
  });

  it('is restarted by autorestart, exitcodes and startretries as written', async () => {
    const d = await start(`
[program:expected]
command=sh -c "sleep 1.2; exit 2"
exitcodes=0,2
[program:unexpected]
command=sh -c "echo again >> %DIR%/unexpected; sleep 1.2; exit 4"
[program:hopeless]
command=sh -c "echo try >> %DIR%/hopeless; exit 1"
startsecs=10
startretries=1
`);
    await d.untilState('expected', 'EXITED');
    await d.untilState('hopeless', 'FATAL');
    await until('it was restarted', 10_000, () =>
      d.file('unexpected').split('again').length > 2 ? true : null,
    );
    expect(d.file('hopeless')).toBe('try\ntry\n');
    expect(d.log()).toContain('INFO exited: expected (exit status 2; expected)');
    expect(d.log()).toContain('WARN exited: unexpected (exit status 4; not expected)');
    expect(d.log()).toContain(
      'INFO gave up: hopeless entered FATAL state, too many start retries too quickly',
    );
  });

  it('is stopped by its stopsignal, and killed after stopwaitsecs when it is deaf', async () => {
    const d = await start(`
[program:int]
command=bash -c "trap 'echo got-int; exit 0' INT; echo ready; while :; do sleep 0.1; done"
stopsignal=INT
stdout_logfile=%DIR%/int.log
[program:deaf]
command=sh -c "trap '' TERM; echo ready; while :; do sleep 0.1; done"
stopwaitsecs=1
stdout_logfile=%DIR%/deaf.log
`);
    await untilText(d, 'int.log', 'ready');
    await untilText(d, 'deaf.log', 'ready');
    await d.ctl('stop', 'int');
    expect(d.file('int.log')).toContain('got-int');
    const started = performance.now();
    expect((await d.ctl('stop', 'deaf')).stdout).toBe('deaf: stopped\n');
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(d.log()).toMatch(/WARN killing 'deaf' \(\d+\) with SIGKILL/);
    expect(d.log()).toContain('stopped: deaf (terminated by SIGKILL)');
  });

  it('takes its children with it under stopasgroup and killasgroup, and leaves them otherwise', async () => {
    const d = await start(`
[program:group]
command=sh -c "sleep 3333 & echo $! > %DIR%/group.child; wait"
stopasgroup=true
[program:alone]
command=sh -c "sleep 3334 & echo $! > %DIR%/alone.child; wait"
[program:killed]
command=sh -c "trap '' TERM; (trap '' TERM; sleep 3335) & echo $! > %DIR%/killed.child; while :; do sleep 0.1; done"
stopwaitsecs=1
killasgroup=true
`);
    const child = async (name: string): Promise<number> => {
      await untilText(d, `${name}.child`, '\n');
      return Number(d.file(`${name}.child`));
    };
    const [group, alone, killed] = [await child('group'), await child('alone'), await child('killed')];
    await d.ctl('stop', 'all');
    const gone = (pid: number): boolean => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
      } catch {
        return true;
      }
    };
    await until('the groups are gone', 5000, () => (gone(group) && gone(killed) ? true : null));
    expect(gone(alone)).toBe(false);
    process.kill(alone, 'SIGKILL');
  });

  it('logs where it is told to: rotation, redirect_stderr, none, /dev/stdout', async () => {
    const d = await start(`
[program:rotated]
command=sh -c "while read i; do printf %%060d $i; done"
stdout_logfile=%DIR%/rotated.log
stdout_logfile_maxbytes=100
stdout_logfile_backups=1
[program:both]
command=sh -c "echo out; echo err >&2; exec sleep 1000"
redirect_stderr=true
stdout_logfile=%DIR%/both.log
[program:none]
command=sh -c "echo lost; exec sleep 1000"
stdout_logfile=NONE
[program:device]
command=sh -c "echo to-the-daemon; exec sleep 1000"
stdout_logfile=/dev/stdout
`);
    await d.untilState('rotated', 'RUNNING');
    const sizes = (): readonly number[] =>
      ['rotated.log', 'rotated.log.1', 'rotated.log.2'].map(
        (name) => statSync(join(d.directory, name), { throwIfNoEntry: false })?.size ?? -1,
      );
    // One after the other: two that are read as one would be rotated as one.
    for (const wanted of [
      [60, -1, -1],
      [0, 120, -1],
      [60, 120, -1],
      [0, 120, -1],
      [60, 120, -1],
    ]) {
      await callRpc(join(d.directory, 'sock'), 'supervisor.sendProcessStdin', ['rotated', '0\n']);
      await until(
        () => `${sizes().join(' ')} are ${wanted.join(' ')}`,
        10_000,
        () => (isDeepStrictEqual(sizes(), wanted) ? true : null),
      );
    }
    await untilText(d, 'both.log', 'out\nerr\n');
    expect((await d.ctl('tail', 'none')).stdout).toBe('none: ERROR (no log file)\n');
    await until('it is on our stdout', 5000, () => (d.log().includes('to-the-daemon') ? true : null));
  });

  it('shares one stdout with others: a line is whole, and says whose it is and when', async () => {
    const lines = 300;
    // Each line comes in two writes, with the others' between.
    const talker = `sh -c 'i=0; while [ $i -lt ${String(lines)} ]; do printf "%%s" "line "; printf "%%s\\n" "$i"; i=$((i+1)); done; printf tail; exec sleep 1000'`;
    const d = await start(`[dockvisor]
stdout_log_format=prefix
[program:talk]
command=${talker}
numprocs=3
process_name=t%(process_num)d
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
[program:json]
command=${talker}
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
stdout_log_format=json
`);
    // Without the last, which may be still to come.
    const shared = (): string[] => d.log().split('\n').slice(0, -1);
    const of = (name: string): string[] =>
      shared().flatMap((line) => new RegExp(`^\\d{4}-\\S+Z ${name} \\| (.*)$`).exec(line)?.[1] ?? []);
    const json = (): string[] =>
      shared()
        .filter((line) => line.startsWith('{"time"'))
        .map((line) => (JSON.parse(line) as { line: string }).line);
    const wanted = Array.from({ length: lines }, (_, index) => `line ${String(index)}`);
    for (const [what, read] of [
      ...['t0', 't1', 't2'].map((name) => [name, () => of(`talk:${name}`)] as const),
      ['json', json] as const,
    ]) {
      await until(`all of ${what}\n${d.log().slice(-500)}`, 20_000, () =>
        read().length === lines ? true : null,
      );
      expect(read()).toEqual(wanted);
    }
    d.signal('SIGTERM');
    await until('the half lines at the end', 10_000, () => (of('talk:t0').at(-1) === 'tail' ? true : null));
  });

  it('has its log opened again by USR2 after somebody renamed it', async () => {
    const d = await start(`
[program:talks]
command=sh -c "while :; do echo line; sleep 0.05; done"
stdout_logfile=%DIR%/talks.log
`);
    await untilText(d, 'talks.log', 'line');
    for (const name of ['talks.log', 'main.log'])
      renameSync(join(d.directory, name), join(d.directory, `${name}.moved`));
    d.signal('SIGUSR2');
    await untilText(d, 'talks.log', 'line');
    await until('the main log is there again', 5000, () =>
      existsSync(join(d.directory, 'main.log')) ? true : null,
    );
    await d.ctl('restart', 'talks');
    await untilText(d, 'main.log', 'stopped: talks');
    expect(d.file('main.log.moved')).toContain('received SIGUSR2 indicating log reopen request');
  });

  it('goes down by priority, highest number first, each waited for', async () => {
    const program = (name: string, priority: number, pause: string): string => `
[program:${name}]
command=bash -c "trap 'sleep ${pause}; echo ${name} >> %DIR%/order; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
priority=${priority}
stdout_logfile=%DIR%/${name}.log
`;
    const d = await start(
      program('first', 1, '0') + program('middle', 5, '0.3') + program('last', 10, '0.6'),
    );
    for (const name of ['first', 'middle', 'last']) await untilText(d, `${name}.log`, 'ready');
    d.signal('SIGTERM');
    await until('the daemon has ended', 15_000, () => d.exitCode());
    expect(d.exitCode()).toBe(0);
    expect(d.file('order')).toBe('last\nmiddle\nfirst\n');
    expect(d.log()).toContain('WARN received SIGTERM indicating exit request');
  });

  it('the log is JSON with --log-format json', async () => {
    const d = await start('[program:cat]\ncommand=cat\n', ['--log-format', 'json']);
    await d.untilState('cat', 'RUNNING');
    const lines = d
      .file('main.log')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'info',
        process: 'cat',
        msg: expect.stringMatching(/^spawned: 'cat' with pid \d+$/) as string,
      }),
    );
  });

  it('a container program whose Engine is not there is UNKNOWN with the reason, is not said to be stopped, and costs no retry', async () => {
    const d = await start(
      '[program:web]\ncommand=docker start -a web\nstopwaitsecs=1\n[container:db]\nstopwaitsecs=1\n',
    );
    for (const name of ['web', 'db']) await d.untilState(name, 'UNKNOWN');
    expect((await d.ctl('status', 'web')).stdout).toContain(
      'cannot reach unix:///nonexistent/never.sock: there is no such socket (is the Engine running?), container web unknown',
    );
    expect((await d.ctl('stop', 'web')).stdout).toContain(
      'web is still UNKNOWN (cannot reach unix:///nonexistent/never.sock',
    );
    expect((await d.ctl('start', 'db')).stdout).toBe('db: ERROR (abnormal termination)\n');
    expect(d.log()).not.toContain('spawnerr');
  });

  it('a second daemon, which is refused, writes nothing into the log of the first', async () => {
    const d = await start(
      '[program:cat]\ncommand=cat\nbackoff_inital=1\n[dockvisor]\nstate_dir=%DIR%/state\n',
    );
    await d.untilState('cat', 'RUNNING');
    const [state = ''] = await until('a state file', 10_000, () => {
      const found = existsSync(join(d.directory, 'state'))
        ? readdirSync(join(d.directory, 'state')).filter((name) => name.endsWith('.state.json'))
        : [];
      return found.length > 0 ? found : null;
    });
    d.write(`state/${state}`, 'no\nstate');
    const before = d.file('main.log');
    expect(before).toContain('unknown key');
    const second = await runCommand(process.execPath, [
      inject('dockvisord'),
      '-n',
      '-c',
      join(d.directory, 'd.conf'),
    ]);
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toMatch(/^Error: Another program is already listening/);
    expect(d.file('main.log')).toBe(before);
  });

  it('a log that cannot be opened fails the launch, and says so', async () => {
    const d = await start('[program:cat]\ncommand=cat\nstartretries=0\nstdout_logfile=/proc/no-such-log\n');
    await d.untilState('cat', 'FATAL');
    expect((await d.ctl('status', 'cat')).stdout).toContain(
      "unknown error making dispatchers for 'cat': ENOENT",
    );
  });
});
