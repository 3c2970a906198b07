/** Too much at once: restarts, events, output. The daemon answers, its memory is bounded, and nothing is dropped. */
import { closeSync, mkdirSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { cpuSecondsOf } from '../../bench/proc.ts';
import { startPlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { callRpc } from '../support/rpc.ts';
import { until } from '../support/until.ts';
import { startFront } from './front.ts';
import { watchMemory } from './memory.ts';
import { container, count, useStage, sleeps, untilState } from './stage.ts';

describe.skipIf(engineSkipped)('a storm', () => {
  const stage = useStage();

  it('of 1,000 restarts in a minute', async () => {
    const daemon = await startPlainDaemon(
      inject('dockvisord'),
      `
[program:storm]
command=/bin/true
process_name=%(program_name)s_%(process_num)d
numprocs=100
autostart=false
autorestart=true
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
`,
    );
    try {
      const memory = watchMemory(daemon.pid);
      const ask = (method: string, ...params: (string | boolean)[]) =>
        callRpc(join(daemon.directory, 'sock'), method, params);
      await ask('supervisor.startProcessGroup', 'storm', false);
      const spawned = (): number => daemon.log().match(/spawned: 'storm_/g)?.length ?? 0;
      const before = cpuSecondsOf([daemon.pid]);
      await until(
        () => `1,100 starts, found ${String(spawned())}`,
        240_000,
        async () => {
          await ask('supervisor.getState');
          return spawned() >= 1100 ? true : null;
        },
      );
      // The minute is the processor's: by the clock it takes as long as others leave it.
      expect(cpuSecondsOf([daemon.pid]) - before).toBeLessThan(60);
      memory.expectBounded();
      expect(daemon.log()).not.toMatch(/gave up|not expected/);
      // Also those that have ended and are about to be launched again.
      await ask('supervisor.stopProcessGroup', 'storm', true);
      expect((await daemon.ctl('status')).stdout).not.toMatch(/RUNNING|STARTING|EXITED/);
    } finally {
      await daemon.destroy();
    }
  });

  it('of containers that end at once', async () => {
    const names = Array.from({ length: 6 }, (_, n) => `again-${String(n)}`);
    for (const name of names) await stage.create(name, ['echo', 'one more life']);
    const programs = names
      .map((name) =>
        container(name, 'autorestart=true', 'autostart=false', `stdout_logfile=%DIR%/${name}.log`),
      )
      .join('');
    await stage.withManager({ programs }, async (manager) => {
      const memory = watchMemory(manager.pid());
      void manager.ctl('start', 'all');
      await until(
        () => `5 starts of each\n${manager.log()}`,
        60_000,
        async () => {
          await manager.processes();
          return names.every((name) => count(manager, new RegExp(`spawned: '${name}'`)) >= 5) ? true : null;
        },
      );
      expect((await manager.ctl('stop', 'all')).code, manager.log()).toBe(0);
      memory.expectBounded();
      for (const name of names) {
        const own = readFileSync(join(manager.directory, `${name}.log`), 'utf8');
        // A life that was stopped before its first word has said nothing; what was said is there once.
        expect(own).toMatch(/^(one more life\n){3,}$/);
        expect(own, manager.log()).toBe(`${await stage.docker.run('logs', name)}\n`);
        expect((await stage.docker.inspect(name))?.status).toBe('exited');
      }
    });
  });

  it('of 10,000 events in a second', async () => {
    await stage.create('events-box', sleeps);
    const front = await startFront(stage.engine.socket, join(stage.engine.directory, 'events.sock'));
    try {
      await stage.withManager(
        { programs: container('events-box', 'autorestart=false'), dockerHost: front.host },
        async (manager) => {
          await untilState(manager, 'events-box', 'RUNNING');
          const { id } = (await stage.docker.inspect('events-box')) ?? { id: '' };
          const before = front.asked(/\/json/);
          const memory = watchMemory(manager.pid());
          await front.tellEvents(eventLines(id));
          await stage.docker.run('kill', 'events-box');
          await untilState(manager, 'events-box', 'EXITED');
          // Many at once are one reason to look, and what concerns others is none.
          expect(front.asked(/\/json/) - before).toBeLessThan(500);
          memory.expectBounded();
          expect(count(manager, /spawned: 'events-box'/), manager.log()).toBe(1);
        },
      );
    } finally {
      front.close();
    }
  });

  const blockBytes = 4_000_000;
  const blocks = 13;

  it.each(['api', 'cli'])('of output, as fast as a container can print (%s)', async (attach) => {
    const name = `flood-${attach}`;
    const directory = join(stage.engine.directory, name);
    mkdirSync(directory);
    const block = Buffer.from(
      Array.from(
        { length: blockBytes / 100 },
        (_, n) => `${String(n).padStart(8, '0')} `.padEnd(99, 'x') + '\n',
      ).join(''),
    );
    writeFileSync(join(directory, 'block'), block);
    const script = `i=0; while [ $i -lt ${String(blocks)} ]; do cat /flood/block; i=$((i+1)); done`;
    await stage.create(name, ['sh', '-c', script], '-v', `${directory}:/flood:ro`);
    const programs = container(
      name,
      `docker_attach=${attach}`,
      'autostart=false',
      'autorestart=false',
      'stdout_logfile=%DIR%/log',
      'stdout_logfile_maxbytes=0',
    );
    await stage.withManager({ programs }, async (manager) => {
      const memory = watchMemory(manager.pid());
      await manager.ctl('start', name);
      await untilState(manager, name, 'EXITED');
      memory.expectBounded();
      const log = join(manager.directory, 'log');
      expect(statSync(log).size).toBe(blocks * blockBytes);
      const fd = openSync(log, 'r');
      const piece = Buffer.alloc(blockBytes);
      for (let n = 0; n < blocks; n++) {
        readSync(fd, piece, 0, blockBytes, n * blockBytes);
        expect(piece.equals(block), `block ${String(n)}`).toBe(true);
      }
      closeSync(fd);
    });
  });
});

/** 10,000 as dockerd writes them: of this container what changes nothing, and of others that live and die. */
function eventLines(id: string): readonly string[] {
  const actions = [
    'exec_create: check',
    'exec_start: check',
    'exec_die',
    'health_status: healthy',
    'update',
    'top',
  ];
  return Array.from({ length: 10_000 }, (_, n) => {
    const isOther = n % 2 === 0;
    const who = isOther ? n.toString(16).padStart(64, '0') : id;
    const action = isOther ? (n % 4 === 0 ? 'start' : 'die') : (actions[(n >> 1) % actions.length] ?? '');
    const nanos = BigInt(Date.now()) * 1_000_000n + BigInt(n);
    const attributes = {
      image: 'dockvisor/busybox:1',
      name: isOther ? `other-${String(n)}` : 'events-box',
      exitCode: '1',
    };
    return JSON.stringify({
      status: action,
      id: who,
      from: 'dockvisor/busybox:1',
      Type: 'container',
      Action: action,
      Actor: { ID: who, Attributes: attributes },
      scope: 'local',
      time: 1,
      timeNano: 0,
    }).replace('"timeNano":0', `"timeNano":${String(nanos)}`);
  });
}
