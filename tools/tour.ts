/** `npm run tour`: plays the acts on two stages, prints what was seen. Exit 0 only if dockvisord told the truth in all of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOf } from './quickstart-command.ts';
import { ensureRealParts } from './real-parts.ts';
import { createSay, messageOf, paintFor } from './say.ts';
import { acts, playShutdown, roles, shutdownTitle } from './tour-scenes.ts';
import type { Scene, Shutdown } from './tour-scenes.ts';
import { managerNames, raiseStage } from './tour-stage.ts';
import type { ManagerName, Sight, Stage } from './tour-stage.ts';

const say = createSay('tour');
const paint = paintFor(process.stdout);
const stop = new AbortController();
/** A person reads; a file does not. */
const readingMs = process.stdout.isTTY ? 2000 : 0;
const widest = 100;
const lies: Record<ManagerName, number> = { supervisord: 0, dockvisord: 0 };
let told = 0;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) say.step('still ending what was started, a moment');
    stop.abort();
  });
}
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const print = (line = ''): void => void process.stdout.write(`${line}\n`);
const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);

function printRow(manager: ManagerName, says: string, so: string, truthful: boolean): void {
  const verdict = truthful ? paint('green', 'true') : paint('red', 'NOT SO');
  print(cut(`    ${manager.padEnd(12)} says       ${says}`, widest).trimEnd());
  print(`${cut(`    ${''.padEnd(12)} docker ps  ${so}`, widest - 8)}${verdict}`);
  if (!truthful) lies[manager] += 1;
}

async function playScene(scene: Scene, stages: readonly Stage[]): Promise<void> {
  print(`\n  ${scene.title}`);
  for (const line of scene.typed) print(paint('dim', `    $ ${line}`));
  const sights: Sight[] = await Promise.all(stages.map((stage) => scene.play(stage)));
  told += 1;
  for (const { manager, says, dockerPs, truthful } of sights)
    printRow(manager, says, dockerPs === '' ? 'no such container' : dockerPs, truthful);
  await sleep(readingMs, undefined, { signal: stop.signal });
}

async function playLastAct(stages: readonly Stage[]): Promise<void> {
  print(`\n${paint('bold', shutdownTitle)}`);
  const ends: Shutdown[] = await Promise.all(stages.map(playShutdown));
  for (const [index, title] of [
    'a container without a terminal',
    'a container with one (docker create -t)',
  ].entries()) {
    told += 1;
    print(`\n  ${title}`);
    print(paint('dim', '    $ kill -TERM PID     # of the manager'));
    for (const { stage, tookMs, containers } of ends) {
      const { dockerPs = '', saved = false } = containers[index] ?? {};
      const work = saved ? 'its work is saved' : 'its work is NOT saved';
      const isOver = !dockerPs.startsWith('Up') && saved;
      printRow(stage.name, `goodbye after ${(tookMs / 1000).toFixed(1)} s`, `${dockerPs}, ${work}`, isOver);
    }
  }
}

async function play(stages: readonly Stage[]): Promise<void> {
  await Promise.all(
    stages.flatMap((stage) =>
      ['deaf', 'web', 'slow', 'terminal'].map((role) => stage.untilSaid(role, /^RUNNING/)),
    ),
  );
  for (const { title, scenes } of acts) {
    print(`\n${paint('bold', title)}`);
    for (const scene of scenes) await playScene(scene, stages);
  }
  await playLastAct(stages);
}

async function introduce(): Promise<void> {
  const [supervisor, client, engine] = await Promise.all([
    outputOf('/usr/bin/supervisord', ['-v']),
    outputOf('docker', ['--version']),
    outputOf('dockerd', ['--version']),
  ]);
  const version = (text: string): string => /\d+(\.\d+)+/.exec(text)?.[0] ?? text;
  print(paint('bold', 'The three failures of a process manager that holds containers by "docker start -a"'));
  print(`supervisord ${supervisor} and dockvisord, the same file, each on an Engine of its own`);
  print(`Docker Engine ${version(engine)}, docker command ${version(client)}`);
}

async function run(undo: (() => Promise<void>)[]): Promise<number> {
  if (process.getuid?.() !== 0) throw new Error('it needs root, for the private Engines: run it as root');
  ensureRealParts(say.step);
  await introduce();
  say.step('starting two private Engines with their containers, and the two managers (some seconds)');
  // Not given up half-way: what has begun to start must be known before it can be ended.
  const raised = await Promise.allSettled(
    managerNames.map((name) => raiseStage(name, roles, undo, stop.signal)),
  );
  const stages = raised.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  await play(stages);
  const count = (name: ManagerName): string => `${name} in ${String(lies[name])}`;
  print(`\nSaid what was not so, of ${String(told)}: ${count('supervisord')}, ${count('dockvisord')}.`);
  return lies.dockvisord === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const undo: (() => Promise<void>)[] = [];
  let code = 1;
  try {
    code = await run(undo);
  } catch (error) {
    if (stop.signal.aborted) code = 130;
    else say.problem(messageOf(error));
  }
  if (undo.length > 0) say.step('ending the managers and their Engines');
  for (const ended of await Promise.allSettled(undo.map((end) => end()))) {
    if (ended.status === 'fulfilled') continue;
    say.problem(`cleaning up: ${messageOf(ended.reason)}`);
    code = 1;
  }
  return code;
}

process.exitCode = await main();
