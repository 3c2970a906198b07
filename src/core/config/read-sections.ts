/** The sections of a configuration and what is written in them, as text: for those who ask about sections that the daemon skips. */
import { readIncludes } from './include.ts';
import type { ConfigWorld, Place } from './model.ts';
import { absolutePath, dirName } from './paths.ts';
import { createProblemList } from './problem-list.ts';
import { environmentNames, readMain } from './read-main.ts';

export interface RawSection {
  readonly name: string;
  readonly place: Place;
  /** Values as written, not expanded. */
  readonly values: ReadonlyMap<string, string>;
}

/** Includes too; empty when the main file cannot be read. What is wrong with the file is for `readConfig` to say. */
export function readSections(file: string, world: ConfigWorld): readonly RawSection[] {
  const problems = createProblemList();
  const main = readMain(file, world, problems);
  if (main === null) return [];
  const here = dirName(absolutePath(file, world));
  const { ini } = readIncludes(main, here, environmentNames(world.environment), world, problems);
  return [...ini.sections.values()].map(({ name, place, options }) => ({
    name,
    place,
    values: new Map([...options.values()].map((option) => [option.name, option.value])),
  }));
}
