/** The rest of the reference's list of conformance cases (supervisord.md 9) that the other files do not play; its numbers are in the names. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, inject } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import type { XmlRpcStruct } from '../../src/rpc/xml.ts';
import { alone, openHouse } from './house.ts';
import { text } from './side.ts';
import type { Side } from './side.ts';

const program = (name: string, ...lines: string[]): string => [`[program:${name}]`, ...lines, ''].join('\n');
const sleeps = 'command=sleep 1000';
const infoOf = async (side: Side, name: string): Promise<XmlRpcStruct> =>
  (await side.rpc('supervisor.getProcessInfo', name)) as XmlRpcStruct;
const wordsOf = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/^\w+ /, ''));
const spawnedNames = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => /spawned: '(\w+)'/.exec(line)?.[1] ?? []);
const stoppedNames = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => /stopped: (\w+)/.exec(line)?.[1] ?? []);

/** In the environment of both daemons. */
process.env['DIFFERENTIAL_ODD'] = 'x ;y #z %(x)s';

describe.skipIf(engineSkipped)('section 9.1: what a program is given', () => {
  const shows = `sh -c "printf '%%s|' $A $B $C; echo; exec sleep 1000"`;
  const env = (name: string, value: string): string =>
    program(name, `command=${shows}`, `environment=${value}`, `stdout_logfile=%DIR%/${name}.log`);
  const cases: Readonly<Record<string, string>> = {
    'a dollar': 'A=$HOME',
    'words after a space are lost': 'A=a b',
    'a doubled per cent': 'A=50%%',
    'a hash in a value': 'A=1#x',
    'a comma in quotes': "A='1,2',B=3",
    'quotes in quotes': `A="it's",B='say "x"'`,
  };
  const { script } = openHouse(
    [
      ...Object.entries(cases).map(([name, value]) => env(name.replaceAll(' ', '_'), value)),
      '[PROGRAM:capital]\ncommand=sleep 1000\n',
      program(
        'literal',
        `command=sh -c "echo '%(ENV_DIFFERENTIAL_ODD)s'; exec sleep 1000"`,
        'stdout_logfile=%DIR%/literal.log',
      ),
      program(
        'env55',
        `command=sh -c "env | grep ^SUPERVISOR_ | sort; exec sleep 1000"`,
        'stdout_logfile=%DIR%/env55.log',
      ),
    ].join('\n'),
  );
  const logOf = (side: Side, name: string): Promise<string> =>
    until(`${name} has said something\n${side.manager.log()}`, 20_000, () => {
      const log = side.file(`${name}.log`);
      return log.endsWith('\n') ? log : null;
    });
  for (const name of Object.keys(cases))
    script(`21, 22: environment with ${name}`, (side) => logOf(side, name.replaceAll(' ', '_')));
  script(
    '7: a section in capitals is no section',
    async (side) => (await side.ctl('status', 'capital')).stdout,
  );
  script('14: a value from the environment is taken literally', (side) => logOf(side, 'literal'));
  script('55: the environment of a child', (side) => logOf(side, 'env55'));
});

describe.skipIf(engineSkipped)('section 9.1: includes', () => {
  alone('31: an include that matches nothing is a warning', program('a', sleeps), async (side) => {
    await side.manager.end('SIGTERM');
    const config = side.file('supervisord.conf');
    writeFileSync(
      join(side.directory, 'supervisord.conf'),
      `${config}[include]\nfiles=${side.directory}/none/*.conf\n`,
    );
    await side.manager.start();
    return side.logged('No file matches').length;
  });
  alone('30: includes are sorted, override, and are told', program('a', sleeps), async (side) => {
    await side.manager.end('SIGTERM');
    const folder = join(side.directory, 'inc');
    mkdirSync(folder);
    writeFileSync(join(folder, '2.conf'), '[program:a]\ncommand=sleep 2002\n');
    writeFileSync(
      join(folder, '1.conf'),
      '[program:a]\ncommand=sleep 2001\n[program:b]\ncommand=sleep %(here)s\nautostart=false\n',
    );
    const config = side.file('supervisord.conf');
    writeFileSync(join(side.directory, 'supervisord.conf'), `${config}[include]\nfiles=inc/*.conf\n`);
    await side.manager.start();
    const infos = (await side.rpc('supervisor.getAllConfigInfo')) as XmlRpcStruct[];
    return [
      infos.map((info) => `${text(info['name'])}: ${text(info['command'])}`),
      wordsOf(side.logged('Included extra file')),
    ];
  });
  alone('106: reread with a bad include', program('a', sleeps), async (side) => {
    mkdirSync(join(side.directory, 'inc'));
    writeFileSync(join(side.directory, 'inc', 'bad.conf'), '[program:zz]\nautostart=true\n');
    side.rewrite(`${program('a', sleeps)}[include]\nfiles=inc/*.conf\n`);
    return side.ctl('reread');
  });
  alone(
    '105: a changed environment of the daemon changes every group',
    program('a', sleeps) + program('b', sleeps),
    async (side) => {
      const config = side.file('supervisord.conf');
      writeFileSync(
        join(side.directory, 'supervisord.conf'),
        config.replace('user=root', 'user=root\nenvironment=NEW="1"'),
      );
      return side.ctl('reread');
    },
  );
});

describe.skipIf(engineSkipped)('section 9.2 and 9.3: lives and orders', () => {
  alone(
    '42: autorestart=true restarts what ended well',
    program('a', 'command=sh -c "sleep 2; exit 0"', 'autorestart=true'),
    async (side) => {
      await until(`spawned twice\n${side.manager.log()}`, 30_000, () =>
        side.logged("spawned: 'a'").length >= 2 ? true : null,
      );
      return wordsOf(side.logged('exited: a').slice(0, 1));
    },
  );
  alone(
    '45: one that stands still is killed at its grace',
    program('a', sleeps, 'stopwaitsecs=2'),
    async (side) => {
      await side.untilState('a', 'RUNNING');
      const pid = Number((await infoOf(side, 'a'))['pid']);
      process.kill(pid, 'SIGSTOP');
      // Until it stands still, a TERM that comes after the STOP is taken before it: the kernel delivers the lower number first.
      await until('it stands still', 10_000, () =>
        Promise.resolve(
          /^State:\s+T/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ? true : null,
        ),
      );
      const answer = await side.rpc('supervisor.stopProcess', 'a');
      return [answer, wordsOf(side.logged('killing')), wordsOf(side.logged('stopped: a'))];
    },
  );
  alone(
    '51: an executable file without #!',
    program('a', 'command=%DIR%/script', 'startretries=0', 'startsecs=10', 'autostart=false'),
    async (side) => {
      writeFileSync(join(side.directory, 'script'), 'exec sleep 1000\n');
      chmodSync(join(side.directory, 'script'), 0o755);
      await side.rpc('supervisor.startProcess', 'a', false);
      await side.untilState('a', 'FATAL', 'STARTING');
      await until('a settled state', 30_000, async () =>
        (await infoOf(side, 'a'))['statename'] === 'FATAL' || !side.isReal ? true : null,
      );
      return (await infoOf(side, 'a'))['statename'];
    },
  );
  alone(
    '57, 58: a group is spawned at the boot as it is listed, and started by priority',
    [
      program('m1', sleeps, 'priority=900'),
      program('m2', sleeps, 'priority=3'),
      program('m3', sleeps, 'priority=50'),
      '[group:g]\nprograms=m1,m3,m2\n',
    ].join('\n'),
    async (side) => {
      for (const name of ['g:m1', 'g:m2', 'g:m3']) await side.untilState(name, 'RUNNING');
      const boot = spawnedNames(side.logged('spawned'));
      await side.rpc('supervisor.stopProcessGroup', 'g');
      await side.rpc('supervisor.startProcessGroup', 'g');
      return [boot, spawnedNames(side.logged('spawned')).slice(boot.length)];
    },
  );
  alone('62: HUP with a file that cannot be read', program('a', sleeps), async (side) => {
    await side.untilState('a', 'RUNNING');
    side.rewrite('[program:zz]\n');
    side.manager.signal('SIGHUP');
    await side.untilLog(side.isReal ? 'stopped: a' : 'not restarted');
    return stoppedNames(side.logged('stopped'));
  });
  alone(
    '63: HUP during a shutdown is ignored',
    program('a', `command=sh -c "trap 'sleep 2; exit' TERM; while :; do sleep 0.1; done"`),
    async (side) => {
      await side.untilState('a', 'RUNNING');
      side.manager.signal('SIGTERM');
      await side.untilLog('received SIGTERM');
      side.manager.signal('SIGHUP');
      await side.untilLog('SIGHUP');
      await side.manager.end('SIGCONT');
      return side.logged('received ').concat(side.logged('ignored '));
    },
  );
  alone('65: a second daemon of the same file', program('a', sleeps), async (side) => {
    await side.untilState('a', 'RUNNING');
    const config = join(side.directory, 'supervisord.conf');
    const [command, ...words] = side.isReal
      ? ['/usr/bin/supervisord']
      : [process.execPath, inject('dockvisord')];
    const log = join(side.directory, 'second.log');
    const { code, stderr } = await runCommand(command ?? '', [...words, '-n', '-c', config, '-l', log]);
    return { code, said: stderr.split('\n').find((line) => line.startsWith('Error: ')) };
  });
  alone(
    '65: the logs of the first, when a second has been tried',
    program('a', 'command=sh -c "echo here; exec sleep 1000"'),
    async (side) => {
      await side.untilState('a', 'RUNNING');
      const [command, ...words] = side.isReal
        ? ['/usr/bin/supervisord']
        : [process.execPath, inject('dockvisord')];
      await runCommand(command ?? '', [
        ...words,
        '-n',
        '-c',
        join(side.directory, 'supervisord.conf'),
        '-l',
        join(side.directory, 'second.log'),
      ]);
      return readdirSync(side.directory).filter((name) => name.startsWith('a-stdout')).length;
    },
  );
  alone(
    '67: rotation by ten writes of 60 bytes',
    program(
      'a',
      `command=sh -c "while read i; do printf '%%060d' $i; done"`,
      'stdout_logfile=%DIR%/a.log',
      'stdout_logfile_maxbytes=100',
      'stdout_logfile_backups=2',
    ),
    async (side) => {
      await side.untilState('a', 'RUNNING');
      const sizes = (): readonly number[] =>
        ['a.log', 'a.log.1', 'a.log.2', 'a.log.3'].map((name) => {
          const path = join(side.directory, name);
          return existsSync(path) ? statSync(path).size : -1;
        });
      // Two writes that are read as one would be another history: each is asked for when the former one is in the log.
      for (let number = 1; number <= 10; number++) {
        await side.rpc('supervisor.sendProcessStdin', 'a', `${String(number)}\n`);
        const written = String(number).padStart(60, '0');
        await until(
          () => `write ${String(number)}: ${sizes().join(' ')}`,
          30_000,
          () => (['a.log', 'a.log.1'].some((name) => side.file(name).endsWith(written)) ? true : null),
        );
      }
      // The tenth write is the second of its file, which is rotated then.
      await until(
        () => `ten writes: ${sizes().join(' ')}`,
        30_000,
        // In the midst of a rotation there is no such file.
        () => (side.file('a.log.1').endsWith('10') && sizes()[0] === 0 ? true : null),
      );
      return sizes();
    },
  );
  alone(
    '74: capture mode, and a program that says little and exits',
    program(
      'a',
      'command=sh -c "echo bye"',
      'startsecs=0',
      'autorestart=false',
      'stdout_capture_maxbytes=1000',
      'stdout_logfile=%DIR%/a.log',
    ),
    async (side) => {
      await side.untilState('a', 'EXITED');
      return side.file('a.log');
    },
  );
  alone(
    '113: stop all stops listeners, too',
    `[eventlistener:l]\ncommand=cat\nevents=TICK_60\n${program('a', sleeps)}`,
    async (side) => {
      await side.untilState('l', 'RUNNING');
      await side.untilState('a', 'RUNNING');
      const { code, stdout } = await side.ctl('stop', 'all');
      return [code, stdout.split('\n').sort(), (await infoOf(side, 'l'))['statename']];
    },
  );
  alone(
    '111: tail -f of a program without a log',
    program('a', sleeps, 'stdout_logfile=NONE'),
    async (side) => {
      await side.untilState('a', 'RUNNING');
      return side.ctl('tail', '-f', 'a');
    },
  );
  alone(
    '43: startsecs=0 and a bad exit is tried for ever',
    program('a', 'command=sh -c "exit 1"', 'startsecs=0'),
    async (side) => {
      await until(`spawned four times\n${side.manager.log()}`, 30_000, () =>
        side.logged("spawned: 'a'").length >= 4 ? true : null,
      );
      return [wordsOf(side.logged('exited: a').slice(0, 1)), side.logged('gave up')];
    },
  );
  alone(
    '69: /dev/stdout with the default maxbytes',
    program('a', 'command=sh -c "echo to-stdout; exec sleep 1000"', 'stdout_logfile=/dev/stdout'),
    async (side) => {
      await side.untilState('a', 'RUNNING');
      await side.manager.end('SIGTERM');
      return side.logged('CRIT').filter((line) => !line.includes('without any HTTP')).length > 0;
    },
  );
  alone(
    '93: the tail of a log with an escape byte',
    program('a', `command=sh -c "printf '\\\\033[1mx\\\\n'; exec sleep 1000"`, 'stdout_logfile=%DIR%/a.log'),
    async (side) => {
      await until(`the escape is there\n${side.manager.log()}`, 20_000, () =>
        side.file('a.log').includes('\u001b') ? true : null,
      );
      return (await side.ctl('tail', 'a')).code;
    },
  );
});
