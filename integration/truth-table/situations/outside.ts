/** What others do to a container while a manager has it. */
import { behaving } from '../situation.ts';
import type { Context, Situation } from '../situation.ts';

const running = { state: 'RUNNING', engine: 'running', life: 'same' } as const;
const stopFirst = async ({ manager, name, untilEngine }: Context): Promise<void> => {
  await manager.ctl('stop', name);
  await untilEngine('exited', (facts) => facts?.status === 'exited');
};

export const outsideSituations: readonly Situation[] = [
  {
    name: 'docker pause',
    create: { command: behaving },
    async act({ docker, name }) {
      await docker.run('pause', name);
    },
    wanted: { state: 'RUNNING', engine: 'paused', life: 'same', description: /paused/ },
    beyondPlugin: {
      lies: ['paused'],
      why: 'supervisord has no word for it, and nobody asked for the pause to end',
    },
  },
  {
    name: 'docker pause, then unpause',
    create: { command: behaving },
    async act({ docker, name }) {
      await docker.run('pause', name);
      await docker.run('unpause', name);
    },
    wanted: { ...running, description: /container \S+$/ },
  },
  {
    name: 'docker stop, autorestart=unexpected',
    create: { command: behaving },
    async act({ docker, name }) {
      await docker.run('stop', name);
    },
    wanted: { state: 'EXITED', engine: 'exited', life: 'same', description: /exited 0/ },
  },
  {
    name: 'docker kill, autorestart=false',
    create: { command: behaving },
    lines: ['autorestart=false'],
    async act({ docker, name }) {
      await docker.run('kill', name);
    },
    wanted: { state: 'EXITED', engine: 'exited', life: 'same', description: /exited 137/ },
  },
  {
    name: 'docker kill, autorestart=true',
    create: { command: behaving },
    lines: ['autorestart=true'],
    async act({ docker, name, engine, untilEngine }) {
      const former = (await engine())?.startedAt;
      await docker.run('kill', name);
      await untilEngine('another life', (facts) => facts?.startedAt !== former);
    },
    wanted: { ...running, life: 'another' },
  },
  {
    name: 'docker restart',
    create: { command: behaving },
    async act({ docker, name }) {
      await docker.run('restart', name);
    },
    wanted: { ...running, life: 'another' },
  },
  {
    name: 'docker rm -f',
    create: { command: behaving },
    // A client that fails does so within startsecs on a busy machine too: else supervisord calls it RUNNING, again and again.
    lines: ['startsecs=5'],
    async act({ docker, name }) {
      await docker.run('rm', '-f', name);
    },
    wanted: { state: 'FATAL', engine: 'missing', description: /missing|does not exist|No such container/ },
  },
  {
    name: 'docker rename',
    create: { command: behaving },
    async act({ docker, name }) {
      await docker.run('rename', name, `${name}-renamed`);
    },
    wanted: { ...running, description: /-renamed$/ },
  },
  {
    name: 'docker update --memory',
    create: { command: behaving },
    async act({ docker, name }) {
      await docker.run('update', '--memory', '64m', '--memory-swap', '64m', name);
    },
    wanted: running,
  },
  {
    name: 'docker start of a container that runs already',
    create: { command: behaving },
    async act({ docker, name }) {
      await docker.run('start', name);
    },
    wanted: running,
  },
  {
    name: "docker start of a stopped program's container",
    create: { command: behaving },
    async act(context) {
      await stopFirst(context);
      await context.docker.run('start', context.name);
    },
    wanted: { ...running, life: 'another' },
  },
  {
    name: 'restart policy "always" beside the manager, main process killed by KILL',
    create: { options: ['--restart', 'always'], command: behaving },
    lines: ['autorestart=unexpected'],
    async act({ engine, untilEngine }) {
      const former = await engine();
      if (former === null || former.pid <= 0) throw new Error('the container is gone');
      process.kill(former.pid, 'SIGKILL');
      await untilEngine(
        'another life',
        (facts) => facts?.status === 'running' && facts.startedAt !== former.startedAt,
      );
    },
    wanted: { ...running, life: 'another' },
  },
  {
    name: 'health check fails',
    create: {
      options: [
        '--health-cmd',
        'test ! -e /tmp/ill',
        '--health-interval',
        '500ms',
        '--health-timeout',
        '5s',
        '--health-retries',
        '1',
      ],
      command: behaving,
    },
    async act({ docker, name, untilEngine }) {
      await untilEngine('healthy', (facts) => facts?.health === 'healthy');
      await docker.run('exec', name, 'touch', '/tmp/ill');
      await untilEngine('unhealthy', (facts) => facts?.health === 'unhealthy');
    },
    wanted: { ...running, description: /\(unhealthy\)/ },
  },
];
