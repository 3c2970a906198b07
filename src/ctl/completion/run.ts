/** `dockvisor completion SHELL`, and what its scripts call: `--complete WORDS`. */
import { readCommandLine, type LoadCtlConfig } from '../options.ts';
import { structsOf, textOf } from '../session.ts';
import { createRpcClient } from '../../rpc/client.ts';
import { completeLine, type KnownName } from './complete-line.ts';
import { completionScripts } from './scripts.ts';

/** Nobody waits longer for a Tab, milliseconds. */
const patienceMs = 1000;

export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** @returns the exit code. */
export function printCompletion(argv: readonly string[], { stdout, stderr }: Streams): number {
  const usage =
    'Usage: dockvisor completion bash|zsh|fish\n\nExample:\n  source <(dockvisor completion bash)\n';
  const [shell = ''] = argv;
  const script = argv.length === 1 ? completionScripts.get(shell) : undefined;
  const isHelp = shell === '-h' || shell === '--help';
  if (script !== undefined || isHelp) stdout.write(script ?? usage);
  else stderr.write(`Error: a shell is wanted: ${[...completionScripts.keys()].join(', ')}\n${usage}`);
  return script !== undefined || isHelp ? 0 : 2;
}

/** Prints what fits, a word on a line, or `:file`; nothing when the daemon is away. */
export async function printCompleted(
  program: 'dockvisor' | 'dockvisorctl',
  words: readonly string[],
  loadConfig: LoadCtlConfig,
  { stdout }: Pick<Streams, 'stdout'>,
): Promise<void> {
  const found = await completeLine(program, words, (options) =>
    knownNames(options, loadConfig).catch(() => []),
  );
  stdout.write(found === 'file' ? ':file\n' : found.map((word) => `${word}\n`).join(''));
}

async function knownNames(
  options: readonly string[],
  loadConfig: LoadCtlConfig,
): Promise<readonly KnownName[]> {
  const line = readCommandLine([...options, 'status'], loadConfig);
  if (line.kind !== 'run') return [];
  const client = createRpcClient(line.options);
  const late = setTimeout(client.close, patienceMs);
  try {
    const infos = structsOf(await client.call('supervisor.getAllProcessInfo', []));
    return infos.map((info) => ({ group: textOf(info['group']), name: textOf(info['name']) }));
  } finally {
    clearTimeout(late);
    client.close();
  }
}
