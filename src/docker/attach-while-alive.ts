/** When the output's way ends although the container lives (a client was killed), makes a new one, for as long as it lives. */
import { messageOf } from '../core/message-of.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attachment, Outlets } from './attachment.ts';
import type { ContainerRunDeps } from './container-run.ts';
import type { ContainerFacts } from './facts.ts';

export interface KeepAttachedOptions {
  readonly deps: Pick<ContainerRunDeps, 'attach' | 'cursor' | 'log' | 'program' | 'watch' | 'link'>;
  readonly outlets: Outlets;
  readonly first: Attachment;
  /** Resolves when the launch is over. */
  readonly settled: Promise<void>;
  /** Aborted when the life is over. */
  readonly over: AbortSignal;
  /** null: not up (yet, or any more). */
  readonly current: () => ContainerFacts | null;
  /** Whether no other has been made by the launch since, which is kept by another. */
  readonly isMine: () => boolean;
  readonly set: (attachment: Attachment) => void;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** Output that waits for longer is missed by who looks on. */
const longestBusyMs = 1000;
/** An attachment that held for this long was a good one: the next loss starts with short pauses again. */
const steadyMs = 5000;

export function attachWhileAlive(options: KeepAttachedOptions): void {
  void keep(options);
}

async function keep({
  deps,
  outlets,
  first,
  settled,
  over,
  current,
  isMine,
  set,
}: KeepAttachedOptions): Promise<void> {
  let attachment: Attachment | null = first;
  let pauseMs = 0;
  while (!over.aborted) {
    const since = performance.now();
    const end = attachment === null ? null : await attachment.ended;
    // A client that somebody killed, and a socket that broke, have told only what they had passed on.
    if (end?.exit?.kind === 'signal' || (end?.exit === null && end.lastWords !== '')) deps.cursor.cut();
    if (isOver(over)) return;
    if (current() === null && attachment?.kind === 'api') {
      // Cut before it was up: that is only known when the launch is over.
      deps.cursor.cut();
      await settled;
      // The launch was tried again, and holds another.
      if (!isMine()) return;
    }
    // Before it is up, the launch itself looks at what the end of a client means.
    if (isOver(over) || current() === null) return;
    pauseMs =
      performance.now() - since > steadyMs || pauseMs === 0
        ? firstPauseMs
        : Math.min(pauseMs * 2, longestPauseMs);
    // One that ends again and again must not keep us, and the log, busy.
    if (attachment !== null && pauseMs > firstPauseMs)
      await sleep(Math.min(pauseMs, longestBusyMs), undefined, { signal: over }).catch(() => undefined);
    if (isOver(over)) return;
    // Its natural end is that of its container, which an Engine that lives tells at once.
    const facts = await deps.watch.look().catch(() => 'cannot be asked' as const);
    if (facts === 'cannot be asked' || facts?.alive === true) {
      deps.cursor.cut();
      if (end?.complainedOn != null) deps.cursor.disown(end.complainedOn);
    }
    if (isOver(over) || !isMine()) return;
    if (facts !== 'cannot be asked' && facts?.state === 'running') {
      try {
        const lostPid = attachment?.pid ?? null;
        attachment = await deps.attach(facts, outlets, over);
        if (!isMine()) {
          attachment.detach();
          return;
        }
        if (isOver(over)) {
          attachment.detach();
          return;
        }
        set(attachment);
        const lost =
          lostPid === null
            ? `the output of ${deps.program} was cut off`
            : `proxy of ${deps.program} (pid ${String(lostPid)}) ended`;
        deps.log.warn(`${lost}, container ${facts.name} runs on: attached again`);
        continue;
      } catch (error) {
        if (isOver(over)) return;
        deps.log.warn(`cannot attach to container of ${deps.program}: ${messageOf(error)}`);
      }
    }
    attachment = null;
    await sleep(pauseMs, undefined, { signal: over }).catch(() => undefined);
  }
}

/** A function, because the compiler takes `aborted` for unchanged over an await. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;
