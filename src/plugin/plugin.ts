/**
 * The plug-in: one attendant for each program of the manager that stands for a container. Events bring the question up, a comparison at
 * each tick finds what slipped by; what is done is decided in `judge.ts`, from what is so at that moment.
 */
import { messageOf } from '../core/message-of.ts';
import type { ProcessSpec } from '../core/config/model.ts';
import { wireStates } from '../core/unit/states.ts';
import type { WireStateName } from '../core/unit/states.ts';
import type { ProcessView } from '../core/view.ts';
import { createAttendant } from './attendant.ts';
import type { Attendant } from './attendant.ts';
import type { ManagerEvent } from './event-reader.ts';
import { mayComeUpLate } from './judge.ts';
import type { Question } from './judge.ts';
import type { ContainerProgram, PluginDeps } from './ports.ts';
import { whichContainer } from './which-container.ts';

export interface Plugin {
  /** Returns at once: work goes on beside it. */
  event(event: ManagerEvent): void;
  /** Compares everything. Never rejects. */
  sweep(): Promise<void>;
  /**
   * We are asked to end, or nobody is there any more. If it is because the whole supervisord goes down, everything that still runs is
   * stopped first; resolves when that is done, or cannot be done within the longest grace.
   */
  finish(): Promise<void>;
  /** Lets go of every container. */
  close(): void;
}

/** What a stop may take beyond its grace, in ms. */
const stopMarginMs = 15_000;
/** How long we stay for containers whose proxy was killed while the Engine was starting them, in ms. */
const lateStartMs = 2000;
/** How long we stay for stops under way when we alone are to end, in ms: below supervisord's stopwaitsecs. */
const aloneMs = 5000;

export function createPlugin(deps: PluginDeps): Plugin {
  const { manager, log } = deps;
  const attendants = new Map<string, Attendant>();
  /** Processes of the last comparison that stand for no container: their news is nobody's. */
  let plain: ReadonlySet<string> = new Set();
  /** What was found of a process while it ran: what the file says may be newer than what the manager works with. */
  const proven = new Map<string, ContainerProgram | null>();
  let goingDown: Question['goingDown'] = 'no';
  let sweeping: Promise<void> | null = null;
  let trouble = '';

  const keyOf = (group: string, name: string): string => `${group}:${name}`;

  function goDown(): void {
    if (goingDown !== 'no') return;
    goingDown = 'in-turn';
    log.info('supervisord goes down: every container of its programs is stopped');
    for (const attendant of attendants.values()) attendant.attend();
  }

  function programOf(process: ProcessView, spec: ProcessSpec): ContainerProgram | null {
    const key = keyOf(process.group, process.name);
    const live = process.pid > 0 ? deps.commandOf(process.pid) : null;
    if (live !== null) {
      const program = whichContainer(spec, live, deps.nameSuffix);
      proven.set(key, program);
      return program;
    }
    // A process that was never started is a new one: the manager works with the new file.
    const former = process.start === 0 ? undefined : proven.get(key);
    if (former != null) return { spec, docker: former.docker };
    return whichContainer(spec, null, deps.nameSuffix);
  }

  async function compareAll(): Promise<void> {
    const processes = await manager.processes();
    if (processes === 'going-down') {
      goDown();
      return;
    }
    const specs = new Map((deps.readPrograms() ?? []).map((spec) => [keyOf(spec.group, spec.name), spec]));
    const present = new Set<string>();
    await Promise.all(
      processes.map(async (process) => {
        const key = keyOf(process.group, process.name);
        const spec = specs.get(key) ?? attendants.get(key)?.program.spec;
        const program = spec === undefined ? null : programOf(process, spec);
        if (program === null) return;
        present.add(key);
        const attendant = await attendantFor(key, program, process);
        attendant.compare(process);
      }),
    );
    plain = new Set(
      processes.map(({ group, name }) => keyOf(group, name)).filter((key) => !present.has(key)),
    );
    for (const [key, attendant] of attendants) {
      if (present.has(key)) continue;
      attendant.close();
      attendants.delete(key);
    }
  }

  async function attendantFor(
    key: string,
    program: ContainerProgram,
    process: ProcessView,
  ): Promise<Attendant> {
    const former = attendants.get(key);
    if (former !== undefined && isSame(former.program, program)) return former;
    const hand = await deps.handFor(program);
    const sameContainer =
      former !== undefined &&
      JSON.stringify(former.program.docker.target) === JSON.stringify(program.docker.target);
    const made = createAttendant(program, process, sameContainer ? former.memory() : null, {
      ...deps,
      hand,
      goingDown: () => goingDown,
      onGoingDown: goDown,
    });
    former?.close();
    attendants.set(key, made);
    made.attend();
    return made;
  }

  function sweep(): Promise<void> {
    sweeping ??= compareAll()
      .then(
        () => {
          trouble = '';
        },
        (error: unknown) => {
          const message = messageOf(error);
          if (message !== trouble) log.warn(`cannot compare: ${message}`);
          trouble = message;
        },
      )
      .finally(() => {
        sweeping = null;
      });
    return sweeping;
  }

  return {
    event(event) {
      if (event.name === 'SUPERVISOR_STATE_CHANGE_STOPPING') goDown();
      else if (event.name.startsWith('TICK_') || event.name.startsWith('PROCESS_GROUP_')) void sweep();
      const state = stateOf(event.name);
      if (state === null) return;
      const key = keyOf(event.tokens.get('groupname') ?? '', event.tokens.get('processname') ?? '');
      const attendant = attendants.get(key);
      if (attendant === undefined && !plain.has(key)) void sweep();
      else attendant?.told(state, Number(event.tokens.get('pid') ?? 0));
    },
    sweep,
    async finish() {
      // Whether it is the whole supervisord that ends, or `stop all` that took us first: it is asked, for its events come no more.
      await sweep();
      if (goingDown !== 'no') goingDown = 'now';
      const all = [...attendants.values()];
      for (const attendant of all) attendant.attend();
      await Promise.all(all.map((attendant) => attendant.idle(false)));
      if (goingDown === 'now' && all.some((attendant) => mayComeUpLate(attendant.memory()))) {
        await new Promise((resolve) => setTimeout(resolve, lateStartMs));
        for (const attendant of all) attendant.attend();
        await Promise.all(all.map((attendant) => attendant.idle(false)));
      }
      const longestSeconds = Math.max(0, ...all.map(({ program }) => program.spec.stopWaitSeconds));
      // What was asked of the Engine it does also when we have gone: only on the way down there is nobody after us who would compare.
      await within(
        goingDown === 'no' ? aloneMs : longestSeconds * 1000 + stopMarginMs,
        Promise.all(all.map((attendant) => attendant.idle(true))),
      );
    },
    close() {
      for (const attendant of attendants.values()) attendant.close();
      attendants.clear();
    },
  };
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

const isSame = (a: ContainerProgram, b: ContainerProgram): boolean => JSON.stringify(a) === JSON.stringify(b);

function stateOf(eventName: string): WireStateName | null {
  const word = eventName.startsWith('PROCESS_STATE_') ? eventName.slice('PROCESS_STATE_'.length) : '';
  return (Object.keys(wireStates) as WireStateName[]).find((state) => state === word) ?? null;
}
