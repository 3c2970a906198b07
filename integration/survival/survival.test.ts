/** The daemon dies, its proxies die, the Engine dies: containers live on, and no line of theirs is lost or doubled. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager } from '../support/manager.ts';
import type { Manager } from '../support/manager.ts';
import type { ProcessInfo } from '../support/rpc.ts';
import { until } from '../support/until.ts';
import { untilLeft } from '../support/until-left.ts';
import { counts, tally } from './counting.ts';

/** One program for each way in which output is taken. */
const ways = {
  's-cli': ['command=docker start -a s-cli'],
  's-api': ['command=docker start -a s-api', 'docker_attach=api'],
  's-both': ['command=docker start -a s-both', 'redirect_stderr=true'],
  's-prefix': ['command=docker start -a s-prefix', 'docker_attach=api', 'stdout_log_format=prefix'],
  's-turned': [
    'command=docker start -a s-turned',
    'docker_attach=api',
    'stdout_logfile_maxbytes=2000',
    'stdout_logfile_backups=50',
  ],
} as const;
const names = Object.keys(ways);
const program = (name: string, lines: readonly string[]): string =>
  [
    `[program:${name}]`,
    ...lines,
    `stdout_logfile=%DIR%/${name}.out`,
    `stderr_logfile=%DIR%/${name}.err`,
    '',
  ].join('\n');
const programsOf = (made: readonly (keyof typeof ways)[], ...more: string[]): string =>
  made.map((name) => program(name, [...ways[name], ...more])).join('');
const programs = Object.entries(ways)
  .map(([name, lines]) => program(name, lines))
  .join('');

describe.skipIf(engineSkipped)('everything that may die', () => {
  let engine: PrivateEngine;
  let docker: Docker;
  beforeAll(async () => {
    engine = await startPrivateEngine(['--live-restore']);
    docker = createDocker(engine);
  });
  // Also what a test that failed has left.
  afterEach(async () => {
    await docker.removeAll([...names, 's-deaf', 's-down', 's-job', 's-service', 's-hand']);
  });
  afterAll(async () => {
    docker?.close();
    await engine?.destroy();
  });

  async function withManager(sections: string, act: (manager: Manager) => Promise<void>): Promise<void> {
    const manager = createManager({
      kind: 'cli',
      dockvisord: inject('dockvisord'),
      dockerHost: engine.host,
      programs: sections,
    });
    try {
      await manager.start();
      await act(manager);
    } finally {
      await manager.destroy();
    }
  }

  const create = async (
    made: readonly string[],
    words: readonly string[],
    ...options: string[]
  ): Promise<void> => {
    for (const name of made) await docker.run('create', '--name', name, ...options, engine.image, ...words);
  };
  const startedAt = (name: string): Promise<string> =>
    docker.run('inspect', '-f', '{{.State.StartedAt}}', name);
  const infoOf = async (manager: Manager, name: string): Promise<ProcessInfo | undefined> =>
    (await manager.processes()).find((one) => one.name === name);
  const untilState = (manager: Manager, name: string, state: string): Promise<unknown> =>
    until(
      () => `${name} is ${state}\n${manager.log()}`,
      30_000,
      async () => ((await infoOf(manager, name))?.state === state ? true : null),
    );

  const lines = (name: string, ...more: string[]): string =>
    program(name, [`command=docker start -a ${name}`, ...more]);
  const sleeps = ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait $!'];
  const deaf = ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'];

  /** Until this daemon, if it is killed, leaves this word of it. */
  const untilSaved = (manager: Manager, name: string, state: string): Promise<unknown> =>
    untilLeft(manager, new RegExp(`"${name}:${name}": \\{\\s*"state": "${state}"`));

  function textOf(manager: Manager, name: string, channel: 'out' | 'err'): string {
    const files = Array.from({ length: 51 }, (_, n) =>
      join(manager.directory, `${name}.${channel}${n === 0 ? '' : `.${String(n)}`}`),
    );
    return files
      .reverse()
      .map((file) => {
        try {
          return readFileSync(file, 'utf8');
        } catch {
          return '';
        }
      })
      .join('');
  }
  const outOf = (manager: Manager, name: string, lives = 1) =>
    tally(textOf(manager, name, 'out'), 'out', 1, lives);
  const errOf = (manager: Manager, name: string, lives = 1) =>
    tally(textOf(manager, name, name === 's-both' ? 'out' : 'err'), 'err', 3, lives);
  /** Until the log has grown by some lines: what was cut off has been taken up again. */
  async function untilMore(manager: Manager, name: string, lines = 20): Promise<void> {
    const { last } = outOf(manager, name);
    await until(
      () => `more lines of ${name} than ${String(last)}\n${manager.log()}`,
      30_000,
      () => Promise.resolve(outOf(manager, name).last > last + lines ? true : null),
    );
  }
  function expectWhole(manager: Manager, name: string, lives = 1): void {
    expect({ name, ...outOf(manager, name, lives) }).toMatchObject({ faults: [] });
    expect({ name, ...errOf(manager, name, lives) }).toMatchObject({ faults: [] });
  }

  it('the daemon is killed, again and again: no container stops, and each line is in the log once', async () => {
    await create(names, counts(5));
    await withManager(programs, async (manager) => {
      for (const name of names) await untilState(manager, name, 'RUNNING');
      const before = await Promise.all(names.map(startedAt));
      for (let round = 0; round < 4; round++) {
        for (const name of names) await untilMore(manager, name);
        await manager.end('SIGKILL');
        await manager.start();
        for (const name of names) await untilState(manager, name, 'RUNNING');
      }
      for (const name of names) await untilMore(manager, name);
      expect(await Promise.all(names.map(startedAt))).toEqual(before);
      const uptime = await infoOf(manager, 's-cli');
      expect(uptime?.start).toBe(Math.floor(Date.parse(before[0] ?? '') / 1000));
      // Down, and up again: the second life begins at 1.
      await manager.ctl('stop', 'all');
      for (const name of names) expectWhole(manager, name);
      await manager.ctl('start', 'all');
      for (const name of names) await untilState(manager, name, 'RUNNING');
      await manager.end('SIGTERM');
      for (const name of names) expectWhole(manager, name, 2);
    });
  });

  it('what runs is taken over whether or not its log can be opened: what the log lacks is counted, and it is taken up when it can be', async () => {
    await create(['s-api'], counts(5));
    await withManager(program('s-api', ways['s-api']), async (manager) => {
      await untilMore(manager, 's-api');
      const before = await startedAt('s-api');
      await manager.end('SIGKILL');
      const log = join(manager.directory, 's-api.out');
      renameSync(log, `${log}.moved`);
      mkdirSync(log);
      await manager.start();
      await untilState(manager, 's-api', 'RUNNING');
      await until(
        () => `its loss is told\n${manager.log()}`,
        10_000,
        () => Promise.resolve(/cannot write to \S+s-api\.out: .*EISDIR.*is being lost/.exec(manager.log())),
      );
      rmdirSync(log);
      await until(
        () => `lines in ${log}\n${manager.log()}`,
        10_000,
        () => Promise.resolve(existsSync(log) && readFileSync(log, 'utf8') !== '' ? true : null),
      );
      expect(manager.log()).toMatch(/writing to \S+s-api\.out works again; \d+ bytes were lost/);
      expect(await startedAt('s-api')).toBe(before);
      expect(errOf(manager, 's-api').faults).toEqual([]);
    });
  });

  it('the proxies are killed: they are no part of the truth, and no line is lost', async () => {
    await create(['s-cli', 's-both'], counts(5));
    await withManager(
      program('s-cli', ways['s-cli']) + program('s-both', ways['s-both']),
      async (manager) => {
        for (const name of ['s-cli', 's-both']) {
          await untilMore(manager, name);
          await untilState(manager, name, 'RUNNING');
          const before = await infoOf(manager, name);
          const container = await startedAt(name);
          process.kill(before?.proxyPid ?? Number.NaN, 'SIGKILL');
          await untilMore(manager, name, 100);
          expect(await startedAt(name)).toBe(container);
          expect((await infoOf(manager, name))?.state).toBe('RUNNING');
        }
        await manager.ctl('stop', 'all');
        for (const name of ['s-cli', 's-both']) expectWhole(manager, name);
      },
    );
  });

  it('the Engine is killed and comes back, with live-restore: UNKNOWN meanwhile, nothing restarted, no retry counted, no line lost', async () => {
    await create(['s-cli', 's-api'], counts(5));
    await withManager(program('s-cli', ways['s-cli']) + program('s-api', ways['s-api']), async (manager) => {
      for (const name of ['s-cli', 's-api']) await untilMore(manager, name);
      const before = await Promise.all(['s-cli', 's-api'].map(startedAt));
      await engine.kill();
      for (const name of ['s-cli', 's-api']) await untilState(manager, name, 'UNKNOWN');
      expect((await infoOf(manager, 's-cli'))?.description).toMatch(
        /nobody listens there|no such socket|the connection broke|ended/,
      );
      await engine.up();
      for (const name of ['s-cli', 's-api']) await untilState(manager, name, 'RUNNING');
      for (const name of ['s-cli', 's-api']) await untilMore(manager, name, 50);
      expect(await Promise.all(['s-cli', 's-api'].map(startedAt))).toEqual(before);
      await manager.ctl('stop', 'all');
      for (const name of ['s-cli', 's-api']) expectWhole(manager, name);
    });
  });

  it('the daemon is shut down with --keep, as for an upgrade of the package, and reloaded: no container is restarted, no line lost', async () => {
    await create(['s-cli', 's-api'], counts(5));
    await withManager(program('s-cli', ways['s-cli']) + program('s-api', ways['s-api']), async (manager) => {
      for (const name of ['s-cli', 's-api']) await untilMore(manager, name);
      const before = await Promise.all(['s-cli', 's-api'].map(startedAt));
      await manager.ours('shutdown', '--keep');
      await manager.untilEnded();
      await manager.start();
      for (const name of ['s-cli', 's-api']) await untilMore(manager, name);
      expect((await manager.ctl('reload')).code).toBe(0);
      for (const name of ['s-cli', 's-api']) await untilMore(manager, name);
      expect(await Promise.all(['s-cli', 's-api'].map(startedAt))).toEqual(before);
      await manager.ctl('stop', 'all');
      for (const name of ['s-cli', 's-api']) expectWhole(manager, name);
    });
  });

  it('what is paused stays so, when the daemon is killed, and when it is shut down with --keep', async () => {
    const made = ['s-cli', 's-api'] as const;
    await create(made, counts(5));
    await withManager(programsOf(made), async (manager) => {
      for (const name of made) await untilMore(manager, name);
      const before = await Promise.all(made.map(startedAt));
      for (const end of ['killed', 'kept']) {
        for (const name of made) await docker.run('pause', name);
        if (end === 'killed') await manager.end('SIGKILL');
        else {
          await manager.ours('shutdown', '--keep');
          await manager.untilEnded();
          expect(manager.log()).not.toMatch(/attached again/);
        }
        await manager.start();
        for (const name of made) {
          await untilState(manager, name, 'RUNNING');
          expect((await infoOf(manager, name))?.description).toMatch(/paused/);
          await docker.run('unpause', name);
          await untilMore(manager, name);
        }
      }
      expect(await Promise.all(made.map(startedAt))).toEqual(before);
      await manager.ctl('stop', 'all');
      for (const name of made) expectWhole(manager, name);
    });
  });

  it('the daemon is killed while it launches: what comes up without it is taken over, with its first lines', async () => {
    const rounds = [0, 30, 100, 300];
    const made = ['s-cli', 's-api'] as const;
    const run = program('s-run', [
      `command=docker run --rm --name s-run ${engine.image} ${counts(5)
        .map((word) => (word.includes(' ') ? `'${word.replaceAll('%', '%%')}'` : word))
        .join(' ')}`,
      'autostart=false',
    ]);
    try {
      for (const pauseMs of rounds) {
        await create(made, counts(5));
        const text = programsOf(made, 'autostart=false') + run;
        await withManager(text, async (manager) => {
          const all = [...made, 's-run'];
          // Nobody waits for the answer: the daemon dies before it can give one.
          const orders = all.map((name) => manager.ctl('start', name));
          for (const name of all)
            await untilLeft(manager, new RegExp(`"${name}:${name}": \\{\\s*"state": "(STARTING|RUNNING)"`));
          await new Promise((wake) => setTimeout(wake, pauseMs));
          await manager.end('SIGKILL');
          await manager.start();
          await Promise.allSettled(orders);
          for (const name of all) {
            await untilState(manager, name, 'RUNNING');
            await untilMore(manager, name);
          }
          expect(manager.log()).not.toMatch(/ghost of/);
          await manager.ctl('stop', 'all');
          for (const name of all) expectWhole(manager, name);
        });
        await docker.removeAll(names);
      }
    } finally {
      await docker.removeAll(['s-run']);
    }
  });

  it('a busy container whose log has been rotated since it was started: no line is lost or doubled when the daemon is killed', async () => {
    const made = ['s-cli', 's-api', 's-both'] as const;
    await create(made, counts(5), '--log-opt', 'max-size=20k', '--log-opt', 'max-file=3');
    await withManager(programsOf(made), async (manager) => {
      // More than the log holds; all of them count at once.
      await untilMore(manager, 's-cli', 1500);
      for (let round = 0; round < 2; round++) {
        await manager.end('SIGKILL');
        await manager.start();
        for (const name of made) await untilMore(manager, name);
      }
      await manager.ctl('stop', 'all');
      for (const name of made) expectWhole(manager, name);
    });
  });

  /** As if all that the log holds now had been stamped by a clock that was five hours ahead, and has been set right since. */
  async function stampAhead(name: string): Promise<void> {
    const path = await docker.run('inspect', '-f', '{{.LogPath}}', name);
    const stamp = /"time":"(\d{4}-\d\d-\d\dT\d\d)/g;
    const later = (hour: string): string =>
      new Date(Date.parse(`${hour}:00:00Z`) + 5 * 3_600_000).toISOString().slice(0, 13);
    const file = openSync(path, 'r+');
    // In place, and as long as before: the Engine goes on writing behind it.
    for (const match of readFileSync(path, 'latin1').matchAll(stamp))
      writeSync(file, later(match[1] ?? ''), match.index + '"time":"'.length, 'latin1');
    closeSync(file);
  }

  it('the clock was set back by hours, and then the daemon is killed twice: each line is in the log once', async () => {
    const made = ['s-cli', 's-api', 's-both'] as const;
    await create(made, counts(5));
    await withManager(programsOf(made), async (manager) => {
      for (const name of made) await untilMore(manager, name);
      for (const name of made) await stampAhead(name);
      for (let round = 0; round < 2; round++) {
        for (const name of made) await untilMore(manager, name);
        await manager.end('SIGKILL');
        await manager.start();
        for (const name of made) await untilMore(manager, name);
      }
      await manager.ctl('stop', 'all');
      for (const name of made) expectWhole(manager, name);
    });
  });

  it('a container that is found with hours of log from before the clock was set back: what it prints from then on is in the log once', async () => {
    await create(['s-api'], counts(5));
    await docker.run('start', 's-api');
    const printed = async (): Promise<number> =>
      Number((await docker.run('logs', '--tail', '1', 's-api')).split(' ')[1]);
    await until('it has printed', 10_000, async () => ((await printed()) > 100 ? true : null));
    await stampAhead('s-api');
    await withManager(program('s-api', ways['s-api']), async (manager) => {
      // A daemon that is killed before it could leave its place has none to leave.
      await untilLeft(manager, /"since": "\d/);
      await untilMore(manager, 's-api');
      await manager.end('SIGKILL');
      await manager.start();
      await untilMore(manager, 's-api');
      await manager.ctl('stop', 'all');
      expect(outOf(manager, 's-api').faults).toEqual([expect.stringMatching(/^out \d{3,} after out 0$/)]);
      expect(errOf(manager, 's-api').faults).toEqual([expect.stringMatching(/^err \d{3,} after err 0$/)]);
    });
  });

  it('what was under way goes on: a stop is finished, what was stopped stays so, what died is judged by its policy', async () => {
    const ends = (code: number): readonly string[] => [
      'sh',
      '-c',
      `sleep 3600 & wait $!; exit ${String(code)}`,
    ];
    const made = ['s-deaf', 's-down', 's-job', 's-service', 's-hand'];
    await create(['s-deaf'], deaf);
    await create(['s-down', 's-hand'], sleeps);
    await create(['s-job'], ends(0));
    await create(['s-service'], ends(0));
    const sections = [
      lines('s-deaf', 'stopwaitsecs=8'),
      lines('s-down'),
      lines('s-job', 'autorestart=unexpected'),
      lines('s-service', 'autorestart=true'),
      // Started by hand: the next daemon has no other reason to look after it than that this one did.
      lines('s-hand', 'autostart=false'),
    ].join('');
    await withManager(sections, async (manager) => {
      await manager.ctl('start', 's-hand');
      for (const name of made) await untilState(manager, name, 'RUNNING');
      const hand = await startedAt('s-hand');
      await manager.ctl('stop', 's-down');
      void manager.ctl('stop', 's-deaf');
      await untilState(manager, 's-deaf', 'STOPPING');
      await untilSaved(manager, 's-deaf', 'STOPPING');
      await manager.end('SIGKILL');
      await docker.run('exec', '-d', 's-job', 'sh', '-c', 'kill $(pidof sleep)');
      await docker.run('exec', '-d', 's-service', 'sh', '-c', 'kill $(pidof sleep)');
      for (const name of ['s-job', 's-service'])
        await until(`${name} has ended`, 10_000, async () =>
          (await docker.inspect(name))?.status === 'exited' ? true : null,
        );
      await manager.start();
      await untilState(manager, 's-deaf', 'STOPPED');
      expect((await docker.inspect('s-deaf'))?.status).toBe('exited');
      await untilState(manager, 's-service', 'RUNNING');
      await untilState(manager, 's-job', 'EXITED');
      await untilState(manager, 's-hand', 'RUNNING');
      expect(await startedAt('s-hand')).toBe(hand);
      expect((await infoOf(manager, 's-down'))?.state).toBe('STOPPED');
      expect((await docker.inspect('s-down'))?.status).toBe('exited');
    });
    await docker.removeAll(made);
  });

  it('what is at rest stays as it was, and is told so, by a daemon that is killed and by the one after it', async () => {
    const made = ['s-down', 's-job', 's-failed'];
    await create(['s-down'], sleeps);
    await create(['s-job'], ['sh', '-c', 'sleep 1.5']);
    await create(['s-failed'], ['sh', '-c', 'sleep 1.5; exit 3']);
    const sections = [
      lines('s-down'),
      lines('s-job', 'autorestart=unexpected'),
      lines('s-failed', 'autorestart=false'),
    ].join('');
    await withManager(sections, async (manager) => {
      await untilState(manager, 's-down', 'RUNNING');
      await manager.ctl('stop', 's-down');
      await untilState(manager, 's-job', 'EXITED');
      await untilState(manager, 's-failed', 'EXITED');
      const told = async (): Promise<readonly unknown[]> =>
        (await manager.processes()).map(({ name, state, description, exitStatus, start }) => {
          return { name, state, description, exitStatus, start };
        });
      const before = await told();
      const lives = await Promise.all(made.map(startedAt));
      for (const name of made) await untilSaved(manager, name, name === 's-down' ? 'STOPPED' : 'EXITED');
      for (const daemon of ['the next one', 'the one after it']) {
        await manager.end('SIGKILL');
        await manager.start();
        for (const name of made)
          await until(`${daemon} has looked at ${name}`, 10_000, async () =>
            (await infoOf(manager, name))?.description.endsWith('unknown') === true ? null : true,
          );
        expect(await told(), daemon).toEqual(before);
        for (const name of made) await untilSaved(manager, name, name === 's-down' ? 'STOPPED' : 'EXITED');
      }
      expect(await Promise.all(made.map(startedAt))).toEqual(lives);
    });
    await docker.removeAll(made);
  });

  it('what waits for its next try goes on waiting, and its tries stay counted, by a daemon that is killed and by the one after it', async () => {
    const waits = ['backoff=linear', 'backoff_initial=60', 'startretries=1', 'backoff_max=90'];
    await create(['s-api'], ['sh', '-c', 'exit 3']);
    await create(['s-cli'], ['sh', '-c', 'sleep 1.2; exit 3']);
    const text =
      program('s-api', [...ways['s-api'], ...waits]) +
      program('s-cli', [...ways['s-cli'], ...waits, 'backoff_reset_after=300']);
    await withManager(text, async (manager) => {
      const states = { 's-api': 'BACKOFF', 's-cli': 'EXITED' };
      for (const [name, state] of Object.entries(states)) {
        await untilState(manager, name, state);
        await untilSaved(manager, name, state);
      }
      const before = manager.log().split('spawned:').length;
      for (let round = 0; round < 2; round++) {
        await manager.end('SIGKILL');
        await manager.start();
        for (const [name, state] of Object.entries(states)) {
          // One that has just begun may answer before it has made its programs.
          await untilState(manager, name, state);
          expect((await infoOf(manager, name))?.description).toMatch(/next try in [2-6]?\d s/);
        }
      }
      // Nothing has been tried meanwhile.
      expect(manager.log().split('spawned:').length).toBe(before);
      // The second failure is one too many.
      await manager.ours('retry', 's-api');
      await untilState(manager, 's-api', 'FATAL');
    });
  });

  it('killed on its way down, it is followed by one that starts as after any shutdown', async () => {
    const made = ['s-deaf', 's-soon', 's-hand'];
    await create(['s-deaf'], deaf);
    await create(['s-soon', 's-hand'], sleeps);
    const sections = [
      lines('s-deaf', 'autorestart=unexpected', 'stopwaitsecs=60'),
      lines('s-soon', 'autorestart=unexpected'),
      lines('s-hand', 'autorestart=unexpected', 'autostart=false'),
    ].join('');
    await withManager(sections, async (manager) => {
      await manager.ctl('start', 's-hand');
      for (const name of made) await untilState(manager, name, 'RUNNING');
      const life = await startedAt('s-deaf');
      manager.signal('SIGTERM');
      await untilSaved(manager, 's-deaf', 'STOPPING');
      for (const name of ['s-soon', 's-hand']) await untilSaved(manager, name, 'STOPPED');
      await manager.end('SIGKILL');
      await manager.start();
      await untilState(manager, 's-soon', 'RUNNING');
      await untilState(manager, 's-deaf', 'RUNNING');
      expect(await startedAt('s-deaf')).toBe(life);
      expect((await infoOf(manager, 's-hand'))?.state).toBe('STOPPED');
    });
    await docker.removeAll(made);
  });

  it('a log driver that cannot be read: what went by is lost, and that is said once', async () => {
    await create(['s-none'], counts(20), '--log-driver', 'none');
    const section = program('s-none', ['command=docker start -a s-none', 'docker_attach=api']);
    await withManager(section, async (manager) => {
      await untilMore(manager, 's-none');
      await manager.end('SIGKILL');
      await manager.start();
      await untilMore(manager, 's-none');
      const { faults } = outOf(manager, 's-none');
      expect(faults.length).toBeLessThanOrEqual(1);
      const said = readFileSync(join(manager.directory, 'supervisord.log'), 'utf8').match(
        /cannot be read: what/g,
      );
      expect(said, manager.log()).toHaveLength(1);
      await manager.ctl('stop', 'all');
    });
    await docker.removeAll(['s-none']);
  });
});
