/** What the watch makes of answers that are overtaken by what happens meanwhile. */
import { expect, it } from 'vitest';
import type { Engine } from '../../src/docker/engine.ts';
import type { ContainerFacts } from '../../src/docker/facts.ts';
import type { EngineLink } from '../../src/docker/link.ts';
import { watchWallClock } from '../../src/docker/wall-clock.ts';
import { createWatch } from '../../src/docker/watch.ts';
import type { ContainerWatch } from '../../src/docker/watch.ts';
import { createFakeEngine } from '../support/fake-engine.ts';

/** A watch of the name `web`, whose questions the test answers: `answer` gives the oldest open one. */
async function watched(): Promise<{
  readonly watch: ContainerWatch;
  readonly heard: (string | null)[];
  readonly asked: string[];
  readonly facts: ContainerFacts;
  answer(facts: ContainerFacts | null): Promise<void>;
}> {
  const fake = createFakeEngine();
  fake.create('web', { kind: 'numbered', everyMs: 60_000, lines: null, code: 0, lingerMs: 0 });
  const facts = await fake.inspect('web');
  if (facts === null) throw new Error('the fake has no container');
  const asked: string[] = [];
  const open: ((facts: ContainerFacts | null) => void)[] = [];
  const engine: Engine = {
    ...fake,
    inspect(ref) {
      asked.push(ref);
      return new Promise((resolve) => {
        open.push(resolve);
      });
    },
  };
  const link: EngineLink = {
    engine,
    wallClock: watchWallClock(),
    status: () => ({ up: true }),
    listen: () => () => undefined,
    whenUp: () => Promise.resolve(),
    suspect: () => undefined,
    close: () => undefined,
  };
  const heard: (string | null)[] = [];
  const target = { find: { by: 'name', name: 'web' }, project: '', name: 'web' } as const;
  const watch = createWatch(target, link, {
    event: () => undefined,
    facts: (found) => heard.push(found?.id ?? null),
    lost: () => undefined,
  });
  return {
    watch,
    heard,
    asked,
    facts,
    async answer(found) {
      open.shift()?.(found);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('a name that is gone by now is asked again by the id that is followed meanwhile', async () => {
  const { watch, heard, asked, facts, answer } = await watched();
  watch.pin(facts.id);
  await answer(null);
  expect(asked).toEqual(['web', facts.id]);
  expect(heard).toEqual([]);
  await answer(facts);
  expect(heard).toEqual([facts.id]);
});

it('who follows another than it knows looks at once', async () => {
  const { watch, heard, asked, facts, answer } = await watched();
  await answer(null);
  expect(watch.view()).toMatchObject({ state: 'missing' });
  watch.pin(facts.id);
  expect(asked).toEqual(['web', facts.id]);
  await answer(facts);
  expect(heard).toEqual([null, facts.id]);
  expect(watch.view()).toMatchObject({ id: facts.id });
});

it('one that is followed and is gone is told as gone', async () => {
  const { watch, heard, facts, answer } = await watched();
  await answer(facts);
  watch.pin(facts.id);
  const looking = watch.look();
  await answer(null);
  expect(await looking).toBeNull();
  expect(heard).toEqual([facts.id, null]);
});
