/** Pools of listeners over their whole life, under the real supervisord and under ours: reloads, updates, and who their daemon is. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startPlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager } from '../support/manager.ts';
import type { Manager, ManagerKind } from '../support/manager.ts';
import { callRpc } from '../support/rpc.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';

interface Recorded {
  readonly event: string;
  readonly serial: number;
  readonly poolSerial: number;
  readonly payload: string;
}

const recorder = `python3 -u ${join(import.meta.dirname, 'recorder.py')}`;
const kinds: readonly ManagerKind[] = ['supervisord', 'cli'];
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function managed(
  kind: ManagerKind,
  programs: string,
  daemonLines: readonly string[] = [],
): Promise<Manager> {
  const manager = createManager({
    kind,
    dockvisord: inject('dockvisord'),
    dockerHost: 'unix:///nonexistent/never.sock',
    programs,
    daemonLines,
  });
  ends.push(() => manager.destroy());
  await manager.start();
  return manager;
}

function recorded(manager: Manager, file: string): readonly Recorded[] {
  const path = join(manager.directory, file);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  return lines.map((line) => {
    const [header, payload] = JSON.parse(line) as [Readonly<Record<string, string>>, string];
    const { eventname: event = '', serial, poolserial } = header;
    return { event, serial: Number(serial), poolSerial: Number(poolserial), payload };
  });
}

const heard = (manager: Manager, file: string, event: string, payload: string): Promise<Recorded> =>
  until(
    () => `${event} ${payload} in ${file}\n${manager.log()}`,
    30_000,
    () => recorded(manager, file).find((one) => one.event === event && one.payload.includes(payload)) ?? null,
  );

describe.skipIf(engineSkipped)('a pool of listeners', () => {
  const recorderAndCat = `[eventlistener:rec]\ncommand=${recorder} %DIR%/recorded\nevents=PROCESS_STATE,REMOTE_COMMUNICATION\nbuffer_size=100\n[program:cat]\ncommand=cat\n`;
  const hangUp = (manager: Manager): void => {
    process.kill(Number(readFileSync(join(manager.directory, 'supervisord.pid'), 'utf8')), 'SIGHUP');
  };

  it('under supervisord: serials go on over a HUP, those of the pool begin anew', async () => {
    const manager = await managed('supervisord', recorderAndCat);
    await heard(manager, 'recorded', 'PROCESS_STATE_RUNNING', 'processname:cat');
    const before = recorded(manager, 'recorded');
    hangUp(manager);
    await until(
      () => `cat is up again\n${manager.log()}`,
      30_000,
      () =>
        recorded(manager, 'recorded').filter(
          ({ event, payload }) => event === 'PROCESS_STATE_RUNNING' && payload.includes('processname:cat'),
        ).length === 2
          ? true
          : null,
    );
    const all = recorded(manager, 'recorded');
    const reborn = all.findIndex(({ poolSerial }, index) => index >= before.length && poolSerial === 0);
    const [first, second] = [all.slice(0, reborn), all.slice(reborn)];
    for (const life of [first, second])
      expect(life.map(({ poolSerial }) => poolSerial)).toEqual(life.map((_, index) => index));
    expect(all.map(({ serial }) => serial)).toEqual(all.map((one) => one.serial).sort((a, b) => a - b));
    expect(new Set(all.map(({ serial }) => serial)).size).toBe(all.length);
    expect(second[0]?.serial).toBeGreaterThan(first.at(-1)?.serial ?? Infinity);
  });

  it('under us: a HUP that changes nothing is nothing to it, and both serials go on', async () => {
    const manager = await managed('cli', recorderAndCat);
    await heard(manager, 'recorded', 'PROCESS_STATE_RUNNING', 'processname:cat');
    const before = recorded(manager, 'recorded');
    hangUp(manager);
    await until(
      () => `the daemon has read its file again\n${manager.log()}`,
      30_000,
      () => (manager.log().includes('reloaded ') ? true : null),
    );
    await callRpc(join(manager.directory, 'sock'), 'supervisor.sendRemoteCommEvent', ['after', 'the HUP']);
    await heard(manager, 'recorded', 'REMOTE_COMMUNICATION', 'the HUP');
    const all = recorded(manager, 'recorded');
    expect(all).toHaveLength(before.length + 1);
    expect(all.map(({ poolSerial }) => poolSerial)).toEqual(all.map((_, index) => index));
  });

  /** Of none that there is yet it is true, too, that all run: a daemon may answer before it has made its programs. */
  const untilThreeRun = (manager: Manager): Promise<true> =>
    until(
      () => `three are up\n${manager.log()}`,
      30_000,
      async () => {
        const states = (await manager.processes()).map(({ state }) => state);
        return states.length === 3 && states.every((state) => state === 'RUNNING') ? true : null;
      },
    );

  it('is changed, taken away and added by an update, as under supervisord', async () => {
    const pool = (name: string, events: string): string =>
      `[eventlistener:${name}]\ncommand=${recorder} %DIR%/${name}\nevents=${events}\nbuffer_size=100\n`;
    const sessions = kinds.map(async (kind) => {
      const manager = await managed(
        kind,
        pool('same', 'REMOTE_COMMUNICATION') + pool('changes', 'TICK_3600') + pool('goes', 'TICK_3600'),
      );
      const socket = join(manager.directory, 'sock');
      await untilThreeRun(manager);
      const pids = async (): Promise<ReadonlyMap<string, number>> =>
        new Map((await manager.processes()).map(({ name, pid }) => [name, pid]));
      const before = await pids();
      const config = join(manager.directory, 'supervisord.conf');
      const text = readFileSync(config, 'utf8');
      const sections =
        pool('same', 'REMOTE_COMMUNICATION') +
        pool('changes', 'REMOTE_COMMUNICATION') +
        pool('comes', 'EVENT');
      writeFileSync(
        config,
        text.slice(0, text.indexOf('[eventlistener:')) + sections.replaceAll('%DIR%', manager.directory),
      );
      const said = [];
      for (const verb of ['reread', 'update', 'avail']) said.push((await manager.ctl(verb)).stdout);
      await untilThreeRun(manager);
      const after = await pids();
      await callRpc(socket, 'supervisor.sendRemoteCommEvent', ['t', 'hello']);
      for (const name of ['same', 'changes', 'comes'])
        await heard(manager, name, 'REMOTE_COMMUNICATION', 'hello');
      return {
        said,
        survived: [...after].filter(([name, pid]) => before.get(name) === pid).map(([name]) => name),
        running: [...after.keys()],
        poolSerials: ['same', 'changes'].map((name) => recorded(manager, name).map((one) => one.poolSerial)),
        groups: recorded(manager, 'comes')
          .filter(({ event }) => event.startsWith('PROCESS_GROUP'))
          .map(({ event, payload }) => event + payload),
        gone: existsSync(join(manager.directory, 'goes')) ? recorded(manager, 'goes').length : 0,
      };
    });
    const [real, ours] = await Promise.all(sessions);
    expect(ours).toEqual(real);
    expect(ours).toMatchObject({ survived: ['same'], running: ['changes', 'comes', 'same'] });
  });

  it('tells in the log of level debug what becomes of each event, as supervisord does', async () => {
    // Says FAIL to the first event, OK to all others.
    const script = [
      "answers = iter(['RESULT 4\\nFAIL'])",
      'while True:',
      "    print('READY', flush=True)",
      '    header = input()',
      "    sys.stdin.read(int(header.rsplit('len:', 1)[1]))",
      "    print(next(answers, 'RESULT 2\\nOK'), end='', flush=True)",
    ];
    const sessions = kinds.map(async (kind) => {
      const manager = await managed(
        kind,
        '[eventlistener:e]\ncommand=python3 -u %DIR%/listener.py\nevents=REMOTE_COMMUNICATION\nautostart=false\n',
        ['loglevel=debug'],
      );
      writeFileSync(join(manager.directory, 'listener.py'), `import sys\n${script.join('\n')}\n`);
      const log = (): readonly string[] =>
        readFileSync(join(manager.directory, 'supervisord.log'), 'utf8')
          .split('\n')
          .map((line) => line.replace(/^\S+ \S+ /, ''))
          .filter((line) => /\bevent\b/.test(line) && !line.includes('output'));
      const socket = join(manager.directory, 'sock');
      for (const data of ['a', 'b']) await callRpc(socket, 'supervisor.sendRemoteCommEvent', ['t', data]);
      await manager.ctl('start', 'e');
      await until(`both are processed\n${manager.log()}`, 30_000, () =>
        log().filter((line) => line.endsWith('processed')).length === 2 ? true : null,
      );
      return log();
    });
    const [real, ours] = await Promise.all(sessions);
    expect(ours?.map((line) => line.replace(/max=\d+/, 'max=N'))).toEqual(
      real?.map((line) => line.replace(/max=\d+/, 'max=N')),
    );
    expect(real).toContain('DEBG event 0 sent to listener e');
  });

  it('has the daemon for its parent in the background too: kill $PPID ends it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'dockvisor-behind-'));
    const config = join(directory, 'd.conf');
    const pidfile = join(directory, 'pid');
    writeFileSync(
      config,
      `[supervisord]
logfile=${directory}/log
pidfile=${pidfile}
childlogdir=${directory}
user=root
[eventlistener:quit]
command=bash -c "printf 'READY\\n' && while read line; do kill -SIGQUIT $PPID; done < /dev/stdin"
events=PROCESS_STATE_EXITED
[program:ends]
command=sh -c "until [ -e ${directory}/go ]; do sleep 0.1; done"
startsecs=0
autorestart=false
`,
    );
    const isUp = (pid: number): boolean => existsSync(`/proc/${String(pid)}`);
    const { code, stderr } = await runCommand(process.execPath, [inject('dockvisord'), '-c', config]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const pid = Number(readFileSync(pidfile, 'utf8'));
    ends.push(() => {
      if (isUp(pid)) process.kill(pid, 'SIGKILL');
      rmSync(directory, { recursive: true, force: true });
      return Promise.resolve();
    });
    const log = (): string => readFileSync(join(directory, 'log'), 'utf8');
    writeFileSync(join(directory, 'go'), '');
    await until(
      () => `the daemon ends\n${log()}`,
      30_000,
      () => (isUp(pid) ? null : true),
    );
    expect(log()).toContain('received SIGQUIT indicating exit request');
    expect(existsSync(pidfile)).toBe(false);
  });
});

describe.skipIf(engineSkipped || process.getuid?.() !== 0)('a process of another user', () => {
  it('has a stdin that it can open by name, as a program and as a listener', async () => {
    const daemon = await startPlainDaemon(
      inject('dockvisord'),
      `[program:echo]
command=sh -c "id -un; cat < /dev/stdin"
user=nobody
stdout_logfile=%DIR%/echo.log
[eventlistener:ear]
command=bash -c "printf 'READY\\n'; while read -r line; do echo \\"$(id -un) $line\\" >&2; read -r -N \${line##*len:}; printf 'RESULT 2\\nOKREADY\\n'; done < /dev/stdin"
user=nobody
events=REMOTE_COMMUNICATION
stderr_logfile=%DIR%/ear.log
`,
    );
    ends.push(() => daemon.destroy());
    await daemon.untilState('echo', 'RUNNING');
    const socket = join(daemon.directory, 'sock');
    for (const text of ['one\n', 'two\n']) {
      await callRpc(socket, 'supervisor.sendProcessStdin', ['echo', text]);
      await callRpc(socket, 'supervisor.sendRemoteCommEvent', ['t', text]);
    }
    const has = (file: string, text: RegExp): Promise<true> =>
      until(
        () => `${file} has ${String(text)}\n${daemon.file(file)}\n${daemon.log()}`,
        20_000,
        () => (text.test(daemon.file(file)) ? true : null),
      );
    await has('echo.log', /^nobody\none\ntwo\n$/);
    await has('ear.log', /^nobody ver:3\.0 .* poolserial:0 .*\nnobody ver:3\.0 .* poolserial:1 .*\n$/);
  });
});
