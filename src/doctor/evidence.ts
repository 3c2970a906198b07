/** What was seen of one program, at one moment: the manager's word, the Engine's, and the kernel's. */
import type { ProcessSpec } from '../core/config/model.ts';
import type { ContainerView, ProcessView } from '../core/view.ts';
import type { Commands } from './commands.ts';

export interface ManagerSeen {
  readonly kind: 'dockvisord' | 'supervisord';
  readonly url: string;
  readonly pid: number;
  /** Whether its pids are this machine's. */
  readonly local: boolean;
}

/** A container as the Engine tells it; beside the view what only the doctor asks for. */
export interface ContainerSeen {
  /** `missing`, or `unknown` where the Engine cannot be asked. */
  readonly view: ContainerView;
  readonly tty: boolean;
  readonly openStdin: boolean;
  /** Who else it belongs to by its labels, in words; null: nobody. */
  readonly owner: string | null;
  /** The dockvisord that claims it and lives; null: none. */
  readonly holder: { readonly pid: number; readonly identifier: string } | null;
}

/** The client's process, by its own command line. */
export interface ProxySeen {
  readonly pid: number;
  /** The container that its command line names; null: it names none (any more). */
  readonly ref: string | null;
  /** `28.2.2`; null: not asked, or it would not tell. */
  readonly clientVersion: string | null;
}

export interface Evidence {
  readonly group: string;
  readonly process: string;
  /** null: the file has no such program. */
  readonly spec: ProcessSpec | null;
  /** null: the manager has no such program, or cannot be asked. */
  readonly says: ProcessView | null;
  /** null: a plain program. */
  readonly container: ContainerSeen | null;
  /** Id of the container that the file names, which need not be the one that runs; null: there is none. */
  readonly wantedId: string | null;
  /** null: none, or it could not be looked at. */
  readonly proxy: ProxySeen | null;
  /** Of a plain program that is said to run: whether its pid does; null: not known. */
  readonly pidAlive: boolean | null;
  readonly commands: Commands;
}
