/**
 * Every situation under three managers: the real supervisord 4.2.5 as it is found, and dockvisord, which must never say what is not so.
 * The table is printed at the end, and written beside this file when DOCKVISOR_WRITE_TABLE is set.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startPrivateEngine } from '../../tools/private-engine.ts';
import type { PrivateEngine } from '../../tools/private-engine.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { managerKinds } from '../support/manager.ts';
import type { ManagerKind } from '../support/manager.ts';
import type { LieKind } from './lies.ts';
import { lieText, markdownTable } from './report.ts';
import type { Cell } from './report.ts';
import { createCase } from './run-case.ts';
import type { Situation } from './situation.ts';
import type { CaseResult } from './run-case.ts';
import { endSituations } from './situations/ends.ts';
import { engineSituations } from './situations/engine-away.ts';
import { inTheWaySituations } from './situations/in-the-way.ts';
import { outsideSituations } from './situations/outside.ts';
import { proxySituations } from './situations/proxies.ts';
import { stopSituations } from './situations/stops.ts';

const situations = [
  ...proxySituations,
  ...stopSituations,
  ...outsideSituations,
  ...endSituations,
  ...inTheWaySituations,
];
const cells = new Map<string, Cell>();
const keyOf = (situation: string, kind: ManagerKind): string => `${situation} | ${kind}`;

/** Within this, the plug-in mends what it can. The times and codes of the proxy are all that supervisord has to tell: nobody can mend them. */
const mendedMs = 6000;
const unmendable: readonly LieKind[] = ['clock', 'exit'];

/** supervisord is only recorded; what dockvisord says is asserted, and that a supervisord with the plug-in is mended where it can be. */
function judge(result: CaseResult, { beyondPlugin }: Pick<Situation, 'beyondPlugin'>): void {
  cells.set(keyOf(result.situation, result.kind), result);
  if (result.kind === 'supervisord') return;
  const lies =
    result.kind === 'plugin'
      ? result.lies.filter(
          (lie) =>
            lie.ms > mendedMs &&
            !unmendable.includes(lie.kind) &&
            beyondPlugin?.lies?.includes(lie.kind) !== true,
        )
      : result.lies;
  const complaints = [...lies.map((lie) => `${lie.program}: ${lieText(lie)}`), ...result.faults];
  expect(complaints, `${JSON.stringify(result.end, null, 2)}\n${result.managerLog}`).toEqual([]);
}

function titleOf(kind: ManagerKind): string {
  if (kind === 'supervisord') return 'supervisord 4.2.5 is measured';
  return kind === 'plugin'
    ? 'supervisord 4.2.5 with the plug-in is mended'
    : `dockvisord (${kind}) tells the truth`;
}

describe.skipIf(engineSkipped)('the truth table', () => {
  afterAll(() => {
    const names = [...situations, ...engineSituations].map(({ name }) => name);
    const run = names.filter(
      (name) => cells.has(keyOf(name, 'supervisord')) || cells.has(keyOf(name, 'cli')),
    );
    const table = markdownTable(run, (name, kind) => cells.get(keyOf(name, kind)) ?? null);
    process.stdout.write(`\n${table}\n\n`);
    if ((process.env['DOCKVISOR_WRITE_TABLE'] ?? '') !== '') {
      writeFileSync(join(import.meta.dirname, 'TABLE.md'), `${table}\n`);
    }
  });

  describe('with an Engine that stays up', () => {
    let engine: PrivateEngine;
    beforeAll(async () => {
      engine = await startPrivateEngine();
    });
    afterAll(async () => {
      await engine.destroy();
    });

    for (const situation of situations) {
      for (const kind of managerKinds) {
        const reason = situation.without?.[kind];
        if (reason !== undefined) cells.set(keyOf(situation.name, kind), { notRun: reason });
        const title = `${situation.name}: ${titleOf(kind)}`;
        test.skipIf(reason !== undefined).concurrent(title, async ({ onTestFinished }) => {
          const one = createCase({ situation, kind, dockvisord: inject('dockvisord'), engine });
          onTestFinished(() => one.destroy());
          await one.begin();
          await situation.act?.(one.context);
          judge(await one.finish(), situation);
        });
      }
    }
  });

  describe('with an Engine that goes away', () => {
    for (const situation of engineSituations) {
      test(situation.name, async ({ onTestFinished }) => {
        const engine = await startPrivateEngine(situation.dockerd);
        onTestFinished(() => engine.destroy());
        const cases = managerKinds.map((kind) =>
          createCase({ situation, kind, dockvisord: inject('dockvisord'), engine }),
        );
        onTestFinished(async () => {
          await Promise.all(cases.map((one) => one.destroy()));
        });
        await Promise.all(cases.map((one) => one.begin()));
        await situation.actOnEngine(engine);
        const { meanwhile } = situation;
        if (meanwhile !== undefined) await Promise.all(cases.map((one) => meanwhile(one.context)));
        await engine.up();
        const results = await Promise.all(cases.map((one) => one.finish()));
        for (const result of results) cells.set(keyOf(result.situation, result.kind), result);
        for (const result of results) judge(result, situation);
      });
    }
  });
});
