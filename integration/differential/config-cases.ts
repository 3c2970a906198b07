/** What supervisord refuses, with which words and which code; and what it makes of what it takes (supervisord.md 1, 2 and 9.1). */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, inject, test } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { runCommand } from '../support/run-command.ts';
import type { XmlRpcStruct } from '../../src/rpc/xml.ts';
import { comparable, judge } from './compare.ts';
import { openHouse, played } from './house.ts';
import { text as textOf } from './side.ts';

const program = (...lines: string[]): string =>
  ['[supervisord]', '[program:x]', 'command=/bin/cat', ...lines, ''].join('\n');

/** By name: a file that is refused. */
const refused: Readonly<Record<string, string>> = {
  'no section [supervisord]': '[program:x]\ncommand=cat\n',
  'a line without =': '[supervisord]\n[program:x]\ncommand=cat\nfoo\n',
  'a byte order mark': '\ufeff[supervisord]\n',
  'text before the first section': 'x=1\n[supervisord]\n',
  'no command': '[supervisord]\n[program:x]\nautostart=true\n',
  'an unknown ENV_ name': program('environment=A="%(ENV_NOPE_NOT_THERE)s"'),
  'a bad format': program('environment=A="%(here)z"'),
  'user= with an environment of its own': program('environment=B="x"', 'user=%(ENV_B)s'),
  'environment without a value': program('environment=A=a,b'),
  'a bad boolean': program('autostart=t'),
  'a bad integer': program('startsecs=soon'),
  'a bad signal': program('stopsignal=FOO'),
  'a bad exit code': program('exitcodes=0,x'),
  'an exit code of 256': program('exitcodes=256'),
  'stopasgroup without killasgroup': program('stopasgroup=true', 'killasgroup=false'),
  'a bad size': program('stdout_logfile_maxbytes=1ZB'),
  'a bad umask': program('umask=999'),
  'an unknown user': program('user=nosuchuser_'),
  'a bad autorestart': program('autorestart=maybe'),
  'a log in a folder that is not there': program('stdout_logfile=/nosuch/dir/x.log'),
  'numprocs without process_num': program('numprocs=2'),
  'a name with a colon': program('process_name=a:b'),
  'a name with a space': program('process_name=a b'),
  'a group of what is not there': '[supervisord]\n[group:g]\nprograms=nosuch\n',
  'a listener without events': '[supervisord]\n[eventlistener:x]\ncommand=cat\n',
  'a listener of an unknown event': '[supervisord]\n[eventlistener:x]\ncommand=cat\nevents=BOGUS\n',
  'a listener with buffer_size=0':
    '[supervisord]\n[eventlistener:x]\ncommand=cat\nevents=EVENT\nbuffer_size=0\n',
  'a listener with redirect_stderr':
    '[supervisord]\n[eventlistener:x]\ncommand=cat\nevents=EVENT\nredirect_stderr=true\n',
  'a server without a port': '[supervisord]\n[inet_http_server]\n',
  'a server with a bad port': '[supervisord]\n[inet_http_server]\nport=host:x\n',
  'a username without a password': '[supervisord]\n[inet_http_server]\nport=127.0.0.1:1\nusername=u\n',
  'a unix server without a file': '[supervisord]\n[unix_http_server]\n',
  'a bad chmod': '[supervisord]\n[unix_http_server]\nfile=%DIR%/s\nchmod=rwx\n',
  'a bad chown': '[supervisord]\n[unix_http_server]\nfile=%DIR%/s\nchown=nosuchuser_\n',
  'a bad loglevel': '[supervisord]\nloglevel=loud\n',
  'a bad minfds': '[supervisord]\nminfds=many\n',
  'an rpcinterface without a factory': '[supervisord]\n[rpcinterface:x]\n',
  'an include of what is broken': '[supervisord]\n[include]\nfiles=%DIR%/inc/broken.conf\n',
  'an include section without files': '[supervisord]\n[include]\n',
};

describe.skipIf(engineSkipped)('a file that is refused', () => {
  for (const [name, text] of Object.entries(refused)) {
    played.push(name);
    test.concurrent(name, async () => {
      const [real, ours] = await Promise.all([check(true, text), check(false, text)]);
      judge(name, real, ours);
    });
  }
});

/** The first line of stderr, which both have; dockvisord tells further problems, and where they are. */
async function check(isReal: boolean, text: string): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), 'dockvisor-refused-'));
  try {
    const file = join(directory, 'd.conf');
    mkdirSync(join(directory, 'inc'));
    writeFileSync(join(directory, 'inc', 'broken.conf'), '[program:zz]\n');
    writeFileSync(file, text.replaceAll('%DIR%', directory));
    const dockvisord = inject('dockvisord');
    const [command, ...words] = isReal ? ['/usr/bin/supervisord'] : [process.execPath, dockvisord];
    const options = ['-n', '-c', file, '-l', join(directory, 'log'), '-j', join(directory, 'pid')];
    const { code, stderr } = await runCommand(command ?? '', [...words, ...options]);
    const lines = stderr.split('\n').filter((line) => !line.includes('UserWarning') && line !== '');
    // Ours says where: [file:line].
    const first = (lines[0] ?? '').replace(/ \[\S+:\d+\]$/, '');
    return comparable({ code, first }, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const shown = [
  'name group command directory autostart startsecs startretries exitcodes stopsignal stopwaitsecs killasgroup',
  'process_prio group_prio redirect_stderr stdout_logfile stderr_logfile stdout_logfile_maxbytes stdout_logfile_backups',
  'stdout_capture_maxbytes stdout_events_enabled stdout_syslog uid serverurl inuse',
]
  .join(' ')
  .split(' ');

/** By name: sections that are taken. Each is a program of that name, or several. */
const taken: Readonly<Record<string, string>> = {
  'a comment after a space': '[program:c1]\ncommand=/bin/cat a ;b\n',
  'a semicolon within a word': '[program:c2]\ncommand=/bin/cat a;b\n',
  'a hash after a space': '[program:c3]\ncommand=/bin/cat a #b\n',
  'a hash within a word': '[program:c4]\ncommand=/bin/cat a#b\n',
  'a semicolon within quotes': '[program:c5]\ncommand=bash -c "a ; b"\n',
  'continuation lines': '[program:c6]\ncommand=/bin/echo\n  one\n  two\n',
  'a comment and a blank line within a continuation':
    '[program:c7]\ncommand=/bin/echo\n  one\n; no\n\n  two\n',
  'a key in capitals': '[program:c8]\nCOMMAND=/bin/cat\n',
  'a colon for =': '[program:c9]\ncommand: /bin/cat\n',
  'the last of two equal keys': '[program:c10]\ncommand=/bin/cat\ncommand=/bin/tac\n',
  'two sections of one name': '[program:c11]\ncommand=/bin/cat\n[program:c11]\npriority=3\n',
  'numprocs and numprocs_start':
    '[program:c12]\ncommand=/bin/cat %(process_num)d\nnumprocs=2\nnumprocs_start=5\nprocess_name=p%(process_num)03d\n',
  'an environment per process':
    '[program:c13]\ncommand=/bin/echo %(ENV_B)s\nenvironment=B="b%(process_num)d"\nnumprocs=2\nprocess_name=p%(process_num)d\n',
  'the environment of the daemon': '[program:c14]\ncommand=/bin/echo %(ENV_FROM_DAEMON)s\n',
  'a program name in a path':
    '[program:c15]\ncommand=/bin/cat\nstdout_logfile=%DIR%/%(program_name)s-%(group_name)s.log\n',
  'a signal in small letters': '[program:c16]\ncommand=/bin/cat\nstopsignal=usr1\n',
  'a signal by number': '[program:c17]\ncommand=/bin/cat\nstopsignal=9\n',
  'exit codes with spaces': '[program:c18]\ncommand=/bin/cat\nexitcodes=0, 2 ,3\n',
  'no exit codes': '[program:c19]\ncommand=/bin/cat\nexitcodes=\n',
  'stopasgroup implies killasgroup': '[program:c20]\ncommand=/bin/cat\nstopasgroup=true\n',
  sizes: '[program:c21]\ncommand=/bin/cat\nstdout_logfile_maxbytes=2MB\nstdout_capture_maxbytes=3kb\n',
  'NONE, off and AUTO': '[program:c22]\ncommand=/bin/cat\nstdout_logfile=none\nstderr_logfile=OFF\n',
  booleans: '[program:c23]\ncommand=/bin/cat\nautostart=No\nredirect_stderr=ON\n',
  'an escaped per cent': '[program:c24]\ncommand=/bin/echo 50%%\n',
  'host_node_name and here': '[program:c25]\ncommand=/bin/echo %(host_node_name)s %(here)s\n',
  'a program in two groups':
    '[program:c26]\ncommand=/bin/cat\n[group:ga]\nprograms=c26\n[group:gb]\nprograms=c26\npriority=5\n',
  'a listener': '[eventlistener:c27]\ncommand=/bin/cat\nevents=TICK_5\nautostart=false\n',
  'priorities of a group':
    '[program:c28]\ncommand=/bin/cat\npriority=9\n[program:c29]\ncommand=/bin/cat\npriority=3\n[group:c30]\nprograms=c28,c29\npriority=77\n',
  'an unknown key': '[program:c31]\ncommand=/bin/cat\nnosuchkey=1\n',
  'user by number': '[program:c32]\ncommand=/bin/cat\nuser=0\n',
};

describe.skipIf(engineSkipped)('a file that is taken', () => {
  const all = Object.values(taken)
    .map((text) => text.replaceAll(/^(\[(?:program|eventlistener):c\d+\])$/gm, '$1\nautostart=false'))
    .join('\n');
  const { script } = openHouse(all, undefined, ['environment=FROM_DAEMON="from the daemon"']);
  for (const [name, text] of Object.entries(taken)) {
    const sections = [...text.matchAll(/^\[\w+:(\w+)\]/gm)].flatMap(([, section]) => section ?? []);
    script(name, async (side) => {
      const infos = (await side.rpc('supervisor.getAllConfigInfo')) as XmlRpcStruct[];
      return infos
        .filter((info) => sections.includes(textOf(info['group'])) || sections.includes(textOf(info['name'])))
        .map((info) => Object.fromEntries(shown.map((key) => [key, info[key]])));
    });
  }
  script('the order of getAllConfigInfo', async (side) => {
    const infos = (await side.rpc('supervisor.getAllConfigInfo')) as XmlRpcStruct[];
    return infos.map((info) => `${textOf(info['group'])}:${textOf(info['name'])}`).sort();
  });
});

describe.skipIf(engineSkipped)('the version', () => {
  played.push('supervisord -v');
  test('supervisord -v', async () => {
    const real = await runCommand('/usr/bin/supervisord', ['-v']);
    const ours = await runCommand(process.execPath, [inject('dockvisord'), '-v']);
    judge('supervisord -v', real, ours);
  });
  played.push('supervisorctl version without a daemon');
  test('supervisorctl version without a daemon', async () => {
    const url = ['-s', 'unix:///nosuch/sock', 'version'];
    const real = await runCommand('/usr/bin/supervisorctl', url);
    const ctl = join(dirname(inject('dockvisord')), 'dockvisorctl.js');
    judge('supervisorctl version without a daemon', real, await runCommand(process.execPath, [ctl, ...url]));
  });
});
