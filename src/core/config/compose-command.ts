/** `docker compose … up … SERVICE` and `docker-compose … up … SERVICE`: exactly one service is one container. */
import { composeUpFlags } from './docker-flags.ts';
import { isOn, lastFlag, readFlags } from './go-flags.ts';
import type { FlagTable } from './go-flags.ts';
import { dirName } from './paths.ts';
import { doubtful, plain, recognized } from './recognition.ts';
import type { ClientCall, Recognition } from './recognition.ts';

/** @param words what follows `compose`, or `docker-compose`; @param table the flags that may stand before `up`. */
export function recognizeCompose(call: ClientCall, words: readonly string[], table: FlagTable): Recognition {
  const before = readFlags(words, table, false);
  if (
    'unknown' in before ||
    before.rest[0] !== 'up' ||
    isOn(before.flags, 'help') ||
    isOn(before.flags, 'version')
  )
    return plain;
  const after = readFlags(before.rest.slice(1), composeUpFlags, true);
  if ('unknown' in after)
    return doubtful(`cannot read "compose up": ${after.unknown} is not known or lacks its value`);
  if (isOn(after.flags, 'help') || isOn(after.flags, 'no-start') || isOn(before.flags, 'dry-run'))
    return plain;
  const [service] = after.rest;
  if (service === undefined || after.rest.length > 1) {
    const found =
      service === undefined
        ? 'every service'
        : `${String(after.rest.length)} services (${after.rest.join(', ')})`;
    return doubtful(
      `"compose up" of ${found}: supervised as a plain program`,
      'one program, one container: name one service',
    );
  }
  const scale = after.flags.find(([name, value]) => name === 'scale' && value.startsWith(`${service}=`))?.[1];
  if (scale !== undefined && scale !== `${service}=1`) {
    return doubtful(`"compose up --scale ${scale}" is not one container: supervised as a plain program`);
  }
  const file = before.flags.find(([name]) => name === 'file')?.[1];
  const fileDirectory = file === undefined || file === '-' ? null : dirName(file);
  const directory =
    lastFlag(before.flags, 'project-directory') ?? lastFlag(before.flags, 'workdir') ?? fileDirectory;
  const project = lastFlag(before.flags, 'project-name');
  const host = lastFlag(before.flags, 'host');
  const context = lastFlag(before.flags, 'context');
  return recognized(
    { ...call, ...(host !== null || context !== null ? { host, context } : {}) },
    {
      verb: 'compose-up',
      remove: false,
      detached: isOn(after.flags, 'detach') || isOn(after.flags, 'wait'),
      target: {
        by: 'compose',
        project: project === '' ? null : project,
        service,
        projectDirectory: directory === '' ? null : directory,
      },
    },
  );
}
