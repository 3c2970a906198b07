/** XML-RPC and HTTP: the same questions to both, and what they answer (supervisord.md 5 and 9.4). */
import { describe } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import type { XmlRpcValue } from '../../src/rpc/xml.ts';
import { openHouse } from './house.ts';
import { text } from './side.ts';

const programs = `
[program:cat]
command=/bin/cat
stdout_logfile=%DIR%/cat.log
[program:idle]
command=/bin/sleep 1000
autostart=false
[program:hello]
command=sh -c "printf 'hello\\nworld\\n'; printf oops >&2; exec sleep 1000"
stdout_logfile=%DIR%/hello.log
stderr_logfile=%DIR%/hello.err
[program:crash]
command=sh -c "exit 3"
autostart=false
startretries=0
[program:missing]
command=nosuchcommand
autostart=false
startretries=0
[program:adir]
command=/tmp
autostart=false
startretries=0
[program:unparsable]
command=/bin/echo 'oops
autostart=false
[program:nolog]
command=/bin/sleep 1000
stdout_logfile=NONE
stderr_logfile=NONE
[program:closed]
command=sh -c "exec <&-; exec sleep 1000"
[program:odd]
command=/bin/sleep 1000
autostart=false
priority=7
startsecs=0
startretries=9
stopsignal=USR1
stopwaitsecs=3
exitcodes=0,2
directory=/tmp
redirect_stderr=true
stopasgroup=true
environment=A="1",B="two words"
stdout_logfile_maxbytes=1KB
stdout_logfile_backups=2
stdout_capture_maxbytes=2MB
stdout_events_enabled=true
serverurl=http://localhost:1
[program:g1]
command=/bin/sleep 1000
[program:g2]
command=/bin/sleep 1000
[group:grp]
programs=g1,g2
priority=50
`;

describe.skipIf(engineSkipped)('XML-RPC', () => {
  const { script } = openHouse(programs, async (side) => {
    for (const name of ['cat', 'hello', 'nolog', 'closed', 'grp:g1', 'grp:g2'])
      await side.untilState(name, 'RUNNING');
  });
  const call = (method: string, ...params: XmlRpcValue[]): void => {
    script(`${method}(${params.map((each) => JSON.stringify(each)).join(', ')})`, (side) =>
      side.rpc(method, ...params),
    );
  };
  const s = (name: string): string => `supervisor.${name}`;

  // Questions that change nothing.
  for (const name of ['getAPIVersion', 'getVersion', 'getSupervisorVersion', 'getIdentification', 'getState'])
    call(s(name));
  for (const name of [
    'nope',
    'a.b.c',
    '_x',
    'supervisor',
    'supervisor._x',
    'supervisor.getPID.x',
    'system.__class__',
    'supervisor.nope',
  ])
    call(name);
  call(s('getPID'), 1);
  call(s('getState'), 'x');
  call(s('getProcessInfo'));
  call(s('getProcessInfo'), 'a', 'b');
  for (const name of [
    'nosuch',
    'grp',
    'grp:*',
    'cat:',
    ':cat',
    'nosuch:x',
    'grp:nosuch',
    '',
    'cat',
    'cat:cat',
    'grp:g1',
    'idle',
  ])
    call(s('getProcessInfo'), name);
  call(s('getAllProcessInfo'));
  call(s('getAllConfigInfo'));
  call('system.listMethods');
  call('system.methodSignature', s('startProcess'));
  call('system.methodSignature', s('tailProcessStdoutLog'));
  call('system.methodSignature', 'nope');
  call('system.methodHelp', 'nope');
  script('help of a method', (side) => side.rpc('system.methodHelp', s('getState')));

  // Logs.
  for (const [offset, length] of [
    [0, 0],
    [0, 5],
    [-5, 0],
    [-5, 5],
    [0, -5],
    [1000, 10],
    [6, 3],
    [-1000, 0],
  ] as const)
    call(s('readProcessStdoutLog'), 'hello', offset, length);
  call(s('readProcessLog'), 'hello', 0, 3);
  call(s('readProcessStderrLog'), 'hello', 0, 0);
  call(s('readProcessStdoutLog'), 'nolog', 0, 10);
  call(s('readProcessStdoutLog'), 'nosuch', 0, 10);
  call(s('readProcessStdoutLog'), 'grp:*', 0, 10);
  for (const [offset, length] of [
    [0, 5],
    [0, 100],
    [5, 5],
    [11, 5],
    [100, 5],
    [-1, 5],
  ] as const)
    call(s('tailProcessStdoutLog'), 'hello', offset, length);
  call(s('tailProcessStdoutLog'), 'nolog', 0, 10);
  call(s('tailProcessStderrLog'), 'hello', 0, 10);
  call(s('tailProcessLog'), 'nosuch', 0, 10);
  call(s('clearProcessLogs'), 'nosuch');
  call(s('clearProcessLog'), 'grp:*');
  script('clearProcessLogs, and what is left', async (side) => [
    await side.rpc(s('clearProcessLogs'), 'hello'),
    side.file('hello.log'),
    side.file('hello.err'),
  ]);
  script('readLog of the daemon knows it is up', async (side) =>
    text(await side.rpc(s('readLog'), 0, 0)).includes('supervisord started with pid'),
  );
  script('readLog from the end and a length', (side) => side.rpc(s('readLog'), -10, 10));

  // Stdin.
  call(s('sendProcessStdin'), 'idle', 'x');
  call(s('sendProcessStdin'), 'closed', 'x');
  call(s('sendProcessStdin'), 'nosuch', 'x');
  call(s('sendProcessStdin'), 'cat', 5);
  script('sendProcessStdin of what comes back', async (side) => {
    const answer = await side.rpc(s('sendProcessStdin'), 'cat', 'hé\n');
    await side.manager.processes();
    const deadline = performance.now() + 10_000;
    while (side.file('cat.log') === '' && performance.now() < deadline) await side.rpc(s('getState'));
    return [answer, side.file('cat.log')];
  });
  call(s('sendRemoteCommEvent'), 'a', 'b');
  call(s('sendRemoteCommEvent'), 'a');

  // Orders that are refused.
  for (const name of ['nosuch', 'nosuch:*', 'grp:nosuch', 'cat', 'missing', 'adir', 'unparsable', ''])
    call(s('startProcess'), name);
  for (const name of ['nosuch', 'nosuch:*', 'idle', 'grp:nosuch']) call(s('stopProcess'), name);
  call(s('startProcessGroup'), 'nosuch');
  call(s('stopProcessGroup'), 'nosuch');
  for (const [name, signal] of [
    ['nosuch', 'HUP'],
    ['idle', 'HUP'],
    ['cat', 'BOGUS'],
    ['cat', '99'],
    ['cat', '0'],
    ['cat', 'SIGCONT'],
    ['cat', 'cont'],
    ['grp:*', 'CONT'],
  ] as const)
    call(s('signalProcess'), name, signal);
  call(s('signalProcessGroup'), 'nosuch', 'HUP');
  call(s('signalProcessGroup'), 'grp', 'CONT');
  call(s('signalAllProcesses'), 'BOGUS');
  call(s('signalAllProcesses'), 'CONT');
  call(s('addProcessGroup'), 'nosuch');
  call(s('addProcessGroup'), 'cat');
  call(s('removeProcessGroup'), 'nosuch');
  call(s('removeProcessGroup'), 'cat');
  call(s('reloadConfig'));

  // Orders that are taken.
  script('startProcess of one that crashes, waited for', async (side) => [
    await side.rpc(s('startProcess'), 'crash'),
    await side.rpc(s('getProcessInfo'), 'crash'),
  ]);
  script('startProcess of one that crashes, not waited for', async (side) => {
    const answer = await side.rpc(s('startProcess'), 'crash', false);
    await side.untilState('crash', 'FATAL');
    return answer;
  });
  script('start and stop of one', async (side) => [
    await side.rpc(s('startProcess'), 'odd'),
    await side.rpc(s('getProcessInfo'), 'odd'),
    await side.rpc(s('stopProcess'), 'odd'),
    await side.rpc(s('getProcessInfo'), 'odd'),
  ]);
  script('stop of a group, and start', async (side) => [
    byName(await side.rpc(s('stopProcessGroup'), 'grp')),
    byName(await side.rpc(s('startProcess'), 'grp:*')),
    byName(await side.rpc(s('stopProcess'), 'grp:*')),
    byName(await side.rpc(s('startProcessGroup'), 'grp')),
  ]);
  script('remove of one that is stopped, and add', async (side) => [
    await side.rpc(s('removeProcessGroup'), 'idle'),
    await side.rpc(s('getProcessInfo'), 'idle'),
    await side.rpc(s('addProcessGroup'), 'idle'),
    await side.rpc(s('getProcessInfo'), 'idle'),
  ]);
  script('multicall of everything', (side) =>
    side.rpc('system.multicall', [
      { methodName: s('getState'), params: [] },
      { methodName: s('getState') },
      { methodName: s('getProcessInfo'), params: ['nosuch'] },
      { methodName: 'nope', params: [] },
      { methodName: 'system.multicall', params: [[]] },
      { params: [] },
      { methodName: s('stopProcess'), params: ['hello'] },
      { methodName: s('startProcess'), params: ['hello'] },
    ]),
  );
  script('multicall of nothing', (side) => side.rpc('system.multicall', []));
  script('stopAllProcesses', async (side) => byName(await side.rpc(s('stopAllProcesses'))));
  script('getAllProcessInfo when all is stopped', (side) => side.rpc(s('getAllProcessInfo')));
});

/** Those that end first come first: a matter of time. */
const byName = (value: XmlRpcValue): readonly string[] =>
  Array.isArray(value) ? value.map((each) => JSON.stringify(each)).sort() : [JSON.stringify(value)];

describe.skipIf(engineSkipped)('HTTP', () => {
  const { script } = openHouse(
    `[program:says]\ncommand=sh -c "echo said; exec sleep 1000"\nstdout_logfile=%DIR%/says.log\n[program:mute]\ncommand=sleep 1000\nstdout_logfile=NONE\n`,
    async (side) => {
      await side.untilState('says', 'RUNNING');
      await side.untilState('mute', 'RUNNING');
    },
  );
  const xml = (method: string, params = ''): string =>
    `<methodCall><methodName>${method}</methodName>${params}</methodCall>`;
  const getState = xml('supervisor.getState', '<params></params>');

  script('a call', (side) => side.http({ body: getState, tell: ['content-type'] }));
  script('a call without <params>', (side) => side.http({ body: xml('supervisor.getState') }));
  script('a value without a type', (side) =>
    side.http({
      body: xml('supervisor.getProcessInfo', '<params><param><value>nosuch</value></param></params>'),
    }),
  );
  script('no XML', (side) => side.http({ body: 'nonsense' }).then(({ status }) => status));
  script('XML that is no call', (side) => side.http({ body: '<html/>' }).then(({ status }) => status));
  script('a call without a name', (side) =>
    side.http({ body: '<methodCall></methodCall>' }).then(({ status }) => status),
  );
  script('GET /RPC2', (side) => side.http({ method: 'GET' }).then(({ status }) => status));
  script('GET of nothing', (side) =>
    side.http({ method: 'GET', path: '/nosuch' }).then(({ status }) => status),
  );
  script('GET /logtail', (side) =>
    side.http({ method: 'GET', path: '/logtail' }).then(({ status }) => status),
  );
  for (const path of ['/logtail/nosuch', '/logtail/mute', '/logtail/says/bogus', '/logtail/says/'])
    script(`GET ${path}`, (side) =>
      side.http({ method: 'GET', path, enough: 1 }).then(({ status }) => status),
    );
  for (const path of ['/logtail/says', '/logtail/says/stdout', '/logtail/says%3Asays'])
    script(`GET ${path}`, (side) =>
      side.http({
        method: 'GET',
        path,
        enough: 5,
        tell: ['content-type', 'transfer-encoding', 'x-accel-buffering'],
      }),
    );
  script('GET /mainlogtail', (side) =>
    side
      .http({ method: 'GET', path: '/mainlogtail', enough: 20, tell: ['content-type', 'transfer-encoding'] })
      .then(({ status, headers }) => ({ status, headers })),
  );
});
