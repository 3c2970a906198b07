/** The way back, from wherever the hand-over is: the old supervisord has everything again, and no container was restarted. */
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import type { Config } from '../core/config/model.ts';
import { formatName } from '../core/names.ts';
import { holderOf, ownersDirectory } from '../docker/owners.ts';
import { heldConfig, withFile } from '../migrate/hand-over.ts';
import type { Kept, Name } from '../migrate/hand-over.ts';
import type { RemoteSupervisor } from '../rpc/remote-supervisor.ts';
import type { ServerAccess } from '../rpc/client.ts';
import type { PrivateDirectory } from '../system/private-files.ts';
import { isStill, seeProcess, signalProcess } from '../system/process-table.ts';
import { waitUntil } from '../system/wait-until.ts';
import type { ContainerLooks } from './container-looks.ts';
import { specOf, whatChanged } from './migrate-context.ts';
import type { Recorder } from './migrate-context.ts';
import { endDaemon, retireDaemon, startDaemon, untilAnswers } from './migrate-daemons.ts';
import { launchedAs } from './migrate-forward.ts';

export interface Backward {
  readonly config: Config;
  readonly looks: ContainerLooks;
  readonly addresses: readonly ServerAccess[];
  readonly directory: PrivateDirectory;
  readonly recorder: Recorder;
  readonly say: (text: string) => void;
}

/** How long the old manager may take to have everything again, in ms. */
const takeBackMs = 90_000;
/** How long a new daemon that lives may take to answer before it is taken away unasked, in ms. */
const mayAnswerMs = 10_000;
/** A program that is down is asked to start again after this long, in ms. */
const askAgainMs = 3000;

/** Rejects when something is not as it was; the record tells how far it came, and it can be called again. */
export async function goBack(backward: Backward): Promise<void> {
  const { recorder, say, config, looks } = backward;
  const { trial, old } = recorder.now();
  if (trial !== null) await endDaemon(trial);
  if (isStill(old)) {
    say('the old supervisord goes on');
    signalProcess(old, 'SIGCONT');
  } else {
    await retireNext(backward);
    await startOld(backward);
  }
  const { supervisor } = await untilAnswers(backward.addresses, 'supervisord', null);
  try {
    await bringBack(backward, supervisor);
  } finally {
    supervisor.close();
  }
  const changed = await whatChanged(recorder.now().kept, config, looks);
  forgetClaims(recorder.now().kept);
  recorder.note(changed.length === 0 ? 'undone' : `undone, but ${changed.join('; ')}`, {
    phase: 'undone',
    trial: null,
    next: null,
  });
  if (changed.length > 0) throw new Error(changed.join('; '));
}

/** What a `docker run` has made cannot be given back to a supervisord: its command would make another of the same name. */
export const cannotBeGivenBack = (config: Config, name: Name): boolean =>
  specOf(config, name)?.docker?.invocation?.verb === 'run';

/** Takes the new daemon away; what it has now, and not what it once was given, is what the old one gets. */
async function retireNext({ recorder, config, looks, addresses, say }: Backward): Promise<void> {
  const known = recorder.now().next;
  // The old one is gone: a dockvisord that answers in its place is the one that we started.
  const answering = await untilAnswers(
    addresses,
    'dockvisord',
    null,
    known === null || !isStill(known) ? 0 : mayAnswerMs,
  ).catch(() => null);
  const next = answering?.process ?? known;
  if (next === null || !isStill(next)) return;
  say(
    'dockvisord stops what is no container, its docker clients are KILLed (the containers run on), and it is KILLed',
  );
  const isContainer = (group: string, process: string): boolean =>
    specOf(config, { group, process })?.docker != null;
  if (answering === null) {
    await retireDaemon(next, isContainer);
    return;
  }
  const { supervisor } = answering;
  try {
    const views = await supervisor.processes();
    const named = views.map((view) => ({ view, name: { group: view.group, process: view.name } }));
    const up = named.filter(({ view }) => ['RUNNING', 'STARTING', 'BACKOFF'].includes(view.state));
    const down = named.filter((one) => !up.includes(one));
    const kept = await Promise.all(
      up.map(async ({ view, name }): Promise<readonly Kept[]> => {
        const spec = specOf(config, name);
        if (spec?.docker == null || view.container?.id == null) return [];
        const { facts } = await looks.look(spec, spec.docker, view.container.id);
        if (facts?.alive !== true) return [];
        return [{ ...name, container: facts.name, id: facts.id, startedAt: facts.startedAt, pid: facts.pid }];
      }),
    );
    recorder.note('dockvisord is taken away', {
      up: up.map(({ name }) => name),
      down: down.map(({ name }) => name),
      kept: kept.flat(),
    });
    for (const { view, name } of up) {
      if (view.container === null) await supervisor.stop(name.group, name.process, true);
    }
  } finally {
    supervisor.close();
  }
  await retireDaemon(next, isContainer);
}

async function startOld({ recorder, config, directory, say, addresses }: Backward): Promise<void> {
  const { old, down, up } = recorder.now();
  // supervisord starts what has autostart=true when it starts: what is down is held back by a file of ours that is read after its own.
  const held = [...down, ...up.filter((name) => cannotBeGivenBack(config, name))].flatMap((name) => {
    const spec = specOf(config, name);
    return spec?.autostart === true ? [spec.section] : [];
  });
  const over = heldConfig([config.file, ...config.included], held, join(directory.path, 'held.conf'));
  if (over !== null) {
    directory.write('held.conf', over.held);
    directory.write('supervisord.conf', over.main);
    say(
      `what is down and has autostart=true is held back: the old supervisord is started with ${directory.path}/supervisord.conf, which includes its own file`,
    );
  }
  const words = over === null ? old.words : withFile(old.words, join(directory.path, 'supervisord.conf'));
  say(`the old supervisord is started again: ${words.join(' ')}`);
  recorder.note('the old supervisord is started again');
  const started = startDaemon(words, launchedAs(old, config), `${directory.path}/supervisord.err`);
  const { supervisor, process } = await untilAnswers(addresses, 'supervisord', started);
  supervisor.close();
  recorder.note(`the old supervisord answers, pid ${String(process.pid)}`);
}

/** Everything that was up is up again. Attaching to a container that runs is what `docker start -a` does then; nothing is restarted. */
async function bringBack({ recorder, config }: Backward, supervisor: RemoteSupervisor): Promise<void> {
  const wanted = recorder.now().up.filter((name) => !cannotBeGivenBack(config, name));
  const asked = new Map<string, number>();
  await waitUntil(
    () =>
      `all that was up is up again under the old supervisord (${wanted.map((one) => formatName(one.group, one.process)).join(', ')})`,
    takeBackMs,
    async () => {
      const views = await supervisor.processes();
      let missing = 0;
      for (const { group, process } of wanted) {
        const view = views.find((one) => one.group === group && one.name === process);
        if (view === undefined)
          throw new Error(`the old supervisord does not know ${formatName(group, process)} any more`);
        // Right after it goes on it may still say RUNNING of a client that has ended.
        if (view.state === 'RUNNING' && seeProcess(view.pid) !== null) continue;
        missing++;
        const isDown = view.state === 'STOPPED' || view.state === 'EXITED' || view.state === 'FATAL';
        const key = formatName(group, process);
        if (!isDown || performance.now() - (asked.get(key) ?? -Infinity) < askAgainMs) continue;
        asked.set(key, performance.now());
        await supervisor.start(group, process, false).catch(() => undefined);
      }
      return missing === 0 ? true : null;
    },
  );
}

/** Claims that daemons of ours left, and that no living one has. */
function forgetClaims(kept: readonly Kept[]): void {
  for (const { id } of kept) {
    if (holderOf(ownersDirectory, id) === null) rmSync(join(ownersDirectory, id), { force: true });
  }
}
