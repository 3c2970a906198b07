/** The user's own client as a child process: `docker start -a NAME`, `docker run …`. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessSpec } from '../core/config/model.ts';
import { LaunchError, startChild } from '../process/child.ts';
import { findWords } from '../process/find-command.ts';
import type { PipeMaker } from '../process/pipes.ts';
import { attachmentOfChild } from './attachment.ts';
import type { Attachment, Outlets } from './attachment.ts';
import type { ContainerWatch } from './watch.ts';

export interface ClientDeps {
  readonly pipes: PipeMaker;
  /** Makes the whole environment of a proxy. */
  readonly environment: () => Readonly<Record<string, string>>;
}

const cidfilePollMs = 25;

/** Throws LaunchError. */
export function startClient(
  words: readonly string[],
  spec: ProcessSpec,
  deps: ClientDeps,
  outlets: Outlets,
): Attachment {
  const environment = deps.environment();
  const command = findWords(words, environment['PATH']);
  if ('fault' in command) throw new LaunchError('exec', command.message);
  const child = startChild(
    {
      command,
      directory: spec.directory,
      environment,
      user: spec.user,
      umask: spec.umask,
      redirectStderr: spec.redirectStderr,
      stdin: 'pipe',
    },
    deps.pipes,
  );
  return attachmentOfChild(child, outlets);
}

/** The one line of a client's complaint that says what was wrong, without its envelope. */
export function complaintOf(lastWords: string): string {
  const line = lastWords.split('\n').find((one) => one.trim() !== '') ?? '';
  return line
    .replace(/^(docker|podman): /, '')
    .replace(/^Error response from daemon: /, '')
    .trim();
}

/** Points the watch at the container whose id the client writes. Resolves with the client's end. */
export async function followCidfile(
  path: string,
  attachment: Attachment,
  watch: ContainerWatch,
): Promise<Awaited<Attachment['ended']>> {
  const done = new AbortController();
  void (async () => {
    while (!done.signal.aborted) {
      if (pointAt(path, watch)) {
        await watch.look().catch(() => null);
        return;
      }
      await sleep(cidfilePollMs, undefined, { signal: done.signal }).catch(() => undefined);
    }
  })();
  const end = await attachment.ended;
  done.abort();
  pointAt(path, watch);
  return end;
}

/** Points the watch at the container whose id is in the file; false: there is none in it. */
export function pointAt(path: string, watch: ContainerWatch): boolean {
  const id = readText(path);
  if (!/^[0-9a-f]{64}$/.test(id)) return false;
  watch.retarget({ by: 'name', name: id });
  return true;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
