/** What the plug-in needs of the house: the manager that it serves, the containers of its programs, and a way to say what it does. */
import type { DockerSpec, ProcessSpec } from '../core/config/model.ts';
import type { ProcessView } from '../core/view.ts';
import type { ContainerHand } from '../supervisor/hand.ts';

/** The supervisord that started us, over its own XML-RPC. Every call rejects when it cannot be asked. */
export interface ServedManager {
  /** `'going-down'`: it answers nobody any more, because it shuts down or restarts. */
  processes(): Promise<readonly ProcessView[] | 'going-down'>;
  /** null: it has no such process. */
  process(group: string, name: string): Promise<ProcessView | 'going-down' | null>;
  /** Takes the order only. That it runs already, or that nobody may order any more, is no failure. */
  start(group: string, name: string): Promise<void>;
  /** KILL to the proxy. */
  killProxy(group: string, name: string): Promise<void>;
}

/** A program that stands for a container. */
export interface ContainerProgram {
  readonly spec: ProcessSpec;
  readonly docker: DockerSpec;
}

export interface PluginLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface PluginDeps {
  readonly manager: ServedManager;
  /** The programs as the configuration file says now; null: it cannot be read at the moment. */
  readonly readPrograms: () => readonly ProcessSpec[] | null;
  /** Words of a live process's command line; null: there is no such process, or it is not what was to be started yet. */
  readonly commandOf: (pid: number) => readonly string[] | null;
  /** Rejects when the Engine's address makes no sense. */
  readonly handFor: (program: ContainerProgram) => Promise<ContainerHand>;
  readonly log: PluginLog;
  readonly clock: { now(): number };
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** `-docker`: `web-docker` stands for `web` where the command names no container; `''`: none. */
  readonly nameSuffix: string;
}
