/**
 * Stop as a post-condition: asked of the Engine until the Engine says that the container does not run. While the Engine cannot be asked,
 * the main process is signalled directly, if the kernel says that it is still this container's (CONTRACT section 4).
 *
 * The grace begins when the container has been told: an Engine that hangs has perhaps not passed the order on.
 */
import { messageOf } from '../core/message-of.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StopOrder } from '../supervisor/runner.ts';
import type { Log } from '../log/activity-log.ts';
import { compareVersions } from './engine.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './engine-error.ts';
import type { ContainerFacts } from './facts.ts';
import { lookAtMainProcess, signalMainProcess } from './kernel.ts';
import type { MainProcess } from './kernel.ts';
import type { EngineLink } from './link.ts';
import type { ContainerWatch } from './watch.ts';

export interface StopOptions {
  readonly order: StopOrder;
  readonly link: EngineLink;
  readonly watch: ContainerWatch;
  readonly log: Log;
  readonly program: string;
  /** Aborted when the life is over: the stop has come about. */
  readonly over: AbortSignal;
  readonly facts: () => ContainerFacts | null;
  readonly main: () => MainProcess | null;
  /** The Engine has told of the end (`die`), and only its books are still open. */
  readonly isTold: () => boolean;
  readonly goneByKernel: () => void;
}

const pauseMs = 500;
const kernelPollMs = 50;
const believePollMs = 500;
/** How long the Engine may be silent about the end of a container whose main process the kernel says is gone, in ms. */
const silenceMs = 3000;
/** The same, when it has told of the end and is busy with clearing up. */
const busyMs = 30_000;

export async function stopContainer(options: StopOptions): Promise<void> {
  const { order, link, watch, over } = options;
  void believeKernel(options);
  let deadline = 0;
  let isHeard = false;
  const leftMs = (): number => Math.max(0, deadline - performance.now());
  while (!over.aborted) {
    const facts = options.facts();
    const main = options.main();
    if (!isHeard) deadline = performance.now() + order.graceMs;
    try {
      if (link.status().up && facts !== null) {
        // All of it, if it has not begun: not what a machine that stands still has left of it between two lines.
        const graceMs = isHeard ? leftMs() : order.graceMs;
        await whileUp(link, stopByEngine(link.engine, facts, order.signal, graceMs, over));
        isHeard = true;
        await watch.look();
      } else if (main !== null) {
        isHeard = true;
        if (await stopByKernel(main, order.signal ?? facts?.stopSignal ?? 'TERM', leftMs, options)) {
          options.goneByKernel();
          return;
        }
      }
    } catch (error) {
      const message = messageOf(error);
      options.log.warn(`stopping container of ${options.program} failed, trying again: ${message}`);
      if (error instanceof EngineError && error.family === 'unavailable') link.suspect();
      else isHeard = true;
    }
    await sleep(pauseMs, undefined, { signal: over }).catch(() => undefined);
  }
}

/**
 * dockerd can hang over one container while it answers for the others (its network locks, a shim that hangs: docker.md section 5): then
 * neither `die` nor `inspect` tells of an end that has come. Where the Engine is silent, the kernel's word counts.
 */
async function believeKernel({ over, main, isTold, log, program, goneByKernel }: StopOptions): Promise<void> {
  let goneSince: number | null = null;
  while (!over.aborted) {
    const process = main();
    const gone = process !== null && lookAtMainProcess(process) === 'gone';
    goneSince = gone ? (goneSince ?? performance.now()) : null;
    if (goneSince !== null && performance.now() - goneSince > (isTold() ? busyMs : silenceMs)) {
      log.warn(
        `the main process of ${program} is gone, and the Engine does not tell of it: taking the kernel's word`,
      );
      goneByKernel();
      return;
    }
    await sleep(believePollMs, undefined, { signal: over }).catch(() => undefined);
  }
}

/** Of an Engine that is found to hang no answer is waited for: a stop has all its grace, and more, to be answered. */
function whileUp(link: EngineLink, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const unlisten = link.listen({
      event: () => undefined,
      compare: () => undefined,
      down(reason) {
        unlisten();
        reject(new EngineError('unavailable', 'stop', reason, null));
      },
    });
    work.then(resolve, reject).finally(unlisten);
  });
}

/** `signal` of stop came with API 1.42; before, the Engine ignores it silently, and it is sent by hand. */
async function stopByEngine(
  engine: Engine,
  facts: ContainerFacts,
  signal: string | null,
  graceMs: number,
  over: AbortSignal,
): Promise<void> {
  if (signal === null || compareVersions(engine.apiVersion ?? '0', '1.42') >= 0) {
    await engine.stop(facts.id, graceMs, signal);
    return;
  }
  await engine.kill(facts.id, signal);
  await sleep(graceMs, undefined, { signal: over }).catch(() => undefined);
  if (!over.aborted) await engine.stop(facts.id, 0, null);
}

/** True: it is gone. False: the Engine answers again, or it would not die. */
export async function stopByKernel(
  main: MainProcess,
  signal: string,
  leftMs: () => number,
  options: Pick<StopOptions, 'link' | 'over' | 'log' | 'program'>,
): Promise<boolean> {
  const { link, over, log, program } = options;
  log.warn(
    `engine ${link.engine.name} cannot be asked: sending ${signal} to main process ${String(main.pid)} of ${program}`,
  );
  if (signalMainProcess(main, signal) === 'gone') return true;
  let killed = false;
  while (!over.aborted && !link.status().up) {
    if (lookAtMainProcess(main) === 'gone') return true;
    if (!killed && leftMs() === 0) {
      log.warn(`killing main process ${String(main.pid)} of ${program} with SIGKILL`);
      signalMainProcess(main, 'KILL');
      killed = true;
    }
    await sleep(kernelPollMs, undefined, { signal: over }).catch(() => undefined);
  }
  return false;
}
