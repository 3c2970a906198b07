/**
 * The Engine's door: the only file that knows dockerode. Each call has a limit of its own (dockerode's `timeout` is an idle time-out that
 * cuts long stops and quiet streams, docker.md section 9), status codes become families once, and no type of dockerode leaves.
 */
import type { Agent } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Endpoint } from './endpoint.ts';
import { EngineError, engineErrorOf } from './engine-error.ts';
import type { EngineErrorFamily } from './engine-error.ts';
import { attachingAgent } from './attaching-agent.ts';
import { createLineCutter, parseEvent } from './events.ts';
import type { ContainerEvent } from './events.ts';
import { factsOf, nanosOf } from './facts.ts';
import type { ContainerFacts, InspectAnswer } from './facts.ts';

/** One row of the list of all containers. */
export interface ListedContainer {
  readonly id: string;
  readonly names: readonly string[];
  readonly state: string;
  /** In the Engine's words: `Up 7 seconds (Paused)`. */
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** `at`: by the Engine's clock, in ms of wall time. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly at: number;
}

export interface Engine {
  /** As the user writes it: `unix:///var/run/docker.sock`. */
  readonly name: string;
  /** Agreed version, for example `1.41`; null before `negotiate`. */
  readonly apiVersion: string | null;
  readonly local: boolean;
  /** Asks which versions the Engine speaks and settles for its newest that we know. Again after each loss: it may be another Engine. */
  negotiate(): Promise<void>;
  list(): Promise<readonly ListedContainer[]>;
  /** null: there is no such container. */
  inspect(ref: string): Promise<ContainerFacts | null>;
  /** Resolves also when it runs already. */
  start(ref: string): Promise<void>;
  /** Resolves when it is gone, also when it was not running. `graceMs` is rounded up to whole seconds, which is what the Engine takes. */
  stop(ref: string, graceMs: number, signal: string | null): Promise<void>;
  /** Resolves also when it does not run. */
  kill(ref: string, signal: string): Promise<'sent' | 'gone'>;
  unpause(ref: string): Promise<void>;
  disableRestartPolicy(ref: string): Promise<void>;
  /** Resolves also when it is gone already. */
  remove(ref: string, force: boolean): Promise<void>;
  /** Output from now on, raw or framed as `tty` says; ends when the container ends. */
  attach(ref: string, stdin: boolean): Promise<Duplex>;
  /** Input only. */
  attachStdin(ref: string): Promise<Duplex>;
  /**
   * The container's log with a time before each entry, raw or framed as `tty` says. null: its log driver cannot be read.
   * `since`: a time as the log itself writes it, inclusive; `''`: all of it. `follow`: ends when the container ends. `tail`: only so many
   * of the last entries.
   */
  logs(
    ref: string,
    options: { readonly since: string; readonly follow: boolean; readonly tail: number | null },
  ): Promise<Readable | null>;
  /**
   * The last `die` of this container (full id), also when it has been removed. null: the Engine does not remember one; it keeps its last 256
   * events, and none over a restart of its own.
   */
  endOf(id: string): Promise<ContainerEnd | null>;
  /** Until `signal` aborts or the Engine goes. `since`: `SECONDS.NANOS`, inclusive; null: from now. */
  events(
    since: string | null,
    signal: AbortSignal,
    take: (event: ContainerEvent) => void,
  ): Promise<{ readonly ended: Promise<string> }>;
}

/** Limits of our patience, in ms. A stop has its grace and `stopMarginMs` more. */
const quickMs = 10_000;
const startMs = 120_000;
const stopMarginMs = 30_000;
/** Newest API that this code was written for, and the oldest that it can do with. */
const newestApi = '1.51';

export async function connectEngine(endpoint: Endpoint): Promise<Engine> {
  // Loaded here and not above: it costs 90 ms, and a daemon without containers never pays.
  const { default: Docker } = await import('dockerode');
  return createEngine(endpoint, (options) => new Docker(options));
}

/** docker-modem takes an agent; dockerode's types do not say so. */
type Options = Dockerode.DockerOptions & { readonly agent?: Agent };

function createEngine(endpoint: Endpoint, make: (options: Options) => Dockerode): Engine {
  const { name } = endpoint;
  let apiVersion: string | null = null;
  const agent = attachingAgent(endpoint);
  const makeAttaching = (): Dockerode =>
    agent === null ? docker : make({ ...optionsOf(endpoint, apiVersion), agent });
  let docker = make(optionsOf(endpoint, null));
  let attaching = makeAttaching();

  /** The limit is called off with the answer: a stream that outlives the call must not be cut by it. */
  async function call<T>(
    operation: string,
    limitMs: number,
    work: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    let ring: () => void = () => undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      ring = () => {
        controller.abort();
        reject(new Error('time-out'));
      };
    });
    const timer = setTimeout(ring, limitMs);
    try {
      // Raced as well as aborted: dockerode does not look at the signal in every place.
      return await Promise.race([work(controller.signal), limit]);
    } catch (error) {
      throw engineErrorOf(error, operation, name, controller.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  const tolerate = async (
    families: readonly EngineErrorFamily[],
    work: Promise<unknown>,
  ): Promise<'done' | 'nothing'> => {
    try {
      await work;
      return 'done';
    } catch (error) {
      if (error instanceof EngineError && families.includes(error.family)) return 'nothing';
      throw error;
    }
  };

  return {
    name,
    get apiVersion() {
      return apiVersion;
    },
    local: endpoint.kind === 'unix',

    async negotiate() {
      const unversioned = make(optionsOf(endpoint, null));
      const answer = await call('version', quickMs, (abortSignal) =>
        withSignal(unversioned).version({ abortSignal }),
      );
      const newest = answer.ApiVersion;
      apiVersion = compareVersions(newest, newestApi) < 0 ? newest : newestApi;
      const oldest = answer.MinAPIVersion ?? '1.12';
      if (compareVersions(oldest, apiVersion) > 0) apiVersion = newest;
      docker = make(optionsOf(endpoint, apiVersion));
      attaching = makeAttaching();
    },

    async list() {
      const rows = await call('list', quickMs, (abortSignal) =>
        docker.listContainers({ all: true, abortSignal }),
      );
      return rows.map((row) => ({
        id: row.Id,
        names: row.Names.map((one) => one.replace(/^\//, '')),
        state: row.State,
        status: row.Status,
        labels: row.Labels,
      }));
    },

    async inspect(ref) {
      try {
        const answer = await call('inspect', quickMs, (abortSignal) =>
          docker.getContainer(ref).inspect({ abortSignal }),
        );
        // dockerode's type promises more than Engines keep; ours takes every field as optional.
        return factsOf(answer as InspectAnswer);
      } catch (error) {
        if (error instanceof EngineError && error.family === 'not-found') return null;
        throw error;
      }
    },

    async start(ref) {
      await tolerate(
        ['not-modified'],
        call('start', startMs, (abortSignal) => docker.getContainer(ref).start({ abortSignal })),
      );
    },

    async stop(ref, graceMs, signal) {
      const t = Math.ceil(Math.max(0, graceMs) / 1000);
      const options = { t, ...(signal === null ? {} : { signal: `SIG${signal}` }) };
      await tolerate(
        ['not-modified', 'not-found'],
        call('stop', t * 1000 + stopMarginMs, (abortSignal) =>
          docker.getContainer(ref).stop({ ...options, abortSignal }),
        ),
      );
    },

    async kill(ref, signal) {
      const done = await tolerate(
        ['conflict', 'not-found'],
        call('kill', quickMs, (abortSignal) =>
          docker
            .getContainer(ref)
            .kill({ signal: /^\d+$/.test(signal) ? signal : `SIG${signal}`, abortSignal }),
        ),
      );
      return done === 'done' ? 'sent' : 'gone';
    },

    async unpause(ref) {
      await call('unpause', quickMs, (abortSignal) => docker.getContainer(ref).unpause({ abortSignal }));
    },

    async disableRestartPolicy(ref) {
      await call('update', quickMs, () => docker.getContainer(ref).update({ RestartPolicy: { Name: 'no' } }));
    },

    async remove(ref, force) {
      await tolerate(
        ['not-found'],
        call('remove', startMs, (abortSignal) =>
          docker.getContainer(ref).remove({ force, v: false, abortSignal }),
        ),
      );
    },

    async attach(ref, stdin) {
      const stream = await call('attach', quickMs, (abortSignal) =>
        attaching.getContainer(ref).attach({
          stream: true,
          stdout: true,
          stderr: true,
          stdin,
          // An upgraded connection is the bare socket: without, all output goes through an HTTP parser.
          hijack: true,
          abortSignal,
        }),
      );
      return stream as unknown as Duplex;
    },

    async attachStdin(ref) {
      const stream = await call('attach', quickMs, (abortSignal) =>
        docker.getContainer(ref).attach({ stream: true, stdin: true, hijack: true, abortSignal }),
      );
      return stream as unknown as Duplex;
    },

    async logs(ref, { since, follow, tail }) {
      const options = {
        stdout: true,
        stderr: true,
        timestamps: true,
        follow,
        ...(since === '' ? {} : { since: secondsOf(since) }),
        ...(tail === null ? {} : { tail }),
      };
      // Dialled by hand: dockerode's own reads a log that is not followed into memory, and makes text of it.
      const dial = (abortSignal: AbortSignal): Promise<Readable> =>
        new Promise((resolve, reject) => {
          docker.modem.dial(
            {
              path: `/containers/${encodeURIComponent(ref)}/logs?`,
              method: 'GET',
              isStream: true,
              statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
              options,
              abortSignal,
            },
            (error, stream) => {
              if (error == null) resolve(stream as Readable);
              else reject(error);
            },
          );
        });
      try {
        return await call('logs', quickMs, dial);
      } catch (error) {
        if (error instanceof EngineError && error.family === 'unsupported') return null;
        throw error;
      }
    },

    endOf: (id) =>
      call('events', quickMs, async (abortSignal) => {
        const stream = (await docker.getEvents({
          filters: { type: ['container'], event: ['die'], container: [id] },
          // From the beginning until an instant that has come: what is remembered, and no more.
          since: 1,
          until: Math.floor(Date.now() / 1000) + 1,
          abortSignal,
        })) as unknown as Readable;
        const cut = createLineCutter();
        let end: ContainerEnd | null = null;
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
          for (const line of cut(chunk)) {
            const event = parseEvent(line);
            if (event?.exitCode != null) end = { exitCode: event.exitCode, at: Number(event.time) * 1000 };
          }
        }
        return end;
      }),

    async events(since, signal, take) {
      const stream = (await call('events', quickMs, () =>
        docker.getEvents({
          filters: { type: ['container'] },
          // Its type wants a number of seconds; the Engine takes the nanoseconds too, and needs them.
          ...(since === null ? {} : { since: since as unknown as number }),
          abortSignal: signal,
        }),
      )) as unknown as Readable;
      const cut = createLineCutter();
      stream.on('data', (chunk: Buffer) => {
        for (const line of cut(chunk)) {
          const event = parseEvent(line);
          if (event !== null) take(event);
        }
      });
      const ended = new Promise<string>((resolve) => {
        stream.once('error', (error) => {
          resolve(String(error));
        });
        stream.once('close', () => {
          resolve('the event stream ended');
        });
        stream.once('end', () => {
          resolve('the event stream ended');
        });
      });
      return { ended };
    },
  };
}

/**
 * A connection for each call: over one that was kept, a dockerd that is going down still answers for a moment after it has ceased to
 * listen, and what it says then is no longer so. (By header, not by an agent: docker-modem inspects its options, agent and all its
 * sockets included, on every call, which for 100 containers took a whole core.)
 */
const headers = { Connection: 'close' } as const;

function optionsOf(endpoint: Endpoint, version: string | null): Dockerode.DockerOptions {
  return { headers, ...(version === null ? {} : { version: `v${version}` }), ...addressOf(endpoint) };
}

function addressOf(endpoint: Endpoint): Dockerode.DockerOptions {
  switch (endpoint.kind) {
    case 'unix':
      // Without the two undefined ones docker-modem takes host and port from DOCKER_HOST, and prefers them.
      return { socketPath: endpoint.path, host: undefined, port: undefined };
    case 'tcp': {
      const { host, port, tls } = endpoint;
      return tls === null ? { host, port, protocol: 'http' } : { host, port, protocol: 'https', ...tls };
    }
    case 'ssh': {
      const { host, port, username } = endpoint;
      return { protocol: 'ssh', host, port, ...(username === null ? {} : { username }) };
    }
  }
}

/** A time of the log in the one form that `since` takes with its nanoseconds. */
function secondsOf(stamp: string): string {
  const nanos = nanosOf(stamp);
  return `${String(nanos / 1_000_000_000n)}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`;
}

/** `version` takes an abort signal like every other call; its type does not say so. */
const withSignal = (docker: Dockerode) =>
  docker as unknown as { version(options: { abortSignal: AbortSignal }): Promise<Dockerode.DockerVersion> };

/** Negative: `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
