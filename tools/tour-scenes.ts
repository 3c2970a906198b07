/** The story: each scene is played on both stages at once, and ends with what is said and what is so. */
import type { Role, Sight, Stage } from './tour-stage.ts';

export interface Scene {
  readonly title: string;
  /** What is done, as one would type it. */
  readonly typed: readonly string[];
  readonly play: (stage: Stage) => Promise<Sight>;
}

export interface Act {
  readonly title: string;
  readonly scenes: readonly Scene[];
}

const loop = 'while :; do sleep 1 & wait $!; done';
const behaving = `trap "exit 0" TERM; ${loop}`;
const slow = (name: string): string => `trap "sleep 3; echo yes > /saved/${name}; exit 0" TERM; ${loop}`;
const byHand = ['autostart=false', 'startsecs=1', 'startretries=1'];

export const roles: readonly Role[] = [
  { name: 'deaf', create: [], script: `trap "" TERM; ${loop}`, lines: ['stopwaitsecs=2'] },
  { name: 'web', create: [], script: behaving, lines: ['autorestart=false'] },
  { name: 'frozen', create: [], script: behaving, lines: byHand },
  {
    name: 'job',
    script: behaving,
    lines: [...byHand, 'stopwaitsecs=2'],
    command: (image) => `docker run --rm --name tour-job --network none ${image} sh -c '${behaving}'`,
  },
  { name: 'slow', create: [], script: slow('slow'), lines: ['stopwaitsecs=10'] },
  { name: 'terminal', create: ['--tty'], script: slow('terminal'), lines: ['stopwaitsecs=10'] },
];

const notYet = /^(?!STARTING|BACKOFF|STOPPING)/;

export const acts: readonly Act[] = [
  {
    title: '1. Stop a container that does not hear TERM (stopwaitsecs=2)',
    scenes: [
      {
        title: 'who says that it is stopped, and is it?',
        typed: ['supervisorctl stop deaf'],
        async play(stage) {
          await stage.ctl('stop', 'deaf');
          return stage.look('deaf');
        },
      },
    ],
  },
  {
    title: '2. Ghosts: what is said is not what runs',
    scenes: [
      {
        title: 'somebody pauses the container',
        typed: ['docker pause tour-web'],
        async play(stage) {
          await stage.docker('pause', 'tour-web');
          const sight = await stage.look('web');
          await stage.docker('unpause', 'tour-web');
          return sight;
        },
      },
      {
        title: 'the client is killed (by the OOM killer, say); autorestart=false',
        typed: ['kill -9 PID     # of docker start -a tour-web'],
        async play(stage) {
          stage.killProxy('web');
          await stage.untilSaid('web', stage.name === 'supervisord' ? /^EXITED/ : /^RUNNING/);
          return stage.look('web');
        },
      },
      {
        title: 'a paused container is in the way of its own start',
        typed: ['docker start tour-frozen; docker pause tour-frozen', 'supervisorctl start frozen'],
        async play(stage) {
          await stage.docker('start', 'tour-frozen');
          await stage.docker('pause', 'tour-frozen');
          await stage.ctl('start', 'frozen');
          await stage.untilSaid('frozen', notYet);
          return stage.look('frozen');
        },
      },
      {
        title: 'the name is taken; the command is docker run --rm --name tour-job',
        typed: ['docker run -d --name tour-job IMAGE', 'supervisorctl start job'],
        async play(stage) {
          await stage.docker(
            'run',
            '--detach',
            '--name',
            'tour-job',
            '--network',
            'none',
            stage.image,
            'sh',
            '-c',
            behaving,
          );
          await stage.ctl('start', 'job');
          await stage.untilSaid('job', notYet);
          return stage.look('job');
        },
      },
    ],
  },
];

/** The last act: TERM to the managers. What still runs when one has ended is cut off: the machine switches off then. */
export const shutdownTitle =
  '3. The machine shuts down: TERM to the manager; a container needs 3 s to save its work';
export const shutdownRoles = ['slow', 'terminal'] as const;

export interface Shutdown {
  readonly stage: Stage;
  readonly tookMs: number;
  readonly containers: readonly {
    readonly role: (typeof shutdownRoles)[number];
    readonly dockerPs: string;
    readonly saved: boolean;
  }[];
}

export async function playShutdown(stage: Stage): Promise<Shutdown> {
  const tookMs = await stage.shutDown();
  const containers = await Promise.all(
    shutdownRoles.map(async (role) => ({
      role,
      saved: stage.hasSaved(role),
      dockerPs: await stage.dockerPs(role),
    })),
  );
  return { stage, tookMs, containers };
}
