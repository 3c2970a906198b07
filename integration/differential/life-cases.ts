/** Lives of programs, and what the activity log says of them; signals to the daemon, and its order (supervisord.md 3, 4, 9.2 and 9.3). */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import type { XmlRpcStruct } from '../../src/rpc/xml.ts';
import { alone, openHouse } from './house.ts';
import type { Side } from './side.ts';

const program = (name: string, ...lines: string[]): string => [`[program:${name}]`, ...lines, ''].join('\n');
const once = 'autorestart=false';
/** Of what ends at once: it is to be too quick on a busy machine, too. */
const soon = ['startsecs=10'];

/** By name: how it is written, and the state in which it ends. */
const lives: Readonly<
  Record<string, { readonly lines: readonly string[]; readonly ends: readonly string[] }>
> = {
  'runs on': { lines: ['command=sleep 1000'], ends: ['RUNNING'] },
  'not found': { lines: ['command=/nonexistent/x', 'startretries=1'], ends: ['FATAL'] },
  'exits too quickly': { lines: ['command=sh -c "exit 0"', 'startretries=1', ...soon], ends: ['FATAL'] },
  'exits with an expected code': {
    lines: ['command=sh -c "sleep 3; exit 2"', 'exitcodes=0,2'],
    ends: ['EXITED'],
  },
  'exits with another code': { lines: ['command=sh -c "sleep 3; exit 2"', once], ends: ['EXITED'] },
  'killed by a signal': { lines: ['command=sh -c "sleep 3; kill -KILL $$"', once], ends: ['EXITED'] },
  'startsecs is 0': { lines: ['command=sh -c "sleep 3; exit 0"', 'startsecs=0'], ends: ['EXITED'] },
  'no folder to stand in': {
    lines: ['command=sleep 1000', 'directory=/nope', 'startretries=0', ...soon],
    ends: ['FATAL'],
  },
  'a PATH of its own': {
    lines: ['command=sleep 5', 'environment=PATH="/nonexistent"', 'startretries=0'],
    ends: ['FATAL'],
  },
  'startretries is 0': { lines: ['command=sh -c "exit 3"', 'startretries=0', ...soon], ends: ['FATAL'] },
  'no retry below 0': {
    lines: ['command=sh -c "exit 3"', 'startretries=-1', ...soon],
    ends: ['FATAL', 'BACKOFF'],
  },
  'autorestart without an end of its own': {
    lines: ['command=sh -c "sleep 2; exit 0"', 'autorestart=unexpected'],
    ends: ['EXITED'],
  },
  redirected: {
    lines: [
      'command=sh -c "echo out; echo err >&2; sleep 1000"',
      'redirect_stderr=true',
      'stdout_logfile=%DIR%/redirected.log',
    ],
    ends: ['RUNNING'],
  },
  'not executable': { lines: ['command=%DIR%/supervisord.conf', 'startretries=0'], ends: ['FATAL'] },
};
const idOf = (name: string): string => name.replaceAll(' ', '_');

describe.skipIf(engineSkipped)('a life', () => {
  const text = Object.entries(lives)
    .map(([name, { lines }]) => program(idOf(name), ...lines))
    .join('\n');
  const { script } = openHouse(text);
  for (const [name, { ends }] of Object.entries(lives)) {
    script(name, async (side) => {
      await side.untilState(idOf(name), ...ends);
      const info = (await side.rpc('supervisor.getProcessInfo', idOf(name))) as XmlRpcStruct;
      return {
        ...Object.fromEntries(
          ['statename', 'spawnerr', 'exitstatus', 'description', 'pid'].map((key) => [key, info[key]]),
        ),
        log: side
          .logged(`${idOf(name)} `)
          .concat(side.logged(`'${idOf(name)}'`))
          .map(levelless)
          .sort(),
      };
    });
  }
  script('both streams in one log', (side) => Promise.resolve(side.file('redirected.log')));
});

/** The words count; which of INFO and WARN has its own case. */
const levelless = (line: string): string => line.replace(/^(INFO|WARN) /, '');

describe.skipIf(engineSkipped)('a log file between two runs', () => {
  const { script } = openHouse(
    ['removed', 'moved', 'left']
      .map((name) =>
        program(name, 'command=sh -c "echo out; exec sleep 1000"', `stdout_logfile=%DIR%/${name}.log`),
      )
      .join('\n'),
  );
  const acts: Readonly<Record<string, (path: string) => void>> = {
    removed: rmSync,
    moved: (path) => {
      renameSync(path, `${path}.old`);
    },
    left: () => undefined,
  };
  for (const [name, act] of Object.entries(acts))
    script(name, async (side) => {
      await side.untilState(name, 'RUNNING');
      await side.rpc('supervisor.stopProcess', name);
      act(join(side.directory, `${name}.log`));
      await side.rpc('supervisor.startProcess', name);
      return [side.file(`${name}.log`), side.file(`${name}.log.old`)];
    });
});

describe.skipIf(engineSkipped)('stops', () => {
  const { script } = openHouse(
    [
      program('term', 'command=sleep 1000'),
      program('usr1', `command=sh -c "trap 'exit 4' USR1; while :; do sleep 1; done"`, 'stopsignal=USR1'),
      program('deaf', `command=sh -c "trap '' TERM; while :; do sleep 1; done"`, 'stopwaitsecs=1'),
      program('family', 'command=sh -c "sleep 3333 & exec sleep 3334"', 'stopasgroup=true'),
      program('backs', 'command=sh -c "exit 1"', 'autostart=false', 'startretries=100', ...soon),
    ].join('\n'),
    async (side) => {
      for (const name of ['term', 'usr1', 'deaf', 'family']) await side.untilState(name, 'RUNNING');
    },
  );
  const stop = async (side: Side, name: string): Promise<unknown> => {
    const answer = await side.rpc('supervisor.stopProcess', name);
    const info = (await side.rpc('supervisor.getProcessInfo', name)) as XmlRpcStruct;
    return [answer, info['statename'], info['exitstatus'], info['spawnerr']];
  };
  for (const name of ['term', 'usr1', 'family']) script(`of ${name}`, (side) => stop(side, name));
  script('of one that is deaf', async (side) => [await stop(side, 'deaf'), side.logged('killing')]);
  script('told in the log', (side) =>
    Promise.resolve(
      side
        .logged('stopped: ')
        .map((line) => line.replace(/^\w+ /, ''))
        .sort(),
    ),
  );
  script('a requested stop by a signal, its level in the log', (side) =>
    Promise.resolve(side.logged('stopped: term').map((line) => line.split(' ')[0])),
  );
  script('in BACKOFF', async (side) => {
    await side.rpc('supervisor.startProcess', 'backs', false);
    await side.untilState('backs', 'BACKOFF');
    return [await side.rpc('supervisor.startProcess', 'backs'), await stop(side, 'backs')];
  });
  script('while it is stopping', async (side) => {
    await side.rpc('supervisor.startProcess', 'deaf');
    await side.rpc('supervisor.stopProcess', 'deaf', false);
    return [
      await side.rpc('supervisor.startProcess', 'deaf'),
      await side.rpc('supervisor.stopProcess', 'deaf'),
      await side.rpc('supervisor.signalProcess', 'deaf', 'CONT'),
    ];
  });
});

describe.skipIf(engineSkipped)('the daemon', () => {
  const ordered = [
    program('p1', 'command=sleep 1000', 'priority=1'),
    program('p10', 'command=sleep 1000', 'priority=10'),
    program('p5', `command=sh -c "trap 'sleep 0.7; exit' TERM; while :; do sleep 0.1; done"`, 'priority=5'),
    program('m1', 'command=sleep 1000', 'priority=900'),
    program('m2', 'command=sleep 1000', 'priority=3'),
    program('m3', 'command=sleep 1000', 'priority=50'),
    '[group:m]\nprograms=m1,m3,m2\npriority=7\n',
  ].join('\n');
  const allRun = async (side: Side): Promise<void> => {
    for (const name of ['p1', 'p10', 'p5', 'm:m1', 'm:m2', 'm:m3']) await side.untilState(name, 'RUNNING');
  };
  const names = (lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => /(?:spawned: '|stopped: )(\w+)/.exec(line)?.[1] ?? []);

  alone('spawns by priority', ordered, async (side) => {
    await allRun(side);
    return names(side.logged('spawned: '));
  });
  alone('stops by priority on TERM, and takes pidfile and socket away', ordered, async (side) => {
    await allRun(side);
    await side.manager.end('SIGTERM');
    return {
      groups: names(side.logged('stopped: ')).map((name) => (name.startsWith('m') ? 'm' : name)),
      said: side.logged('received '),
      left: ['sock', 'supervisord.pid'].filter((name) => existsSync(join(side.directory, name))),
    };
  });
  for (const signal of ['SIGINT', 'SIGQUIT'] as const)
    alone(`${signal} ends it`, program('a', 'command=sleep 1000'), async (side) => {
      await side.untilState('a', 'RUNNING');
      await side.manager.end(signal);
      return side.logged('received ');
    });
  alone('SIGHUP, and the pid of what has not changed', program('a', 'command=sleep 1000'), async (side) => {
    await side.untilState('a', 'RUNNING');
    const pidOf = async (): Promise<unknown> =>
      ((await side.rpc('supervisor.getProcessInfo', 'a')) as XmlRpcStruct)['pid'];
    const was = await pidOf();
    side.manager.signal('SIGHUP');
    await side.untilLog('received SIGHUP');
    let is: unknown = null;
    await until(`another life, or the same\n${side.manager.log()}`, 20_000, async () => {
      // supervisord takes its socket away for a moment.
      is = await pidOf().catch(() => null);
      const isDone = side.isReal ? is !== was : side.logged('reloaded').length > 0 && is === was;
      return typeof is === 'number' && is !== 0 && isDone ? true : null;
    });
    return { same: is === was, said: side.logged('received ') };
  });
  alone('a stale socket is replaced', program('a', 'command=sleep 1000'), async (side) => {
    await side.untilState('a', 'RUNNING');
    side.manager.signal('SIGKILL');
    await side.manager.end('SIGKILL');
    expect(existsSync(join(side.directory, 'sock'))).toBe(true);
    await side.manager.start();
    return await side.rpc('supervisor.getState');
  });
  alone(
    'a pidfile that cannot be written costs nothing',
    program('a', 'command=sleep 1000'),
    async (side) => {
      const config = side.file('supervisord.conf').replace('/supervisord.pid', '/');
      await side.manager.end('SIGTERM');
      writeFileSync(join(side.directory, 'supervisord.conf'), config);
      await side.manager.start();
      return side.logged('pidfile').map((line) => line.split(' ')[0]);
    },
  );
  alone('the first lines of the log', program('a', 'command=sleep 1000'), async (side) => {
    await side.untilState('a', 'RUNNING');
    return [
      ...side.logged('RPC interface'),
      ...side.logged('running without'),
      ...side.logged('started with pid'),
      ...side.logged('spawned'),
    ];
  });
});
