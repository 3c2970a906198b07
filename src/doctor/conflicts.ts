/** What is wrong with one program without being a lie (yet). */
import { formatName } from '../core/names.ts';
import { isUp } from '../core/truth.ts';
import type { ContainerSeen, Evidence, ManagerSeen } from './evidence.ts';
import { remedy } from './findings.ts';
import type { Conflict } from './findings.ts';
import { nameInTheWay } from './name-in-the-way.ts';
import { ownerConflicts } from './owner-conflicts.ts';
import { proxyConflicts } from './proxy-conflicts.ts';

/** `manager` null: it cannot be asked. */
export function conflictsFound(evidence: Evidence, manager: ManagerSeen | null): readonly Conflict[] {
  const { container } = evidence;
  const known = manager === null ? [] : fileConflicts(evidence);
  if (container === null || container.view.state === 'unknown') return known;
  return [
    ...known,
    ...stateConflicts(evidence, container),
    ...ownerConflicts(evidence, container, manager),
    ...(manager === null
      ? []
      : [...nameInTheWay(evidence, manager), ...proxyConflicts(evidence, container, manager)]),
  ];
}

function fileConflicts({
  spec,
  says,
  group,
  process,
  commands,
  wantedId,
  proxy,
}: Evidence): readonly Conflict[] {
  const name = formatName(group, process);
  const update = remedy([commands.ctl('update', group)]);
  if (says === null) {
    return [
      {
        kind: 'not-in-manager',
        text: `${name} is in the file, and the manager does not know it yet`,
        ...update,
      },
    ];
  }
  if (spec === null) {
    const text = `the manager has ${name}, and the file has it no more`;
    return [{ kind: 'not-in-file', text, ...update, advice: 'this stops it' }];
  }
  const wanted = spec.docker?.target.by === 'name' ? spec.docker.target.name : null;
  const live = proxy?.ref ?? null;
  if (live === null || wanted === null || live === wanted || wantedId?.startsWith(live) === true) return [];
  // Ours attaches by id: a container that was renamed is still the one.
  if (wantedId === null && /^[0-9a-f]{64}$/.test(live)) return [];
  const text = `the file says container ${wanted}, and the running client (pid ${String(proxy?.pid)}) is at ${live}`;
  return [{ kind: 'changed-in-file', text, ...update, advice: `this stops ${live} and starts ${wanted}` }];
}

function stateConflicts(evidence: Evidence, { view }: ContainerSeen): readonly Conflict[] {
  const { commands, spec, says } = evidence;
  const { name } = view;
  const program = formatName(evidence.group, evidence.process);
  const found: Conflict[] = [];
  if (view.restart_policy !== 'no') {
    found.push({
      kind: 'restart-policy',
      text: `container ${name} has restart policy "${view.restart_policy}": the Engine starts it too`,
      ...remedy(
        [commands.docker('update', '--restart=no', name)],
        spec?.docker?.restartPolicy === 'disable'
          ? 'docker_restart_policy=disable will do it at the next start'
          : 'or write docker_restart_policy=disable, which dockvisord follows',
      ),
    });
  }
  switch (view.state) {
    case 'paused':
      found.push({
        kind: 'paused',
        text: `container ${name} is paused`,
        ...remedy([commands.docker('unpause', name)]),
      });
      break;
    case 'restarting':
      found.push({
        kind: 'restarting',
        text: `container ${name} keeps ending, and its restart policy keeps starting it`,
        ...remedy([
          commands.docker('logs', '--tail', '20', name),
          commands.docker('update', '--restart=no', name),
        ]),
      });
      break;
    case 'removing':
      found.push({
        kind: 'removing',
        text: `container ${name} is being removed, and cannot be started`,
        ...remedy([], `wait until it is gone; if it stays: ${commands.docker('rm', '-f', name)}`),
      });
      break;
    case 'dead':
      found.push({
        kind: 'dead',
        text: `container ${name} is dead${view.error === '' ? '' : ` (${view.error})`}: it cannot be started, stopped or attached to`,
        ...remedy([commands.docker('rm', '-f', name)], 'once the cause is gone; then make it again'),
      });
      break;
    case 'missing':
      found.push(...missing(evidence, name, view.engine));
      break;
    case 'created':
    case 'exited':
      if (view.error !== '' && says?.state !== 'RUNNING') {
        found.push({
          kind: 'failed-start',
          text: `the last start of container ${name} failed: ${view.error}`,
          ...remedy([commands.ctl('start', program)], 'once the cause is gone'),
        });
      }
      break;
    default:
      break;
  }
  if (view.health === 'unhealthy' && isUp(view.state)) {
    found.push({
      kind: 'unhealthy',
      text: `container ${name} runs, and its health check fails`,
      ...remedy([
        commands.docker('inspect', '-f', '{{json .State.Health.Log}}', name),
        commands.ctl('restart', program),
      ]),
    });
  }
  return found;
}

/** What a `run` or Compose makes may well not exist. */
function missing({ spec, process }: Evidence, name: string, engine: string): readonly Conflict[] {
  const verb = spec?.docker?.invocation?.verb;
  if (spec?.docker?.target.by === 'cidfile' || verb === 'run' || verb === 'compose-up') return [];
  return [
    {
      kind: 'missing',
      text: `container ${name} does not exist on ${engine}: ${process} cannot start`,
      ...remedy([], `make it (docker create --name ${name} …), or mend the name in the file`),
    },
  ];
}
