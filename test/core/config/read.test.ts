import { describe, expect, test } from 'vitest';
import { readCtlConfig } from '../../../src/core/config/read-ctl.ts';
import { readConfig } from '../../../src/core/config/read.ts';
import { errorsOf, fakeWorld, good, MAIN, onlyProcess, program, read, warningsOf } from './fake-world.ts';

const IN_X = " in section 'program:x' (file: '/conf/main.conf')";
const PARSE_X = `Source contains parsing errors: '${MAIN}'\n\t[line  4]: 'foo\\n'`;

describe('defaults', () => {
  test('a program with nothing but a command has the defaults of supervisord', () => {
    const channel = {
      maxBytes: 52428800,
      backups: 10,
      captureMaxBytes: 0,
      format: 'plain',
      eventsEnabled: false,
      syslog: false,
    };
    expect(onlyProcess(program())).toEqual({
      group: 'x',
      name: 'x',
      section: 'program:x',
      place: { file: MAIN, line: 2 },
      command: '/bin/cat',
      directory: null,
      environment: {},
      priority: 999,
      autostart: true,
      autorestart: 'unexpected',
      startSeconds: 1,
      startRetries: 3,
      backoff: { kind: 'linear', initialSeconds: 1, maxSeconds: 0, jitter: 0, resetAfterSeconds: 0 },
      exitCodes: [0],
      stopSignal: { name: 'TERM', number: 15 },
      stopSignalWritten: false,
      stopWaitSeconds: 10,
      stopAsGroup: false,
      killAsGroup: false,
      user: null,
      umask: null,
      redirectStderr: false,
      stdout: { ...channel, target: { kind: 'auto' } },
      stderr: { ...channel, target: { kind: 'auto' } },
      serverUrl: null,
      docker: null,
    });
  });

  test('the daemon has its defaults, and absolute paths', () => {
    expect(good(read('[supervisord]\n')).daemon).toEqual({
      logfile: '/conf/supervisord.log',
      logfileMaxBytes: 52428800,
      logfileBackups: 10,
      loglevel: 'info',
      pidfile: '/conf/supervisord.pid',
      umask: 0o022,
      directory: null,
      nodaemon: false,
      silent: false,
      minfds: 1024,
      minprocs: 200,
      nocleanup: false,
      childlogdir: '/tmp',
      user: null,
      identifier: 'supervisor',
      stripAnsi: false,
      environment: {},
      stateDir: null,
    });
  });
});

describe('programs', () => {
  test.each([
    ['command=/bin/cat a ;b', { command: '/bin/cat a' }],
    ['command=a\n  one\n  two', { command: 'a\none\ntwo' }],
    ['COMMAND=/x', { command: '/x' }],
    [
      'command=%(ENV_HOME)s/%(program_name)s/%(group_name)s/%(host_node_name)s/%(here)s',
      { command: '/home/me/x/x/host1//conf' },
    ],
    ['command=50%%', { command: '50%' }],
    ['stopsignal=term', { stopSignal: { name: 'TERM', number: 15 }, stopSignalWritten: true }],
    ['exitcodes=0, 2 ,3', { exitCodes: [0, 2, 3] }],
    ['exitcodes=', { exitCodes: [] }],
    ['stopasgroup=true', { stopAsGroup: true, killAsGroup: true }],
    ['killasgroup=true', { stopAsGroup: false, killAsGroup: true }],
    ['directory=/nope', { directory: '/nope' }],
    ['serverurl= auto ', { serverUrl: null }],
    ['serverurl=http://x', { serverUrl: 'http://x' }],
    [
      'startsecs=-5\nstartretries=-1\nstopwaitsecs=0',
      { startSeconds: -5, startRetries: -1, stopWaitSeconds: 0 },
    ],
    ['user=www\numask=022', { user: { name: 'www', uid: 33, gid: 33 }, umask: 18 }],
    ["environment=A='1,2',B=3", { environment: { A: '1,2', B: '3' } }],
    ['environment=A=50%%', { environment: { A: '50' } }],
    ['stdout_logfile=~/x.log', { stdout: { target: { kind: 'file', path: '/home/me/x.log' } } }],
    ['stdout_logfile=rel.log', { stdout: { target: { kind: 'file', path: 'rel.log' } } }],
    ['stdout_logfile=', { stdout: { target: { kind: 'none' } } }],
    ['stdout_logfile=None', { stdout: { target: { kind: 'none' } } }],
    [
      'stdout_logfile=/tmp/%(process_num)d-%(ENV_B)s\nenvironment=B=b',
      { stdout: { target: { kind: 'file', path: '/tmp/0-b' } } },
    ],
    ['redirect_stderr=true', { redirectStderr: true, stderr: { target: { kind: 'none' } } }],
    [
      'stdout_capture_maxbytes=1KB\nstdout_events_enabled=1\nstdout_syslog=on',
      { stdout: { captureMaxBytes: 1024, eventsEnabled: true, syslog: true } },
    ],
  ])('%j', (lines, wanted) => {
    expect(onlyProcess(program(lines))).toMatchObject(wanted);
  });

  test('the text of a variable is put in as it is', () => {
    const environment = { E: 'a ;b %(x)s #c' };
    expect(onlyProcess(program('command=%(ENV_E)s'), { environment }).command).toBe('a ;b %(x)s #c');
  });

  test('each of several processes has its number, its name and its own environment', () => {
    const lines = [
      'numprocs=2',
      'numprocs_start=5',
      'process_name=p%(process_num)03d',
      'environment=B="b%(process_num)d"',
      'command=%(ENV_B)s',
    ];
    const [group] = good(read(program(...lines))).groups;
    expect(group?.processes.map(({ name, command }) => [name, command])).toEqual([
      ['p005', 'b5'],
      ['p006', 'b6'],
    ]);
  });

  test('processes of one section are sorted as text', () => {
    const [group] = good(read(program('numprocs=11', 'process_name=w%(process_num)d'))).groups;
    expect(group?.processes.map(({ name }) => name).slice(0, 4)).toEqual(['w0', 'w1', 'w10', 'w2']);
  });

  test('no process at all is a group with none', () => {
    expect(good(read(program('numprocs=0'))).groups).toEqual([{ name: 'x', priority: 999, processes: [] }]);
  });

  test('the environment of the daemon lies under the program, and can be expanded', () => {
    const text = '[supervisord]\nenvironment=A=1,B=2\n[program:x]\ncommand=%(ENV_A)s\nenvironment=B=3\n';
    expect(onlyProcess(text)).toMatchObject({ command: '1', environment: { A: '1', B: '3' } });
  });

  test('processes of one name collapse, with a warning', () => {
    const result = read(program('numprocs=2', 'process_name=p%%(process_num)'));
    expect(good(result).groups[0]?.processes).toHaveLength(1);
    expect(warningsOf(result)).toEqual([
      '[program:x] has more than one process called p%(process_num): only the last one is kept',
    ]);
  });
});

describe('groups', () => {
  const programs =
    '[supervisord]\n[program:a]\ncommand=a\npriority=900\n[program:b]\ncommand=b\npriority=50\n[program:c]\ncommand=c %(group_name)s\n';

  test('groups are sorted by priority, then by name', () => {
    expect(good(read(programs)).groups.map((group) => [group.name, group.priority])).toEqual([
      ['b', 50],
      ['a', 900],
      ['c', 999],
    ]);
  });

  test('a group keeps the order of its programs, and takes them out of their own groups', () => {
    const { groups } = good(read(programs + '[group:g]\nprograms=c,a\npriority=7\n'));
    expect(
      groups.map((group) => [
        group.name,
        group.priority,
        group.processes.map((each) => `${each.group}:${each.name}`),
      ]),
    ).toEqual([
      ['g', 7, ['g:c', 'g:a']],
      ['b', 50, ['b:b']],
    ]);
    expect(groups[0]?.processes[0]?.command).toBe('c g');
  });

  test('a program may be in several groups', () => {
    const { groups } = good(read(programs + '[group:g]\nprograms=a\n[group:h]\nprograms=a,b\n'));
    expect(groups.map((group) => [group.name, group.processes.length])).toEqual([
      ['c', 1],
      ['g', 1],
      ['h', 2],
    ]);
  });

  test('of two groups with one name the lower priority number stays, with a warning', () => {
    const result = read(programs + '[group:a]\nprograms=b,c\n');
    expect(good(result).groups.map((group) => [group.name, group.priority])).toEqual([['a', 900]]);
    expect(warningsOf(result)).toEqual(['there is more than one group called a: [group:a] is left out']);
  });

  test('a group may name a container', () => {
    const { groups } = good(read('[supervisord]\n[container:web]\n[group:g]\nprograms=web\n'));
    expect(groups.map((group) => [group.name, group.processes[0]?.docker?.target])).toEqual([
      ['g', { by: 'name', name: 'web' }],
    ]);
  });
});

describe('sentences of fatal errors', () => {
  test.each([
    ['foo', PARSE_X],
    ['autostart=t', `not a valid boolean value: 't'${IN_X}`],
    ['startsecs=1.5', `invalid literal for int() with base 10: '1.5'${IN_X}`],
    ['autorestart=always', `invalid 'autorestart' value 'always'${IN_X}`],
    ['stdout_logfile_maxbytes=1M', `invalid literal for int() with base 10: '1m'${IN_X}`],
    ['umask=8', `8 can not be converted to an octal type${IN_X}`],
    ['stopsignal=FOO', `value 'FOO' is not a valid signal name${IN_X}`],
    ['stopsignal=99', `value '99' is not a valid signal number${IN_X}`],
    ['exitcodes=256', `not a valid list of exit codes: '256'${IN_X}`],
    ['user=nosuch', `Invalid user name nosuch${IN_X}`],
    ['user=77', `Invalid user id 77${IN_X}`],
    [
      'stderr_logfile=/nodir/x.log',
      `The directory named as part of the path /nodir/x.log does not exist${IN_X}`,
    ],
    ['process_name=a:b', `Invalid name: 'a:b' because of character: ':'${IN_X}`],
    ['environment=A=a,b', `Unexpected end of key/value pairs in value 'A=a,b'${IN_X}`],
    ['environment=A="a #b"', `No closing quotation${IN_X}`],
    ['numprocs=2', `%(process_num) must be present within process_name when numprocs > 1${IN_X}`],
    ['stopasgroup=true\nkillasgroup=false', `Cannot set stopasgroup=true and killasgroup=false${IN_X}`],
    [
      'command=50%',
      `Format string '50%' for 'program:x.command' is badly formatted: incomplete format${IN_X}`,
    ],
    [
      'command=%(ENV_NOPE)s',
      "Format string '%(ENV_NOPE)s' for 'program:x.command' contains names ('ENV_NOPE') which cannot be expanded. " +
        `Available names: ENV_HOME, group_name, here, host_node_name, numprocs, process_num, program_name${IN_X}`,
    ],
    [
      'user=%(ENV_B)s\nenvironment=B=root',
      "Format string '%(ENV_B)s' for 'program:x.user' contains names ('ENV_B') which cannot be expanded. " +
        `Available names: ENV_HOME, group_name, here, host_node_name, program_name${IN_X}`,
    ],
    ['environment=%(q)s', expect.stringContaining("for 'environment' contains names ('q')")],
    ['process_name=%(q)s', expect.stringContaining("for 'process_name' contains names ('q')")],
    // The group is read first, and its sentence has no suffix.
    ['priority=a', "invalid literal for int() with base 10: 'a'"],
  ])('[program:x] %j', (lines, wanted) => {
    expect(errorsOf(read(program(lines)))).toEqual([wanted]);
  });

  test.each([
    ['', '.ini file does not include supervisord section'],
    ['[supervisord]\n[PROGRAM:x]\ncommand=x\n', undefined],
    ['[supervisord]\n[program:x]\n', `program section program:x does not specify a command${IN_X}`],
    ['[supervisord]\n[program:a b]\ncommand=x\n', "Invalid name: 'a b' because of character: ' '"],
    ['[supervisord]\n[group:g]\nprograms=zz\n', '[group:g] names unknown program or fcgi-program zz'],
    [
      '[supervisord]\n[program:a]\ncommand=a\n[group:g]\nprograms=a,zz\n',
      '[program:a] names unknown program or fcgi-program zz',
    ],
    [
      '[supervisord]\n[program:a]\ncommand=a\n[group:g]\nprograms=a,\n',
      '[program:a] names unknown program or fcgi-program ',
    ],
    [
      '[supervisord]\n[program:f]\ncommand=a\n[fcgi-program:f]\ncommand=a\nsocket=tcp://h:1\n[group:g]\nprograms=f\n',
      '[group:g] name f is ambiguous (exists as program and fcgi-program)',
    ],
    ['[supervisord]\nloglevel=warning\n', "bad logging level name 'warning'"],
    ['[supervisord]\ndirectory=/nope\n', '/nope is not an existing directory'],
    ['[supervisord]\nuser=nosuch\n', 'Invalid user name nosuch'],
    [
      '[supervisord]\nidentifier=%(host_node_name)s\n',
      expect.stringContaining('Available names: ENV_HOME, here'),
    ],
    [
      '[supervisord]\nenvironment=A="50%%"\n',
      expect.stringContaining("for 'environment' is badly formatted"),
    ],
    ['[supervisord]\n[unix_http_server]\n', 'section [unix_http_server] has no file value'],
    ['[supervisord]\n[inet_http_server]\n', 'section [inet_http_server] has no port value'],
    ['[supervisord]\n[unix_http_server]\nfile=/tmp/s\nchmod=9\n', 'Invalid chmod value 9'],
    ['[supervisord]\n[unix_http_server]\nfile=/tmp/s\nchown=nosuch:x\n', 'Invalid sockchown value nosuch:x'],
    [
      '[supervisord]\n[inet_http_server]\nport=9001\nusername=a\n',
      'Section [inet_http_server] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified',
    ],
    [
      '[supervisord]\n[rpcinterface:x]\n',
      'section [rpcinterface:x] does not specify a supervisor.rpcinterface_factory',
    ],
    ['[supervisord]\n[include]\n', '.ini file has [include] section, but no files setting'],
    [
      '[supervisord]\n[include]\nfiles=%(q)s\n',
      expect.stringContaining("for 'include.files' contains names ('q')"),
    ],
    ['[supervisord]\n[dockvisor]\ndocker_attach=x\n', "invalid 'docker_attach' value 'x'"],
  ])('%j', (text, wanted) => {
    expect(errorsOf(read(text))).toEqual(wanted === undefined ? [] : [wanted]);
  });

  test('a missing file has the sentence of supervisord', () => {
    expect(errorsOf(readConfig('nope.conf', fakeWorld({})))).toEqual([
      'could not find config file nope.conf',
    ]);
  });

  test('all errors are told, each with its line and key, in the order in which supervisord would meet them', () => {
    const { config, problems } = read(
      '[supervisord]\nloglevel=x\n[program:x]\nstartsecs=a\nautostart=t\n[inet_http_server]\n',
    );
    expect(config).toBeNull();
    expect(problems.map(({ section, key, place }) => [section, key, place?.line])).toEqual([
      ['supervisord', 'loglevel', 2],
      ['program:x', 'autostart', 5],
      ['program:x', 'startsecs', 4],
      ['program:x', null, 3],
      ['inet_http_server', null, 6],
    ]);
  });

  test('an error of each of many processes is told once', () => {
    expect(
      errorsOf(
        read(program('numprocs=9', 'process_name=p%(process_num)d', 'stdout_logfile=/no/%(process_num)d')),
      ),
    ).toHaveLength(1);
  });
});

describe('numbers that are too large', () => {
  test('numprocs is refused, instead of reading for ever', () => {
    for (const number of ['10001', '9'.repeat(400)]) {
      expect(errorsOf(read(program(`numprocs=${number}`, 'process_name=p%(process_num)d')))).toEqual([
        `numprocs is at most 10000${IN_X}`,
      ]);
    }
  });

  test('a numprocs_start that cannot be counted on from does not stop the reading', () => {
    const text = program('numprocs=3', 'numprocs_start=9007199254740992', 'process_name=p%(process_num)d');
    expect(good(read(text)).groups[0]?.processes.length).toBeGreaterThan(0);
  });
});

describe('warnings', () => {
  test.each([
    [
      'stdout_logfile_maxbytes=0',
      'For [program:x], AUTO logging used for stdout_logfile without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally',
    ],
    [
      'redirect_stderr=true\nstderr_logfile=/tmp/e',
      'For [program:x], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored',
    ],
    [
      'stdout_logfile=syslog',
      'For [program:x], stdout_logfile=syslog but this is deprecated and will be removed.  Use stdout_syslog=true to enable syslog instead.',
    ],
    ['command=bash -c "a ; b"', `an inline comment cuts this command inside quotes: '; b"' is taken away`],
    ['command=a "b', `can't parse command 'a "b': No closing quotation`],
    ['command=', 'command is empty'],
    ['autorestrat=true', 'unknown key, ignored'],
    ['startretries=-2', 'startretries=-2 is as -1: tried for ever'],
  ])('%j', (lines, wanted) => {
    const result = read(program(lines));
    expect(warningsOf(result)).toEqual([wanted]);
    expect(result.config).not.toBeNull();
  });

  test('an inline comment outside quotes is no news', () => {
    expect(read(program('command=a "b" ; c')).problems).toEqual([]);
  });

  test('what is misspelt gets a hint', () => {
    const { problems } = read(
      '[supervisord]\nlog_file=x\n[PROGRAM:web]\n[supervisorctrl]\n[program:x]\ncommand=x\nautorestrat=1\nzzz=1\n',
    );
    expect(problems.map(({ section, key, hint }) => [section, key, hint])).toEqual([
      ['supervisord', 'log_file', 'did you mean logfile?'],
      ['PROGRAM:web', null, 'did you mean program:web?'],
      ['supervisorctrl', null, 'did you mean supervisorctl?'],
      ['program:x', 'autorestrat', 'did you mean autorestart?'],
      ['program:x', 'zzz', null],
    ]);
  });

  test('keys of the default section are not unknown anywhere', () => {
    expect(read('[DEFAULT]\nstartsecs=7\nmine=1\n' + program()).problems).toEqual([]);
    expect(onlyProcess('[DEFAULT]\nstartsecs=7\n' + program()).startSeconds).toBe(7);
  });

  test('plug-ins in Python are skipped by name', () => {
    const text =
      '[supervisord]\n[rpcinterface:t]\nsupervisor.rpcinterface_factory=a.b:c\nx=1\n[ctlplugin:p]\n';
    expect(read(text).problems.map(({ severity, section, message }) => [severity, section, message])).toEqual(
      [
        ['warning', 'rpcinterface:t', 'Python plug-in a.b:c cannot be loaded, skipped'],
        ['warning', 'ctlplugin:p', 'Python plug-ins of supervisorctl cannot be loaded, skipped'],
      ],
    );
  });

  test('the sample of supervisord gives no problem', () => {
    const text = `[unix_http_server]\nfile=/tmp/supervisor.sock\n[supervisord]\nlogfile=/tmp/supervisord.log\n
[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n
[supervisorctl]\nserverurl=unix:///tmp/supervisor.sock\n`;
    expect(read(text).problems).toEqual([]);
  });
});

test('a user needs setpriv, and a program without it is an error with its line', () => {
  const { problems } = read(program('user=www'), {}, { hasSetpriv: false });
  expect(problems).toMatchObject([{ severity: 'error', key: 'user', place: { line: 4 } }]);
  expect(read('[supervisord]\n[container:web]\nuser=www\n', {}, { hasSetpriv: false }).problems).toEqual([]);
});

describe('servers', () => {
  test('inet servers stand before unix servers, each with its login', () => {
    const text =
      '[supervisord]\n[unix_http_server]\nfile=%(here)s/s.sock\nchmod=0770\nchown=www:docker\n' +
      '[inet_http_server]\nport=*:9001\nusername=a\npassword=b\n[unix_http_server:2]\nfile=~/s\nusername=\npassword=\n';
    expect(good(read(text)).servers).toEqual([
      {
        kind: 'inet',
        section: 'inet_http_server',
        host: '',
        port: 9001,
        credentials: { username: 'a', password: 'b' },
        allowUnauthenticated: false,
      },
      {
        kind: 'unix',
        section: 'unix_http_server',
        path: '/conf/s.sock',
        mode: 0o770,
        owner: { uid: 33, gid: 999 },
        credentials: null,
      },
      {
        kind: 'unix',
        section: 'unix_http_server:2',
        path: '/home/me/s',
        mode: 0o700,
        owner: null,
        credentials: null,
      },
    ]);
  });

  test.each([
    ['*:9001', 1],
    ['9001', 1],
    ['10.0.0.1:9001', 1],
    ['127.0.0.1:9001', 0],
    ['LOCALHOST:9001', 0],
    ['127.example.com:9001', 1],
    ['*:9001\nusername=a\npassword=', 1],
    ['*:9001\nusername=a\npassword=\nallow_unauthenticated=true', 0],
    ['*:9001\nallow_unauthenticated=true', 0],
    ['*:9001\nusername=a\npassword=b', 0],
    ['*:9001\nusername=\npassword=', 1],
  ])('port=%j beyond loopback wants a password', (lines, errors) => {
    expect(errorsOf(read(`[supervisord]\n[inet_http_server]\nport=${lines}\n`))).toHaveLength(errors);
  });
});

describe('command-line options of the daemon', () => {
  const world = fakeWorld({ [MAIN]: '[supervisord]\nloglevel=warn\nuser=nosuch\n' });

  test('they stand over the file', () => {
    const given = {
      loglevel: 'DEBUG',
      user: 'www',
      nodaemon: true,
      logfile: '~/l',
      logfileMaxBytes: '1KB',
      umask: '077',
    };
    expect(good(readConfig(MAIN, world, given)).daemon).toMatchObject({
      loglevel: 'debug',
      user: { uid: 33 },
      nodaemon: true,
      logfile: '/home/me/l',
      logfileMaxBytes: 1024,
      umask: 0o077,
    });
  });

  test('their errors name them', () => {
    const result = readConfig(MAIN, world, { loglevel: 'bogus', user: 'nobody' });
    expect(errorsOf(result)).toEqual([
      "invalid value for -e 'bogus': bad logging level name 'bogus'",
      'Invalid user name nobody',
    ]);
  });
});

describe('the client', () => {
  const ctl = (text: string) => readCtlConfig(MAIN, fakeWorld({ [MAIN]: text }));

  test('without a file the defaults hold', () => {
    const config = {
      serverUrl: 'http://localhost:9001',
      username: null,
      password: null,
      prompt: 'supervisor',
      historyFile: null,
    };
    expect(readCtlConfig(null, fakeWorld({}))).toEqual({ config, problems: [] });
  });

  test('its section is read, and nothing is included', () => {
    const text =
      '[include]\nfiles=x\n[supervisorctl]\nserverurl=unix://%(here)s/../s.sock\nusername=u\npassword=p\nprompt=q\nhistory_file=~/h\n';
    const config = {
      serverUrl: 'unix:///s.sock',
      username: 'u',
      password: 'p',
      prompt: 'q',
      historyFile: '/home/me/h',
    };
    expect(ctl(text)).toEqual({ config, problems: [] });
  });

  test('its section must be there', () => {
    expect(errorsOf(ctl('[supervisord]\n'))).toEqual(['.ini file does not include supervisorctl section']);
    expect(ctl('[supervisord]\n').config).toBeNull();
  });

  test('a file that was named must be there', () => {
    expect(errorsOf(readCtlConfig('/nope', fakeWorld({})))).toEqual(['could not find config file /nope']);
  });
});
