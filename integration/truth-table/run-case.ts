/** One situation under one manager: made, acted out, sampled all the while, brought to rest, judged, and taken away. */
import { createDocker, impatientMs } from '../support/docker.ts';
import type { Docker, Inspected } from '../support/docker.ts';
import { createManager } from '../support/manager.ts';
import type { Manager, ManagerKind } from '../support/manager.ts';
import { until } from '../support/until.ts';
import { startSampler } from './sampler.ts';
import type { Sample, Sampler, ToldLie } from './sampler.ts';
import type { Context, EngineSituation, PrepareContext, Situation } from './situation.ts';
import { createWitness } from './witness.ts';

export interface CaseOptions {
  readonly situation: Situation | EngineSituation;
  readonly kind: ManagerKind;
  readonly dockvisord: string;
  readonly engine: { readonly host: string; readonly socket: string; readonly image: string };
}

export interface CaseResult {
  readonly situation: string;
  readonly kind: ManagerKind;
  /** At rest, of the first program. */
  readonly end: Sample;
  readonly lies: readonly ToldLie[];
  /** What is not as wanted, in sentences. Judged under every manager, asserted under ours. */
  readonly faults: readonly string[];
  readonly managerLog: string;
}

/** A case under way, in steps, so that several managers can live through one act on their Engine. */
export interface Case {
  readonly context: Context;
  /** The containers, the manager, and the readiness that the situation wants. */
  begin(): Promise<void>;
  finish(): Promise<CaseResult>;
  destroy(): Promise<void>;
}

const patienceMs = 90_000;
const restMs = 1500;
/** The plug-in compares every 5 s: what rested for less may still be mended. */
const pluginRestMs = 6500;
const restLimitMs = 90_000;
/** A manager that nobody listened to cannot be caught lying. */
const fewestSamples = 8;

export function createCase(options: CaseOptions): Case {
  const { situation, kind, engine } = options;
  const docker: Docker = createDocker(engine);
  /** A sampler must not wait for an Engine that is going down: it accepts, and does not answer. */
  const impatient: Docker = createDocker(engine, impatientMs);
  const names = Array.from({ length: situation.count ?? 1 }, (_, index) =>
    nameOf(situation.name, kind, index),
  );
  const [name = ''] = names;
  const prepared: PrepareContext = { docker, image: engine.image, name, names };
  const manager: Manager = createManager({
    kind,
    dockvisord: options.dockvisord,
    dockerHost: engine.host,
    programs: names.map((one) => programText(one, options)).join('\n'),
  });
  let sampler: Sampler | null = null;
  let before: Inspected | null = null;

  const sample = (): Sample => {
    const last = sampler?.last(name) ?? null;
    if (last === null) throw new Error(`no sample of ${name} yet`);
    return last;
  };

  const evidence = (program: string): string =>
    `\n${JSON.stringify(sampler?.last(program) ?? null, null, 2)}\n${manager.log()}`;

  const context: Context = {
    ...prepared,
    manager,
    says: () => sample().says,
    engine: () => docker.inspect(name),
    async untilSaid(what, test) {
      await until(`${kind} says: ${what}`, patienceMs, async () => {
        const says = (await manager.processes().catch(() => [])).find((one) => one.name === name);
        return says !== undefined && test(says) ? true : null;
      });
    },
    async untilEngine(what, test) {
      await until(`Engine says: ${what}`, patienceMs, async () => {
        const facts = await docker.inspect(name).catch(() => undefined);
        return facts !== undefined && test(facts) ? true : null;
      });
    },
  };

  /** Rest from now on: what rested before the act proves nothing. */
  async function rest(): Promise<void> {
    const from = performance.now();
    await until(
      () => `${kind} and the Engine come to rest${evidence(name)}`,
      restLimitMs,
      () => {
        const resting = sampler?.resting() ?? null;
        const wantedMs = kind === 'plugin' ? pluginRestMs : restMs;
        return resting !== null && resting.until - Math.max(resting.since, from) > wantedMs ? true : null;
      },
    );
  }

  async function create(): Promise<void> {
    const { create: plan } = situation;
    if (plan === null) return;
    const { options: words = [], command } = plan;
    await Promise.all(
      names.map((one) => docker.run('create', '--name', one, ...words, engine.image, ...command)),
    );
  }

  return {
    context,
    async begin() {
      await create();
      await situation.prepare?.(prepared);
      const isRun = situation.command?.(name, engine.image).includes(' run ') ?? false;
      const made = await Promise.all(names.map((one) => docker.inspect(one)));
      const subjects = names.map((program, index) => {
        const facts = made[index] ?? null;
        // A name may be taken away from a container, its id cannot; what `run` makes has no id yet.
        const ref = isRun || facts === null ? program : facts.id;
        return { program, witness: createWitness(impatient, ref, isRun ? facts : null) };
      });
      await manager.start();
      sampler = startSampler(manager, subjects);
      const ready = situation.ready ?? 'running';
      if (ready === 'running') {
        for (const program of names) {
          await until(
            () => `${program} is up under ${kind}${evidence(program)}`,
            patienceMs,
            () => {
              const last = sampler?.last(program) ?? null;
              return last?.says.state === 'RUNNING' && last.truth.runs ? true : null;
            },
          );
        }
      }
      if (kind === 'plugin' && ready === 'running') {
        // What it mends, it mends from then on.
        await until('the plug-in serves', restLimitMs, () =>
          /connected, API/.test(manager.log()) ? true : null,
        );
      }
      if (ready === 'settled') await rest();
      before = await docker.inspect(made[0]?.id ?? name);
    },

    async finish() {
      await rest();
      const end = sample();
      const faults = [...(await faultsOf(situation, context, end, before))];
      const samples = sampler?.count() ?? 0;
      if (samples < fewestSamples)
        faults.push(`only ${String(samples)} samples count: too few to say anything`);
      const lies = (await sampler?.end()) ?? [];
      return { situation: situation.name, kind, end, lies, faults, managerLog: manager.log() };
    },

    async destroy() {
      await sampler?.end();
      await manager.destroy();
      await situation.cleanUp?.(prepared);
      await docker.removeAll(before === null ? names : [...names, before.id]);
      docker.close();
      impatient.close();
    },
  };
}

async function faultsOf(
  { wanted: always, beyondPlugin }: Situation | EngineSituation,
  context: Context,
  { says, truth }: Sample,
  before: Inspected | null,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const wanted = context.manager.kind === 'plugin' ? { ...always, ...beyondPlugin } : always;
  if (says.state !== wanted.state) faults.push(`says ${says.state}, wanted ${wanted.state}`);
  if (truth.status !== wanted.engine)
    faults.push(`the container is ${truth.status}, wanted ${wanted.engine}`);
  if (says.container !== null && wanted.description?.test(says.description) === false) {
    faults.push(`describes it as "${says.description}", wanted ${String(wanted.description)}`);
  }
  const life = truth.startedAt === before?.startedAt ? 'same' : 'another';
  if (wanted.life !== undefined && life !== wanted.life) {
    faults.push(
      `the container lives ${life} life (${before?.startedAt ?? 'none'}, ${truth.startedAt}), wanted ${wanted.life}`,
    );
  }
  const further = await wanted.check?.(context);
  if (further != null) faults.push(further);
  return faults;
}

function programText(name: string, { situation, kind, engine }: CaseOptions): string {
  const lines = [
    `[program:${name}]`,
    `command=${situation.command?.(name, engine.image) ?? `docker start -a ${name}`}`,
    // What fails at once is to fail within startsecs on a busy machine too: else supervisord calls it RUNNING, again and again.
    `startsecs=${situation.ready === 'settled' ? '5' : '1'}`,
    'startretries=1',
    'stopwaitsecs=2',
    ...(situation.lines ?? []),
  ];
  // The last of two equal keys would be an error to supervisord's parser: a situation's own line takes the default's place.
  const byKey = new Map(lines.map((line) => [line.split('=')[0] ?? line, line]));
  if (kind === 'api') byKey.set('docker_attach', 'docker_attach=api');
  return [...byKey.values()].join('\n');
}

const nameOf = (situation: string, kind: ManagerKind, index: number): string =>
  `${situation.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${kind}-${String(index)}`;
