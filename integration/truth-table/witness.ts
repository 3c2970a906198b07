/**
 * Whose word counts: the Engine's; while it cannot be asked, the kernel's about the main process that the Engine named last.
 * A container that is in the way of a program's own (`docker run --name`) is not the program's while it lives the life it had.
 */
import { startTicksOf } from '../../src/docker/kernel.ts';
import type { Docker, Inspected } from '../support/docker.ts';

export interface Testimony {
  readonly by: 'engine' | 'kernel';
  /** Its main process lives, paused or not. */
  readonly runs: boolean;
  /** The Engine's word, or `missing`, or `othersStatus`. */
  readonly status: string;
  readonly startedAt: string;
  readonly pid: number;
  /** null: nobody knows. */
  readonly exitCode: number | null;
  readonly health: string;
  readonly oomKilled: boolean;
}

export interface Witness {
  /** null: neither can be asked. */
  ask(): Promise<Testimony | null>;
}

/** In the Engine's place where the name is held by a container that is not the program's. */
export const othersStatus = 'not its own';

const missing: Testimony = {
  by: 'engine',
  runs: false,
  status: 'missing',
  startedAt: '',
  pid: 0,
  exitCode: null,
  health: 'none',
  oomKilled: false,
};

/** `ref`: name or id. `squatter`: what holds the name and is not the program's. */
export function createWitness(docker: Docker, ref: string, squatter: Inspected | null): Witness {
  let last: Testimony | null = null;
  let startTicks: string | null = null;

  function remember(facts: Inspected): Testimony {
    const testimony = testimonyOf(facts);
    if (testimony.pid !== last?.pid) startTicks = testimony.pid > 0 ? startTicksOf(testimony.pid) : null;
    last = testimony;
    return testimony;
  }

  /** The kernel knows of a main process that was named. Of a container that did not run it knows nothing: a busy Engine may start it now. */
  function byKernel(): Testimony | null {
    if (last?.runs !== true) return null;
    const alive = startTicks !== null && startTicksOf(last.pid) === startTicks;
    if (alive) return { ...last, by: 'kernel' };
    return { ...last, by: 'kernel', runs: false, status: 'exited', pid: 0, exitCode: null };
  }

  return {
    async ask() {
      try {
        const facts = await docker.inspect(ref);
        if (facts === null) return (last = missing);
        const isSquatter = squatter?.id === facts.id && squatter.startedAt === facts.startedAt;
        return isSquatter ? (last = { ...missing, status: othersStatus }) : remember(facts);
      } catch {
        return byKernel();
      }
    },
  };
}

function testimonyOf(facts: Inspected): Testimony {
  const runs = facts.status === 'running' || facts.status === 'paused';
  return {
    by: 'engine',
    runs,
    status: facts.status,
    startedAt: facts.startedAt,
    pid: facts.pid,
    exitCode: facts.status === 'exited' ? facts.exitCode : null,
    health: facts.health,
    oomKilled: facts.oomKilled,
  };
}
