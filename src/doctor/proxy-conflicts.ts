/** What the client between a manager and a container cannot do (docker.md section 1). */
import { formatName } from '../core/names.ts';
import { isUp } from '../core/truth.ts';
import type { ContainerSeen, Evidence, ManagerSeen } from './evidence.ts';
import { remedy } from './findings.ts';
import type { Conflict } from './findings.ts';

export function proxyConflicts(
  evidence: Evidence,
  container: ContainerSeen,
  manager: ManagerSeen,
): readonly Conflict[] {
  const { commands, spec } = evidence;
  const invocation = spec?.docker?.invocation ?? null;
  if (invocation === null) return [];
  const { view } = container;
  const program = formatName(evidence.group, evidence.process);
  const found: Conflict[] = [];
  if (container.tty && manager.kind === 'supervisord') {
    found.push({
      kind: 'tty-stop',
      text: `container ${view.name} has a TTY: the client does not pass TERM on, and a stop leaves it running`,
      ...remedy(
        [],
        `to stop it: ${commands.ctl('stop', program)}; ${commands.docker('stop', view.name)}. \`dockvisor listen\` and dockvisord do that by themselves`,
      ),
    });
  }
  const waits = invocation.verb === 'start' && container.openStdin && spec?.docker?.attach !== 'api';
  if (waits && isUp(view.state) && !isInteractive(invocation.rest)) {
    found.push({
      kind: 'waits-for-stdin',
      text: `container ${view.name} was made with -i, and its client was started without: whatever reads stdin there waits for ever`,
      ...remedy(
        [],
        container.tty
          ? 'make the container without -i and -t: a client without a terminal cannot hold both'
          : `write command=docker start -ai ${view.name}, or make the container without -i`,
      ),
    });
  }
  return found;
}

const isInteractive = (words: readonly string[]): boolean =>
  words.some((word) => /^-[a-z]*i[a-z]*$/.test(word) || /^--interactive(=true)?$/.test(word));

/** From this major on the client does not wait (28 was seen; 20.10 waits; what lies between was not tried, and is not trusted). */
const firstThatLeaves = 23;

/** `docker start -a` of a new client exits 0 at once on TERM: a real supervisord then says STOPPED of what still runs. */
export function clientConflict(all: readonly Evidence[], manager: ManagerSeen): Conflict | null {
  if (manager.kind !== 'supervisord') return null;
  const hasty = all.filter(({ spec, proxy }) => {
    const major = Number.parseInt(proxy?.clientVersion ?? '', 10);
    return spec?.docker?.invocation?.verb === 'start' && major >= firstThatLeaves;
  });
  const [first] = hasty;
  if (first === undefined) return null;
  const names = hasty.map(({ group, process }) => formatName(group, process));
  const shown =
    names.length > 4
      ? `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more`
      : names.join(', ');
  return {
    kind: 'client-does-not-wait',
    text: `docker client ${first.proxy?.clientVersion ?? ''} leaves at once when "start -a" gets TERM, and may not pass it on: a stop is said to be done before it is (${shown})`,
    ...remedy([], 'after a stop ask docker ps; `dockvisor listen` and dockvisord stop for real'),
  };
}
