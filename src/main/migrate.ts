/** `dockvisor migrate`: plans the way from a running supervisord to dockvisord; with `--write` goes it, and undoes it where it fails. */
import { createInterface } from 'node:readline/promises';
import { resolve } from 'node:path';
import { messageOf } from '../core/message-of.ts';
import { readConfig } from '../core/config/read.ts';
import { formatName } from '../core/names.ts';
import { shellLine } from '../doctor/commands.ts';
import { painter, renderDoctor } from '../doctor/render.ts';
import { makePlan } from '../migrate/plan.ts';
import { renderPlan } from '../migrate/render-plan.ts';
import { createConfigWorld } from '../system/config-world.ts';
import { createContainerLooks } from './container-looks.ts';
import { examineHost, runDoctor } from './doctor.ts';
import type { DoctorExamination } from './doctor.ts';
import { addressesOf } from './manager-at-hand.ts';
import { createRecorder, openStateDirectory, readRecord } from './migrate-context.ts';
import { factsOf } from './migrate-facts.ts';
import { firstRecord, goForward } from './migrate-forward.ts';
import type { Forward } from './migrate-forward.ts';
import { cannotBeGivenBack, goBack } from './migrate-undo.ts';
import type { Backward } from './migrate-undo.ts';

export interface MigrateOptions {
  readonly file: string;
  readonly url: string | null;
  readonly write: boolean;
  readonly undo: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly state: string | null;
  /** The built `dockvisord.js`. */
  readonly dockvisord: string;
  readonly colour: boolean;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** Exit code: 0 done, or nothing to do; 1 could not, or undone; 2 usage or configuration. */
export async function runMigrate(options: MigrateOptions): Promise<0 | 1 | 2> {
  if (options.undo) return undo(options);
  const examination = await examineHost(options);
  try {
    return await migrate(options, examination);
  } finally {
    examination.close();
  }
}

async function migrate(options: MigrateOptions, examination: DoctorExamination): Promise<0 | 1 | 2> {
  const { stdout, stderr, colour } = options;
  const { manager, config, report } = examination;
  if (config === null || manager === null) {
    for (const { text, mend } of report.troubles)
      stderr([`Error: ${text}`, ...mend.map((one) => `  ${one}`)].join('\n') + '\n');
    return config === null ? 2 : 1;
  }
  if (manager.seen.kind === 'dockvisord') {
    stdout(`nothing to do: dockvisord (pid ${String(manager.seen.pid)}) has ${options.file} already\n`);
    return 0;
  }
  const facts = await factsOf(examination, options);
  const plan = makePlan(facts);
  if (!options.write) {
    stdout(options.json ? JSON.stringify(plan, null, 2) + '\n' : renderPlan(plan, painter(colour)));
    if (!options.json)
      stdout(
        plan.blockers.length > 0
          ? '\nnothing was changed; the blockers come first\n'
          : '\nnothing was changed; go this way with --write\n',
      );
    return plan.blockers.length > 0 ? 1 : 0;
  }
  stdout(renderPlan(plan, painter(colour)));
  const launched = facts.old?.launched;
  if (plan.blockers.length > 0 || launched === undefined) {
    stderr('nothing was changed: the blockers come first\n');
    return 1;
  }
  if (!(await isAgreed(options))) return 2;
  const directory = openStateDirectory(options.file, options.state);
  const { kept, ...rest } = await firstRecord(plan, config, examination.looks, launched);
  const recorder = createRecorder(directory, { ...rest, kept });
  recorder.note('the hand-over begins');
  const interrupt = trapInterrupts();
  const { candidates: addresses } = addressesOf(options.file, options.url);
  const say = (text: string): void => stdout(`${text}\n`);
  const forward: Forward = {
    plan,
    config,
    looks: examination.looks,
    manager: manager.supervisor,
    addresses,
    directory,
    recorder,
    dockvisord: options.dockvisord,
    say,
    checkpoint: interrupt.check,
  };
  try {
    await goForward(forward);
  } catch (error) {
    stderr(`Error: ${messageOf(error)}\nundoing what was done (${directory.path}/hand-over.json)\n`);
    recorder.note(`failed: ${messageOf(error)}`);
    await back(forward, options);
    return 1;
  } finally {
    interrupt.release();
  }
  return examineAfter(options, `undo it with: ${undoCommand(options)}`);
}

/** The last step: whether everybody tells the truth now. */
async function examineAfter(options: MigrateOptions, hint: string): Promise<0 | 1> {
  const { stdout, stderr, colour } = options;
  stdout('5. dockvisor doctor looks whether all is truthful\n');
  const report = await runDoctor(options);
  stdout(renderDoctor(report, painter(colour)));
  if (report.exit === 0)
    stdout(`done: dockvisord pid ${String(report.manager?.pid)} has everything; ${hint}\n`);
  else stderr(`dockvisord has taken over, but not all is well (see above); ${hint}\n`);
  return report.exit === 0 ? 0 : 1;
}

async function undo(options: MigrateOptions): Promise<0 | 1 | 2> {
  const { stderr, stdout } = options;
  const directory = openStateDirectory(options.file, options.state);
  const record = readRecord(directory);
  if (record === null || record.phase === 'undone') {
    stdout(
      `nothing to undo: ${directory.path} has no hand-over of ${options.file} that was begun and not undone\n`,
    );
    return 0;
  }
  // With the eyes of the old daemon: its environment names the Engine.
  const { environment, cwd } = record.old;
  const { config } = readConfig(resolve(options.file), createConfigWorld({ environment, cwd }));
  if (config === null) {
    stderr(`Error: ${options.file} cannot be read any more: dockvisor check -c ${options.file}\n`);
    return 2;
  }
  if (!(await isAgreed(options))) return 2;
  const looks = createContainerLooks({ environment, cwd });
  const { candidates: addresses } = addressesOf(options.file, options.url);
  const recorder = createRecorder(directory, record);
  try {
    const ok = await back(
      { config, looks, addresses, directory, recorder, say: (text) => stdout(`${text}\n`) },
      options,
    );
    return ok ? 0 : 1;
  } finally {
    looks.close();
  }
}

async function back(backward: Backward, options: MigrateOptions): Promise<boolean> {
  const { stdout, stderr, file } = options;
  const { directory, recorder, config } = backward;
  try {
    await goBack(backward);
  } catch (error) {
    stderr(
      `Error: not all could be undone: ${messageOf(error)}\nwhat was done is in ${directory.path}/hand-over.json; again: ${undoCommand(options)}\n`,
    );
    return false;
  }
  const { kept } = recorder.now();
  stdout(
    `undone: the old supervisord has everything again; ${String(kept.length)} containers ran on all the while\n`,
  );
  for (const one of kept.filter((each) => cannotBeGivenBack(config, each))) {
    const name = formatName(one.group, one.process);
    stdout(
      `${name}: container ${one.container} runs on, but a supervisord cannot take up what "docker run" has made: it says that ${name} is down. To have it again: docker stop ${one.container}; supervisorctl -c ${file} start ${name}\n`,
    );
  }
  return true;
}

const undoCommand = ({ file, state }: MigrateOptions): string =>
  shellLine(['dockvisor', 'migrate', '-c', file, ...(state === null ? [] : ['--state', state]), '--undo']);

async function isAgreed({ yes, stderr }: MigrateOptions): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    stderr('Error: nobody is there to ask; say --yes\n');
    return false;
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question('Go this way? [y/N] ');
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Ctrl-C in the middle is a wish to go back, not to stand still half-way. */
function trapInterrupts(): { readonly check: () => void; readonly release: () => void } {
  let asked = false;
  const trap = (): void => {
    asked = true;
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, trap);
  return {
    check() {
      if (asked) throw new Error('interrupted');
    },
    release() {
      for (const signal of signals) process.removeListener(signal, trap);
    },
  };
}
