/**
 * The lies about one program, and what mends each. What was asked for last is kept: STOPPED was asked for, so the container is to be
 * stopped; EXITED, BACKOFF and FATAL were not, so the manager is to take the container up again, without a restart where that can be.
 */
import { formatName } from '../core/names.ts';
import { liesOf } from '../core/truth.ts';
import type { Lie } from '../core/truth.ts';
import type { ContainerSeen, Evidence, ManagerSeen } from './evidence.ts';
import { remedy } from './findings.ts';
import type { LieFound, Remedy } from './findings.ts';
import { freeTheName } from './name-in-the-way.ts';

export function liesFound(evidence: Evidence, manager: ManagerSeen): readonly LieFound[] {
  const { says, container } = evidence;
  if (says === null) return [];
  if (container === null) return plainLies(evidence);
  return liesOf(says, container.view)
    .filter((lie) => lie.kind !== 'runs' || !isSomebodyElses(evidence, manager))
    .map((lie) => ({ ...lie, ...mendOf(lie, evidence, container, manager) }));
}

/** A `run` that failed because its name is held by what others own: that container is not the program's, and it is no lie about it. */
const isSomebodyElses = ({ spec, container }: Evidence, manager: ManagerSeen): boolean =>
  spec?.docker?.invocation?.verb === 'run' && container !== null && ownedByOthers(container, manager);

const ownedByOthers = ({ owner, holder }: ContainerSeen, manager: ManagerSeen): boolean =>
  owner !== null || (holder !== null && holder.pid !== manager.pid);

function plainLies({ says, pidAlive, commands, group, process }: Evidence): readonly LieFound[] {
  if (says?.state !== 'RUNNING' || pidAlive !== false) return [];
  return [
    {
      kind: 'does-not-run',
      says: 'RUNNING',
      truth: `the kernel has no process ${String(says.pid)}`,
      ...remedy([commands.ctl('restart', formatName(group, process))]),
    },
  ];
}

function mendOf(lie: Lie, evidence: Evidence, container: ContainerSeen, manager: ManagerSeen): Remedy {
  const { commands, says } = evidence;
  const { name } = container.view;
  const program = formatName(evidence.group, evidence.process);
  switch (lie.kind) {
    case 'runs':
      return mendOfRuns(evidence, container, manager);
    case 'does-not-run':
      return container.view.state === 'missing'
        ? remedy([commands.ctl('stop', program)], `make the container again, then start ${program}`)
        : remedy([commands.ctl('restart', program)]);
    case 'paused':
      return remedy([commands.docker('unpause', name)]);
    case 'since':
      return mendOfSince(evidence, container, manager);
    case 'exit-code':
      return remedy(
        [commands.ctl('start', program)],
        `this runs it again; how it ended (${lie.truth}, not ${String(says?.exitStatus ?? 0)}) cannot be put right afterwards`,
      );
  }
}

function mendOfRuns(evidence: Evidence, container: ContainerSeen, manager: ManagerSeen): Remedy {
  const { commands, says, spec } = evidence;
  const { name, state } = container.view;
  const program = formatName(evidence.group, evidence.process);
  if (ownedByOthers(container, manager)) {
    return remedy([], `it belongs to somebody else (see below): take ${program} out of the file`);
  }
  const stop = commands.docker('stop', '-t', graceOf(evidence), name);
  if (says?.state === 'STOPPED' && says.start !== 0) return remedy([stop]);
  if (spec?.docker?.invocation?.verb === 'run' && manager.kind === 'supervisord') {
    return says?.state === 'STOPPED' ? remedy([stop]) : freeTheName(evidence, name, true);
  }
  // BACKOFF is a running state to `start`; `restart` stops it first, which at that moment signals nobody.
  const takeUp = commands.ctl(says?.state === 'BACKOFF' ? 'restart' : 'start', program);
  const advice = 'attaches to it again; it is not restarted';
  switch (state) {
    case 'paused':
      return remedy([commands.docker('unpause', name), takeUp], advice);
    case 'restarting':
      return remedy([commands.docker('update', '--restart=no', name), stop, takeUp]);
    default:
      return remedy([takeUp], advice);
  }
}

function mendOfSince(evidence: Evidence, container: ContainerSeen, manager: ManagerSeen): Remedy {
  const { commands, spec } = evidence;
  const program = formatName(evidence.group, evidence.process);
  const advice = 'this restarts the container; `dockvisor migrate` mends it without';
  if (manager.kind === 'dockvisord') return remedy([commands.ctl('restart', program)]);
  if (spec?.docker?.invocation?.verb !== 'start') return remedy([commands.ctl('restart', program)], advice);
  // The stop of a real supervisord may come back before the container has stopped, or without stopping it.
  return remedy(
    [
      commands.ctl('stop', program),
      commands.docker('stop', '-t', graceOf(evidence), container.view.name),
      commands.ctl('start', program),
    ],
    advice,
  );
}

const graceOf = ({ spec }: Evidence): string => String(spec?.stopWaitSeconds ?? 10);
