/**
 * A program's container in the hands of somebody who does not run it: under another manager's proxy, or under none. It can be looked at,
 * stopped for real, and cleared out of the way; it is never started. Real in `docker/hand.ts`; the plug-in, the doctor and the migration
 * ask through this door.
 */
import type { GhostVerdict } from '../core/unit/types.ts';
import type { ContainerView } from '../core/view.ts';
import type { StopOrder } from './runner.ts';

/** A container as it was seen at one moment, in one of its lives. */
export interface Sighting {
  readonly container: ContainerView;
  /** The Engine's StartedAt with all its nanoseconds: tells this life from the next; `''`: it never ran. */
  readonly startedAt: string;
  /** Another dockvisord that has it, in words; null: none. */
  readonly daemon: string | null;
  /** Who else it belongs to by its labels, in words (a Compose project, a Swarm service); null: nobody that we know of. */
  readonly owner: string | null;
}

export interface ContainerHand {
  /** The Engine's address, as a person writes it. */
  readonly engine: string;
  /** Asks the Engine; null: there is no such container. Rejects when it cannot be asked. */
  look(): Promise<Sighting | null>;
  /** As the Engine said last. */
  view(): ContainerView;
  /** What was seen last, however long ago; null: nothing. */
  last(): Sighting | null;
  /**
   * Stops what was seen, in that life and in no other; with a restart policy, until nothing comes up any more. Resolves when that is so,
   * by the Engine or, while it is silent, by the kernel, or when it was called off. A second call joins the first.
   */
  stop(seen: Sighting, order: StopOrder): Promise<void>;
  /** Ends the asking. What the Engine was asked already it goes on with. */
  callOffStop(): void;
  /** The ghost table (CONTRACT section 4), if it still is as it was seen. Never rejects. */
  clearGhost(seen: Sighting): Promise<GhostVerdict>;
  /** Called when something may have become of the container, also when the Engine comes or goes. */
  onNews(news: () => void): void;
  close(): void;
}
