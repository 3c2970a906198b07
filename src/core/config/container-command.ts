/** Reads from a command's words which container it stands for (CONTRACT section 2, "The container of a command"). */
import { unwrapCommand } from './command-wrappers.ts';
import { recognizeCompose } from './compose-command.ts';
import * as tables from './docker-flags.ts';
import { isOn, lastFlag, readFlags } from './go-flags.ts';
import { doubtful, plain, recognized } from './recognition.ts';
import type { ClientCall, Recognition } from './recognition.ts';

function unknownFlag(call: ClientCall, verb: string, word: string): Recognition {
  return doubtful(`cannot read "${call.client} ${verb}": ${word} is not known or lacks its value`);
}

/** One program stands for one container. */
function manyNames(call: ClientCall, verb: string, names: readonly string[]): Recognition {
  if (names.length === 0) return doubtful(`"${call.client} ${verb}" names no container`);
  return doubtful(
    `"${call.client} ${verb}" names ${String(names.length)} containers (${names.join(', ')}): supervised as a plain program`,
    'one program, one container: write a program for each',
  );
}

function readStart(call: ClientCall, words: readonly string[]): Recognition {
  const read = readFlags(words, call.client === 'podman' ? tables.podmanStartFlags : tables.startFlags, true);
  if ('unknown' in read) return unknownFlag(call, 'start', read.unknown);
  const { flags, rest } = read;
  if (isOn(flags, 'help')) return plain;
  const [name] = rest;
  if (name === undefined || rest.length > 1 || isOn(flags, 'all')) return manyNames(call, 'start', rest);
  const detached = !isOn(flags, 'attach') && !isOn(flags, 'interactive');
  return recognized(call, { verb: 'start', remove: false, detached, target: { by: 'name', name } });
}

function readRun(call: ClientCall, words: readonly string[]): Recognition {
  const read = readFlags(words, call.client === 'podman' ? tables.podmanRunFlags : tables.runFlags, false);
  if ('unknown' in read) return unknownFlag(call, 'run', read.unknown);
  const { flags, rest } = read;
  if (isOn(flags, 'help')) return plain;
  if (rest.length === 0) return doubtful(`"${call.client} run" names no image`);
  const name = lastFlag(flags, 'name');
  const path = lastFlag(flags, 'cidfile');
  return recognized(call, {
    verb: 'run',
    remove: isOn(flags, 'rm'),
    detached: isOn(flags, 'detach'),
    target:
      name !== null && name !== ''
        ? { by: 'name', name }
        : path === null
          ? { by: 'cidfile' }
          : { by: 'cidfile', path },
  });
}

function readAttach(call: ClientCall, words: readonly string[]): Recognition {
  const read = readFlags(
    words,
    call.client === 'podman' ? tables.podmanAttachFlags : tables.attachFlags,
    true,
  );
  if ('unknown' in read) return unknownFlag(call, 'attach', read.unknown);
  if (isOn(read.flags, 'help')) return plain;
  const [name] = read.rest;
  if (name === undefined || read.rest.length > 1) return manyNames(call, 'attach', read.rest);
  return recognized(call, { verb: 'attach', remove: false, detached: false, target: { by: 'name', name } });
}

function readVerb(call: ClientCall): Recognition {
  const words = call.rest[0] === 'container' ? call.rest.slice(1) : call.rest;
  switch (words[0]) {
    case 'start':
      return readStart(call, words.slice(1));
    case 'run':
      return readRun(call, words.slice(1));
    case 'attach':
      return readAttach(call, words.slice(1));
    case 'compose':
      return words === call.rest ? recognizeCompose(call, words.slice(1), tables.composeFlags) : plain;
    case undefined:
    default:
      return plain;
  }
}

/**
 * The container of a command. `exec`, `logs` and every other verb, and whatever is no docker client, is plain without a doubt; a docker
 * command that should be a container but cannot be read as one carries a doubt.
 *
 * @param command the words as `splitCommand` gives them.
 */
export function recognizeContainer(command: readonly string[]): Recognition {
  const unwrapped = unwrapCommand(command);
  const program = unwrapped?.words[0];
  if (unwrapped === null || program === undefined) return plain;
  const client = program.slice(program.lastIndexOf('/') + 1);
  const after = unwrapped.words.slice(1);
  const before = [...unwrapped.prefix, program];
  const around = {
    host: unwrapped.environment.get('DOCKER_HOST') ?? null,
    context: unwrapped.environment.get('DOCKER_CONTEXT') ?? null,
  };
  if (client === 'docker-compose') {
    return recognizeCompose(
      { client: 'docker', prefix: before, rest: after, ...around },
      after,
      tables.dockerComposeFlags,
    );
  }
  if (client !== 'docker' && client !== 'podman') return plain;
  const read = readFlags(after, client === 'podman' ? tables.podmanFlags : tables.dockerFlags, false);
  if ('unknown' in read) return plain;
  const { flags, rest } = read;
  if (isOn(flags, 'help') || isOn(flags, 'version')) return plain;
  const prefix = [...before, ...after.slice(0, after.length - rest.length)];
  const host = lastFlag(flags, 'host') ?? lastFlag(flags, 'url');
  const context = lastFlag(flags, 'context');
  // A flag stands over the environment, and DOCKER_HOST over DOCKER_CONTEXT, as in the client.
  const engine = host !== null || context !== null ? { host, context } : around;
  return readVerb({ client, prefix, rest, ...engine });
}
