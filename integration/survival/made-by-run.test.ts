/** The daemon is killed, and its programs are `docker run`: what they made is gone on with, and no second one is made. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { infoOf, logOf, untilState, useStage } from '../faults/stage.ts';
import { until } from '../support/until.ts';
import { untilLeft } from '../support/until-left.ts';

/** `sleep` by a label of the program's own: what is there can be counted. */
const program = (name: string, words: string, ...lines: readonly string[]): string =>
  [`[program:${name}]`, `command=docker run --label dv=${name} ${words}`, ...lines, ''].join('\n');

describe.skipIf(engineSkipped)('the daemon is killed, and what its `docker run` made', () => {
  const stage = useStage();
  const idsOf = async (name: string, which: 'all' | 'running' = 'all'): Promise<readonly string[]> =>
    (
      await stage.docker.run(
        'ps',
        which === 'all' ? '-aq' : '-q',
        '--no-trunc',
        '--filter',
        `label=dv=${name}`,
      )
    )
      .split('\n')
      .filter((line) => line !== '');

  it.each(['cli', 'api'])('without a name runs on alone (docker_attach=%s)', async (attach) => {
    const name = `nn-${attach}`;
    const programs = program(
      name,
      `--rm ${stage.engine.image} sleep 3600`,
      `docker_attach=${attach}`,
      'stopwaitsecs=1',
    );
    await stage.withManager({ programs }, async (manager) => {
      await untilState(manager, name, 'RUNNING');
      const [id = ''] = await idsOf(name);
      const before = await stage.startedAt(id);
      for (const _round of [1, 2]) {
        await untilLeft(manager, new RegExp(`"life": "${before}"`));
        await manager.end('SIGKILL');
        await manager.start();
        await untilState(manager, name, 'RUNNING');
        expect(await idsOf(name)).toEqual([id]);
      }
      expect(await stage.startedAt(id)).toBe(before);
      await manager.ctl('restart', name);
      await untilState(manager, name, 'RUNNING');
      const [next = '', ...others] = await idsOf(name);
      expect(others).toEqual([]);
      expect(next).not.toBe(id);
      await manager.ctl('stop', name);
      expect(await idsOf(name)).toEqual([]);
    });
  });

  it('without a name, and is not the first of its program: each line is in the log once', async () => {
    const words = `${stage.engine.image} sh -c 'i=0; while :; do i=$((i+1)); echo out $i; sleep 0.02; done'`;
    const programs = program('nn-kept', words, 'stopwaitsecs=1', 'stdout_logfile=%DIR%/kept.log');
    await stage.withManager({ programs }, async (manager) => {
      const lines = (): readonly number[] =>
        readFileSync(join(manager.directory, 'kept.log'), 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => Number(line.slice('out '.length)));
      await untilState(manager, 'nn-kept', 'RUNNING');
      await manager.ctl('restart', 'nn-kept');
      await untilState(manager, 'nn-kept', 'RUNNING');
      const [id = ''] = await idsOf('nn-kept', 'running');
      await untilLeft(manager, new RegExp(`"container": "${id}"`));
      await manager.end('SIGKILL');
      await manager.start();
      await untilState(manager, 'nn-kept', 'RUNNING');
      expect(await idsOf('nn-kept', 'running')).toEqual([id]);
      const seen = lines().length;
      await until('it is heard', 10_000, () => Promise.resolve(lines().length > seen + 20 ? true : null));
      await manager.ctl('stop', 'nn-kept');
      expect(await idsOf('nn-kept', 'running')).toEqual([]);
      const all = lines();
      const faults = all.filter((line, at) => line !== 1 && line !== (all[at - 1] ?? 0) + 1);
      expect([faults, all.filter((line) => line === 1).length]).toEqual([[], 2]);
    });
  });

  it('without a name is the only one, also when the daemon dies as soon as the client is there', async () => {
    const programs = program(
      'nn-soon',
      `${stage.engine.image} sh -c 'sleep 2; exit 3'`,
      'stopwaitsecs=1',
      'autorestart=true',
    );
    await stage.withManager({ programs }, async (manager) => {
      await untilState(manager, 'nn-soon', 'RUNNING');
      const pid = String(manager.pid());
      const clients = (): string => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
      await until('the client of the first has ended', 20_000, () =>
        Promise.resolve(clients() === '' ? true : null),
      );
      const limit = performance.now() + 20_000;
      // At once, and not at the next turn of `until`.
      while (clients() === '' && performance.now() < limit) await new Promise(setImmediate);
      await manager.end('SIGKILL');
      await manager.start();
      await untilState(manager, 'nn-soon', 'RUNNING');
      expect(await idsOf('nn-soon', 'running')).toHaveLength(1);
      await manager.ctl('stop', 'nn-soon');
      expect(await idsOf('nn-soon', 'running')).toEqual([]);
    });
  });

  it("with a name that is another's by now runs on, and so does the other", async () => {
    const programs = program('mine', `--rm --name mine ${stage.engine.image} sleep 3600`, 'stopwaitsecs=1');
    await stage.withManager({ programs }, async (manager) => {
      await untilState(manager, 'mine', 'RUNNING');
      const [id = ''] = await idsOf('mine');
      const before = await stage.startedAt(id);
      await untilLeft(manager, new RegExp(`"life": "${before}"`));
      await manager.end('SIGKILL');
      await stage.docker.run('rename', 'mine', 'moved');
      await stage.docker.run('run', '-d', '--name', 'mine', stage.engine.image, 'sleep', '3600');
      const other = await stage.startedAt('mine');
      await manager.start();
      await untilState(manager, 'mine', 'RUNNING');
      expect(await stage.startedAt('moved')).toBe(before);
      expect(await idsOf('mine')).toEqual([id]);
      await manager.ctl('stop', 'mine');
      expect(await idsOf('mine')).toEqual([]);
      expect(await stage.startedAt('mine')).toBe(other);
      expect((await stage.docker.inspect('mine'))?.status).toBe('running');
    });
    await stage.docker.removeAll(['mine']);
  });

  it('without a name, and not yet made, is waited for', async () => {
    const programs = program(
      'nn-late',
      `--rm ${stage.engine.image} sleep 3600`,
      'stopwaitsecs=1',
      'autostart=false',
    );
    await stage.withManager({ programs }, async (manager) => {
      void manager.ctl('start', 'nn-late');
      await untilLeft(manager, /"cidfile": "\/.*\/cid"/);
      await manager.end('SIGKILL');
      await manager.start();
      await untilState(manager, 'nn-late', 'RUNNING');
      expect(await idsOf('nn-late')).toHaveLength(1);
      await manager.ctl('stop', 'nn-late');
      expect(await idsOf('nn-late')).toEqual([]);
    });
  });

  it('a job that ended and removed itself meanwhile is not run a second time, and its exit code is told', async () => {
    const job = (name: string, code: number, ...lines: readonly string[]): string =>
      program(
        name,
        `--rm --name ${name} ${stage.engine.image} sh -c "sleep 3600 & wait; exit ${String(code)}"`,
        'startsecs=0',
        'stopwaitsecs=1',
        ...lines,
      );
    const programs = [
      job('job-good', 0, 'autorestart=false'),
      job('job-bad', 7, 'autorestart=false'),
      job('job-again', 3, 'autorestart=unexpected'),
      program(
        'job-nameless',
        `--rm ${stage.engine.image} sh -c "sleep 3600 & wait; exit 0"`,
        'autorestart=unexpected',
        'stopwaitsecs=1',
      ),
    ].join('');
    const names = ['job-good', 'job-bad', 'job-again', 'job-nameless'];
    await stage.withManager({ programs }, async (manager) => {
      const ids = new Map<string, string>();
      for (const name of names) {
        await untilState(manager, name, 'RUNNING');
        const [id = ''] = await idsOf(name);
        ids.set(name, id);
        await untilLeft(manager, new RegExp(`"container": "${id}"`));
        await untilLeft(manager, new RegExp(`"life": "${await stage.startedAt(id)}"`));
      }
      await manager.end('SIGKILL');
      for (const id of ids.values())
        await stage.docker.run('exec', '-d', id, 'sh', '-c', 'kill $(pidof sleep)');
      for (const name of names)
        await until(`${name} is gone`, 10_000, async () => ((await idsOf(name)).length === 0 ? true : null));
      await manager.start();
      expect((await untilState(manager, 'job-good', 'EXITED')).exitStatus).toBe(0);
      expect((await untilState(manager, 'job-bad', 'EXITED')).exitStatus).toBe(7);
      expect((await untilState(manager, 'job-nameless', 'EXITED')).exitStatus).toBe(0);
      await untilState(manager, 'job-again', 'RUNNING');
      expect(await idsOf('job-again')).not.toContain(ids.get('job-again'));
      for (const name of ['job-good', 'job-bad', 'job-nameless']) expect(await idsOf(name)).toEqual([]);
      expect(logOf(manager)).toMatch(/the container that job-good had is gone: it ended, and was removed/);
      expect((await infoOf(manager, 'job-good')).state).toBe('EXITED');
    });
  });
});
