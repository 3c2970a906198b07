/** What keeps a program from coming up before it has begun. */
import { runCommand } from '../../support/run-command.ts';
import { until } from '../../support/until.ts';
import { behaving } from '../situation.ts';
import { othersStatus } from '../witness.ts';
import type { PrepareContext, Situation } from '../situation.ts';

/** Makes an Engine fail to remove a container: it may not unlink a file that the file system holds for immutable. */
async function die({ docker, name }: PrepareContext): Promise<void> {
  await docker.run('start', name);
  await docker.run('exec', name, 'touch', '/held');
  const facts = await docker.inspect(name);
  if (facts === null) throw new Error('the container is gone');
  const { code, stderr } = await runCommand('chattr', ['+i', `${facts.upperDirectory}/held`]);
  if (code !== 0) throw new Error(`no container can be made dead on this file system: ${stderr}`);
  await docker.run('rm', '-f', name).catch(() => undefined);
  await until('the container is dead', 5000, async () =>
    (await docker.inspect(name))?.status === 'dead' ? true : null,
  );
}

async function revive({ docker, name }: PrepareContext): Promise<void> {
  const facts = await docker.inspect(name);
  if (facts !== null) await runCommand('chattr', ['-i', `${facts.upperDirectory}/held`]);
}

const run =
  (options: string) =>
  (name: string, image: string): string =>
    // In a supervisord configuration a quoted word is one word, and a semicolon after a space begins a comment.
    `docker run ${options} --name ${name} ${image} sh -c 'trap "exit 0" TERM;while :;do sleep 3600 & wait $!;done'`;

export const inTheWaySituations: readonly Situation[] = [
  {
    name: 'created, never started',
    create: { command: behaving },
    lines: ['autostart=false'],
    ready: 'settled',
    wanted: { state: 'STOPPED', engine: 'created', description: /Not started, container \S+ created/ },
  },
  {
    name: 'missing',
    create: null,
    ready: 'settled',
    wanted: { state: 'FATAL', engine: 'missing', description: /missing/ },
  },
  {
    name: 'dead (cannot be removed)',
    create: { command: behaving },
    prepare: die,
    cleanUp: revive,
    ready: 'settled',
    wanted: { state: 'FATAL', engine: 'dead', description: /docker rm -f/ },
  },
  {
    name: 'paused before the start',
    create: { command: behaving },
    async prepare({ docker, name }) {
      await docker.run('start', name);
      await docker.run('pause', name);
    },
    ready: 'settled',
    wanted: { state: 'RUNNING', engine: 'running' },
  },
  {
    name: 'port already taken',
    create: null,
    async prepare({ docker, image, name }) {
      const other = `${name}-other`;
      await docker.run('run', '--detach', '--name', other, '--publish', '80', image, ...behaving);
      const port = (await docker.run('port', other, '80')).split('\n')[0]?.split(':').at(-1) ?? '';
      await docker.run('create', '--name', name, '--publish', `${port}:80`, image, ...behaving);
    },
    async cleanUp({ docker, name }) {
      await docker.removeAll([`${name}-other`]);
    },
    ready: 'settled',
    wanted: { state: 'FATAL', engine: 'created', description: /port is already allocated/ },
  },
  {
    name: 'docker run --name, the name is taken by one that runs',
    create: { command: behaving },
    command: run(''),
    async prepare({ docker, name }) {
      await docker.run('start', name);
    },
    ready: 'settled',
    wanted: { state: 'RUNNING', engine: 'running' },
    beyondPlugin: {
      state: 'FATAL',
      engine: othersStatus,
      why: 'supervisord runs the command again, which needs the name; nothing is removed that was not to be (--rm, docker_on_ghost=remove)',
    },
  },
  {
    name: 'docker run --rm --name, the name is taken by one that runs',
    create: { command: behaving },
    command: run('--rm'),
    async prepare({ docker, name }) {
      await docker.run('start', name);
    },
    ready: 'settled',
    wanted: { state: 'RUNNING', engine: 'running' },
  },
  {
    name: 'docker run --rm --name, the name is taken by one that has exited',
    create: { command: ['true'] },
    command: run('--rm'),
    async prepare({ docker, name }) {
      await docker.run('start', '--attach', name);
    },
    ready: 'settled',
    wanted: { state: 'RUNNING', engine: 'running' },
  },
];
