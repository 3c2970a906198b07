/**
 * What a configuration file says, after reading: plain data, no text left to interpret.
 *
 * The words are supervisord's (shared vocabulary: program, process, group); the spelling of the keys stays in this folder.
 */
import type { ResultRule } from '../events/conversation.ts';
import type { Subscription } from '../events/names.ts';

/** A line of a file. `line` counts from 1; 0 means that the line is not known (a command-line option, a default). */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Something wrong, or doubtful, in a configuration. An error makes the daemon refuse the file; a warning never does. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Exactly supervisord's sentence where supervisord has one. */
  readonly message: string;
  readonly place: Place | null;
  /** Section header without brackets, for example `program:web`; null when the problem is of the file. */
  readonly section: string | null;
  readonly key: string | null;
  /** How to mend it, one sentence; null when the message says it all. */
  readonly hint: string | null;
}

/** A signal by name (`TERM`) and Linux number (15). */
export interface SignalSpec {
  readonly name: string;
  readonly number: number;
}

/** Where one output channel of a process goes. */
export interface ChannelSpec {
  readonly target:
    { readonly kind: 'none' } | { readonly kind: 'auto' } | { readonly kind: 'file'; readonly path: string };
  /** Rotate when the file reaches this many bytes; 0 means never. */
  readonly maxBytes: number;
  /** How many rotated files are kept; 0 means that the file is truncated instead. */
  readonly backups: number;
  /** Size of the PROCESS_COMMUNICATION capture buffer in bytes; 0 means no capture. */
  readonly captureMaxBytes: number;
  readonly eventsEnabled: boolean;
  readonly syslog: boolean;
  /** How lines are written to the log file. */
  readonly format: LineFormat;
}

/** `plain`: as they come. `prefix`: time and name before each. `json`: an object for each. */
export type LineFormat = 'plain' | 'prefix' | 'json';

export type Autorestart = 'never' | 'always' | 'unexpected';
export type AttachKind = 'cli' | 'api';
export type GhostPolicy = 'stop' | 'adopt' | 'remove' | 'never';
export type RestartPolicyRule = 'keep' | 'disable';

/** How a container is found. */
export type ContainerTarget =
  | { readonly by: 'name'; readonly name: string }
  /** `docker run` without `--name`: we add `--cidfile` and read the id from it. `path`: the command has a `--cidfile` of its own. */
  | { readonly by: 'cidfile'; readonly path?: string }
  /** By Compose's labels. `project` null: not said in the command, derived from its directory (see `projectDirectory`). */
  | {
      readonly by: 'compose';
      readonly project: string | null;
      readonly service: string;
      /** Directory whose base name is Compose's default project name: of the first `-f` file; null: the process's cwd. */
      readonly projectDirectory: string | null;
    };

/** A command line that was recognised as a docker client's. */
export interface DockerInvocation {
  readonly verb: 'start' | 'run' | 'attach' | 'compose-up';
  /** Which client; absent: not said (docker). */
  readonly client?: 'docker' | 'podman';
  /** The words before the verb: wrappers looked through (`sudo`, `env A=b`), the client, its global options. `exec` is left out. */
  readonly prefix: readonly string[];
  /** The verb's words and all that follow. `[...prefix, ...rest]` is the whole command, a `sh -c` opened. */
  readonly rest: readonly string[];
  /** `run --rm`: the user asked for the container to go when it ends. Always false for other verbs. */
  readonly remove: boolean;
  /** The client comes back at once (`run -d`, `start` without `-a`, `up -d`). */
  readonly detached: boolean;
  /** `-H`/`--host` value (podman: also `--url`), or a DOCKER_HOST that the command itself sets; or null. */
  readonly host: string | null;
  /** `-c`/`--context` value, or a DOCKER_CONTEXT that the command itself sets; or null. */
  readonly context: string | null;
  readonly target: ContainerTarget;
}

/** What makes a process stand for a container. */
export interface DockerSpec {
  readonly attach: AttachKind;
  readonly target: ContainerTarget;
  /** null for a program with `docker_container` and no docker command (`[container:x]`, or any other command with `docker_attach=api`). */
  readonly invocation: DockerInvocation | null;
  /** As written (`unix://…`, `tcp://…`, `ssh://…`, `context:NAME`); null: from `DOCKER_HOST`, the context, the default. */
  readonly host: string | null;
  /** Directory with ca.pem, cert.pem, key.pem; null: from `DOCKER_CERT_PATH`. */
  readonly certPath: string | null;
  readonly onGhost: GhostPolicy;
  readonly restartPolicy: RestartPolicyRule;
  /** It says itself when it is ready, over a socket that we give it. Absent: no. */
  readonly notify?: boolean;
  /** How long it may be silent over that socket once it is ready, in seconds; then its container is killed. Absent: for ever. */
  readonly watchdogSeconds?: number;
}

/** One process of a program: one unit. Everything is expanded. */
export interface ProcessSpec {
  readonly group: string;
  readonly name: string;
  /** Section it came from, for example `program:web`. */
  readonly section: string;
  readonly place: Place;
  /** As expanded, not yet split into words; `''` is possible (the start fails). For a `[container:x]`: `''`. */
  readonly command: string;
  readonly directory: string | null;
  /** The process's own `environment=` over `[supervisord] environment`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly autostart: boolean;
  readonly autorestart: Autorestart;
  /** May be 0 or negative: up as soon as spawned. */
  readonly startSeconds: number;
  /** Further tries after the first; negative: for ever. */
  readonly startRetries: number;
  readonly backoff: BackoffSpec;
  readonly exitCodes: readonly number[];
  readonly stopSignal: SignalSpec;
  /** False when `stopsignal` is not in the file: a container's own stop signal then holds. */
  readonly stopSignalWritten: boolean;
  readonly stopWaitSeconds: number;
  readonly stopAsGroup: boolean;
  readonly killAsGroup: boolean;
  readonly user: UserSpec | null;
  /** null: inherited. */
  readonly umask: number | null;
  readonly redirectStderr: boolean;
  readonly stdout: ChannelSpec;
  readonly stderr: ChannelSpec;
  /** Value of SUPERVISOR_SERVER_URL; null: the daemon's own (AUTO). */
  readonly serverUrl: string | null;
  /** null: a plain program. */
  readonly docker: DockerSpec | null;
  /** Its stdout is the talk of an event listener. Absent: it is none. */
  readonly listener?: true;
  /** What it gets as its stdin, listening (`[fcgi-program:x]`). Absent: an ordinary stdin. */
  readonly socket?: SocketSpec;
}

/** A listening socket that the daemon makes for its children. */
export type SocketSpec = {
  /** How the log names it: `unix:///run/f.sock`, `tcp://localhost:9000`. */
  readonly url: string;
  /** null: as long a queue as the system allows. */
  readonly backlog: number | null;
} & (
  | {
      readonly kind: 'unix';
      /** Absolute. */
      readonly path: string;
      readonly mode: number;
      /** null: the daemon's own. `gid` null: unchanged. */
      readonly owner: { readonly uid: number; readonly gid: number | null } | null;
    }
  | { readonly kind: 'inet'; readonly host: string; readonly port: number }
);

/** How long tries that failed in a row wait: `backoff`, `backoff_initial`, … In seconds; see `core/unit/backoff.ts`. */
export interface BackoffSpec {
  readonly kind: 'linear' | 'exponential';
  readonly initialSeconds: number;
  /** 0: no limit. */
  readonly maxSeconds: number;
  /** 0 to 1. */
  readonly jitter: number;
  /** 0: as soon as it is RUNNING. */
  readonly resetAfterSeconds: number;
}

/** A user of the system, looked up when the file was read. */
export interface UserSpec {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** What makes a group a pool of event listeners. */
export interface PoolSpec {
  /** Sorted; each once. */
  readonly events: readonly Subscription[];
  readonly bufferSize: number;
  /** `any`: the Python handler that would judge results is not here. */
  readonly results: ResultRule;
}

/** A process group: a `[program:x]` of its own, or a `[group:x]`. */
export interface GroupSpec {
  readonly name: string;
  readonly priority: number;
  /** In the order in which they are started at boot: see supervisord.md section 4.2. */
  readonly processes: readonly ProcessSpec[];
  /** Absent: no listeners. */
  readonly pool?: PoolSpec;
}

/** Login of an HTTP server; `password` may be `{SHA}` and 40 hex digits. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A door for XML-RPC. */
export type ServerSpec =
  | {
      readonly kind: 'unix';
      readonly section: string;
      readonly path: string;
      readonly mode: number;
      /** null: unchanged. `gid` null: the user's own is kept. */
      readonly owner: { readonly uid: number; readonly gid: number | null } | null;
      readonly credentials: Credentials | null;
    }
  | {
      readonly kind: 'inet';
      readonly section: string;
      /** `''` means every IPv4 address. */
      readonly host: string;
      readonly port: number;
      readonly credentials: Credentials | null;
      /** Ours: `allow_unauthenticated=true` lets a listener beyond loopback run without a password. */
      readonly allowUnauthenticated: boolean;
    };

export type LogLevel = 'critical' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'blather';

/** `[supervisord]`. Paths are absolute. */
export interface DaemonSpec {
  /** A path, or `syslog`. */
  readonly logfile: string;
  readonly logfileMaxBytes: number;
  readonly logfileBackups: number;
  readonly loglevel: LogLevel;
  readonly pidfile: string;
  readonly umask: number;
  readonly directory: string | null;
  readonly nodaemon: boolean;
  readonly silent: boolean;
  readonly minfds: number;
  readonly minprocs: number;
  readonly nocleanup: boolean;
  /** Where AUTO logs go. */
  readonly childlogdir: string;
  readonly user: UserSpec | null;
  readonly identifier: string;
  readonly stripAnsi: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** `[dockvisor] state_dir`; null: none written. */
  readonly stateDir: string | null;
}

/** A whole configuration that can be run. */
export interface Config {
  /** Main file, absolute. */
  readonly file: string;
  /** Files taken in by `[include]`, absolute, in order. */
  readonly included: readonly string[];
  readonly daemon: DaemonSpec;
  readonly servers: readonly ServerSpec[];
  /** Sorted by (priority, name). */
  readonly groups: readonly GroupSpec[];
}

/** What reading gives: `config` is null exactly when a problem is an error. All problems are told, not only the first. */
export interface ReadResult {
  readonly config: Config | null;
  readonly problems: readonly Problem[];
  /** Files named by `[include]` that were read (INFO at start: `Included extra file "…" during parsing`). */
  readonly included: readonly string[];
}

/** `[supervisorctl]`, and `[ctlplugin:x]` ignored. */
export interface CtlConfig {
  readonly serverUrl: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly prompt: string;
  readonly historyFile: string | null;
}

/** What the reader needs from the machine; real in `system/config-world.ts`, made up in tests. */
export interface ConfigWorld {
  /** Text of a file; throws an Error with a `code` as node:fs does. */
  readFile(path: string): string;
  /** Paths that match an absolute shell pattern (`*`, `?`, `[]`; no `**`, no `~`), sorted; none is `[]`. */
  glob(pattern: string): readonly string[];
  isDirectory(path: string): boolean;
  /** By name or decimal id; null when there is no such user. */
  user(nameOrId: string): UserSpec | null;
  /** Group id by name or decimal id; null when there is none. */
  groupId(nameOrId: string): number | null;
  /** Home of the daemon's user or of a named one, for `~` and `~name`; null when unknown. */
  home(user: string | null): string | null;
  readonly hostName: string;
  readonly cwd: string;
  /** The daemon's own environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Directory for temporary files (default of `childlogdir`). */
  readonly tmpDir: string;
  /** Whether the util-linux loaders can be found; a program that needs a missing one is a problem with key and line. */
  readonly hasSetpriv: boolean;
  /** Whether the optional package for datagram sockets (`node-unix-socket`) can be loaded: `docker_notify` needs it. */
  readonly hasDatagrams: boolean;
}

/** Command-line options of the daemon that stand over the file: absent means not given. */
export interface DaemonOverrides {
  readonly nodaemon?: boolean;
  readonly silent?: boolean;
  readonly user?: string;
  readonly umask?: string;
  readonly directory?: string;
  readonly logfile?: string;
  readonly logfileMaxBytes?: string;
  readonly logfileBackups?: string;
  readonly loglevel?: string;
  readonly pidfile?: string;
  readonly identifier?: string;
  readonly childlogdir?: string;
  readonly nocleanup?: boolean;
  readonly minfds?: string;
  readonly minprocs?: string;
  readonly stripAnsi?: boolean;
}
