/** The Engine lives, and cannot be asked: its containers are UNKNOWN with the reason, run on, and are taken up again. */
import { linkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { certificates, startFront, startSecureFront } from './front.ts';
import { container, useStage, expectLaunches, sleeps, untilState } from './stage.ts';

describe.skipIf(engineSkipped)('an Engine', () => {
  const stage = useStage(['--live-restore']);

  interface Case {
    /** Of its containers: one that runs with a client, one without, and one that is started while the Engine is ill. */
    readonly prefix: string;
    readonly dockerHost: string;
    readonly lines?: readonly string[];
    readonly reason: RegExp;
    readonly fallIll: () => void;
    readonly recover: () => void;
  }

  async function isSurvived({
    prefix,
    dockerHost,
    lines = [],
    reason,
    fallIll,
    recover,
  }: Case): Promise<void> {
    const [cli, api, late] = [`${prefix}-cli`, `${prefix}-api`, `${prefix}-late`];
    for (const name of [cli, api, late]) await stage.create(name, sleeps);
    const programs = [
      container(cli, 'docker_attach=cli', ...lines),
      container(api, ...lines),
      container(late, ...lines, 'autostart=false'),
    ].join('');
    await stage.withManager({ programs, dockerHost }, async (manager) => {
      for (const name of [cli, api]) await untilState(manager, name, 'RUNNING');
      const before = await Promise.all([cli, api].map(stage.startedAt));
      fallIll();
      for (const name of [cli, api])
        expect((await untilState(manager, name, 'UNKNOWN')).description).toMatch(reason);
      void manager.ctl('start', late);
      expect((await untilState(manager, late, 'UNKNOWN')).description).toMatch(reason);
      recover();
      for (const name of [cli, api, late]) await untilState(manager, name, 'RUNNING');
      expect(await Promise.all([cli, api].map(stage.startedAt))).toEqual(before);
      for (const name of [cli, api, late]) expectLaunches(manager, name, 1);
      expect((await manager.ctl('stop', 'all')).code, manager.log()).toBe(0);
      for (const name of [cli, api, late]) expect((await stage.docker.inspect(name))?.status).toBe('exited');
    });
  }

  it.concurrent('that takes 30 s for each answer', async () => {
    const front = await startFront(stage.engine.socket, join(stage.engine.directory, 'slow.sock'));
    try {
      await isSurvived({
        prefix: 'slow',
        dockerHost: front.host,
        reason: /slow\.sock does not answer/,
        fallIll: () => {
          front.delay(30_000);
        },
        recover: () => {
          front.delay(0);
        },
      });
    } finally {
      front.close();
    }
  });

  it.concurrent('whose socket is removed, and put back', async () => {
    // Another name of the real socket.
    const socket = join(stage.engine.directory, 'removed.sock');
    linkSync(stage.engine.socket, socket);
    await isSurvived({
      prefix: 'removed',
      dockerHost: `unix://${socket}`,
      reason: /removed\.sock: there is no such socket/,
      fallIll: () => {
        unlinkSync(socket);
      },
      recover: () => {
        linkSync(stage.engine.socket, socket);
      },
    });
  });

  it.concurrent('whose certificate expires, and is renewed', async () => {
    const front = await startSecureFront(stage.engine.socket);
    try {
      await isSurvived({
        prefix: 'tls',
        dockerHost: front.host,
        lines: [`docker_host=${front.host}`, `docker_cert_path=${certificates}`],
        reason: /cannot reach tcp:.*certificate has expired/,
        fallIll: () => {
          front.show('expired');
        },
        recover: () => {
          front.show('server');
        },
      });
    } finally {
      front.close();
    }
  });
});
