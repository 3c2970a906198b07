/**
 * From a container's death (KILL to its main process) to its running again, by the Engine's own StartedAt. All contenders have one
 * container each and are up at the same time; they are hit in turn, so that each lives its ten seconds while the others are measured.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../integration/support/until.ts';
import { programsFor, ticking } from '../containers.ts';
import { listenToEngine } from '../engine-events.ts';
import type { EngineEvents } from '../engine-events.ts';
import { killMain } from '../proc.ts';
import { ratioOf } from '../row.ts';
import type { Figure, Row } from '../row.ts';
import { median, spread } from '../statistics.ts';
import { stackOf } from '../stacks.ts';
import type { Stage } from '../stage.ts';

const managed = ['classic-20', 'api', 'cli'] as const;
const contenders = [...managed, 'policy'] as const;
type Contender = (typeof contenders)[number];

const goalOfPolicy = 0.8;
const limitMs = 30_000;
const containerOf = (contender: Contender): string => `crash-${contender}`;

export const crash: Figure = {
  name: 'crash',
  answersTo: ['crash'],
  async measure(stage, options): Promise<readonly Row[]> {
    await stage.create(managed.map(containerOf), ticking);
    await stage.create([containerOf('policy')], ticking, ['--restart', 'always']);
    for (const name of managed) {
      const stack = stackOf(name);
      await stage.manage(stack, programsFor(stack, [containerOf(name)], ['autorestart=true']));
    }
    await stage.docker.run('start', containerOf('policy'));
    await until('every container of the figure runs', limitMs, async () =>
      (await stage.running()).length === contenders.length ? true : null,
    );
    const events = await listenToEngine(stage.engine.socket);
    const found = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
    try {
      for (let repetition = 0; repetition < options.crashes; repetition++) {
        for (const contender of contenders) {
          await sleep(options.lifeMs / contenders.length);
          found.get(contender)?.push(await hit(stage, events, containerOf(contender)));
        }
      }
    } finally {
      events.close();
    }
    stage.say(`  ${JSON.stringify([...found])}`);
    return rowsOf((contender) => found.get(contender) ?? []);
  },
};

async function hit(stage: Stage, events: EngineEvents, name: string): Promise<number> {
  const before = await stage.docker.inspect(name);
  if (before === null) throw new Error(`container ${name} is gone`);
  const killedAt = performance.timeOrigin + performance.now();
  killMain(before);
  await events.next('start', name);
  const after = await stage.docker.inspect(name);
  return Date.parse(after?.startedAt ?? '') - killedAt;
}

function rowsOf(of: (contender: Contender) => readonly number[]): readonly Row[] {
  const policy = median(of('policy'));
  const repetitions = String(of('policy').length);
  const beside = `Docker's policy: ${spread(of('policy'), 0, 'ms')}; ${stackOf('classic-20').label}: ${spread(of('classic-20'), 0, 'ms')}`;
  return (['api', 'cli'] as const).map((name) => ({
    figure: `crash to running again, one container, \`docker_attach=${name}\``,
    beside,
    ours: spread(of(name), 0, 'ms'),
    ratio: `${ratioOf(median(of(name)), policy)} of Docker's policy`,
    goal: `under ${String(goalOfPolicy)} of Docker's policy`,
    reached: median(of(name)) < policy * goalOfPolicy,
    repetitions,
  }));
}
