/** The doctor's report: what `--json` prints, key by key (docs/doctor.md), and what the exit code is made of. */
import type { RawSection } from '../core/config/read-sections.ts';
import { formatName } from '../core/names.ts';
import type { WireStateName } from '../core/unit/states.ts';
import type { ContainerView } from '../core/view.ts';
import { conflictsFound } from './conflicts.ts';
import type { ManagerSeen } from './evidence.ts';
import type { Judged } from './examine.ts';
import { remedy } from './findings.ts';
import type { Conflict, LieFound, Trouble } from './findings.ts';
import { sharedContainers } from './owner-conflicts.ts';
import { clientConflict } from './proxy-conflicts.ts';

export interface ProgramReport {
  /** `group:process`, or one name when they are the same. */
  readonly name: string;
  readonly kind: 'container' | 'plain';
  /** null: the manager does not know it, or cannot be asked. */
  readonly says: { readonly state: WireStateName; readonly description: string; readonly pid: number } | null;
  /** As the Engine tells it (CONTRACT section 3); null for a plain program. */
  readonly container: ContainerView | null;
  readonly lies: readonly LieFound[];
  readonly conflicts: readonly Conflict[];
}

export interface DoctorReport {
  readonly file: string;
  /** null: it cannot be asked; why is among the troubles. */
  readonly manager: ManagerSeen | null;
  readonly programs: readonly ProgramReport[];
  /** Of the whole host. */
  readonly conflicts: readonly Conflict[];
  /** What could not be looked at. */
  readonly troubles: readonly Trouble[];
  readonly summary: {
    readonly programs: number;
    readonly truthful: number;
    readonly lying: number;
    readonly unknown: number;
    readonly conflicts: number;
  };
  readonly exit: 0 | 1 | 2;
}

export interface ReportParts {
  readonly file: string;
  readonly manager: ManagerSeen | null;
  readonly judged: readonly Judged[];
  readonly troubles: readonly Trouble[];
  /** Whether the file has an event listener that is `dockvisor listen`. */
  readonly hasPlugIn: boolean;
}

export function makeReport({ file, manager, judged, troubles, hasPlugIn }: ReportParts): DoctorReport {
  const shared = sharedContainers(judged.map(({ evidence }) => evidence));
  const programs = judged.map(({ evidence, lies }): ProgramReport => {
    const { says, container } = evidence;
    const twice = shared.get(evidence);
    // What is a lie already is not told twice.
    const conflicts = conflictsFound(evidence, manager).filter(
      ({ kind }) => kind !== 'paused' || !lies.some((lie) => lie.kind === 'paused'),
    );
    return {
      name: formatName(evidence.group, evidence.process),
      kind: container === null ? 'plain' : 'container',
      says: says === null ? null : { state: says.state, description: says.description, pid: says.pid },
      container: container?.view ?? null,
      lies,
      conflicts: twice === undefined ? conflicts : [...conflicts, twice],
    };
  });
  const lying = programs.filter(({ lies }) => lies.length > 0).length;
  const unknown = programs.filter(
    ({ container, says }) => says === null || container?.state === 'unknown',
  ).length;
  const hasty =
    manager === null
      ? null
      : clientConflict(
          judged.map(({ evidence }) => evidence),
          manager,
        );
  const conflicts = [
    ...(hasty === null ? [] : [hasty]),
    ...(manager?.kind === 'supervisord' && lying > 0 && !hasPlugIn ? [noPlugIn(file)] : []),
  ];
  return {
    file,
    manager,
    programs,
    conflicts,
    troubles,
    summary: {
      programs: programs.length,
      truthful: programs.length - lying - unknown,
      lying,
      unknown,
      conflicts: conflicts.length + programs.reduce((sum, one) => sum + one.conflicts.length, 0),
    },
    exit: troubles.length > 0 ? 2 : lying > 0 ? 1 : 0,
  };
}

/** Whether a section of a real supervisord's file runs our plug-in. */
export const isPlugIn = ({ name, values }: RawSection): boolean =>
  name.startsWith('eventlistener:') && /(^|[\s/])dockvisor\s+listen(\s|$)/.test(values.get('command') ?? '');

const noPlugIn = (file: string): Conflict => ({
  kind: 'no-plug-in',
  text: 'supervisord cannot see containers, and nothing beside it does',
  ...remedy(
    [`dockvisor migrate -c ${file} --plan`],
    'or add [eventlistener:dockvisor] command=dockvisor listen to the file, which mends such lies by itself',
  ),
});
