/** What the steps of a hand-over share: the record, the words for the user, and how containers are looked at. */
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { Config, ProcessSpec } from '../core/config/model.ts';
import { formatName } from '../core/names.ts';
import { parseHandOver } from '../migrate/hand-over.ts';
import type { HandOver, Kept } from '../migrate/hand-over.ts';
import { openPrivateDirectory } from '../system/private-files.ts';
import type { PrivateDirectory } from '../system/private-files.ts';
import type { ContainerLooks } from './container-looks.ts';

export interface Recorder {
  now(): HandOver;
  /** Writes before anything else happens; `what`: a sentence for the history. */
  note(what: string, change?: Partial<HandOver>): void;
}

const recordFile = 'hand-over.json';

/** Below `/var/lib/dockvisor` unless `chosen`; one for each configuration. */
export function openStateDirectory(file: string, chosen: string | null): PrivateDirectory {
  const path = resolve(file);
  const id = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return openPrivateDirectory(chosen ?? `/var/lib/dockvisor/migrate/${basename(path)}-${id}`);
}

export function readRecord(directory: PrivateDirectory): HandOver | null {
  const text = directory.read(recordFile);
  return text === null ? null : parseHandOver(text);
}

export function createRecorder(directory: PrivateDirectory, first: HandOver): Recorder {
  let current = first;
  return {
    now: () => current,
    note(what, change = {}) {
      const history = [...current.history, { at: new Date().toISOString(), what }];
      current = { ...current, ...change, history };
      directory.write(recordFile, JSON.stringify(current, null, 2) + '\n');
    },
  };
}

export const specsOf = (config: Config): readonly ProcessSpec[] =>
  config.groups.flatMap(({ processes }) => processes);

export const specOf = (
  config: Config,
  { group, process }: { readonly group: string; readonly process: string },
): ProcessSpec | null =>
  specsOf(config).find((spec) => spec.group === group && spec.name === process) ?? null;

/** What of the containers did not come through in the same life, in sentences; empty: all did. */
export async function whatChanged(
  kept: readonly Kept[],
  config: Config,
  looks: ContainerLooks,
): Promise<readonly string[]> {
  const found = await Promise.all(
    kept.map(async (one) => {
      const spec = specOf(config, one);
      if (spec?.docker == null) return [`${one.container}: its program is gone from the file`];
      const { facts, seen } = await looks.look(spec, spec.docker, one.id);
      const name = `container ${one.container} of ${formatName(one.group, one.process)}`;
      if (facts === null) return [`${name} is ${seen.view.state}`];
      if (facts.state !== 'running') return [`${name} is ${facts.state}`];
      return facts.startedAt === one.startedAt && facts.pid === one.pid
        ? []
        : [`${name} was started again (${one.startedAt}, now ${facts.startedAt})`];
    }),
  );
  return found.flat();
}
