/** What our doors say, and what they refuse: two unix and two inet servers of one daemon, each with a login of its own. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { isStruct } from '../../src/rpc/xml.ts';
import { freePort } from '../../test/support/free-port.ts';
import { startPlainDaemon, type PlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { callRpc } from '../support/rpc.ts';
import { until } from '../support/until.ts';
import { callText, login, openWire, postText, type Door, type Wire } from './wire.ts';

const sha = (password: string): string => `{SHA}${createHash('sha1').update(password).digest('hex')}`;

describe.skipIf(engineSkipped)('the doors of a daemon', () => {
  let daemon: PlainDaemon;
  let doors: Record<'open' | 'unix' | 'plain' | 'hashed', Door>;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    const ports = [await freePort(), await freePort()] as const;
    daemon = await startPlainDaemon(
      inject('dockvisord'),
      `
[unix_http_server:second]
file=%DIR%/second.sock
username=unix
password=${sha('of unix')}
chmod=0660
chown=nobody:nogroup
[inet_http_server:plain]
port=127.0.0.1:${String(ports[0])}
username=plain
password=of plain
[inet_http_server:hashed]
port=localhost:${String(ports[1])}
username=hashed
password=${sha('of hashed')}
[program:slow]
command=sleep 1000
startsecs=3
autostart=false
`,
    );
    doors = {
      open: { path: join(daemon.directory, 'sock') },
      unix: { path: join(daemon.directory, 'second.sock') },
      plain: { host: '127.0.0.1', port: ports[0] },
      hashed: { host: '127.0.0.1', port: ports[1] },
    };
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(() => daemon.destroy());

  const open = (door: Door = doors.open): Promise<Wire> => openWire(door, sockets);
  const statusOf = async (door: Door, text: string): Promise<string | undefined> => {
    const wire = await open(door);
    wire.send(text);
    return /^HTTP\/1\.1 (\d+) /.exec(await wire.untilGot(/\r\n\r\n[^]/))?.[1];
  };
  const getPid = (...headers: string[]): string => callText('supervisor.getPID', [], headers);

  it.each(['unix', 'plain', 'hashed'] as const)('%s takes its own login and no other', async (name) => {
    for (const user of ['unix', 'plain', 'hashed']) {
      const status = await statusOf(doors[name], getPid(login(user, `of ${user}`)));
      expect(status).toBe(user === name ? '200' : '401');
    }
    expect(await statusOf(doors[name], getPid())).toBe('401');
    expect(await statusOf(doors[name], getPid(login(name, 'of nobody')))).toBe('401');
    // The digest is not the password.
    expect(await statusOf(doors[name], getPid(login(name, sha(`of ${name}`))))).toBe('401');
    expect(await statusOf(doors[name], getPid(login(name, sha(`of ${name}`).slice(5))))).toBe('401');
  });

  it('supervisorctl goes in by each of them', async () => {
    const { host, port } = doors.hashed as Extract<Door, { port: number }>;
    const path = join(daemon.directory, 'second.sock');
    const http = ['-s', `http://${host}:${String(port)}`, '-u', 'hashed', '-p', 'of hashed'];
    const unix = ['-s', `unix://${path}`, '-u', 'unix', '-p', 'of unix'];
    for (const options of [http, unix]) {
      expect((await daemon.ctlWith(options, 'pid')).stdout).toBe(`${String(daemon.pid)}\n`);
    }
    expect((await daemon.ctl('pid')).stdout).toBe(`${String(daemon.pid)}\n`);
  });

  it('a socket has the mode and the owner that are written, else 0700 and ours', () => {
    const { mode, uid, gid } = statSync(join(daemon.directory, 'second.sock'));
    expect([mode & 0o777, uid, gid]).toEqual([0o660, 65534, 65534]);
    const first = statSync(join(daemon.directory, 'sock'));
    expect([first.mode & 0o777, first.uid]).toEqual([0o700, 0]);
  });

  it('a door without a password is told of in the log, one with is not', () => {
    const told = daemon.log().match(/CRIT Server '.*' running without any HTTP authentication checking/g);
    expect(told).toEqual(["CRIT Server 'unix_http_server' running without any HTTP authentication checking"]);
  });

  it('one connection carries many calls, one after the other', async () => {
    const wire = await open();
    for (let calls = 1; calls <= 300; calls += 1) {
      wire.send(getPid());
      while (wire.got().split('</methodResponse>').length <= calls) await once(wire.socket, 'data');
    }
    expect(wire.got().match(new RegExp(`<int>${String(daemon.pid)}</int>`, 'g'))).toHaveLength(300);
    expect(wire.got()).not.toContain('Connection: close');
  });

  it('HTTP/1.0 ends with its answer, unless it is asked to stay', async () => {
    const old = await open();
    old.send(callText('supervisor.getPID', [], [], '1.0'));
    expect(await old.untilClosed()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*<\/methodResponse>\n$/);
    const staying = await open();
    for (let calls = 1; calls <= 2; calls += 1) {
      staying.send(callText('supervisor.getPID', [], ['Connection: Keep-Alive'], '1.0'));
      await staying.untilGot(new RegExp(`(</methodResponse>[^]*){${String(calls)}}`));
    }
  });

  it('a start that takes its time holds its own connection and no other', async () => {
    const waiting = await open();
    waiting.send(callText('supervisor.startProcess', ['slow']));
    // Not by supervisorctl, which takes long to begin: the start is held for three seconds.
    await until('it is starting', 10_000, async () => {
      const info = await callRpc(join(daemon.directory, 'sock'), 'supervisor.getProcessInfo', ['slow']);
      return isStruct(info) && info['statename'] === 'STARTING' ? true : null;
    });
    const other = await open();
    other.send(getPid());
    await other.untilGot(/<\/methodResponse>/);
    expect(waiting.got()).toBe('');
    expect(await waiting.untilGot(/<\/methodResponse>/)).toContain('<boolean>1</boolean>');
    expect((await daemon.ctl('status', 'slow')).stdout).toContain('RUNNING');
    await daemon.ctl('stop', 'slow');
  });

  it('a body beyond 8 MiB is refused, one without a length too', async () => {
    const tooMuch = postText('x'.repeat(8 * 1024 * 1024 + 1));
    expect(await statusOf(doors.open, tooMuch)).toBe('413');
    const chunked =
      'POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a/>\n\r\n0\r\n\r\n';
    expect(await statusOf(doors.open, chunked)).toBe('411');
  });

  it('headers beyond 16 KiB are refused', async () => {
    const wire = await open();
    wire.send(`GET / HTTP/1.1\r\nX: ${'y'.repeat(17 * 1024)}`);
    expect(await wire.untilClosed()).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('no entity is declared, expanded or fetched', async () => {
    const laughs = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
      (name, at, all) => `<!ENTITY ${name} "${at === 0 ? 'ha' : `&${String(all[at - 1])};`.repeat(10)}">`,
    );
    const call = (entity: string): string => `<methodCall><methodName>${entity}</methodName></methodCall>`;
    const bodies = [
      `<?xml version="1.0"?><!DOCTYPE x [${laughs.join('')}]>${call('&h;')}`,
      `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${call('&e;')}`,
      `<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">${call('supervisor.getPID')}`,
      call('&undeclared;'),
    ];
    for (const body of bodies) expect(await statusOf(doors.open, postText(body))).toBe('400');
    expect(daemon.log()).not.toContain('root:x:0');
    expect(daemon.log()).toContain('unmarshallable (DOCTYPE is not allowed)');
  });

  it('XML that is deep beyond measure is refused', async () => {
    const deep = '<value><array><data>'.repeat(200_000);
    expect(await statusOf(doors.open, postText(`<methodCall><params><param>${deep}`))).toBe('400');
  });

  it.each([
    'supervisor.supervisord.options.warnings.linecache.os.system',
    'supervisor.manager.views',
    'supervisor.constructor',
    'supervisor.__proto__',
    'constructor.constructor',
    'system._listMethods',
    '_x',
    'toString',
    'getPID',
    'supervisor.getPID.call',
    ' supervisor.getPID',
  ])('a method is its whole name and nothing is walked: %s', async (method) => {
    const wire = await open();
    wire.send(callText(method, ['id']));
    expect(await wire.untilGot(/<\/methodResponse>/)).toContain('<string>UNKNOWN_METHOD</string>');
  });

  it('a page of another site stops nothing', async () => {
    const pid = getPid('Origin: http://evil.example', login('plain', 'of plain'));
    expect(await statusOf(doors.plain, pid)).toBe('403');
  });
});
