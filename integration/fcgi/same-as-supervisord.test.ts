/** One session with FastCGI programs under the real supervisord and under ours: the same answers, the same sockets, the same log. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager } from '../support/manager.ts';
import type { Manager, ManagerKind } from '../support/manager.ts';
import { RpcFault, callRpc } from '../support/rpc.ts';
import { until } from '../support/until.ts';
import { ask } from './client.ts';
import type { Address } from './client.ts';

const managers: Manager[] = [];
afterEach(async () => {
  await Promise.all(managers.splice(0).map((manager) => manager.destroy()));
});

const acceptor = `python3 -u ${join(import.meta.dirname, 'acceptor.py')}`;

const programs = (port: number): string => `
[fcgi-program:file]
command=${acceptor}
process_name=%(program_name)s_%(process_num)d
numprocs=2
socket=unix://%DIR%/%(program_name)s.sock
socket_mode=0660
socket_owner=nobody:nogroup
socket_backlog=5
[fcgi-program:port]
command=${acceptor}
socket=tcp://127.0.0.1:${String(port)}
autostart=false
[fcgi-program:missing]
command=/no/such
socket=unix://%DIR%/missing.sock
autostart=false
startretries=0
`;

/** Everything that was seen, with what is another in each run taken out. */
async function session(kind: ManagerKind): Promise<Readonly<Record<string, unknown>>> {
  const port = await freePort();
  const manager = createManager({
    kind,
    dockvisord: inject('dockvisord'),
    dockerHost: 'unix:///nonexistent/never.sock',
    programs: programs(port),
  });
  managers.push(manager);
  const { directory } = manager;
  const seen: Record<string, unknown> = {};
  const clean = (text: string): string =>
    text
      .replaceAll(directory, 'DIR')
      .replaceAll(String(port), 'PORT')
      .replace(/pid \d+/g, 'pid N')
      .replace(/uptime [\d:]+/g, 'uptime T')
      .replace(/-{3}supervisor-\w+/g, '')
      .replace(/(\w{3} \d\d \d\d:\d\d [AP]M)/g, 'TIME');
  const ctl = async (...words: string[]): Promise<void> => {
    const { code, stdout } = await manager.ctl(...words);
    seen[`${String(Object.keys(seen).length)} ${words.join(' ')}`] = [code, clean(stdout)];
  };
  const rpc = async (method: string, ...params: string[]): Promise<unknown> =>
    callRpc(join(directory, 'sock'), `supervisor.${method}`, params).catch((error: unknown) =>
      error instanceof RpcFault ? [error.code, error.message] : Promise.reject(error as Error),
    );
  const file: Address = { path: join(directory, 'file.sock') };
  const inet: Address = { host: '127.0.0.1', port };
  const answered = async (address: Address): Promise<string> =>
    ask(address).then(
      ({ process }) => process.replace(/\d$/, 'N'),
      (error: unknown) => String((error as NodeJS.ErrnoException).code),
    );

  await manager.start();
  await until(`all are up\n${manager.log()}`, 30_000, async () => {
    const up = (await manager.processes()).filter(({ state }) => state === 'RUNNING');
    return up.length === 2 ? true : null;
  });
  await ctl('status');
  await ctl('avail');
  const { mode, uid, gid } = statSync(join(directory, 'file.sock'));
  seen['socket'] = [mode, uid, gid, await answered(file), await answered(inet)];
  seen['queue'] = execFileSync('ss', ['-xlH', 'src', join(directory, 'file.sock')], { encoding: 'utf8' })
    .split(/\s+/)
    .slice(1, 4);
  const info = (await rpc('getProcessInfo', 'file:file_0')) as Record<string, unknown>;
  const { pid: _pid, now: _now, start: _start, container: _container, ...rest } = info;
  seen['info'] = JSON.parse(clean(JSON.stringify(rest))) as unknown;
  seen['config'] = clean(JSON.stringify(await rpc('getAllConfigInfo')));
  seen['stdin'] = await rpc('sendProcessStdin', 'file:file_0', 'x');

  await ctl('start', 'port');
  seen['both'] = [await answered(file), await answered(inet)];
  await ctl('stop', 'file:file_0');
  seen['one of two'] = [await answered(file)];
  await ctl('stop', 'file:file_1');
  await ctl('stop', 'port');
  seen['none'] = [(await answered(file)) !== 'file_N', await answered(inet)];
  await ctl('start', 'file:file_1');
  await ctl('start', 'missing');
  seen['again'] = [await answered(file)];

  const config = join(directory, 'supervisord.conf');
  writeFileSync(config, readFileSync(config, 'utf8').replace('%(program_name)s.sock', 'other.sock'));
  await ctl('reread');
  await ctl('update');
  await until(`both are up again\n${manager.log()}`, 30_000, async () => {
    const up = (await manager.processes()).filter(({ state }) => state === 'RUNNING');
    return up.length === 2 ? true : null;
  });
  seen['moved'] = [await answered({ path: join(directory, 'other.sock') })];
  await manager.end('SIGTERM');
  seen['log'] = clean(readFileSync(join(directory, 'supervisord.log'), 'utf8'))
    .split('\n')
    .map((line) => /(?:INFO|ERRO|CRIT) ((?:Creating|Closing) socket .*|spawned: '\S+)/.exec(line)?.[1])
    .filter((line) => line !== undefined);
  return seen;
}

describe.skipIf(engineSkipped)('FastCGI programs', () => {
  it('are under our daemon what they are under the real one', async () => {
    const [real, ours] = await Promise.all([session('supervisord'), session('cli')]);
    expect(ours).toEqual(real);
    expect(real['log']).toContain('Creating socket unix://DIR/file.sock');
  });
});
