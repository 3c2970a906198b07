/** A host as it is found: a real supervisord 4.2.5 with ten containers, each kept in another way, and a plain program. */
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { createManager } from '../support/manager.ts';
import type { Manager } from '../support/manager.ts';
import { ourCommands } from '../support/our-commands.ts';
import type { OurCommands } from '../support/our-commands.ts';
import type { ProcessInfo } from '../support/rpc.ts';
import { until } from '../support/until.ts';
import { behaving } from '../truth-table/situation.ts';

export interface Host {
  readonly docker: Docker;
  readonly manager: Manager;
  readonly commands: OurCommands;
  readonly config: string;
  /** Where the record is kept. */
  readonly state: string;
  /** StartedAt and pid of every container; of one that does not run, its status. */
  lives(): Promise<Readonly<Record<string, string>>>;
  says(): Promise<Readonly<Record<string, ProcessInfo>>>;
  destroy(): Promise<void>;
}

export const containers = [
  'm-a',
  'm-b',
  'm-c',
  'm-exec',
  'm-run',
  'm-tty',
  'm-stopped',
  'm-w0',
  'm-w1',
  'm-manual',
] as const;
const upStates = { 'm-stopped': 'STOPPED' } as Readonly<Record<string, string>>;
const patienceMs = 60_000;

export async function foundHost(
  engine: { readonly host: string; readonly socket: string; readonly image: string },
  dockvisord: string,
): Promise<Host> {
  const docker = createDocker(engine, 20_000);
  const start = (name: string): string =>
    `[program:${name}]\ncommand=docker start -a ${name}\nstopwaitsecs=2\n`;
  const manager = createManager({
    kind: 'supervisord',
    dockvisord,
    dockerHost: engine.host,
    programs: [
      start('m-a'),
      start('m-b'),
      start('m-c'),
      "[program:m-exec]\ncommand=sh -c 'exec docker start -a m-exec'\n",
      // A quoted word is one word, and a semicolon after a space begins a comment.
      `[program:m-run]\ncommand=docker run --rm --name m-run ${engine.image} sh -c 'trap "exit 0" TERM;while :;do sleep 3600 & wait $!;done'\n`,
      start('m-tty'),
      start('m-stopped'),
      '[program:worker]\ncommand=docker start -a m-w%(process_num)d\nprocess_name=w%(process_num)d\nnumprocs=2\n',
      '[group:team]\nprograms=worker\n',
      `${start('m-manual')}autostart=false\n`,
      '[program:m-plain]\ncommand=sleep 3600\n',
    ].join(''),
  });
  for (const name of containers) {
    if (name === 'm-run') continue;
    const options = name === 'm-tty' ? ['--tty'] : [];
    await docker.run('create', '--name', name, ...options, engine.image, ...behaving);
  }
  await manager.start();
  const says = async (): Promise<Readonly<Record<string, ProcessInfo>>> =>
    Object.fromEntries((await manager.processes()).map((one) => [one.name, one]));
  const untilUp = (wanted: (name: string) => string): Promise<true> =>
    until(
      () => `the host is up\n${manager.log()}`,
      patienceMs,
      async () =>
        Object.values(await says()).every(({ name, state }) => state === wanted(name)) ? true : null,
    );
  await manager.ctl('start', 'm-manual');
  await untilUp(() => 'RUNNING');
  await manager.ctl('stop', 'm-stopped');
  await untilUp((name) => upStates[name] ?? 'RUNNING');
  // The client (CLI 28) may leave without having passed TERM on: then supervisord's STOPPED is a lie, and not what is tested here.
  await docker.run('stop', '--time', '2', 'm-stopped');
  const commands = ourCommands(dockvisord);
  return {
    docker,
    manager,
    commands,
    config: `${manager.directory}/supervisord.conf`,
    state: `${manager.directory}/state`,
    async lives() {
      const facts = await Promise.all(containers.map((name) => docker.inspect(name)));
      return Object.fromEntries(
        containers.map((name, index) => {
          const one = facts[index];
          return [
            name,
            one?.status === 'running' ? `${one.startedAt} ${String(one.pid)}` : (one?.status ?? 'missing'),
          ];
        }),
      );
    },
    says,
    async destroy() {
      await manager.destroy();
      await docker.removeAll(containers);
      docker.close();
      commands.remove();
    },
  };
}

/** Names and states of what `supervisorctl status` printed. */
export const statesOf = (printed: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    printed
      .trim()
      .split('\n')
      .map((line): readonly [string, string] => {
        const [name = '', state = ''] = line.split(/\s+/);
        return [name, state];
      }),
  );
