/** The contracts that the fakes are held to, on the real Engine: the Engine's own, and the runner's with both attachments. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recognizeContainer } from '../../src/core/config/container-command.ts';
import type { DockerSpec } from '../../src/core/config/model.ts';
import { createContainerRunner } from '../../src/docker/container-runner.ts';
import { connectEngine } from '../../src/docker/engine.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { createGate } from '../../src/docker/gate.ts';
import { createLink } from '../../src/docker/link.ts';
import { createPipeMaker } from '../../src/process/pipes.ts';
import type { PipeMaker } from '../../src/process/pipes.ts';
import { systemClock } from '../../src/system/clock.ts';
import { engineContract } from '../../test/contract/engine.ts';
import { runnerContract } from '../../test/contract/runner.ts';
import { commandFor } from '../../test/support/behaviour.ts';
import type { Behaviour } from '../../test/support/behaviour.ts';
import { quietLog } from '../../test/support/quiet-log.ts';
import { specWith } from '../../test/support/specs.ts';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';

let real: PrivateEngine;
let engine: Engine;
let pipes: PipeMaker;
beforeAll(async () => {
  real = await startPrivateEngine();
  engine = await connectEngine({ kind: 'unix', name: real.host, path: real.socket });
  await engine.negotiate();
  pipes = createPipeMaker();
}, 90_000);
afterAll(async () => {
  pipes.close();
  await real.destroy();
}, 60_000);

const docker = (...args: string[]): string =>
  execFileSync('docker', args, { env: { ...process.env, DOCKER_HOST: real.host }, encoding: 'utf8' }).trim();
const create = (name: string, behaviour: Behaviour, ...options: string[]): string =>
  docker('create', '--name', name, '--network', 'none', ...options, real.image, ...commandFor(behaviour));

engineContract('the real Engine', () =>
  Promise.resolve({
    engine,
    create: (name, behaviour) => Promise.resolve(create(name, behaviour)),
    pause: (name) => {
      docker('pause', name);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  }),
);

let serial = 0;
for (const attach of ['api', 'cli'] as const) {
  runnerContract(`the container runner over the real Engine, docker_attach=${attach}`, (behaviour) => {
    const name = `rc-${attach}-${++serial}`;
    create(name, behaviour);
    const recognised = recognizeContainer(['docker', 'start', '-a', name]);
    const spec: DockerSpec = {
      attach,
      target: { by: 'name', name },
      invocation: recognised.kind === 'container' ? recognised.invocation : null,
      host: null,
      certPath: null,
      onGhost: 'stop',
      restartPolicy: 'keep',
    };
    const link = createLink(engine, quietLog);
    const runner = createContainerRunner(specWith({ name, docker: spec }), spec, {
      clock: systemClock,
      log: quietLog,
      link,
      gate: createGate(8),
      pipes,
      owners: { other: () => null, knows: () => false, claim: () => undefined, release: () => undefined },
      environment: () => ({ PATH: process.env['PATH'] ?? '', HOME: '/root', DOCKER_HOST: real.host }),
      project: '',
      onGhost: () => undefined,
    });
    return Promise.resolve({
      runner,
      isUp: async () => (await engine.inspect(name))?.alive ?? false,
      close: async () => {
        runner.close();
        link.close();
        await engine.remove(name, true);
      },
    });
  });
}

describe('the real Engine', () => {
  it('answers in the version that was agreed, and is not asked for more', () => {
    expect(engine.apiVersion).toBe(docker('version', '--format', '{{.Server.APIVersion}}'));
  });

  it('a container with a TTY gives its output raw', async () => {
    docker('create', '-t', '--name', 'tty', '--network', 'none', real.image, 'echo', 'raw');
    const stream = await engine.attach('tty', false);
    await engine.start('tty');
    let out = '';
    for await (const chunk of stream as AsyncIterable<Uint8Array>) out += Buffer.from(chunk).toString();
    expect(out).toBe('raw\r\n');
  });
});
