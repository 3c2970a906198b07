/** `dockvisord`: from the command line to the end of the last program. */
import { existsSync } from 'node:fs';
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
import { applyUmaskAndDirectory, dropPrivileges } from './identity.ts';
import { beginLife } from './life.ts';
import type { Life } from './life.ts';
import { openMainLog } from './main-log.ts';
import { listenToSignals } from './orders.ts';
import type { Orders } from './orders.ts';
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
    const text = errorsOf(first).map(placed).join('\nError: ');
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
  const { log } = main;
  for (const message of early) log[message.level](message.text);
  tellProblems(first, log);
  applyUmaskAndDirectory(config, log);
  survive(log);
  const orders = listenToSignals(log);
  const unheard = { address: null, watchdogMs: null };
  const systemd = await openUnderSystemd(background ? unheard : notify, systemClock, (message) =>
    log.warn(message),
  );
  const serials = { last: null };
  let exitCode: number | null = null;
  let started = false;
  while (exitCode === null) {
    const life: Life = await beginLife({
      config,
      log,
      environment,
      readConfig: read,
      serials,
      mainLog: { path: main.path, clear: main.clear },
      onShutdown: () => {
        orders.give('shutdown');
      },
      onRestart: () => {
        orders.give('restart');
      },
    });
    if (!started) {
      try {
        writePidfile(config.daemon.pidfile);
      } catch (error) {
        log.critical(`could not write pidfile ${config.daemon.pidfile}: ${String(error)}`);
      }
      log.info(`supervisord started with pid ${String(process.pid)}`);
    }
    orders.onReopen = () => {
      log.info('supervisord logreopen');
      main.reopen();
      life.reopenLogs();
    };
    systemd.watch(life);
    // Of this start only: a reload starts what has autostart=true, as a start of supervisord does.
    await life.boot(started ? [] : options.leaveStopped);
    systemd.ready();
    if (!started) await tellStarter({ ready: true });
    started = true;
    const next = await nextConfig(orders, read, log);
    const mood = next === null ? 'SHUTDOWN' : 'RESTARTING';
    systemd.goingDown(mood);
    await life.end(mood);
    if (next === null) exitCode = 0;
    else config = next;
  }
  removePidfile(config.daemon.pidfile);
  orders.close();
  await systemd.close();
  main.close();
  return exitCode;
}

/** Waits for an order. A restart with a bad file is refused: what runs goes on running. null: shut down. */
async function nextConfig(orders: Orders, read: () => ReadResult, log: Log): Promise<Config | null> {
  for (;;) {
    const order = await orders.next();
    if (order === 'shutdown') return null;
    const result = read();
    if (result.config !== null) {
      tellProblems(result, log);
      return result.config;
    }
    for (const problem of errorsOf(result))
      log.error(`not restarted, the configuration is bad: ${placed(problem)}`);
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
