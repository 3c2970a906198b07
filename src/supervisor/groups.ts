/** The active process groups and their units. */
import type { GroupSpec } from '../core/config/model.ts';
import type { Supervised } from './supervised.ts';

export interface Group {
  readonly spec: GroupSpec;
  /** In the order of the configuration, which is the order of the boot. */
  readonly units: readonly Supervised[];
}

/** Groups by (priority, name); those added later come after their equals, as in supervisord. */
export class Groups {
  #groups: readonly Group[] = [];

  all(): readonly Group[] {
    return this.#groups;
  }

  find(name: string): Group | undefined {
    return this.#groups.find((group) => group.spec.name === name);
  }

  unit(group: string, process: string): Supervised | undefined {
    return this.find(group)?.units.find((unit) => unit.spec.name === process);
  }

  units(): readonly Supervised[] {
    return this.#groups.flatMap((group) => group.units);
  }

  add(group: Group): void {
    this.#groups = [...this.#groups, group].sort((a, b) => a.spec.priority - b.spec.priority);
  }

  /** In the place of the group of its name. */
  replace(group: Group): void {
    this.remove(group.spec.name);
    this.add(group);
  }

  remove(name: string): void {
    this.#groups = this.#groups.filter((group) => group.spec.name !== name);
  }
}

/** Ascending by priority, then name: the order of startAll and, as in supervisord, of stopAll. */
export const byPriority = (units: readonly Supervised[]): readonly Supervised[] =>
  [...units].sort((a, b) => a.spec.priority - b.spec.priority || compareText(a.spec.name, b.spec.name));

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
