/** One container, two owners. */
import { formatName } from '../core/names.ts';
import type { ContainerSeen, Evidence, ManagerSeen } from './evidence.ts';
import { remedy } from './findings.ts';
import type { Conflict } from './findings.ts';

export function ownerConflicts(
  evidence: Evidence,
  { view, owner, holder }: ContainerSeen,
  manager: ManagerSeen | null,
): readonly Conflict[] {
  const { name } = view;
  const program = formatName(evidence.group, evidence.process);
  const found: Conflict[] = [];
  if (owner !== null) {
    found.push({
      kind: 'other-owner',
      text: `container ${name} belongs to ${owner}, which makes it anew when it likes`,
      ...remedy(
        [],
        `let one of the two have it: make ${program} a "docker compose up" of that service, or take it out of the file`,
      ),
    });
  }
  if (holder !== null && manager !== null && holder.pid !== manager.pid) {
    found.push({
      kind: 'other-daemon',
      text: `container ${name} is managed by dockvisord pid ${String(holder.pid)} (${holder.identifier}) as well`,
      ...remedy(
        [],
        `let one of the two have it: take ${program} out of one of their files, then update there`,
      ),
    });
  }
  return found;
}

/** Programs by the container they stand for; each but the first of a container is one too many. */
export function sharedContainers(all: readonly Evidence[]): ReadonlyMap<Evidence, Conflict> {
  const first = new Map<string, Evidence>();
  const found = new Map<Evidence, Conflict>();
  // Who has it already comes before who is about to.
  const inOrder = [...all.filter(({ says }) => says !== null), ...all.filter(({ says }) => says === null)];
  for (const evidence of inOrder) {
    const { id, name, engine } = evidence.container?.view ?? { id: null, name: '', engine: '' };
    if (id === null) continue;
    const key = `${engine} ${id}`;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, evidence);
      continue;
    }
    const [a, b] = [other, evidence].map((one) => formatName(one.group, one.process));
    found.set(evidence, {
      kind: 'two-programs',
      text: `container ${name} is ${a ?? ''}'s as well as ${b ?? ''}'s: each undoes what the other does`,
      ...remedy(
        [evidence.commands.ctl('update', evidence.group)],
        `first take [${evidence.spec?.section ?? ''}] out of the file, or give it a container of its own`,
      ),
    });
  }
  return found;
}
