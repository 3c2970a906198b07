/** What becomes of one program. */
import { formatName } from '../core/names.ts';
import { isUp } from '../core/truth.ts';
import type { WireStateName } from '../core/unit/states.ts';
import { conflictsFound } from '../doctor/conflicts.ts';
import type { ContainerSeen, Evidence } from '../doctor/evidence.ts';
import { isPlugIn } from '../doctor/report.ts';
import type { Candidate, Facts } from './facts.ts';
import type { Blocker } from './plan.ts';

export type Fate =
  /** Its container runs on, under dockvisord. */
  | 'adopted'
  /** A plain program: stopped by the old manager, started by the new. */
  | 'restarted'
  /** Wanted up, and not up: dockvisord tries. */
  | 'started'
  /** Down, and stays down, whatever autostart says. */
  | 'left-stopped'
  | 'blocked';

export interface ProgramPlan {
  /** `group:process`, or one name when they are the same. */
  readonly name: string;
  readonly group: string;
  readonly process: string;
  readonly kind: 'container' | 'plain' | 'listener';
  readonly state: WireStateName | null;
  readonly fate: Fate;
  /** How its container was recognised and where it is; null: it has none. */
  readonly container: {
    readonly name: string;
    readonly engine: string;
    readonly by: string;
    readonly attach: 'cli' | 'api';
  } | null;
  readonly notes: readonly string[];
  readonly blockers: readonly Blocker[];
}

export function programPlan({ evidence, lies }: Candidate, facts: Facts): ProgramPlan {
  const { group, process, says, spec, container } = evidence;
  const notes = [
    ...lies.map(
      (lie) =>
        `the old one says ${lie.says}, and that is not so (${lie.truth}): dockvisord will tell the truth`,
    ),
    ...(spec?.docker === null || spec === null ? [] : containerNotes(evidence)),
  ];
  const kind = kindOf(evidence, facts);
  const base = { name: formatName(group, process), group, process, state: says?.state ?? null };
  const bare = { ...base, kind, container: containerOf(evidence) };
  if (isOurPlugIn(group, facts))
    notes.push(
      `dockvisord needs no plug-in: [eventlistener:${group}] may go when the old one is not to come back`,
    );
  const blockers = [
    ...fileBlockers(evidence),
    ...(container === null ? [] : containerBlockers(evidence, container)),
  ];
  if (says?.state === 'STARTING' || says?.state === 'STOPPING' || says?.state === 'UNKNOWN') {
    blockers.push({ text: `it is ${says.state}: try again when it has come to rest`, mend: [] });
  }
  if (blockers.length > 0) return { ...bare, fate: 'blocked', notes, blockers };
  return { ...bare, fate: fateOf(evidence), notes, blockers };
}

function kindOf({ spec, group, container }: Evidence, { sections }: Facts): ProgramPlan['kind'] {
  if (sections.some(({ name }) => name === `eventlistener:${group}`)) return 'listener';
  return spec === null || container === null ? 'plain' : 'container';
}

function fateOf({ says, container }: Evidence): Fate {
  if (container !== null && isUp(container.view.state)) return 'adopted';
  const wanted = says?.state === 'RUNNING' || says?.state === 'BACKOFF';
  if (!wanted) return 'left-stopped';
  return container === null && says.state === 'RUNNING' ? 'restarted' : 'started';
}

const isOurPlugIn = (group: string, { sections }: Facts): boolean =>
  sections.some((section) => section.name === `eventlistener:${group}` && isPlugIn(section));

/** The new daemon goes by the file: it must be what runs. */
function fileBlockers(evidence: Evidence): Blocker[] {
  const kinds = ['not-in-manager', 'not-in-file', 'changed-in-file'];
  const manager = { kind: 'supervisord', url: '', pid: 0, local: true } as const;
  return conflictsFound({ ...evidence, container: null }, manager)
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ text, mend }) => ({ text, mend }));
}

function containerBlockers(evidence: Evidence, { view, holder, openStdin }: ContainerSeen): Blocker[] {
  const { commands, spec, says } = evidence;
  const program = formatName(evidence.group, evidence.process);
  const found: Blocker[] = [];
  const add = (text: string, ...mend: readonly string[]): number => found.push({ text, mend });
  if (view.state === 'unknown') {
    const isNameless = spec?.docker?.target.by === 'cidfile';
    if (!isNameless) add(`its container cannot be asked about: ${view.error}`, commands.docker('version'));
    else if (says?.state === 'RUNNING')
      add(
        '"docker run" without --name: what runs cannot be told from others, and not be adopted; give it a --name, or stop it',
        commands.ctl('stop', program),
      );
    return found;
  }
  if (view.state === 'paused')
    add(
      'its container is paused: dockvisord would not take it over as it is',
      commands.docker('unpause', view.name),
    );
  if (view.state === 'restarting' || view.state === 'removing')
    add(`its container is ${view.state}: try again when it has come to rest`);
  if (holder !== null)
    add(
      `container ${view.name} is managed by dockvisord pid ${String(holder.pid)} (${holder.identifier}) already`,
    );
  const invocation = spec?.docker?.invocation;
  const holdsStdin =
    invocation?.verb === 'attach' ||
    invocation?.rest.some((word) => /^-[a-z]*i[a-z]*$/.test(word) || /^--interactive(=true)?$/.test(word)) ===
      true;
  if (isUp(view.state) && openStdin && holdsStdin) {
    add(
      'its client holds the stdin of the container, which ends with the client: whatever reads it may end too; stop it first',
      commands.ctl('stop', program),
    );
  }
  return found;
}

function containerOf({ spec, container }: Evidence): ProgramPlan['container'] {
  const docker = spec?.docker;
  if (docker == null || container === null) return null;
  const by =
    docker.invocation === null
      ? 'docker_container'
      : docker.target.by === 'compose'
        ? `compose service ${docker.target.service}`
        : `${docker.invocation.client ?? 'docker'} ${docker.invocation.verb}`;
  return { name: container.view.name, engine: container.view.engine, by, attach: docker.attach };
}

function containerNotes({ spec, container }: Evidence): readonly string[] {
  const notes: string[] = [];
  if (container === null) return notes;
  const { view, owner, tty } = container;
  if (view.restart_policy !== 'no')
    notes.push(
      `restart policy "${view.restart_policy}": two owners, here as there (docker_restart_policy=disable ends that)`,
    );
  if (owner !== null) notes.push(`belongs to ${owner} as well`);
  if (tty) notes.push('has a TTY: from now on a stop really stops it');
  if (spec?.stopSignalWritten === true)
    notes.push(`stopsignal=${spec.stopSignal.name} goes to the container, not to the client`);
  return notes;
}
