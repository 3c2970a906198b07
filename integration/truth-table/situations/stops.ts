/** Stops that are asked of the manager, by the real supervisorctl. */
import { behaving, deaf } from '../situation.ts';
import type { Context, Situation } from '../situation.ts';

const stop = async ({ manager, name }: Context): Promise<void> => {
  await manager.ctl('stop', name);
};

const stopped = { state: 'STOPPED', engine: 'exited', life: 'same' } as const;

export const stopSituations: readonly Situation[] = [
  { name: 'stop of a behaving container', create: { command: behaving }, act: stop, wanted: stopped },
  {
    name: 'stop of a container that ignores TERM',
    create: { command: deaf },
    act: stop,
    wanted: { ...stopped, description: /exited 137/ },
  },
  {
    name: 'stop of a container that needs 1.5 s',
    create: {
      command: ['sh', '-c', 'trap "sleep 1.5; exit 5" TERM; while :; do sleep 3600 & wait $!; done'],
    },
    lines: ['stopwaitsecs=6'],
    act: stop,
    wanted: { ...stopped, description: /exited 5/ },
  },
  {
    name: 'stop of a paused container',
    create: { command: behaving },
    async act(context) {
      await context.docker.run('pause', context.name);
      await stop(context);
    },
    wanted: stopped,
  },
  {
    name: 'stop of a container with a TTY',
    create: { options: ['--tty'], command: behaving },
    act: stop,
    wanted: stopped,
  },
  {
    name: '20 stops at once',
    create: { command: behaving },
    count: 20,
    async act({ manager }) {
      await manager.ctl('stop', 'all');
    },
    wanted: {
      ...stopped,
      async check({ docker, names }) {
        const facts = await Promise.all(names.map((name) => docker.inspect(name)));
        const left = facts.filter((one) => one?.status !== 'exited');
        return left.length === 0 ? null : `${String(left.length)} of ${String(names.length)} run on`;
      },
    },
  },
];
