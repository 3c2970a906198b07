/** Real listeners under our daemon: who they are the children of, what they hear at the end, and what is captured. */
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startPlainDaemon } from '../daemon/plain-daemon.ts';
import type { PlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';

const recorder = join(import.meta.dirname, 'recorder.py');

describe.skipIf(engineSkipped)('a listener', () => {
  let daemon: PlainDaemon | null = null;
  afterEach(async () => {
    await daemon?.destroy();
    daemon = null;
  });
  const start = async (sections: string): Promise<PlainDaemon> => {
    daemon = await startPlainDaemon(inject('dockvisord'), sections);
    return daemon;
  };
  const ended = (d: PlainDaemon): Promise<number> =>
    until(
      () => `the daemon ends\n${d.log()}`,
      20_000,
      () => d.exitCode(),
    );

  it('that says kill $PPID when a program exits ends the daemon, as everybody copies it', async () => {
    const d = await start(`
[eventlistener:quit]
command=bash -c "printf 'READY\\n' && while read line; do kill -SIGQUIT $PPID; done < /dev/stdin"
events=PROCESS_STATE_EXITED,PROCESS_STATE_FATAL
[program:ends]
command=sh -c "sleep 1.2"
autostart=false
autorestart=false
`);
    // Not by itself: it would be the end of the daemon before anybody has seen it up.
    await d.ctl('start', 'ends');
    expect(await ended(d)).toBe(0);
    expect(d.log()).toContain('received SIGQUIT indicating exit request');
  });

  it('that sends SIGQUIT to the pid in the pidfile ends the daemon', async () => {
    const d = await start(`
[eventlistener:quit]
command=python3 -c "import os,signal,sys; sys.stdout.write('READY\\n'); sys.stdout.flush(); line = sys.stdin.readline(); os.kill(int(open('%DIR%/pid').readline()), signal.SIGQUIT); sys.stdout.write('RESULT 2\\nOK'); sys.stdout.flush(); sys.stdin.read()"
events=PROCESS_STATE_FATAL
[program:fails]
command=false
autostart=false
startretries=0
`);
    await d.ctl('start', 'fails');
    expect(await ended(d)).toBe(0);
    expect(d.log()).toContain('received SIGQUIT indicating exit request');
  });

  it('hears at the end that everybody else has stopped, before it is stopped itself', async () => {
    const d = await start(`
[eventlistener:rec]
command=python3 -u ${recorder} %DIR%/recorded
events=EVENT
[program:cat]
command=cat
[program:talks]
command=sh -c "printf 'a<!--XSUPERVISOR:BEGIN-->msg<!--XSUPERVISOR:END-->b'; exec sleep 1000"
stdout_capture_maxbytes=100
stdout_events_enabled=true
stdout_logfile=%DIR%/talks.log
`);
    await d.untilState('cat', 'RUNNING');
    await until('what was captured', 10_000, () => (d.file('recorded').includes('\\nmsg') ? true : null));
    expect(d.file('talks.log')).toBe('ab');
    expect((await d.ctl('avail')).stdout).toMatch(/^rec +in use +auto +-1:999$/m);
    d.signal('SIGTERM');
    expect(await ended(d)).toBe(0);
    const all = d
      .file('recorded')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [Record<string, string>, string]);
    const names = all.map(
      ([header, payload]) => `${header['eventname'] ?? ''} ${payload.split('\n')[0] ?? ''}`,
    );
    expect(names[0]).toBe('PROCESS_GROUP_ADDED groupname:rec');
    expect(names.some((name) => /^PROCESS_LOG_STDOUT processname:talks .* channel:stdout$/.test(name))).toBe(
      true,
    );
    const end = names.slice(names.findIndex((name) => name.startsWith('SUPERVISOR_STATE_CHANGE_STOPPING')));
    for (const name of ['cat', 'talks'])
      expect(end.some((line) => line.startsWith(`PROCESS_STATE_STOPPED processname:${name} `))).toBe(true);
    expect(all.map(([header]) => Number(header['serial']))).toEqual(all.map((_, index) => index));
  });

  it('that is our own plug-in finds nothing to do under us, and does no harm', async () => {
    const d = await start(`
[eventlistener:dockvisor]
command=${process.execPath} ${inject('dockvisord').replace(/dockvisord\.js$/, 'dockvisor.js')} listen
events=PROCESS_STATE,SUPERVISOR_STATE_CHANGE,TICK_5
stderr_logfile=%DIR%/plugin.log
[program:cat]
command=cat
`);
    await until('it serves us', 10_000, () =>
      d.file('plugin.log').includes('serving unix://') ? true : null,
    );
    await d.untilState('dockvisor', 'RUNNING');
    expect((await d.ctl('restart', 'cat')).stdout).toBe('cat: stopped\ncat: started\n');
    expect(d.file('plugin.log')).not.toMatch(/ERRO|CRIT/);
    expect(d.log()).not.toContain('UNKNOWN');
  });
});
