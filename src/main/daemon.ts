/** `dockvisord`: from the command line to the end of the last program. */
import { existsSync } from 'node:fs';
import { messageOf } from '../core/message-of.ts';
import { readConfig } from '../core/config/read.ts';
import { noConfigFound, searchPath } from '../core/config/search-path.ts';
import type { Config, Problem, ReadResult } from '../core/config/model.ts';
import { ListenError } from '../http/server.ts';
import type { Log } from '../log/activity-log.ts';
import { createConfigWorld } from '../system/config-world.ts';
import { closeLeakedDescriptors } from '../system/leaked-fds.ts';
import { systemClock } from '../system/clock.ts';
import { takeNotifySettings } from '../system/notify.ts';
import { removePidfile, writePidfile } from '../system/pidfile.ts';
import { forgetStarter, isBackgroundCopy, startInBackground, tellStarter } from './background.ts';
import { parseDaemonOptions } from './daemon-options.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { holdBack } from './held-log.ts';
import { applyUmaskAndDirectory, dropPrivileges } from './identity.ts';
import { beginLife } from './life.ts';
import type { Life } from './life.ts';
import { openMainLog } from './main-log.ts';
import type { MainLog } from './main-log.ts';
import { listenToSignals } from './orders.ts';
import { StartError } from './start-error.ts';
import { openUnderSystemd } from './under-systemd.ts';
import { supervisorVersion } from './version.ts';

/** Resolves with the exit code. `script`: the file to start again for the background. */
export async function runDaemon(
  argv: readonly string[],
  argv0: string,
  script: string,
  leading: readonly string[],
): Promise<number> {
  const complain = (message: string): void => {
    process.stderr.write(`Error: ${message}\nFor help, use ${argv0} -h\n`);
  };
  const parsed = parseDaemonOptions(argv, argv0.split('/').at(-1) ?? argv0, supervisorVersion);
  if (parsed.kind === 'print') {
    process.stdout.write(parsed.text);
    return 0;
  }
  if (parsed.kind === 'wrong') {
    complain(parsed.message);
    return 2;
  }
  const { options } = parsed;
  const file =
    options.configuration ?? searchPath(argv0, process.cwd()).find((path) => existsSync(path)) ?? null;
  if (file === null) {
    complain(noConfigFound(searchPath(argv0, process.cwd())));
    return 2;
  }
  const read = (): ReadResult => readConfig(file, createConfigWorld(), options.overrides);
  const first = read();
  if (first.config === null) {
    const text = errorsOf(first)
      .map((problem) => placed(problem) + hintOf(problem))
      .join('\nError: ');
    complain(text);
    await tellStarter({ failed: text, exitCode: 2 });
    return 2;
  }
  if (!first.config.daemon.nodaemon && !isBackgroundCopy()) {
    return startInBackground(script, [...leading, ...argv], complain);
  }
  try {
    return await run(first, read, options);
  } catch (error) {
    if (!(error instanceof StartError) && !(error instanceof ListenError)) throw error;
    complain(error.message);
    await tellStarter({ failed: error.message, exitCode: 2 });
    return 2;
  }
}

async function run(first: ReadResult, read: () => ReadResult, options: DaemonOptions): Promise<number> {
  if (first.config === null) throw new StartError('the configuration cannot be read');
  let config: Config = first.config;
  const background = isBackgroundCopy();
  forgetStarter();
  closeLeakedDescriptors(process.env);
  const notify = takeNotifySettings(process.env);
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) =>
      value === undefined || key === 'NODE_CHANNEL_FD' ? [] : [[key, value]],
    ),
  );
  const early = dropPrivileges(config);
  const main = openMainLog(config, options, !background);
  // Should another daemon hold our doors, the log is most likely its own: nothing is told in it before ours are open.
  const held = holdBack(main.log);
  const { log } = held;
  for (const message of early) log[message.level](message.text);
  tellProblems(first, log);
  applyUmaskAndDirectory(config, log);
  survive(main.log);
  const orders = listenToSignals(log);
  const unheard = { address: null, watchdogMs: null };
  const systemd = await openUnderSystemd(background ? unheard : notify, systemClock, (message) =>
    log.warn(message),
  );
  const life = await beginLife({
    config,
    log,
    environment,
    readConfig: read,
    mainLog: main,
    onShutdown: (keep) => {
      orders.give('shutdown', keep);
    },
    onRestart: () => {
      orders.give('restart');
    },
  });
  held.release();
  tryPidfile(config, log);
  log.info(`supervisord started with pid ${String(process.pid)}`);
  orders.onReopen = () => {
    log.info('supervisord logreopen');
    main.reopen();
    life.reopenLogs();
  };
  systemd.watch(life);
  // Of this start only: a reload starts what has autostart=true, as a start of supervisord does.
  await life.boot(options.leaveStopped);
  systemd.ready();
  await tellStarter({ ready: true });
  while ((await orders.next()) === 'restart') {
    const next = readAgain(read, log);
    if (next === null) continue;
    systemd.reloading();
    const reload = goOver(config, next, life, main, log);
    config = next;
    // Its stops may take their graces; a shutdown, which stops everything, need not wait for them.
    await Promise.race([reload, orders.shutdown]);
    systemd.ready();
  }
  systemd.stopping();
  await life.end({ keep: orders.keeps() });
  removePidfile(config.daemon.pidfile);
  orders.close();
  await systemd.close();
  main.close();
  return 0;
}

/** null: it is bad, what runs goes on running, and why has been told. */
function readAgain(read: () => ReadResult, log: Log): Config | null {
  const result = read();
  if (result.config !== null) tellProblems(result, log);
  for (const problem of errorsOf(result))
    log.error(`not restarted, the configuration is bad: ${placed(problem)}`);
  return result.config;
}

/** Never rejects: what cannot be taken over is told, and stays as it was. */
async function goOver(was: Config, is: Config, life: Life, main: MainLog, log: Log): Promise<void> {
  main.adopt(is);
  applyUmaskAndDirectory(is, log);
  if (was.daemon.pidfile !== is.daemon.pidfile) {
    removePidfile(was.daemon.pidfile);
    tryPidfile(is, log);
  }
  const later = (['user', 'identifier', 'nodaemon'] as const).filter(
    (key) => JSON.stringify(was.daemon[key]) !== JSON.stringify(is.daemon[key]),
  );
  for (const key of later)
    log.warn(`[supervisord] ${key} has changed: that counts from the daemon's next start`);
  try {
    await life.reload(is);
    log.info(`reloaded ${is.file}`);
  } catch (error) {
    log.error(`not reloaded: ${messageOf(error)}`);
  }
}

function tryPidfile(config: Config, log: Log): void {
  try {
    writePidfile(config.daemon.pidfile);
  } catch (error) {
    log.critical(`could not write pidfile ${config.daemon.pidfile}: ${String(error)}`);
  }
}

/** A bug costs its unit or its request, not the house: it is logged with its stack, and everything else goes on. */
function survive(log: Log): void {
  const tell = (error: unknown): void => {
    log.critical(`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

function tellProblems(result: ReadResult, log: Log): void {
  for (const problem of result.problems) if (problem.severity === 'warning') log.warn(placed(problem));
  for (const file of result.included) log.info(`Included extra file "${file}" during parsing`);
}

const errorsOf = (result: ReadResult): readonly Problem[] =>
  result.problems.filter((problem) => problem.severity === 'error');

const placed = ({ message, place }: Problem): string =>
  place === null || place.line === 0 ? message : `${message} [${place.file}:${String(place.line)}]`;

/** As `dockvisor check` tells it. */
const hintOf = ({ hint }: Problem): string => (hint === null ? '' : `\n    hint: ${hint}`);
