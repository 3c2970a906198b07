/**
 * Makes a container program run. One runner for two attachments: `cli` holds a real `docker start -a` (or `run`) child, as supervisord
 * would; `api` holds none. Only where the output comes from differs; the Engine is asked for everything else.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DockerInvocation, DockerSpec, ProcessSpec } from '../core/config/model.ts';
import type { GhostVerdict } from '../core/unit/types.ts';
import type { Log } from '../log/activity-log.ts';
import { LaunchError, startChild } from '../process/child.ts';
import { findWords } from '../process/find-command.ts';
import type { PipeMaker } from '../process/pipes.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Runner, RunnerReport, Unlaunchable } from '../supervisor/runner.ts';
import { attachmentOfChild, attachmentOfSocket } from './attachment.ts';
import type { Attachment, Outlets } from './attachment.ts';
import { clearGhost } from './clear-ghost.ts';
import { createContainerRun, sinceOf } from './container-run.ts';
import type { ContainerRun } from './container-run.ts';
import { EngineError } from './engine-error.ts';
import { wallOf } from './facts.ts';
import type { ContainerFacts } from './facts.ts';
import type { Gate } from './gate.ts';
import type { EngineLink } from './link.ts';
import type { Owners } from './owners.ts';
import { attachWords, startInsteadWords, startWords } from './proxy-command.ts';
import { createWatch } from './watch.ts';
import type { WatchTarget } from './watch.ts';

export interface ContainerRunnerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly link: EngineLink;
  readonly gate: Gate;
  readonly pipes: PipeMaker;
  readonly owners: Owners;
  /** The whole environment of a proxy. */
  readonly environment: Readonly<Record<string, string>>;
  /** Compose's project of the target, derived; `''` for other targets. */
  readonly project: string;
  readonly onGhost: (found: string, done: string) => void;
}

/** How long a container that restarts by its own policy may take to settle before a launch counts as failed, in ms. */
const settleMs = 70_000;
const settlePollMs = 500;

export function createContainerRunner(
  spec: ProcessSpec,
  docker: DockerSpec,
  deps: ContainerRunnerDeps,
): Runner {
  const { clock, link, log, environment } = deps;
  const { invocation } = docker;
  const viaCli = docker.attach === 'cli' && invocation !== null && !invocation.detached;
  let run: ContainerRun | null = null;
  let clearing: Promise<unknown> = Promise.resolve();
  let startInstead = false;
  let warnedOfPolicy = false;
  let appeared: Parameters<Runner['watch']>[0] = () => undefined;

  const target: WatchTarget = { find: docker.target, project: deps.project, name: displayName(docker, spec) };
  const watch = createWatch(target, link, {
    event: (event) => run?.event(event),
    lost: (reason) => run?.lost(reason),
    facts(facts) {
      if (run !== null) run.facts(facts);
      // A paused one cannot be attached to, and a restarting one has no process: both are looked at again when that changes.
      else if (facts?.state === 'running' && mayTakeOver(facts))
        appeared({ pid: facts.pid, since: sinceOf(facts, clock) });
    },
  });

  /**
   * A running container of the name that `start` or `attach` is given is the program's, whoever started it. One that stands in the way of
   * a `run` is another one, unless a dockvisord had it running: then it is the program's, and outlived its daemon.
   */
  const mayTakeOver = (facts: ContainerFacts): boolean =>
    deps.owners.other(facts.id) === null &&
    (invocation?.verb !== 'run' || docker.onGhost === 'adopt' || deps.owners.knows(facts.id));

  function begin(tell: (report: RunnerReport) => void): ContainerRun {
    const made: ContainerRun = createContainerRun(
      (report) => {
        if (report.type === 'exited' || report.type === 'spawnFailed') {
          run = null;
          tell(report);
          // Whether somebody has started it again meanwhile is asked, not remembered.
          if (report.type === 'exited') watch.look().catch(() => undefined);
        } else {
          tell(report);
        }
      },
      {
        clock,
        log,
        link,
        watch,
        program: spec.name,
        redirectStderr: spec.redirectStderr,
        attach,
        onUp: (facts) => {
          deps.owners.claim(facts.id);
        },
        onOver: (id) => {
          if (id !== null) deps.owners.release(id);
        },
      },
    );
    run = made;
    return made;
  }

  function launch(tell: (report: RunnerReport) => void): ContainerRun {
    const made = begin(tell);
    void whenEngineAnswers(made, tell, async () => {
      await clearing;
      await settled(made);
      const leave = await deps.gate.enter(made.cancelled);
      try {
        await bringUp(made);
      } finally {
        leave();
      }
    });
    return made;
  }

  /** Does the work, again after each loss of the Engine: for that no retry is counted, and no guess made. */
  async function whenEngineAnswers(
    to: ContainerRun,
    tell: (report: RunnerReport) => void,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      for (;;) {
        try {
          await untilUp(tell, to);
          await work();
          return;
        } catch (error) {
          if (!(error instanceof EngineError) || error.family !== 'unavailable' || to.phase() !== 'launching')
            throw error;
          link.suspect();
          tell({ type: 'lost', reason: error.message });
          await sleep(settlePollMs, undefined, { signal: to.cancelled });
        }
      }
    } catch (error) {
      to.failed(to.cancelled.aborted || !(error instanceof Error) ? 'called off' : error.message);
    }
  }

  async function untilUp(tell: (report: RunnerReport) => void, to: ContainerRun): Promise<void> {
    const status = link.status();
    if (status.up) return;
    // Before the first answer the link may just be young: that is no loss yet.
    const patience = AbortSignal.any([to.cancelled, AbortSignal.timeout(firstAnswerMs)]);
    try {
      await link.whenUp(patience);
    } catch {
      to.cancelled.throwIfAborted();
      const now = link.status();
      if (!now.up) tell({ type: 'lost', reason: now.reason });
      await link.whenUp(to.cancelled);
    }
  }

  /** From what is there to what runs. Ends when the run is up, or has told its failure; rejects when it must be told. */
  async function bringUp(to: ContainerRun): Promise<void> {
    const facts = await watch.look();
    to.cancelled.throwIfAborted();
    if (facts !== null) {
      const other = deps.owners.other(facts.id);
      if (other !== null) throw new Error(`container "${facts.name}" is managed by ${other}`);
      await mindPolicy(facts);
      if (facts.state === 'running' && mayTakeOver(facts)) {
        takeOver(to, facts);
        return;
      }
      if (facts.state === 'running')
        throw new Error(`the name "${facts.name}" is taken by a running container`);
      if (facts.state !== 'exited' && facts.state !== 'created') {
        throw new Error(`container "${facts.name}" is ${wordOf(facts)}`);
      }
    }
    if (viaCli) await bringUpByClient(to, facts, invocation);
    else await bringUpByEngine(to, facts);
  }

  /** Waits, outside the gate, while a container is between two lives of its own restart policy. */
  async function settled(to: ContainerRun): Promise<void> {
    const limit = clock.now() + settleMs;
    let facts = await watch.look();
    while (facts?.state === 'restarting' && docker.restartPolicy === 'keep' && clock.now() < limit) {
      await sleep(settlePollMs, undefined, { signal: to.cancelled });
      facts = await watch.look();
    }
  }

  async function mindPolicy(facts: ContainerFacts): Promise<void> {
    if (facts.restartPolicy === 'no') return;
    if (docker.restartPolicy === 'disable') {
      await link.engine.disableRestartPolicy(facts.id);
      log.info(
        `restart policy of container ${facts.name} was "${facts.restartPolicy}" and is now "no" (docker_restart_policy=disable)`,
      );
    } else if (!warnedOfPolicy) {
      warnedOfPolicy = true;
      log.warn(
        `container ${facts.name} of ${spec.name} has restart policy "${facts.restartPolicy}" and so two owners; set docker_restart_policy=disable, or: docker update --restart=no ${facts.name}`,
      );
    }
  }

  function takeOver(to: ContainerRun, facts: ContainerFacts): void {
    to.adopted(facts);
    attachTo(to, facts);
  }

  /** Attaches beside the telling: a container that cannot be attached to at the moment runs all the same. */
  function attachTo(to: ContainerRun, facts: ContainerFacts): void {
    attach(facts, to.outlets).then(
      (attachment) => {
        to.setAttachment(attachment);
      },
      (error: unknown) => {
        log.warn(
          `cannot attach to container ${facts.name} yet: ${error instanceof Error ? error.message : String(error)}`,
        );
        to.setAttachment(noAttachment);
      },
    );
  }

  async function bringUpByEngine(to: ContainerRun, facts: ContainerFacts | null): Promise<void> {
    if (facts === null) {
      throw new Error(`container "${target.name}" does not exist on ${link.engine.name}`);
    }
    // Attach, then start: no output is missed. The exit comes by the event stream, which is there already.
    to.setAttachment(
      attachmentOfSocket(await link.engine.attach(facts.id, facts.openStdin), facts.tty, to.outlets),
    );
    to.launched(facts.startedAt);
    try {
      await link.engine.start(facts.id);
    } catch (error) {
      to.attachment()?.detach();
      // A start that went wrong may have gone far enough to run: ask. (A launch that fails tells no `start` event.)
      await watch.look();
      if (to.phase() !== 'launching') return;
      throw error;
    }
    await watch.look();
    if (to.phase() === 'launching')
      to.ranUnseen(facts.id, { kind: 'unknown', reason: 'the container was gone after its start' });
  }

  async function bringUpByClient(
    to: ContainerRun,
    facts: ContainerFacts | null,
    client: DockerInvocation,
  ): Promise<void> {
    const written = docker.target.by === 'cidfile' ? (docker.target.path ?? null) : null;
    const usesCidfile = docker.target.by === 'cidfile';
    const directory = usesCidfile && written === null ? mkdtempSync(join(tmpdir(), 'dockvisor-cid-')) : null;
    const ownCidfile = directory === null ? null : join(directory, 'cid');
    const cidfile = written ?? ownCidfile;
    try {
      const words =
        startInstead && facts !== null ? startInsteadWords(client, facts.id) : startWords(client, ownCidfile);
      to.launched(facts?.startedAt ?? '');
      const attachment = startClient(words, to.outlets);
      to.setAttachment(attachment);
      const upOrEnded = cidfile === null ? attachment.ended : followCidfile(cidfile, attachment);
      const { exit, lastWords } = await Promise.race([
        upOrEnded,
        to.settled.then(() => ({ exit: null, lastWords: '' })),
      ]);
      if (to.phase() !== 'launching') return;
      // The client has ended and nobody saw the container run: the Engine knows whether it did.
      const after = await watch.look();
      if (to.phase() !== 'launching') {
        if (to.phase() === 'up' && after !== null) attachTo(to, after);
        return;
      }
      const failure = after !== null && after.error !== '' ? after.error : lastWords;
      const code = exit?.kind === 'code' ? exit.code : null;
      if (client.verb === 'run' && after === null && code !== null && (code < 125 || code > 127)) {
        // Ran, ended, and was removed (--rm) before it could be seen: the client has its code.
        to.ranUnseen(null, exit ?? { kind: 'unknown', reason: 'removed' });
        return;
      }
      throw new Error(
        failure === ''
          ? `${words.join(' ')} ended with ${exitText(code)} and the container does not run`
          : failure,
      );
    } finally {
      if (directory !== null) rmSync(directory, { recursive: true, force: true });
    }
  }

  function startClient(words: readonly string[], outlets: Outlets): Attachment {
    const command = findWords(words, environment['PATH']);
    if ('fault' in command) throw new LaunchError('exec', command.message);
    const child = startChild(
      {
        command,
        directory: spec.directory,
        environment,
        user: spec.user,
        umask: spec.umask,
        redirectStderr: spec.redirectStderr,
        stdin: true,
      },
      deps.pipes,
    );
    return attachmentOfChild(child, outlets);
  }

  async function followCidfile(path: string, attachment: Attachment): Promise<Awaited<Attachment['ended']>> {
    const done = new AbortController();
    void (async () => {
      while (!done.signal.aborted) {
        const id = readText(path);
        if (/^[0-9a-f]{64}$/.test(id)) {
          watch.retarget({ by: 'name', name: id });
          await watch.look().catch(() => null);
          return;
        }
        await sleep(cidfilePollMs, undefined, { signal: done.signal }).catch(() => undefined);
      }
    })();
    const end = await attachment.ended;
    done.abort();
    const id = readText(path);
    if (id !== '') watch.retarget({ by: 'name', name: id });
    return end;
  }

  async function attach(facts: ContainerFacts, outlets: Outlets): Promise<Attachment> {
    const words = viaCli ? attachWords(invocation, facts.id) : null;
    if (words !== null) return startClient(words, outlets);
    return attachmentOfSocket(await link.engine.attach(facts.id, facts.openStdin), facts.tty, outlets);
  }

  return {
    launch,

    adopt(tell) {
      const made = begin((report) => {
        // The machine took it for running when it was found: it is not told again.
        if (report.type === 'spawnFailed')
          tell({ type: 'exited', exit: { kind: 'unknown', reason: report.message }, diedAt: clock.now() });
        else if (report.type !== 'spawned') tell(report);
      });
      void whenEngineAnswers(made, tell, async () => {
        const facts = await watch.look();
        if (facts?.state === 'running') takeOver(made, facts);
        else throw new Error('it was gone when it was looked at');
      });
      return made;
    },

    check(): Unlaunchable | null {
      if (!viaCli) return null;
      const command = findWords(
        invocation.prefix.length > 0 ? invocation.prefix : invocation.rest,
        environment['PATH'],
      );
      return 'fault' in command ? command : null;
    },

    clearGhost(): Promise<GhostVerdict> {
      const work = clearGhost({
        spec,
        docker,
        engine: link.engine,
        watch,
        owners: deps.owners,
        project: deps.project,
        log,
        onGhost: deps.onGhost,
        isTakenOver: () => run !== null,
        useStartInstead: () => {
          startInstead = true;
        },
      });
      clearing = work;
      return work;
    },

    watch(callback) {
      appeared = callback;
    },

    view() {
      const attachment = run?.attachment() ?? null;
      return {
        container: watch.view(),
        proxy: run === null || attachment === null ? null : { kind: attachment.kind, pid: attachment.pid },
      };
    },

    startedAt: () => (run === null ? null : wallOf(run.life())),

    close() {
      watch.close();
    },
  };
}

const firstAnswerMs = 2000;
const cidfilePollMs = 25;

const exitText = (code: number | null): string =>
  code === null ? 'a signal' : `exit status ${String(code)}`;

const wordOf = (facts: ContainerFacts): string =>
  facts.error === '' ? facts.state : `${facts.state} (${facts.error})`;

function displayName(docker: DockerSpec, spec: ProcessSpec): string {
  switch (docker.target.by) {
    case 'name':
      return docker.target.name;
    case 'compose':
      return docker.target.service;
    case 'cidfile':
      return spec.name;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Stands for "none at the moment": its end is at hand, so that a new one is tried. */
const noAttachment: Attachment = {
  kind: 'api',
  pid: null,
  ended: Promise.resolve({ exit: null, lastWords: '' }),
  detach: () => undefined,
  write: () => Promise.resolve('closed'),
};
