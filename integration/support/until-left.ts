/** What a daemon that is killed leaves: it is in the state file, or not yet. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Manager } from './manager.ts';
import { until } from './until.ts';

/** Until this daemon, if it is killed, leaves these words. */
export const untilLeft = (manager: Manager, words: RegExp): Promise<unknown> =>
  until(`${String(words)} is saved`, 10_000, () => {
    const directory = process.env['STATE_DIRECTORY'] ?? '';
    // Others may have been killed before, and theirs are still there; one that is being written has another name.
    const saved = readdirSync(directory)
      .filter((file) => file.endsWith('.state.json'))
      .map((file) => readFileSync(join(directory, file), 'utf8'))
      .filter((text) => text.includes(`"pid":${String(manager.pid())},`))
      .some((text) => words.test(text));
    return Promise.resolve(saved ? true : null);
  });
