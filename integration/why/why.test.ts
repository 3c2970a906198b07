/** `dockvisor why` on a real Engine: what became of a container, who ordered it, and that the history outlives the daemon. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager } from '../support/manager.ts';
import type { Manager } from '../support/manager.ts';
import { until } from '../support/until.ts';

const sections = `
[program:y-broken]
command=docker start -a y-broken
startretries=1
[program:y-web]
command=docker start -a y-web
startsecs=1
stopwaitsecs=20
[program:y-job]
command=docker start -a y-job
autorestart=false
startsecs=1
[program:y-oom]
command=docker start -a y-oom
autostart=false
autorestart=false
startsecs=1
[program:y-deaf]
command=docker start -a y-deaf
autostart=false
startsecs=1
stopwaitsecs=8
[program:y-plain]
command=sh -c "echo no >&2; exit 3"
autostart=false
startretries=0
[program:y-policy]
command=docker start -a y-policy
autostart=false
autorestart=false
startsecs=1
[program:y-hand]
command=docker start -a y-hand
autostart=false
`;
const names = ['y-broken', 'y-web', 'y-job', 'y-oom', 'y-hand', 'y-deaf', 'y-policy'];
const eats = ['sh', '-c', 'sleep 2; x=aaaaaaaa; while :; do x=$x$x; done'];
const deaf = ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'];
const sleeps = ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait $!'];

interface Answer {
  readonly state: string;
  readonly paragraph: string;
  readonly entries: readonly { readonly seq: number; readonly kind: string; readonly adopted?: boolean }[];
}

describe.skipIf(engineSkipped)('why', () => {
  let engine: PrivateEngine;
  let docker: Docker;
  let manager: Manager;
  beforeAll(async () => {
    engine = await startPrivateEngine();
    docker = createDocker(engine);
    await docker.run('create', '--name', 'y-broken', engine.image, '/no/such/program');
    const small = ['-m', '8m', '--memory-swap', '8m'];
    await docker.run('create', '--name', 'y-oom', ...small, engine.image, ...eats);
    for (const name of ['y-web', 'y-job', 'y-hand'])
      await docker.run('create', '--name', name, engine.image, ...sleeps);
    await docker.run('create', '--name', 'y-deaf', engine.image, ...deaf);
    await docker.run('create', '--restart', 'always', '--name', 'y-policy', engine.image, ...sleeps);
    manager = createManager({
      kind: 'cli',
      dockvisord: inject('dockvisord'),
      dockerHost: engine.host,
      programs: sections,
      daemonLines: ['[dockvisor]', 'state_dir=%DIR%/state', '[supervisord]'],
    });
    await manager.start();
  });
  afterAll(async () => {
    await manager?.destroy();
    await docker?.removeAll(names);
    docker?.close();
    await engine?.destroy();
  });

  const why = async (name: string): Promise<string> => {
    const { code, stdout, stderr } = await manager.ours('why', name);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toMatch(/undefined|NaN|null/);
    return stdout;
  };
  const answer = async (name: string): Promise<Answer> => {
    const [one] = JSON.parse((await manager.ours('why', name, '--json')).stdout) as readonly Answer[];
    if (one === undefined) throw new Error(`no answer about ${name}`);
    return one;
  };
  const untilState = (name: string, state: string): Promise<unknown> =>
    until(
      () => `${name} is ${state}\n${manager.log()}`,
      30_000,
      async () =>
        (await manager.processes()).find((one) => one.name === name)?.state === state ? true : null,
    );

  it('what cannot be started: how often it was tried, and the words of the Engine', async () => {
    await untilState('y-broken', 'FATAL');
    const said = await why('y-broken');
    expect(said).toMatch(
      /^y-broken is FATAL since \d{4}-.*: it was given up after 2 failed tries in a row \(startretries=1\)\./,
    );
    expect(said).toMatch(/The last try, at .* failed: /);
    expect(said).toContain('/no/such/program');
    expect(said).toMatch(/dockvisorctl -c \/\S+ start y-broken \(to start it once that is mended\)/);
  });

  it('a stop by order, what never was started, and a name that nothing has', async () => {
    await untilState('y-web', 'RUNNING');
    expect(await why('y-web')).toMatch(
      /^y-web is RUNNING since .*: it was started at .* because it has autostart=true\./,
    );
    await manager.ctl('stop', 'y-web');
    expect(await why('y-web')).toMatch(
      /^y-web is STOPPED since .*: it was stopped at .* by an order\. It ended with exit code 0\./,
    );
    expect(await why('y-hand')).toMatch(
      /^y-hand is STOPPED: it has not been started, and it does not start by itself \(autostart=false\)\./,
    );
    expect(await manager.ours('why', 'y-nobody')).toMatchObject({
      code: 1,
      stdout: 'y-nobody: ERROR (no such process)\n',
    });
  });

  it('a kill from outside is told as an end that nobody ordered', async () => {
    await untilState('y-job', 'RUNNING');
    await docker.run('kill', 'y-job');
    await untilState('y-job', 'EXITED');
    const killed = await why('y-job');
    expect(killed).toMatch(
      /^y-job is EXITED since .*: it ended with exit code 137 \(128 \+ 9: SIGKILL\), which was not expected/,
    );
    expect(killed).toContain('Nobody had ordered that through dockvisord');
    expect(killed).toContain('It is not started again (autorestart=false).');
    // As a person would mend it, past us.
    await docker.run('start', 'y-job');
    await untilState('y-job', 'RUNNING');
    expect(await why('y-job')).toContain('somebody else had started the container');
    await docker.run('stop', 'y-job');
    await untilState('y-job', 'EXITED');
    expect(await why('y-job')).toMatch(/it ended with exit code 0, as expected .*Nobody had ordered that/);
  });

  it('a kill for want of memory', async () => {
    await manager.ctl('start', 'y-oom');
    await untilState('y-oom', 'EXITED');
    expect(await why('y-oom')).toContain(
      'it ended with exit code 137 (128 + 9: SIGKILL), killed for want of memory (OOM), which was not expected',
    );
  });

  it('commands help: the words of a plain program, a container that is gone', async () => {
    await manager.ctl('start', 'y-plain');
    await untilState('y-plain', 'FATAL');
    expect(await why('y-plain')).toMatch(/dockvisorctl -c \S+ tail y-plain stderr \(to read /);
    await docker.run('rm', '-f', 'y-oom');
    expect(await why('y-oom')).toContain('there is no container y-oom now; until somebody makes it');
  });

  it('a restart policy of its own is named', async () => {
    await manager.ctl('start', 'y-policy');
    await untilState('y-policy', 'RUNNING');
    // From outside: what runs within ends with its main process, and may not live to say so.
    process.kill((await docker.inspect('y-policy'))?.pid ?? Number.NaN, 'SIGTERM');
    await until('it has been taken over', 30_000, async () =>
      (await answer('y-policy')).entries.some(({ adopted }) => adopted === true) ? true : null,
    );
    await untilState('y-policy', 'RUNNING');
    const said = await why('y-policy');
    expect(said).toMatch(/own restart policy \(always\).*, and dockvisord took it over/);
    expect(said).toContain('Container y-policy has a restart policy of its own (always), by which');
    expect(said).toMatch(/ update --restart=no y-policy /);
    await manager.ctl('stop', 'y-policy');
  });

  /** The state file is written within 20 ms. */
  const untilSaved = (name: string, state: string): Promise<unknown> =>
    until('the state is saved', 10_000, () => {
      const folder = join(manager.directory, 'state');
      const file = readdirSync(folder).find((each) => each.endsWith('.state.json')) ?? '';
      const text = file === '' ? '' : readFileSync(join(folder, file), 'utf8');
      const saved = new RegExp(`"${name}:${name}": \\{\\s*"state": "${state}"`);
      return Promise.resolve(saved.test(text) ? true : null);
    });

  it('a stop that the next daemon goes on with is that of the first order, and tells of its grace', async () => {
    await manager.ctl('start', 'y-deaf');
    await untilState('y-deaf', 'RUNNING');
    void manager.ctl('stop', 'y-deaf').catch(() => undefined);
    await untilState('y-deaf', 'STOPPING');
    await untilSaved('y-deaf', 'STOPPING');
    const first = /^y-deaf is STOPPING since (\S+ \S+) /.exec(await why('y-deaf'))?.[1];
    await manager.end('SIGKILL');
    await manager.start();
    const said = await why('y-deaf');
    expect(said).not.toContain('on its way up');
    expect(said).toContain(`y-deaf is STOPPING since ${String(first)} `);
    expect(said).toContain('the next one has gone on with it since');
    await untilState('y-deaf', 'STOPPED');
    expect(await why('y-deaf')).toMatch(
      /it was stopped at .* by an order\..* It did not end within its grace of 8 seconds,? and was killed.* It had been RUNNING since/,
    );
  });

  it('the daemon is killed: the history goes on, its numbers rise, and the adoption is told', async () => {
    await manager.ctl('start', 'y-web');
    await untilState('y-web', 'RUNNING');
    await untilSaved('y-web', 'RUNNING');
    const before = await answer('y-web');
    await manager.end('SIGKILL');
    await manager.start();
    await untilState('y-web', 'RUNNING');
    const after = await answer('y-web');
    expect(after.paragraph).toMatch(
      /because it was up when the former dockvisord ended; it ran already, and was not restarted\./,
    );
    const seqs = after.entries.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(after.entries.slice(0, before.entries.length)).toEqual(before.entries);
    expect(after.entries.some(({ kind, adopted }) => kind === 'spawned' && adopted === true)).toBe(true);

    await manager.end('SIGTERM');
    const folder = join(manager.directory, 'state');
    const [file = ''] = readdirSync(folder);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.events\.jsonl$/)]);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    const lines = readFileSync(join(folder, file), 'utf8');
    expect(lines).toContain('dockvisord shuts down');
    expect(lines.trimEnd().split('\n').at(-1)).toContain('"stopped"');
  });

  it('of a real supervisord: what it says, and that it keeps no history', async () => {
    const real = createManager({
      kind: 'supervisord',
      dockvisord: inject('dockvisord'),
      dockerHost: engine.host,
      programs: '[program:plain]\ncommand=sleep 3600\n[program:none]\ncommand=/no/such\nautostart=false\n',
    });
    try {
      await real.start();
      const { code, stdout, stderr } = await real.ours('why', 'plain', 'none', 'nosuch');
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
      expect(stdout).toMatch(
        /^nosuch: ERROR \(no such process\)\nplain is (STARTING|RUNNING) .*keeps no history/,
      );
      expect(stdout).toMatch(/none is STOPPED: it has not been started, and it does not start by itself/);
      expect(stdout).not.toMatch(/undefined|NaN/);
    } finally {
      await real.destroy();
    }
  });
});
