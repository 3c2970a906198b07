/** What happens to the proxy, or to the daemon, and is no news about the container. */
import { isReal } from '../../support/manager.ts';
import { readProcesses } from '../../support/rpc.ts';
import { behaving } from '../situation.ts';
import type { Context, Situation } from '../situation.ts';

/** Under a real supervisord the pid of the process is the proxy's. With docker_attach=api there is none to kill. */
async function killProxy({ manager, name, says, untilSaid }: Context): Promise<void> {
  const pidOf = (info: ReturnType<typeof says>): number | null =>
    isReal(manager.kind) ? info.pid : info.proxyPid;
  const pid = pidOf(says());
  // 0 would be everything in our own process group.
  if (pid === null || pid <= 0) {
    if (manager.kind === 'api') return;
    throw new Error(`${name} has no proxy`);
  }
  process.kill(pid, 'SIGKILL');
  await untilSaid('another proxy, or none', (info) => pidOf(info) !== pid);
}

/** supervisord tells since when the proxy runs, and has no other time to tell. */
const ownClock = {
  check: () => Promise.resolve(null),
  why: 'the start that supervisord tells is the proxy’s',
} as const;

const same = { state: 'RUNNING', engine: 'running', life: 'same' } as const;

export const proxySituations: readonly Situation[] = [
  {
    name: 'proxy killed by KILL, autorestart=false',
    create: { command: behaving },
    lines: ['autorestart=false'],
    act: killProxy,
    wanted: same,
  },
  {
    name: 'proxy killed by KILL after 4 s, autorestart=true: the clock of the start',
    create: { command: behaving },
    lines: ['autorestart=true'],
    async act(context) {
      await context.untilSaid('up for 4 s', ({ start }) => Date.now() / 1000 - start > 4);
      await killProxy(context);
      await context.untilSaid('up again', ({ state }) => state === 'RUNNING');
    },
    wanted: { ...same, check: startIsKept },
    beyondPlugin: ownClock,
  },
  {
    name: 'daemon killed by KILL after 4 s, and started again',
    create: { command: behaving },
    async act({ manager, untilSaid }) {
      await untilSaid('up for 4 s', ({ start }) => Date.now() / 1000 - start > 4);
      await manager.end('SIGKILL');
      await manager.start();
    },
    wanted: { ...same, check: startIsKept },
    beyondPlugin: ownClock,
  },
];

async function startIsKept({ manager, name, engine }: Context): Promise<string | null> {
  const [says] = (await readProcesses(`${manager.directory}/sock`)).filter((one) => one.name === name);
  const startedAt = Math.floor(Date.parse((await engine())?.startedAt ?? '') / 1000);
  if (says?.start === startedAt) return null;
  return `says that it started at ${String(says?.start)}, the Engine says ${String(startedAt)}`;
}
