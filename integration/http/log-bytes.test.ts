/** Whatever bytes a program writes, its log can be read by every client: escapes, bytes that are no UTF-8, characters cut in two. */
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { isArray, type XmlRpcValue } from '../../src/rpc/xml.ts';
import { startPlainDaemon, type PlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { callRpc } from '../support/rpc.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import { openWire } from './wire.ts';

/** As printf takes them, and as they are read: ESC and NUL cannot stand in XML, FF in no UTF-8. */
const written = String.raw`\033[31mred\033[0m \000 \377\376 <b>]]>&amp; snow\342\230\203man\360\237\230\200\n`;
const read = '\ufffd[31mred\ufffd[0m \ufffd \ufffd\ufffd <b>]]>&amp; snow\u2603man\u{1f600}\n';
const bytes = Buffer.concat([
  Buffer.from('\x1b[31mred\x1b[0m \0 '),
  Buffer.from([0xff, 0xfe]),
  Buffer.from(' <b>]]>&amp; snow\u2603man\u{1f600}\n'),
]);

describe.skipIf(engineSkipped)('a log of any bytes', () => {
  let daemon: PlainDaemon;
  const sockets: Socket[] = [];
  const call = (method: string, ...params: XmlRpcValue[]): Promise<XmlRpcValue> =>
    callRpc(join(daemon.directory, 'sock'), `supervisor.${method}`, params);
  beforeAll(async () => {
    const printf = (text: string): string => `printf '${text.replaceAll('\\', '\\\\')}'`;
    daemon = await startPlainDaemon(
      inject('dockvisord'),
      `
[program:odd]
command=bash -c "${printf(written)}; ${printf(written)} >&2; exec cat"
stdout_logfile=%DIR%/out.log
stderr_logfile=%DIR%/err.log
`,
    );
    for (const channel of ['Stdout', 'Stderr'])
      await until(`${channel} is written`, 10_000, async () =>
        (await call(`readProcess${channel}Log`, 'odd', 0, 0)) === read ? true : null,
      );
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(() => daemon.destroy());

  it('is read whole, from both channels', async () => {
    expect(await call('readProcessStdoutLog', 'odd', 0, 0)).toBe(read);
    expect(await call('tailProcessStdoutLog', 'odd', 0, 1000)).toEqual([read, bytes.length, false]);
    expect(await call('tailProcessStderrLog', 'odd', 0, 1000)).toEqual([read, bytes.length, false]);
  });

  it('is read from every offset, also in the middle of a character', async () => {
    const decode = (part: Buffer): string => new TextDecoder().decode(part).replace(/[\0\x1b]/g, '\ufffd');
    for (let offset = 0; offset < bytes.length; offset += 1) {
      expect(await call('readProcessStdoutLog', 'odd', offset, 0)).toBe(decode(bytes.subarray(offset)));
      expect(await call('readProcessStdoutLog', 'odd', offset, 2)).toBe(
        decode(bytes.subarray(offset, offset + 2)),
      );
      const tail = await call('tailProcessStdoutLog', 'odd', 0, offset + 1);
      expect(isArray(tail) && tail[0]).toBe(decode(bytes.subarray(bytes.length - offset - 1)));
    }
  });

  it('is printed by supervisorctl and by Python', async () => {
    expect(await daemon.ctl('tail', 'odd')).toMatchObject({ code: 0, stdout: `${read}\n`, stderr: '' });
    expect(await daemon.ctl('tail', 'odd', 'stderr')).toMatchObject({ code: 0, stdout: `${read}\n` });
    // One byte of the last character, and the line's end.
    expect((await daemon.ctl('tail', '-2', 'odd')).stdout).toBe('\ufffd\n\n');
    const script = `
import sys, xmlrpc.client
from supervisor.xmlrpc import SupervisorTransport
s = xmlrpc.client.ServerProxy('http://127.0.0.1', transport=SupervisorTransport(None, None, sys.argv[1]))
sys.stdout.buffer.write(s.supervisor.readProcessLog('odd', 0, 0).encode())
`;
    const url = `unix://${join(daemon.directory, 'sock')}`;
    expect((await runCommand('/usr/bin/python3', ['-c', script, url])).stdout).toBe(read);
  });

  it('is followed byte for byte', async () => {
    const wire = await openWire({ path: join(daemon.directory, 'sock') }, sockets);
    wire.send('GET /logtail/odd HTTP/1.1\r\nHost: \r\n\r\n');
    const got = await wire.untilGot(/\r\n\r\n[^]*\n\r\n/);
    const chunk = /\r\n\r\n([0-9a-f]+)\r\n([^]*)\r\n$/.exec(got);
    expect(Number.parseInt(chunk?.[1] ?? '', 16)).toBe(bytes.length);
    expect(Buffer.from(chunk?.[2] ?? '', 'latin1')).toEqual(bytes);
    // What comes later, too: cat gives it back.
    await call('sendProcessStdin', 'odd', 'caf\u00e9 \u{1f600}\n');
    expect(await wire.untilGot(/caf.*\n\r\n$/)).toContain(
      Buffer.from('caf\u00e9 \u{1f600}\n').toString('latin1'),
    );
  });

  it('of the daemon itself is read and followed in the same way', async () => {
    await daemon.untilState('odd', 'RUNNING');
    expect(await call('readLog', 0, 0)).toContain('success: odd entered RUNNING');
    const wire = await openWire({ path: join(daemon.directory, 'sock') }, sockets);
    wire.send('GET /mainlogtail HTTP/1.1\r\nHost: \r\n\r\n');
    await wire.untilGot(/\r\n\r\n[0-9a-f]+\r\n[^]*success: odd entered RUNNING/);
  });
});
