/** The real supervisorctl 4.2.5 against our daemon: every verb, names, groups and `all`, over both kinds of socket. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { startPlainDaemon } from './plain-daemon.ts';
import { freePort } from '../../test/support/free-port.ts';
import type { PlainDaemon } from './plain-daemon.ts';

const programs = `
[program:cat]
command=cat
[program:late]
command=sh -c "echo started; exec sleep 1000"
autostart=false
[program:wrong]
command=/no/such/program
autostart=false
startretries=0
[program:short]
command=sh -c "exit 3"
autostart=false
startsecs=10
startretries=0
[group:pair]
programs=a,b
priority=5
[program:a]
command=sleep 1000
[program:b]
command=sleep 1000
`;

/** The lines of `text`, in an order that does not depend on who was first. */
const sorted = (text: string): string[] => text.trimEnd().split('\n').sort();

describe.skipIf(engineSkipped)('supervisorctl on our daemon', () => {
  let daemon: PlainDaemon;
  let port: number;
  const ctl = (...words: string[]) => daemon.ctl(...words);
  beforeAll(async () => {
    port = await freePort();
    daemon = await startPlainDaemon(
      inject('dockvisord'),
      `${programs}
[inet_http_server]
port=127.0.0.1:${port}
username=user
password={SHA}5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8
`,
    );
    for (const name of ['cat', 'pair:a', 'pair:b']) await daemon.untilState(name, 'RUNNING');
  });
  afterAll(() => daemon.destroy());

  it('status: columns, groups, and exit code 3 when something does not run', async () => {
    const { stdout, code } = await ctl('status');
    expect(code).toBe(3);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/\s+/).slice(0, 2).join(' '))).toEqual([
      'cat RUNNING',
      'late STOPPED',
      'pair:a RUNNING',
      'pair:b RUNNING',
      'short STOPPED',
      'wrong STOPPED',
    ]);
    expect(lines[0]).toMatch(/^cat {30}RUNNING {3}pid \d+, uptime 0:0\d:\d\d$/);
    expect(lines[1]).toBe('late                             STOPPED   Not started');
    expect((await ctl('status', 'cat')).code).toBe(0);
    expect(await ctl('status', 'nosuch')).toMatchObject({
      code: 4,
      stdout: 'nosuch: ERROR (no such process)\n',
    });
  });

  it('start, stop, restart, by name, by group and all', async () => {
    expect(await ctl('start', 'late')).toMatchObject({ code: 0, stdout: 'late: started\n' });
    expect(await ctl('start', 'late')).toMatchObject({ code: 0, stdout: 'late: ERROR (already started)\n' });
    expect(await ctl('restart', 'late')).toMatchObject({ code: 0, stdout: 'late: stopped\nlate: started\n' });
    expect(await ctl('stop', 'late')).toMatchObject({ code: 0, stdout: 'late: stopped\n' });
    expect(await ctl('stop', 'late')).toMatchObject({ code: 0, stdout: 'late: ERROR (not running)\n' });
    // A group is told in the order in which its programs get there, which is the kernel's to choose.
    expect(sorted((await ctl('stop', 'pair:*')).stdout)).toEqual(['pair:a: stopped', 'pair:b: stopped']);
    expect(sorted((await ctl('start', 'pair:*')).stdout)).toEqual(['pair:a: started', 'pair:b: started']);
    expect(sorted((await ctl('stop', 'all')).stdout)).toEqual([
      'cat: stopped',
      'pair:a: stopped',
      'pair:b: stopped',
    ]);
    const started = await ctl('start', 'cat', 'pair:a', 'pair:b');
    expect(started.stdout).toBe('cat: started\npair:a: started\npair:b: started\n');
  });

  it('a start that cannot work says why, with its code', async () => {
    expect(await ctl('start', 'wrong')).toMatchObject({ code: 1, stdout: 'wrong: ERROR (no such file)\n' });
    expect(await ctl('start', 'short')).toMatchObject({ code: 7, stdout: 'short: ERROR (spawn error)\n' });
    expect((await ctl('status', 'short')).stdout).toMatch(
      /FATAL +Exited too quickly \(process log may have details\)/,
    );
    expect(await ctl('start', 'nosuch:*')).toMatchObject({ code: 2 });
  });

  it('signal and pid', async () => {
    const pid = (await ctl('pid', 'cat')).stdout.trim();
    expect((await ctl('pid')).stdout.trim()).toBe(String(daemon.pid));
    expect(await ctl('signal', 'HUP', 'cat')).toMatchObject({ code: 0, stdout: 'cat: signalled\n' });
    await until('cat has another pid', 10_000, async () => {
      const now = (await ctl('pid', 'cat')).stdout.trim();
      return now !== pid && now !== '0' ? true : null;
    });
    await daemon.untilState('cat', 'RUNNING');
    expect(await ctl('signal', 'BOGUS', 'cat')).toMatchObject({
      code: 1,
      stdout: 'cat: ERROR (bad signal name)\n',
    });
    expect(await ctl('signal', 'HUP', 'late')).toMatchObject({
      code: 7,
      stdout: 'late: ERROR (not running)\n',
    });
  });

  it('tail, maintail, clear, and their -f', async () => {
    await ctl('start', 'late');
    await until('the log is there', 5000, async () =>
      (await ctl('tail', 'late')).stdout.includes('started') ? true : null,
    );
    expect((await ctl('tail', '-4', 'late')).stdout).toBe('ted\n\n');
    expect((await ctl('maintail', '-1000000')).stdout).toContain('supervisord started with pid');
    expect(await ctl('clear', 'late')).toMatchObject({ code: 0, stdout: 'late: cleared\n' });
    expect((await ctl('tail', 'late')).stdout).toBe('\n');
    const follower = spawn(
      '/usr/bin/supervisorctl',
      ['-c', join(daemon.directory, 'd.conf'), 'tail', '-f', 'late'],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let seen = '';
    follower.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await until('the follower follows', 5000, () => (seen.includes('Ctrl-C') ? true : null));
    await ctl('restart', 'late');
    await until('the follower sees the new line', 10_000, () => (seen.includes('started') ? true : null));
    follower.kill('SIGKILL');
    await ctl('stop', 'late');
  });

  it('avail, version, and what takes no arguments', async () => {
    expect((await ctl('avail')).stdout).toContain(
      'cat                              in use    auto      999:999',
    );
    expect((await ctl('avail')).stdout).toContain(
      'pair:a                           in use    auto      5:999',
    );
    expect((await ctl('version')).stdout).toBe('4.2.5\n');
  });

  it('over TCP with basic auth, and not without', async () => {
    const url = ['-s', `http://127.0.0.1:${port}`];
    expect(
      (await daemon.ctlWith([...url, '-u', 'user', '-p', 'password'], 'status', 'cat')).stdout,
    ).toContain('RUNNING');
    expect((await daemon.ctlWith([...url, '-u', 'user', '-p', 'wrong'], 'status', 'cat')).stdout).toContain(
      'Server requires authentication',
    );
  });

  it('reread, update, add and remove', async () => {
    expect((await ctl('reread')).stdout).toBe('No config updates to processes\n');
    const inet = `[inet_http_server]\nport=127.0.0.1:${port}\nusername=user\npassword=x\n`;
    daemon.write(
      'd.conf',
      `${programs.replace('[program:wrong]', '[program:renamed]').replace('[program:short]', '[program:short]\npriority=7')}${inet}`,
    );
    expect((await ctl('reread')).stdout).toBe('renamed: available\nshort: changed\nwrong: disappeared\n');
    const cat = (await ctl('pid', 'cat')).stdout;
    expect(sorted((await ctl('update')).stdout)).toEqual([
      'renamed: added process group',
      'short: stopped',
      'short: updated process group',
      'wrong: removed process group',
      'wrong: stopped',
    ]);
    expect((await ctl('pid', 'cat')).stdout).toBe(cat);
    expect((await ctl('remove', 'cat')).stdout).toBe('ERROR: process/group still running: cat\n');
    expect((await ctl('remove', 'renamed')).stdout).toBe('renamed: removed process group\n');
    expect((await ctl('add', 'renamed')).stdout).toBe('renamed: added process group\n');
    expect((await ctl('add', 'renamed')).stdout).toBe('ERROR: process group already active\n');
  });

  it('reload leaves what has not changed, and starts what is down; a bad file keeps everything', async () => {
    const cat = (await ctl('pid', 'cat')).stdout;
    await ctl('stop', 'pair:a');
    expect((await ctl('reload')).stdout).toBe('Restarted supervisord\n');
    await daemon.untilState('pair:a', 'RUNNING');
    expect((await ctl('pid', 'cat')).stdout).toBe(cat);
    expect((await ctl('pid')).stdout.trim()).toBe(String(daemon.pid));
    expect(daemon.log()).toContain('reloaded ');
    const now = cat;
    daemon.write('d.conf', '[program:broken]\n');
    expect(await ctl('reread')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        'CANT_REREAD: program section program:broken does not specify a command',
      ) as string,
    });
    daemon.signal('SIGHUP');
    await until('the refusal is logged', 10_000, () =>
      daemon.log().includes('not restarted, the configuration is bad') ? true : null,
    );
    expect(daemon.log()).toMatch(/does not specify a command in section 'program:broken'.*d\.conf:\d+/);
    expect((await ctl('pid', 'cat')).stdout).toBe(now);
  });

  it('shutdown ends everything with exit code 0, and takes socket and pidfile away', async () => {
    expect((await ctl('shutdown')).stdout).toBe('Shut down\n');
    await until('the daemon has ended', 15_000, () => daemon.exitCode());
    expect(daemon.exitCode()).toBe(0);
    expect(daemon.file('pid')).toBe('');
    expect((await ctl('status')).code).toBe(4);
  });
});
