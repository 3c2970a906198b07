/** What may befall a host: the daemon, its proxies, the Engine and containers die, stand still, and are ordered about. */
import type { PrivateEngine } from '../../tools/private-engine.ts';
import type { Random } from '../../test/support/random.ts';
import type { Docker } from '../support/docker.ts';
import type { Manager } from '../support/manager.ts';

export interface ChaosStage {
  readonly engine: PrivateEngine;
  readonly docker: Docker;
  readonly manager: Manager;
  readonly names: readonly string[];
  /** Whose containers may be killed, restarted and paused. */
  readonly touched: readonly string[];
  readonly random: Random;
}

/** Each does it, and says to whom. A refusal (it runs already, the Engine is away) is no failure. */
export function chaosFaults(stage: ChaosStage): Readonly<Record<string, () => Promise<string>>> {
  const { engine, docker, manager, names, touched, random } = stage;
  const pause = (mostMs: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, random.below(mostMs)));
  const tolerate = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
  const onOne = (act: (name: string) => Promise<unknown>) => async (): Promise<string> => {
    const name = random.pick(touched);
    await tolerate(act(name));
    await pause(800);
    return name;
  };
  const toAll = (act: () => Promise<unknown>) => async (): Promise<string> => {
    await act();
    await pause(800);
    return 'all';
  };
  return {
    'the daemon is killed, and started': toAll(async () => {
      await manager.end('SIGKILL');
      await pause(1500);
      await manager.start();
    }),
    'a proxy is killed': async () => {
      const name = random.pick(names);
      const info = (await manager.processes()).find((one) => one.name === name);
      if (info?.proxyPid != null) killQuietly(info.proxyPid);
      await pause(800);
      return name;
    },
    'the Engine is killed, and comes back': toAll(async () => {
      await engine.kill();
      await pause(1500);
      await engine.up();
    }),
    'the Engine is stopped, and comes back': toAll(async () => {
      await engine.down();
      await pause(500);
      await engine.up();
    }),
    'the Engine stands still for a while': toAll(async () => {
      const pid = engine.pid();
      process.kill(pid, 'SIGSTOP');
      await pause(3000);
      process.kill(pid, 'SIGCONT');
    }),
    'the daemon reads its configuration again': toAll(() => {
      manager.signal('SIGHUP');
      return Promise.resolve();
    }),
    'docker kill': onOne((name) => docker.run('kill', name)),
    'docker stop': onOne((name) => docker.run('stop', '-t', '5', name)),
    'docker restart': onOne((name) => docker.run('restart', '-t', '5', name)),
    'docker pause, and unpause': onOne(async (name) => {
      await docker.run('pause', name);
      await pause(1500);
      await docker.run('unpause', name);
    }),
    'stopped and started by an order': onOne(async (name) => {
      await manager.ctl('stop', name);
      await pause(500);
      await manager.ctl('start', name);
    }),
  };
}

function killQuietly(pid: number): void {
  if (pid <= 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
