/** The hand-over itself, step by step. Each step is recorded before it is taken; a failure rejects, and leaves the record to undo by. */
import type { Config } from '../core/config/model.ts';
import { formatName } from '../core/names.ts';
import { leaveClaim, ownersDirectory } from '../docker/owners.ts';
import { fileOf, optionsOf, trialConfig } from '../migrate/hand-over.ts';
import type { HandOver, Kept, Name } from '../migrate/hand-over.ts';
import type { Plan } from '../migrate/plan.ts';
import type { ProgramPlan } from '../migrate/program-plan.ts';
import type { Launched } from '../migrate/facts.ts';
import type { RemoteSupervisor } from '../rpc/remote-supervisor.ts';
import type { ServerAccess } from '../rpc/client.ts';
import type { PrivateDirectory } from '../system/private-files.ts';
import { seeProcess } from '../system/process-table.ts';
import { waitUntil } from '../system/wait-until.ts';
import type { ContainerLooks } from './container-looks.ts';
import { specOf, whatChanged } from './migrate-context.ts';
import type { Recorder } from './migrate-context.ts';
import { endDaemon, retireDaemon, startDaemon, untilAnswers } from './migrate-daemons.ts';

export interface Forward {
  readonly plan: Plan;
  readonly config: Config;
  readonly looks: ContainerLooks;
  readonly manager: RemoteSupervisor;
  readonly addresses: readonly ServerAccess[];
  readonly directory: PrivateDirectory;
  readonly recorder: Recorder;
  /** The built `dockvisord.js`. */
  readonly dockvisord: string;
  readonly say: (text: string) => void;
  /** Throws when the user has asked to stop. */
  readonly checkpoint: () => void;
}

/** How long the new daemon may take to have taken everything over, in ms. */
const takeOverMs = 90_000;

const nameOf = ({ group, process }: Name): Name => ({ group, process });
const withFate = (plan: Plan, ...fates: readonly ProgramPlan['fate'][]): readonly ProgramPlan[] =>
  plan.programs.filter(({ fate }) => fates.includes(fate));

/** The record before the first step. Rejects when a container is not any more as the plan has it. */
export async function firstRecord(
  plan: Plan,
  config: Config,
  looks: ContainerLooks,
  old: Launched,
): Promise<HandOver> {
  const kept = await Promise.all(
    withFate(plan, 'adopted').map(async ({ group, process, name }): Promise<Kept> => {
      const spec = specOf(config, { group, process });
      const facts = spec?.docker == null ? null : (await looks.look(spec, spec.docker, null)).facts;
      if (facts?.alive !== true)
        throw new Error(`the container of ${name} has ended meanwhile: make a new plan`);
      const { id, startedAt, pid } = facts;
      return { group, process, container: facts.name, id, startedAt, pid };
    }),
  );
  return {
    version: 1,
    file: config.file,
    phase: 'begun',
    old,
    kept,
    stopped: [],
    down: withFate(plan, 'left-stopped').map(nameOf),
    up: withFate(plan, 'adopted', 'restarted', 'started')
      .filter(({ state }) => state === 'RUNNING' || state === 'BACKOFF')
      .map(nameOf),
    trial: null,
    next: null,
    history: [],
  };
}

export async function goForward(forward: Forward): Promise<void> {
  const { plan, say, recorder } = forward;
  const acts = {
    rehearse,
    'stop-plain': stopPlain,
    retire,
    start,
    examine: () => Promise.resolve(),
  } as const;
  for (const [index, step] of plan.steps.entries()) {
    if (step.name === 'examine') break;
    forward.checkpoint();
    say(`${String(index + 1)}. ${step.does}\n   undone: ${step.undone}`);
    await acts[step.name](forward);
    await expectUnchanged(forward, step.name);
  }
  recorder.note('dockvisord has taken over', { phase: 'done' });
}

async function expectUnchanged({ recorder, config, looks }: Forward, step: string): Promise<void> {
  const changed = await whatChanged(recorder.now().kept, config, looks);
  if (changed.length > 0) throw new Error(`after the step "${step}": ${changed.join('; ')}`);
}

async function rehearse({ recorder, config, looks, directory, dockvisord }: Forward): Promise<void> {
  const { kept, old } = recorder.now();
  if (kept.length === 0) return;
  const containers = await Promise.all(
    kept.map(async ({ id, group, process }) => {
      const spec = specOf(config, { group, process });
      const home = spec?.docker == null ? null : (await looks.look(spec, spec.docker, id)).home;
      if (home === null) throw new Error(`the Engine of ${formatName(group, process)} is not known any more`);
      return { id, host: home.endpoint.name, certPath: spec?.docker?.certPath ?? null };
    }),
  );
  directory.write('trial.conf', trialConfig(directory.path, containers));
  const words = [process.execPath, dockvisord, '-n', '-s', '-c', `${directory.path}/trial.conf`];
  const started = startDaemon(
    words,
    { environment: old.environment, cwd: directory.path },
    `${directory.path}/trial.err`,
  );
  try {
    const access = { serverUrl: `unix://${directory.path}/trial.sock`, username: null, password: null };
    const { supervisor, process: trial } = await untilAnswers([access], 'dockvisord', started);
    recorder.note('a second dockvisord looks at the containers', { trial });
    try {
      await waitUntil(
        () => 'the second dockvisord has taken every container over',
        takeOverMs,
        async () => {
          const failure = started.failure();
          if (failure !== null) throw new Error(`the second dockvisord ended: ${failure}`);
          const views = await supervisor.processes();
          const isTaken = ({ id, pid }: Kept): boolean =>
            views.some(
              ({ state, container }) => state === 'RUNNING' && container?.id === id && container.pid === pid,
            );
          return kept.every(isTaken) ? true : null;
        },
      );
    } finally {
      supervisor.close();
    }
  } finally {
    const { trial } = recorder.now();
    if (trial !== null) await endDaemon(trial);
  }
  // In its name, and not left to it: RUNNING is said on sight, the claim follows when the container was looked at, and KILL may be quicker.
  const { trial } = recorder.now();
  if (trial !== null) for (const { id } of kept) leaveClaim(ownersDirectory, id, trial, 'dockvisor-migrate');
  recorder.note('the rehearsal went well', { phase: 'rehearsed', trial: null });
}

async function stopPlain({ plan, recorder, manager, checkpoint }: Forward): Promise<void> {
  const doomed = withFate(plan, 'restarted', 'started').filter(({ kind }) => kind !== 'container');
  for (const one of doomed.filter(({ state }) => state === 'RUNNING' || state === 'BACKOFF')) {
    checkpoint();
    const { stopped } = recorder.now();
    recorder.note(`the old supervisord stops ${one.name}`, {
      phase: 'stopping',
      stopped: [...stopped, nameOf(one)],
    });
    await manager.stop(one.group, one.process, true);
  }
}

async function retire({ recorder, config, manager }: Forward): Promise<void> {
  const { old } = recorder.now();
  if ((await manager.pid()) !== old.pid) throw new Error('the supervisord that answers is another one now');
  recorder.note('the old supervisord is taken away', { phase: 'retiring' });
  await retireDaemon(old, (group, name) => specOf(config, { group, process: name })?.docker != null);
}

async function start({ plan, recorder, config, addresses, directory, dockvisord }: Forward): Promise<void> {
  const { old, kept, down } = recorder.now();
  recorder.note('dockvisord is started', { phase: 'starting' });
  const options = optionsOf(old.words);
  const words = [
    process.execPath,
    dockvisord,
    ...options,
    ...(fileOf(options) === null ? ['-c', config.file] : []),
    ...down.flatMap(({ group, process: name }) => ['--leave-stopped', `${group}:${name}`]),
  ];
  const started = startDaemon(words, launchedAs(old, config), `${directory.path}/dockvisord.err`);
  // Until it says who it is, the one that was started stands for it.
  const starter = seeProcess(started.pid);
  if (starter !== null) recorder.note(`pid ${String(started.pid)} was started`, { next: starter });
  const { supervisor, process: next } = await untilAnswers(addresses, 'dockvisord', started);
  recorder.note(`dockvisord pid ${String(next.pid)} answers`, { next });
  try {
    await waitUntil(
      () => 'dockvisord has taken every container over',
      takeOverMs,
      async () => {
        const views = await supervisor.processes();
        const isTaken = ({ group, process: name, container, id, pid }: Kept): boolean => {
          const view = views.find((one) => one.group === group && one.name === name);
          if (view?.state !== 'RUNNING' || view.container?.id == null) return false;
          // Another life, or another container: no waiting will bring the former one back.
          if (view.container.id !== id || view.pid !== pid)
            throw new Error(`container ${container} of ${formatName(group, name)} was started again`);
          return true;
        };
        return kept.every(isTaken) ? true : null;
      },
    );
    await startOthers(plan, config, supervisor);
  } finally {
    supervisor.close();
  }
}

/** What has to be started: by itself where autostart says so, by us where it does not. */
async function startOthers(plan: Plan, config: Config, supervisor: RemoteSupervisor): Promise<void> {
  const wanted = withFate(plan, 'restarted', 'started');
  for (const one of wanted) {
    if (specOf(config, one)?.autostart === false) await supervisor.start(one.group, one.process, false);
  }
  const mustRun = withFate(plan, 'restarted');
  await waitUntil(
    () => `${mustRun.map(({ name }) => name).join(', ')} run again`,
    takeOverMs,
    async () => {
      const views = await supervisor.processes();
      const states = mustRun.map((one) => ({
        one,
        view: views.find(({ group, name }) => group === one.group && name === one.process),
      }));
      for (const { one, view } of states) {
        if (view?.state === 'FATAL')
          throw new Error(`${one.name} does not start under dockvisord: ${view.description}`);
      }
      return states.every(({ view }) => view?.state === 'RUNNING' || view?.state === 'EXITED') ? true : null;
    },
  );
}

/** A daemon that drops its privileges by itself was started with all of them. */
export function launchedAs(
  { environment, cwd, uid, gid, words }: Launched,
  config: Config,
): Parameters<typeof startDaemon>[1] {
  const drops = config.daemon.user !== null || words.some((word) => /^(-[a-zA-Z]*u|--user)/.test(word));
  return { environment, cwd, ...(drops || uid === process.getuid?.() ? {} : { uid, gid }) };
}
