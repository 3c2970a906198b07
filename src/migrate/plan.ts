/** From what is known to what will be done: what becomes of each program, what speaks against it, and the steps. Changes nothing. */
import { formatName } from '../core/names.ts';
import { keyOf } from '../doctor/examine.ts';
import { shellLine } from '../doctor/commands.ts';
import type { Facts } from './facts.ts';
import { programPlan } from './program-plan.ts';
import type { ProgramPlan } from './program-plan.ts';
import { stepsOf } from './steps.ts';
import type { PlannedStep } from './steps.ts';
import { fileWarnings } from './warnings.ts';

/** Why nothing is done, and how to mend it. */
export interface Blocker {
  readonly text: string;
  readonly mend: readonly string[];
}

/** What `--json` prints. */
export interface Plan {
  readonly file: string;
  readonly manager: { readonly pid: number; readonly url: string };
  readonly programs: readonly ProgramPlan[];
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly string[];
  readonly steps: readonly PlannedStep[];
}

export function makePlan(facts: Facts): Plan {
  const programs = facts.candidates.map((candidate) => programPlan(candidate, facts));
  const blockers = [
    ...hostBlockers(facts),
    ...programs.flatMap(({ name, blockers: own }) =>
      own.map(({ text, mend }) => ({ text: `${name}: ${text}`, mend })),
    ),
  ];
  return {
    file: facts.file,
    manager: { pid: facts.manager.pid, url: facts.manager.url },
    programs,
    blockers,
    warnings: [...fileWarnings(facts), ...twins(facts)],
    steps: stepsOf(programs),
  };
}

function hostBlockers(facts: Facts): readonly Blocker[] {
  const { old, path } = facts;
  const found: Blocker[] = [];
  const add = (text: string, ...mend: readonly string[]): number => found.push({ text, mend });
  if (!facts.isRoot)
    add(
      'root is needed: to end one daemon and start the other in its place',
      `sudo dockvisor migrate -c ${path}`,
    );
  if (!facts.hasServer)
    add(
      'the file has neither [unix_http_server] nor [inet_http_server]: nobody could ask the new daemon how it is',
    );
  for (const address of facts.takenAddresses)
    add(`somebody else than the old supervisord listens on ${address}: the new daemon could not`);
  if (old === null) {
    add(
      `supervisord (pid ${String(facts.manager.pid)}) is not a process of this machine that can be read: run this where it runs, as root`,
    );
    return found;
  }
  if (old.file !== null && old.file !== path) {
    add(`the running supervisord has another file, ${old.file}`, `dockvisor migrate -c ${old.file}`);
  }
  if (old.launched.pid === 1)
    add(
      'supervisord is process 1 here, and cannot be taken away: start dockvisord in its place when this machine or container is started',
    );
  if (old.unit !== null && !old.unitMasked) {
    add(
      `supervisord is systemd's ${old.unit}, which would be started again: mask it first (this stops nothing), and unmask it after an undo`,
      shellLine(['systemctl', 'mask', '--runtime', old.unit]),
      `dockvisor migrate -c ${path} --write`,
    );
  }
  if (old.parent !== null && keepers.includes(old.parent)) {
    add(`supervisord is kept by ${old.parent}, which would start it again: take it out there first`);
  }
  return found;
}

/** Programs that start a child again when it ends. */
const keepers: readonly string[] = [
  'runsv',
  's6-supervise',
  'supervise',
  'daemontools',
  'perpd',
  'monit',
  'nosh',
  'dinit',
];

function twins({ candidates }: Facts): readonly string[] {
  const first = new Map<string, string>();
  return candidates.flatMap(({ evidence }) => {
    const id = evidence.container?.view.id ?? null;
    if (id === null) return [];
    const name = formatName(evidence.group, evidence.process);
    const other = first.get(id);
    first.set(id, other ?? name);
    return other === undefined
      ? []
      : [
          `${other} and ${name} stand for one container (${keyOf(evidence)}): each undoes what the other does, here as there`,
        ];
  });
}
