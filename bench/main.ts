/**
 * npm run bench: what dockvisor costs beside the real supervisord and beside Docker's own restart policy, on a private Engine, as a table.
 * Each figure has an Engine of its own: one that has deadlocked (20.10 can, docs/findings.md) spoils one figure, which is tried once more.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureRealParts } from '../tools/real-parts.ts';
import { figures } from './figures/all.ts';
import { describeMachine, loadNow } from './machine.ts';
import { parseOptions, usage } from './options.ts';
import type { BenchOptions } from './options.ts';
import { failedRow } from './row.ts';
import type { Figure, Row } from './row.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { tableOf } from './table.ts';

const tries = 2;
const say = (message: string): void => {
  process.stderr.write(`bench: ${message}\n`);
};

/** The stage that is open: what a signal ends. */
let stage: Stage | null = null;
/** Why the bench ends before its end; what is not measured yet is a line that says so. */
let gone: Error | null = null;
let interrupted: (error: Error) => void = () => undefined;
const interruption = new Promise<never>((_resolve, reject) => {
  interrupted = (error) => {
    gone = error;
    reject(error);
  };
});
interruption.catch(() => undefined);
// A bug of the bench's own must not keep it from ending what it started.
process.on('unhandledRejection', (error) => {
  interrupted(new Error(`ended by an error that nobody waited for: ${String(error)}`));
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted(new Error(`ended by ${signal}`));
  });
}

async function measure(figure: Figure, options: BenchOptions): Promise<readonly Row[]> {
  for (let left = tries; ; left--) {
    const opened = await openStage(resolve('dist/dockvisord.js'), say, options.limitMs);
    stage = opened;
    try {
      return await Promise.race([figure.measure(opened, options), interruption]);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      say(`${figure.name}: ${message}`);
      if (left === 1 || gone !== null) return [failedRow(figure.name, error)];
      say(`${figure.name}: once more, on another Engine`);
    } finally {
      await opened.close();
      stage = null;
    }
  }
}

async function main(): Promise<number> {
  const names = [...new Set(figures.flatMap(({ answersTo }) => answersTo))];
  const options = parseOptions(process.argv.slice(2), names);
  if (options === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  ensureRealParts(say);
  const startedAt = new Date();
  const loadBefore = loadNow();
  const rows: Row[] = [];
  const tableNow = (): string =>
    tableOf(rows, { options, machine: describeMachine(), startedAt, loadBefore, loadAfter: loadNow() });
  const wanted = figures.filter(
    ({ answersTo }) => options.only.length === 0 || answersTo.some((name) => options.only.includes(name)),
  );
  for (const figure of wanted) {
    say(`${figure.name} (load ${loadNow()})`);
    const made = gone === null ? await measure(figure, options) : [failedRow(figure.name, gone)];
    rows.push(...made);
    for (const row of made) say(`  ${row.figure}: ${row.beside} | ${row.ours} | ${row.ratio}`);
    if (options.table !== null) writeFileSync(options.table, `${tableNow()}\n`);
  }
  process.stdout.write(`${tableNow()}\n`);
  // A goal that is missed is told in the table; the command fails only when something could not be measured.
  return rows.some(({ repetitions }) => repetitions === '0') ? 1 : 0;
}

let code = 1;
try {
  code = await main();
} catch (error) {
  say(`error: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  // Only after a failure between two figures is one still open here.
  await (stage as Stage | null)?.close();
}
process.exitCode = code;
// What a figure that was interrupted still waits for must not hold up the end.
setTimeout(() => process.exit(), 1000).unref();
