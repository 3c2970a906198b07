import { describe, expect, test } from 'vitest';
import { createRpc } from '../../src/rpc/methods.ts';
import type { XmlRpcValue } from '../../src/rpc/xml.ts';
import { createFakeManager, fakeContainer, fakeProcess } from '../support/fake-manager.ts';

function world() {
  const manager = createFakeManager([
    fakeProcess('web', { state: 'RUNNING', stdout: '0123456789abcdef', priority: 5 }),
    fakeProcess('g:a'),
    fakeProcess('g:b', { state: 'RUNNING', container: fakeContainer, proxy: { kind: 'cli', pid: null } }),
    fakeProcess('silent', { stdout: null, stderr: null }),
  ]);
  const rpc = createRpc({ manager, supervisorVersion: '4.2.5' });
  const call = async (name: string, ...params: XmlRpcValue[]): Promise<unknown> => {
    const reply = await rpc.call({ method: name.includes('.') ? name : `supervisor.${name}`, params });
    if (reply.kind === 'fault') return reply.fault;
    reply.afterwards();
    return reply.value;
  };
  return { manager, call, rpc };
}

const fault = (code: number, text: string) => ({ code, text });

test('there are the 41 methods of supervisord and 7 of ours, and each has help and a signature', async () => {
  const { call } = world();
  const names = (await call('system.listMethods')) as string[];
  expect(names.filter((name) => !name.startsWith('dockvisor.'))).toHaveLength(41);
  expect(names).toHaveLength(48);
  expect(names).toEqual([...names].sort());
  for (const name of names) {
    expect(await call('system.methodHelp', name)).toMatch(/\.$|names\.$/);
    expect(await call('system.methodSignature', name)).toEqual(expect.any(Array));
  }
  expect(await call('system.methodSignature', 'supervisor.startProcess')).toEqual([
    'boolean',
    'string',
    'boolean',
  ]);
  expect(await call('system.methodHelp', 'supervisor.nosuch')).toEqual(fault(4, 'SIGNATURE_UNSUPPORTED'));
});

test.each([
  'nosuch',
  'a.b.c',
  'supervisor._x',
  'supervisor.constructor',
  '__proto__.x',
  'supervisor.manager.pid',
])('a method %s is unknown', async (name) => {
  const { rpc } = world();
  expect(await rpc.call({ method: name, params: [] })).toEqual({
    kind: 'fault',
    fault: fault(1, 'UNKNOWN_METHOD'),
  });
});

test.each<[string, ...XmlRpcValue[]]>([
  ['getPID', 1],
  ['getProcessInfo'],
  ['getProcessInfo', 5],
  ['startProcess', 'web', true, true],
  ['readLog', 'x', 0],
  ['readLog', 0],
  ['startProcess', null],
  ['system.multicall', 'x'],
])('wrong parameters are said to be wrong: %s %j', async (name, ...params) => {
  expect(await world().call(name, ...params)).toEqual(fault(2, 'INCORRECT_PARAMETERS'));
});

test('the daemon says who it is', async () => {
  const { call } = world();
  expect(await call('getVersion')).toBe('3.0');
  expect(await call('getAPIVersion')).toBe('3.0');
  expect(await call('getSupervisorVersion')).toBe('4.2.5');
  expect(await call('getIdentification')).toBe('supervisor');
  expect(await call('getPID')).toBe(1234);
  expect(await call('getState')).toEqual({ statecode: 1, statename: 'RUNNING' });
});

test('a process is told in supervisord’s fields and order, then its container', async () => {
  const { call } = world();
  const plain = (await call('getProcessInfo', 'web')) as object;
  expect(Object.keys(plain).slice(0, 14).join()).toBe(
    'name,group,start,stop,now,state,statename,spawnerr,exitstatus,logfile,stdout_logfile,stderr_logfile,pid,description',
  );
  expect(plain).toMatchObject({ state: 20, statename: 'RUNNING', container: null, proxy: null });
  expect(await call('getProcessInfo', 'g:b')).toMatchObject({
    container: fakeContainer,
    proxy: { kind: 'cli' },
  });
});

test.each(['nosuch', 'g', 'g:*', 'web:', 'g:nosuch'])('getProcessInfo %s is a bad name', async (name) => {
  expect(await world().call('getProcessInfo', name)).toEqual(fault(10, `BAD_NAME: ${name}`));
});

test('the configuration has supervisord’s keys, sorted by process name', async () => {
  const { call } = world();
  const rows = (await call('getAllConfigInfo')) as { name: string; [key: string]: unknown }[];
  expect(rows.map((row) => row.name)).toEqual(['a', 'b', 'silent', 'web']);
  expect(Object.keys(rows[0] ?? {}).join()).toBe(
    'autostart,directory,uid,command,exitcodes,group,group_prio,inuse,killasgroup,name,process_prio,redirect_stderr,startretries,startsecs,stdout_capture_maxbytes,stdout_events_enabled,stdout_logfile,stdout_logfile_backups,stdout_logfile_maxbytes,stdout_syslog,stopsignal,stopwaitsecs,stderr_capture_maxbytes,stderr_events_enabled,stderr_logfile,stderr_logfile_backups,stderr_logfile_maxbytes,stderr_syslog,serverurl',
  );
  expect(rows[2]).toMatchObject({
    stdout_logfile: 'auto',
    stderr_logfile: 'none',
    uid: 'none',
    directory: 'none',
    serverurl: 'none',
    stopsignal: 15,
  });
});

describe('start, stop and signal', () => {
  test('are asked of the manager with the name taken apart, waiting unless told otherwise', async () => {
    const { call, manager } = world();
    expect(await call('startProcess', 'g:a')).toBe(true);
    expect(await call('stopProcess', 'web', false)).toBe(true);
    expect(await call('signalProcess', 'g:a', 15)).toBe(true);
    expect(manager.asked).toEqual(['start g:a true', 'stop web:web false', 'signal g:a 15']);
  });
  test('echo the name as it was typed', async () => {
    const { call } = world();
    expect(await call('startProcess', 'web:web')).toEqual(fault(60, 'ALREADY_STARTED: web:web'));
    expect(await call('stopProcess', 'g:a')).toEqual(fault(70, 'NOT_RUNNING: g:a'));
    expect(await call('signalProcess', 'web', 'BOGUS')).toEqual(fault(11, 'BAD_SIGNAL: BOGUS'));
  });
  test('take a whole group by g:* as the group methods do', async () => {
    const { call } = world();
    const done = (name: string) => ({ name, group: 'g', status: 80, description: 'OK' });
    expect(await call('startProcess', 'g:*')).toEqual([done('a')]);
    expect(await call('stopProcessGroup', 'g')).toEqual([done('a'), done('b')]);
    expect(await call('startProcessGroup', 'nosuch')).toEqual(fault(10, 'BAD_NAME: nosuch'));
    expect(await call('stopProcess', 'nosuch:*')).toEqual(fault(10, 'BAD_NAME: nosuch:*'));
  });
});

describe('logs', () => {
  test('numbers may be texts', async () => {
    expect(await world().call('readProcessLog', 'web', '-4', '0')).toBe('cdef');
  });
  test('a missing log is a fault to read, and empty to tail', async () => {
    const { call } = world();
    expect(await call('readProcessStdoutLog', 'silent', 0, 0)).toEqual(fault(20, 'NO_FILE'));
    expect(await call('tailProcessStdoutLog', 'silent', 0, 10)).toEqual(['', 0, false]);
    expect(await call('tailProcessLog', 'web', 0, 4)).toEqual(['cdef', 16, true]);
    expect(await call('readLog', -5, 5)).toEqual(fault(3, 'BAD_ARGUMENTS'));
  });
  test('clearing all tells of each', async () => {
    const lines = (await world().call('clearAllProcessLogs')) as { name: string }[];
    expect(lines.map((line) => line.name)).toEqual(['web', 'a', 'b', 'silent']);
  });
  test('stdin takes text only, and names what else it got', async () => {
    const { call, manager } = world();
    expect(await call('sendProcessStdin', 'web', 'h☃\n')).toBe(true);
    expect(manager.processes[0]?.stdin).toBe('h☃\n');
    expect(await call('sendProcessStdin', 'web', 5)).toEqual(fault(2, 'INCORRECT_PARAMETERS: 5'));
    expect(await call('sendProcessStdin', 'g:a', 'x')).toEqual(fault(70, 'NOT_RUNNING: g:a'));
  });
});

describe('reload', () => {
  test('the changes are three lists in a list', async () => {
    const { call, manager } = world();
    manager.changes = { added: ['n'], changed: [], removed: ['o'] };
    expect(await call('reloadConfig')).toEqual([[['n'], [], ['o']]]);
    manager.changes = { refused: 'CANT_REREAD', text: 'bad' };
    expect(await call('reloadConfig')).toEqual(fault(92, 'CANT_REREAD: bad'));
  });
  test('shutdown acts only when its answer is out, and then everything is refused', async () => {
    const { rpc, call, manager } = world();
    const reply = await rpc.call({ method: 'supervisor.shutdown', params: [] });
    expect(manager.mood()).toBe('RUNNING');
    if (reply.kind === 'value') reply.afterwards();
    expect(manager.mood()).toBe('SHUTDOWN');
    for (const name of ['getState', 'getAllProcessInfo', 'shutdown', 'signalAllProcesses']) {
      const params = name === 'signalAllProcesses' ? ['HUP'] : [];
      expect(await call(name, ...params)).toEqual(fault(6, 'SHUTDOWN_STATE'));
    }
    expect(await call('sendRemoteCommEvent', 'a', 'b')).toBe(true);
  });
});

test('multicall gives bare values and fault structs', async () => {
  const { call, manager } = world();
  manager.isBroken = true;
  expect(
    await call('system.multicall', [
      { methodName: 'supervisor.getPID', params: [] },
      { methodName: 'supervisor.getPID' },
      { methodName: 'supervisor.getProcessInfo', params: ['nosuch'] },
      { methodName: 'system.multicall', params: [[]] },
      { params: [] },
      { methodName: 'supervisor.getAllProcessInfo', params: [] },
      { methodName: 'nosuch' },
    ]),
  ).toEqual([
    1234,
    1234,
    { faultCode: 10, faultString: 'BAD_NAME: nosuch' },
    { faultCode: 2, faultString: 'INCORRECT_PARAMETERS: Recursive system.multicall forbidden' },
    { faultCode: 2, faultString: 'INCORRECT_PARAMETERS: No methodName' },
    { faultCode: 30, faultString: 'FAILED: Error:the house is on fire' },
    { faultCode: 1, faultString: 'UNKNOWN_METHOD' },
  ]);
});

test('dockvisor.getHistory: the newest entries after the cursor, and the rules', async () => {
  const { manager, call } = world();
  const [one] = manager.processes;
  if (one === undefined) throw new Error('no process');
  const names = { group: one.group, process: one.name };
  const name = `${one.group}:${one.name}`;
  manager.past = [1, 2, 3].map((seq) => ({
    seq,
    time: '2026-11-29T01:00:00.000Z',
    ...names,
    kind: 'order',
    order: 'stop',
    why: 'an order',
  }));
  expect(await call('dockvisor.getHistory', name)).toMatchObject({
    rules: { autostart: true, autorestart: 'unexpected' },
    entries: [{ seq: 1 }, { seq: 2 }, { seq: 3 }],
  });
  expect(await call('dockvisor.getHistory', name, 1, 1)).toMatchObject({ entries: [{ seq: 3 }] });
  expect(await call('dockvisor.getHistory', name, 0, -5)).toMatchObject({ entries: [] });
  expect(await call('dockvisor.getHistory', 'nosuch')).toEqual(fault(10, 'BAD_NAME: nosuch'));
  expect(await call('dockvisor.getHistory', `${one.group}:*`)).toMatchObject({ code: 10 });
});
