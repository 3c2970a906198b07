/** `dockvisor wrap`: puts a container, the machine and systemd together. */
import { messageOf } from '../core/message-of.ts';
import { createContainerRunner } from '../docker/container-runner.ts';
import { resolveEndpoint, systemEndpointWorld } from '../docker/endpoint.ts';
import { connectEngine } from '../docker/engine.ts';
import type { ContainerFacts } from '../docker/facts.ts';
import { createGate } from '../docker/gate.ts';
import { createLink } from '../docker/link.ts';
import type { EngineLink } from '../docker/link.ts';
import { createOwners, ownersDirectory } from '../docker/owners.ts';
import type { Log } from '../log/activity-log.ts';
import { silentLog } from '../log/every-level.ts';
import { createPipeMaker } from '../process/pipes.ts';
import { createBus } from '../supervisor/bus.ts';
import { supervise } from '../supervisor/supervised.ts';
import { systemClock } from '../system/clock.ts';
import { openNotifier, takeNotifySettings } from '../system/notify.ts';
import { createSystemdVoice } from '../system/systemd-voice.ts';
import { createOutlet, forward } from '../wrap/forward.ts';
import {
  dockerOf,
  graceSeconds,
  readWrapped,
  specOf,
  stopTimeoutOf,
  usualGhostPolicy,
} from '../wrap/program.ts';
import { startSession } from '../wrap/session.ts';
import type { Session } from '../wrap/session.ts';
import { composeProject, environmentOfClient } from './engines.ts';
import { parseWrapOptions } from './wrap-options.ts';
import type { WrapOptions } from './wrap-options.ts';
import { listenForWrapper } from './wrap-signals.ts';

/** How long the Engine may take to answer when we start, in ms: one that is being restarted is back by then. */
const engineMs = 10_000;

/** Resolves with the exit code; ends nothing by itself. */
export async function runWrap(argv: readonly string[]): Promise<number> {
  const options = parseWrapOptions(argv);
  if (typeof options === 'number') return options;
  const wrapped = readWrapped(options.words);
  if ('wrong' in wrapped) {
    complain(`${wrapped.wrong}\n  hint: ${wrapped.hint}`);
    return 2;
  }
  try {
    return await wrap(options, wrapped);
  } catch (error) {
    complain(messageOf(error));
    return 125;
  }
}

type Wanted = Extract<ReturnType<typeof readWrapped>, { readonly name: string }>;

async function wrap(options: WrapOptions, { name, invocation }: Wanted): Promise<number> {
  const settings = takeNotifySettings(process.env);
  const environment = ownEnvironment();
  const signals = listenForWrapper();
  const stdout = createOutlet(process.stdout);
  const stderr = createOutlet(process.stderr);
  const first = dockerOf(invocation, name, { host: options.host, onGhost: 'stop' });
  const endpoint = resolveEndpoint(first.host, null, { ...systemEndpointWorld, environment });
  const voice = createSystemdVoice(await openNotifier(settings, complain), systemClock);
  const link = createLink(await connectEngine(endpoint), quiet);
  const pipes = createPipeMaker();
  try {
    voice.status(`waiting for the Engine at ${endpoint.name}`);
    if ((await firstAnswer(link, signals.stopped)) === 'stopped') return 0;
    const { target } = first;
    // The answer must be there well before the ping that depends on it is due.
    const patienceMs = (settings.watchdogMs ?? engineMs) / 4;
    const found = target.by === 'name' ? await link.engine.inspect(target.name) : null;
    const docker = { ...first, onGhost: options.onGhost ?? usualGhostPolicy(found?.state ?? null) };
    const grace = graceSeconds(
      options.stopTimeout,
      found?.stopTimeout ?? null,
      stopTimeoutOf(docker.invocation),
    );
    const spec = specOf(name, docker, grace);
    let session: Session | null = null;
    const runner = createContainerRunner(spec, docker, {
      clock: systemClock,
      log: quiet,
      link,
      gate: createGate(1),
      pipes,
      owners: createOwners(ownersDirectory, 'dockvisor wrap'),
      environment: () => environmentOfClient(spec, endpoint, environment),
      project: target.by === 'compose' ? (target.project ?? composeProject(spec, environment)) : '',
      onGhost: () => undefined,
      onNews: () => session?.look(),
    });
    const obstacle = runner.check();
    if (obstacle !== null) throw new Error(`Cannot start container "${name}": ${obstacle.message}`);
    if (isInTheWay(found, invocation?.verb === 'run', docker.onGhost)) {
      // One try is all there is: the way is cleared before it, and not after.
      const verdict = await runner.clearGhost();
      if (verdict.verdict === 'hopeless')
        throw new Error(`Cannot start container "${name}": ${verdict.reason}`);
    }
    const bus = createBus((error) => {
      complain(`bug in a listener: ${String(error)}`);
    });
    const unit = supervise(
      spec,
      runner,
      {
        open: () => undefined,
        openAnyhow: () => undefined,
        take(output) {
          void forward(output.stdout, stdout);
          void forward(output.stderr, stderr);
        },
        stdoutPath: '',
        stderrPath: '',
      },
      {
        clock: systemClock,
        bus,
        mayAdopt: () => false,
        onBug: (error, where) => {
          complain(`bug in ${where}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
        },
      },
    );
    session = startSession({
      unit,
      bus,
      voice,
      ready: options.ready,
      keep: options.keep,
      foundRunning: found?.state === 'running',
      complain,
      runs: async () => {
        const id = unit.view().container?.id ?? null;
        if (id === null) return false;
        const state = await within(patienceMs, link.engine.inspect(id)).catch((error: unknown) => {
          link.suspect();
          throw error;
        });
        return state?.state === 'running';
      },
    });
    signals.handTo(session);
    const code = await session.over;
    endClient(unit.view().proxy?.pid ?? null);
    unit.close();
    return code;
  } finally {
    link.close();
    pipes.close();
    await Promise.all([stdout.flushed(), stderr.flushed(), voice.close()]);
  }
}

/** NAME runs, or rests: no obstacle. A `run` meets whatever has its name. */
const isInTheWay = (found: ContainerFacts | null, isRun: boolean, onGhost: string): boolean =>
  found !== null &&
  (isRun
    ? found.state !== 'running' || onGhost !== 'adopt'
    : !['running', 'restarting', 'exited', 'created'].includes(found.state));

/** Throws when it does not answer. */
async function firstAnswer(link: EngineLink, stopped: AbortSignal): Promise<'up' | 'stopped'> {
  const patience = new AbortController();
  const giveUp = (): void => {
    patience.abort();
  };
  const timer = setTimeout(giveUp, engineMs);
  stopped.addEventListener('abort', giveUp, { once: true });
  if (stopped.aborted) giveUp();
  try {
    await link.whenUp(patience.signal);
    return 'up';
  } catch (error) {
    if (stopped.aborted) return 'stopped';
    const status = link.status();
    const reason = status.up ? messageOf(error) : status.reason;
    throw new Error(`Cannot ask the Engine at ${link.engine.name}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${limitMs / 1000} s`));
    }, limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** With `--keep` the client is still there. KILL is the one signal that it cannot pass on to the container. */
function endClient(pid: number | null): void {
  if (pid === null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const ownEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );

function complain(message: string): void {
  process.stderr.write(`dockvisor wrap: ${message}\n`);
}

/** What goes well is told to systemd, and needs no line in the container's own log. */
const quiet: Log = { ...silentLog, warn: complain, error: complain, critical: complain };
