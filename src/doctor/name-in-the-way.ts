/** `docker run --name X`, and X is taken. A real supervisord cannot take up what exists: the name must be freed. */
import { formatName } from '../core/names.ts';
import { isUp } from '../core/truth.ts';
import type { Evidence, ManagerSeen } from './evidence.ts';
import { remedy } from './findings.ts';
import type { Conflict, Remedy } from './findings.ts';

/** `start`: the program is wanted, and is started afterwards. Nothing is removed that the command itself does not remove. */
export function freeTheName(evidence: Evidence, name: string, start: boolean): Remedy {
  const { commands, spec, container } = evidence;
  const program = formatName(evidence.group, evidence.process);
  const next = start ? [commands.ctl('start', program)] : [];
  if (spec?.docker?.invocation?.remove === true) return remedy([commands.docker('rm', '-f', name), ...next]);
  const up = container !== null && isUp(container.view.state);
  const stop = up ? [commands.docker('stop', '-t', String(spec?.stopWaitSeconds ?? 10), name)] : [];
  return remedy(
    [...stop, commands.docker('rename', name, `${name}-old`), ...next],
    `or start what is there instead of making another: command=docker start -a ${name}`,
  );
}

export function nameInTheWay(evidence: Evidence, manager: ManagerSeen): readonly Conflict[] {
  const { spec, says, container } = evidence;
  const docker = spec?.docker;
  if (docker?.invocation?.verb !== 'run' || docker.target.by !== 'name' || container === null) return [];
  const { state, name } = container.view;
  if (state === 'missing' || state === 'unknown' || says === null) return [];
  // Ours stops it and starts it instead, unless it is told to leave it.
  if (manager.kind === 'dockvisord' && docker.onGhost !== 'never') return [];
  const isDown = says.state !== 'RUNNING' && says.state !== 'STARTING' && says.state !== 'STOPPING';
  if (!isDown) return [];
  const wanted = says.state === 'FATAL' || says.state === 'BACKOFF';
  const others =
    container.owner !== null || (container.holder !== null && container.holder.pid !== manager.pid);
  const text = `the name ${name} that its command wants is taken (${state}): every start fails`;
  return [
    {
      kind: 'name-in-the-way',
      text,
      ...(others
        ? remedy([], 'it is somebody else’s: give the program another --name')
        : freeTheName(evidence, name, wanted)),
    },
  ];
}
