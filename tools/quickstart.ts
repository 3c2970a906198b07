/**
 * `npm start`: an Engine, six containers, and dockvisord in the foreground on `examples/quickstart`. Everything that is made is undone in
 * the opposite order, at Ctrl-C, TERM or HUP, or when the daemon is shut down.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeOf } from './quickstart-command.ts';
import { createContainers, labelOf, removeContainers } from './quickstart-containers.ts';
import { startManager } from './quickstart-daemon.ts';
import { obtainEngine } from './quickstart-engine.ts';
import { claimFolder } from './quickstart-folder.ts';
import { nextText } from './quickstart-next.ts';
import { createSay, messageOf, paintFor } from './say.ts';

const say = createSay('quickstart');
const project = process.cwd();
const stop = new AbortController();
/** What takes longer is said by the log anyway. */
const settleMs = 15_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) say.step('still cleaning up, a moment');
    stop.abort();
  });
}
// The terminal may have gone: that is no reason to leave things behind.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** What has to be undone is noted in `undo` before it is done. */
async function run(undo: (() => Promise<void> | void)[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('it needs root: run "npm start" as root');
  const folder = await claimFolder(project, say);
  undo.push(folder.remove);
  const label = labelOf(project);
  const engine = await obtainEngine(folder.path, label, say);
  undo.push(engine.end);
  stop.signal.throwIfAborted();

  say.step('making the containers');
  await removeContainers(engine.host, label);
  undo.push(async () => {
    say.step('removing the containers');
    await removeContainers(engine.host, label);
  });
  await createContainers(engine.host, engine.image, label);
  stop.signal.throwIfAborted();

  say.step('starting dockvisord; from here on its own log, as in its foreground');
  const daemon = await startManager({
    file: process.execPath,
    args: ['dist/dockvisord.js', '-n', '-c', 'examples/quickstart/supervisord.conf'],
    // DOCKER_CONTEXT would be the client's second opinion. All files are to go with the folder, even if the daemon is killed.
    env: {
      DOCKER_HOST: engine.host,
      DOCKER_CONTEXT: '',
      TMPDIR: folder.path,
      STATE_DIRECTORY: folder.path,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    socket: folder.socket,
  });
  undo.push(async () => {
    say.step('stopping dockvisord and what it runs (up to 10 s)');
    await daemon.end();
  });
  folder.remember(daemon.pid);
  await daemon.ready();
  await settle();
  const savedIn = join(folder.path, 'next.txt');
  const hasSupervisorctl =
    process.env['PATH']?.split(':').some((one) => existsSync(`${one}/supervisorctl`)) ?? false;
  const next = { project, host: engine.host, hasSupervisorctl, savedIn };
  writeFileSync(
    savedIn,
    nextText(next, (_style, text) => text),
  );
  process.stdout.write(`\n${nextText(next, paintFor(process.stdout))}\n`);

  const status = await Promise.race([daemon.ended, aborted()]);
  if (typeof status !== 'number') return;
  if (status !== 0) throw new Error(`dockvisord ended with exit status ${String(status)}`);
  say.step('dockvisord was shut down');
}

/** Until the first starts are over, so that the log of them does not push what to type next off the screen. The one that crashes never settles. */
async function settle(): Promise<void> {
  const status = ['dist/dockvisorctl.js', '-c', 'examples/quickstart/supervisord.conf', 'status', '--json'];
  const limit = Date.now() + settleMs;
  while (!stop.signal.aborted && Date.now() < limit) {
    const { stdout } = await outcomeOf(process.execPath, status);
    // What our own client prints.
    const found = stdout === '' ? [] : (JSON.parse(stdout) as { name: string; statename: string }[]);
    if (found.every(({ name, statename }) => name === 'crash' || statename === 'RUNNING')) return;
    await sleep(100);
  }
}

const aborted = (): Promise<void> =>
  new Promise((resolve) => {
    if (stop.signal.aborted) resolve();
    stop.signal.addEventListener('abort', () => {
      resolve();
    });
  });

async function main(): Promise<number> {
  const undo: (() => Promise<void> | void)[] = [];
  let code = 0;
  try {
    await run(undo);
  } catch (error) {
    // Whatever was cut off by the wish to stop is no failure.
    if (!stop.signal.aborted) {
      say.problem(messageOf(error));
      code = 1;
    }
  }
  if (undo.length === 0) return code;
  for (const step of undo.reverse()) {
    try {
      await step();
    } catch (error) {
      say.problem(`cleaning up: ${messageOf(error)}`);
      code = 1;
    }
  }
  say.step('everything that was started is gone');
  return code;
}

process.exitCode = await main();
