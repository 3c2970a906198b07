/** `dockvisor listen`: an event listener under a supervisord that stays (CONTRACT section 5). */
import { Command } from 'commander';
import { messageOf } from '../core/message-of.ts';
import type { ProcessSpec } from '../core/config/model.ts';
import { readConfig } from '../core/config/read.ts';
import { createHand } from '../docker/hand.ts';
import { createOwners, ownersDirectory } from '../docker/owners.ts';
import { createActivityLog } from '../log/activity-log.ts';
import { converse } from '../plugin/listen.ts';
import { createPlugin } from '../plugin/plugin.ts';
import { createConfigWorld } from '../system/config-world.ts';
import { systemClock } from '../system/clock.ts';
import { createEngines } from './engines.ts';
import { commandOf, configOfStarter, serveManager } from './served-manager.ts';
import { parseVerb } from './verb-line.ts';

interface ListenOptions {
  readonly configuration?: string;
  readonly dryRun?: true;
  readonly nameSuffix?: string;
}

/** How long after everything is done the process may take to end by itself, in ms. */
const exitMs = 500;

const example = `
Example, in the supervisord.conf of the supervisord that stays:
  [eventlistener:dockvisor]
  command=dockvisor listen
  events=PROCESS_STATE,SUPERVISOR_STATE_CHANGE,TICK_5
  buffer_size=1024`;

/** Resolves with the exit code: 0 at its end, 1 when the conversation broke, 2 for a wrong command line or nobody to serve. */
export async function runListen(argv: readonly string[]): Promise<number> {
  const command = new Command('dockvisor listen')
    .description(
      'Serves an existing supervisord as its event listener: stops containers for real, clears ghosts.',
    )
    .option('-c, --configuration <file>', "that supervisord's file (default: the one it was started with)")
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--name-suffix <suffix>', 'web<suffix> is the container of web where the command names none')
    .addHelpText('after', example);
  const done = parseVerb(command, argv);
  if (done !== null) return done;
  const options = command.opts<ListenOptions>();
  const url = process.env['SUPERVISOR_SERVER_URL'] ?? '';
  if (url === '') {
    process.stderr.write(
      `Error: SUPERVISOR_SERVER_URL is not set: dockvisor listen is started by a supervisord that has a [unix_http_server] or an [inet_http_server]\n${example}\n`,
    );
    return 2;
  }
  const file = options.configuration ?? configOfStarter(process.ppid);
  if (file === null) {
    process.stderr.write(
      'Error: cannot tell which configuration file the supervisord works with: name it with -c FILE\n',
    );
    return 2;
  }
  return listen(url, file, options);
}

async function listen(url: string, file: string, options: ListenOptions): Promise<number> {
  // stdout belongs to the conversation.
  const log = createActivityLog('info', 'supervisord', (line) => void process.stderr.write(line));
  const world = createConfigWorld();
  let complaint = '';
  function read() {
    const { config, problems } = readConfig(file, world, {}, 'others');
    const first = problems.find(({ severity }) => severity === 'error');
    const now = config === null ? `${file} cannot be read: ${first?.message ?? 'unknown'}` : '';
    if (now !== complaint && now !== '') log.error(`${now}; what was read before holds`);
    complaint = now;
    return config;
  }

  const config = read();
  const manager = serveManager(url, config?.servers ?? []);
  const engines = createEngines(log);
  const owners = createOwners(ownersDirectory, 'dockvisor listen');
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const plugin = createPlugin({
    manager,
    readPrograms: (): readonly ProcessSpec[] | null =>
      read()?.groups.flatMap(({ processes }) => processes) ?? null,
    commandOf,
    async handFor({ spec, docker }) {
      const { link, project } = await engines.homeOf(spec, docker, { ...environment, ...spec.environment });
      const onGhost = (): void => undefined;
      return createHand(spec, docker, { link, project, owners, log, onGhost });
    },
    log,
    clock: systemClock,
    dryRun: options.dryRun === true,
    nameSuffix: options.nameSuffix ?? '',
  });

  const asked = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, () => resolve(''));
  });
  log.info(`serving ${url}, configuration ${file}${options.dryRun === true ? ', dry run' : ''}`);
  const closed = converse({ input: process.stdin, output: process.stdout, take: plugin.event });
  void plugin.sweep();
  const trouble = await Promise.race([asked, closed]);
  if (trouble !== '') log.error(`${url} does not speak as a supervisord does: ${trouble}`);
  await plugin.finish().catch((error: unknown) => {
    log.error(messageOf(error));
  });
  plugin.close();
  engines.close();
  manager.close();
  process.stdin.destroy();
  // Nothing is left that could keep it alive; what would is a bug, and must not hold up the supervisord, which waits for us.
  setTimeout(() => process.exit(), exitMs).unref();
  return trouble === '' ? 0 : 1;
}
