/** One row of the truth table: what there is, what happens, and what must be so in the end under dockvisord. */
import type { Docker, Inspected } from '../support/docker.ts';
import type { Manager, ManagerKind } from '../support/manager.ts';
import type { LieKind } from './lies.ts';
import type { ProcessInfo } from '../support/rpc.ts';

export interface Situation {
  readonly name: string;
  /** null: no container is made beforehand. */
  readonly create: { readonly options?: readonly string[]; readonly command: readonly string[] } | null;
  /** How many such programs, each with a container; 1 where absent. */
  readonly count?: number;
  /** The program's command; `docker start -a NAME` where absent. */
  readonly command?: (name: string, image: string) => string;
  /** Further lines of `[program:NAME]`, for every manager. */
  readonly lines?: readonly string[];
  /** Before the manager is started; the container is there. */
  readonly prepare?: (context: PrepareContext) => Promise<void>;
  /** What is waited for before the act; `running` where absent. */
  readonly ready?: 'running' | 'settled' | 'nothing';
  readonly act?: (context: Context) => Promise<void>;
  /** After everything: undoes what would be in the way of removing the container. */
  readonly cleanUp?: (context: PrepareContext) => Promise<void>;
  /** Managers to which the situation makes no sense, and why. */
  readonly without?: Partial<Readonly<Record<ManagerKind, string>>>;
  readonly wanted: Wanted;
  /** What is otherwise under a real supervisord with our plug-in, and why it cannot be mended from there. */
  readonly beyondPlugin?: Partial<Wanted> & { readonly lies?: readonly LieKind[]; readonly why: string };
}

/** A situation of the Engine itself: the act is done once, under all managers at a time. */
export interface EngineSituation extends Omit<Situation, 'act'> {
  /** Further options of dockerd. */
  readonly dockerd: readonly string[];
  readonly actOnEngine: (engine: EngineHandle) => Promise<void>;
  /** While the Engine is away, for each manager; the Engine returns after the last one. */
  readonly meanwhile?: (context: Context) => Promise<void>;
}

export interface EngineHandle {
  up(): Promise<void>;
  down(): Promise<void>;
  kill(): Promise<void>;
}

export interface PrepareContext {
  readonly docker: Docker;
  readonly image: string;
  /** Name of the (first) container and program. */
  readonly name: string;
  readonly names: readonly string[];
}

export interface Context extends PrepareContext {
  readonly manager: Manager;
  /** As sampled last. */
  says(): ProcessInfo;
  engine(): Promise<Inspected | null>;
  /** Waits until the manager's word is as wanted; fails after 20 s. */
  untilSaid(what: string, test: (says: ProcessInfo) => boolean): Promise<void>;
  untilEngine(what: string, test: (facts: Inspected | null) => boolean): Promise<void>;
}

/** What dockvisord must say, and the Engine too, when all is at rest; and a supervisord with our plug-in, but for its description. */
export interface Wanted {
  readonly state: string;
  /** The Engine's word, or `missing`. */
  readonly engine: string;
  readonly description?: RegExp;
  /** Whether the container lives the same life as before the act, or another; not looked at where absent. */
  readonly life?: 'same' | 'another';
  /** Anything else: resolves with what is wrong, or null. */
  readonly check?: (context: Context) => Promise<string | null>;
}

/** A container that ends at once on TERM. */
export const behaving: readonly string[] = [
  'sh',
  '-c',
  'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done',
];
/** One that does not hear TERM. */
export const deaf: readonly string[] = ['sh', '-c', 'trap "" TERM; while :; do sleep 3600 & wait $!; done'];
