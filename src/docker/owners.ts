/**
 * Which dockvisord manages a container: one small file for each, named by the container's id, holding the owner's pid and that process's
 * start time, so that a file left by a dead daemon claims nothing. Two daemons on one container would undo each other's work.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, startTicksOf } from './kernel.ts';

/** Same on all daemons of a host, so that two of them see each other. */
export const ownersDirectory = '/run/dockvisor/owners';

export interface Owners {
  /** Who else holds it, in words; null: nobody. */
  other(container: string): string | null;
  /** Whether a dockvisord, which may be dead now, had it running: then it is a program's own, and not somebody else's of that name. */
  knows(container: string): boolean;
  claim(container: string): void;
  release(container: string): void;
}

interface Claim {
  readonly pid: number;
  readonly start: string;
  readonly identifier: string;
}

/** `directory` is made when it is first needed; where it cannot be, nothing is claimed and nobody is found. */
export function createOwners(directory: string, identifier: string): Owners {
  const fileOf = (container: string): string => join(directory, container);
  const read = (container: string): Claim | null => readClaim(fileOf(container));

  return {
    other(container) {
      const claim = holderOf(directory, container);
      if (claim === null || claim.pid === process.pid) return null;
      return `dockvisord pid ${String(claim.pid)} (${claim.identifier})`;
    },
    knows: (container) => read(container) !== null,
    claim(container) {
      const claim: Claim = { pid: process.pid, start: startTicksOf(process.pid) ?? '', identifier };
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        writeFileSync(fileOf(container), JSON.stringify(claim), { mode: 0o600 });
      } catch {
        // Not root, or a read-only /run: the claim is a courtesy to a second daemon, not a condition of running.
      }
    },
    release(container) {
      if (read(container)?.pid === process.pid) rmSync(fileOf(container), { force: true });
    },
  };
}

/** The dockvisord that holds it and lives; null: none. */
export function holderOf(
  directory: string,
  container: string,
): { readonly pid: number; readonly identifier: string } | null {
  const claim = readClaim(join(directory, container));
  return claim === null || !isAlive(claim.pid, claim.start) ? null : claim;
}

/**
 * Leaves the claim of a dockvisord that has ended: the next one then knows what runs under the name of a `docker run` for the program's own.
 * Throws when it cannot be written, because without it the next one would clear that container away.
 */
export function leaveClaim(
  directory: string,
  container: string,
  ended: { readonly pid: number; readonly startTicks: string },
  identifier: string,
): void {
  const claim: Claim = { pid: ended.pid, start: ended.startTicks, identifier };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, container), JSON.stringify(claim), { mode: 0o600 });
}

function readClaim(file: string): Claim | null {
  try {
    const claim: unknown = JSON.parse(readFileSync(file, 'utf8'));
    // Written by us above, in a directory that only root may write.
    return claim as Claim;
  } catch {
    return null;
  }
}
