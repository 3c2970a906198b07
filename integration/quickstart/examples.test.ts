import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createContainers, removeContainers } from '../../tools/quickstart-containers.ts';
import { endChild } from '../../tools/quickstart-command.ts';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { readProcesses } from '../support/rpc.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples');
const behaving = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'];

/** What each needs before it, and where its socket is; the folder is that of the copied `supervisord.conf`. */
interface Example {
  readonly socket: string;
  /** Programs that are not meant to stay up. */
  readonly falling: readonly string[];
  readonly prepare: (folder: string, engine: PrivateEngine, docker: Docker) => Promise<void>;
}

const known: Readonly<Record<string, Example>> = {
  quickstart: {
    socket: '../../.quickstart/supervisor.sock',
    falling: ['crash'],
    async prepare(folder, engine) {
      mkdirSync(join(folder, '../../.quickstart'));
      await createContainers(engine.host, engine.image, 'dockvisor.example=1');
    },
  },
  'web-and-worker': {
    socket: 'supervisor.sock',
    falling: [],
    async prepare(_folder, engine, docker) {
      for (const name of ['web', 'worker-0', 'worker-1', 'worker-2'])
        await docker.run(
          'create',
          '--name',
          `example-${name}`,
          '--label',
          'dockvisor.example=1',
          engine.image,
          ...behaving,
        );
    },
  },
};

describe.skipIf(engineSkipped)('the examples', () => {
  let engine: PrivateEngine;
  let docker: Docker;

  beforeAll(async () => {
    engine = await startPrivateEngine();
    docker = createDocker(engine);
  });
  afterAll(async () => {
    docker.close();
    await engine.destroy();
  });

  test('are all known here', () => {
    expect(readdirSync(examples).sort()).toEqual(Object.keys(known).sort());
  });

  test.each(Object.keys(known))(
    '%s passes the check without a word, and all of it comes up',
    async (name) => {
      const example = known[name]!;
      const top = mkdtempSync(join(tmpdir(), 'dockvisor-example-'));
      const folder = join(top, 'examples', name);
      const config = join(folder, 'supervisord.conf');
      cpSync(join(examples, name), folder, { recursive: true });
      await example.prepare(folder, engine, docker);
      const check = join(dirname(inject('dockvisord')), 'dockvisor.js');
      const checked = await runCommand(process.execPath, [check, 'check', '-c', config]);
      expect(checked, checked.stdout).toMatchObject({ code: 0 });
      expect(checked.stdout).toMatch(/ok, \d+ processes, 0 warnings/);

      const daemon = spawn(process.execPath, [inject('dockvisord'), '-n', '-c', config], {
        stdio: 'ignore',
        env: { ...process.env, DOCKER_HOST: engine.host },
      });
      try {
        const processes = await until('everything is RUNNING', 30_000, async () => {
          const found = await readProcesses(join(folder, example.socket)).catch(() => []);
          const standing = found.filter((one) => !example.falling.includes(one.name));
          return standing.length > 0 && standing.every(({ state }) => state === 'RUNNING') ? standing : null;
        });
        for (const { name: process, container } of processes)
          expect({ process, state: container?.state ?? 'plain' }).toEqual({
            process,
            state: process === 'clock' ? 'plain' : 'running',
          });
      } finally {
        await endChild(daemon, 60_000);
        expect(await docker.run('ps', '--quiet')).toBe('');
        await removeContainers(engine.host, 'dockvisor.example=1');
        rmSync(top, { recursive: true });
      }
    },
  );
});
