/** Clients as they are, unmodified, say the same of our daemon as of the real supervisord. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager, type Manager } from '../support/manager.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';

interface House {
  readonly manager: Manager;
  readonly port: number;
}

async function startHouse(kind: 'supervisord' | 'cli'): Promise<House> {
  const port = await freePort();
  const manager = createManager({
    kind,
    dockvisord: inject('dockvisord'),
    dockerHost: 'unix:///nonexistent/never.sock',
    programs: `
[inet_http_server]
port=127.0.0.1:${String(port)}
username=user
password=pass word
[program:cat]
command=cat
startsecs=0
stdout_logfile=%DIR%/cat.log
stderr_logfile=NONE
[program:late]
command=sleep 1000
startsecs=0
autostart=false
stdout_logfile=%DIR%/late.log
stderr_logfile=%DIR%/late.err
[program:said]
command=sh -c "echo sn\u00f6wman \u2603; exec sleep 1000"
startsecs=0
stdout_logfile=%DIR%/said.log
stderr_logfile=NONE
`,
  });
  try {
    await manager.start();
    const log = join(manager.directory, 'said.log');
    // A daemon may answer before it has made all its programs.
    await until('the log is written', 10_000, () =>
      existsSync(log) && readFileSync(log, 'utf8').endsWith('\n') ? true : null,
    );
  } catch (error) {
    await manager.destroy();
    throw error;
  }
  return { manager, port };
}

describe.skipIf(engineSkipped)('an unmodified client', () => {
  let theirs: House;
  let ours: House;
  beforeAll(async () => {
    theirs = await startHouse('supervisord');
    ours = await startHouse('cli');
  });
  afterAll(async () => {
    await theirs.manager.destroy();
    await ours.manager.destroy();
  });

  /** Without what differs from day to day. */
  const steady = (text: string, { manager, port }: House): readonly string[] =>
    text
      .replaceAll(manager.directory, '%DIR%')
      .replaceAll(`:${String(port)}`, ':PORT')
      .replaceAll(/pid \d+, uptime [\d:]+/g, 'pid PID, uptime UPTIME')
      .replaceAll(/\w{3} \d\d \d\d:\d\d [AP]M/g, 'TIME')
      .trimEnd()
      .split('\n');

  it("Python's xmlrpc.client, by unix socket and by TCP, with MultiCall", async () => {
    const [real, own] = await Promise.all(
      [theirs, ours].map(async (house) => {
        const args = [join(import.meta.dirname, 'session.py'), join(house.manager.directory, 'sock')];
        const { code, stdout, stderr } = await runCommand('/usr/bin/python3', [...args, String(house.port)]);
        expect(`${String(code)} ${stderr}`).toBe('0 ');
        return steady(stdout, house);
      }),
    );
    expect(real).toHaveLength(50);
    expect(own).toEqual(real);
  });

  it('supervisorctl at its prompt, fed by a pipe', async () => {
    const script = [
      'status late',
      'start late',
      'start late',
      'pid nobody',
      'tail said',
      'tail late stderr',
      'stop cat late',
      'frobnicate',
      'help start',
      'open http://127.0.0.1:1',
      'quit',
      'status is never reached',
    ];
    const [real, own] = await Promise.all(
      [theirs, ours].map(async (house) =>
        steady(await feed(house.manager.directory, script.join('\n')), house),
      ),
    );
    expect(real?.join('\n')).toContain('late: started');
    expect(own).toEqual(real);
  });
});

/** All that supervisorctl prints when these lines are its input. */
function feed(directory: string, lines: string): Promise<string> {
  const child = spawn('/usr/bin/supervisorctl', ['-i', '-c', join(directory, 'supervisord.conf')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stdin.end(lines);
  return new Promise((resolve) =>
    child.once('close', (code) => {
      resolve(`${printed}\nexit ${String(code)}\n`);
    }),
  );
}
