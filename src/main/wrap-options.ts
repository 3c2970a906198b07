/** The command line of `dockvisor wrap`. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { GhostPolicy } from '../core/config/model.ts';
import { parseVerb } from './verb-line.ts';

export interface WrapOptions {
  /** A container's name, or the words of a docker command. */
  readonly words: readonly string[];
  /** `unix://…`, `tcp://…`, `ssh://…`, `context:NAME`; null: as the docker client finds it. */
  readonly host: string | null;
  /** null: what runs is adopted, a stopped one that is in the way is cleared away. */
  readonly onGhost: GhostPolicy | null;
  readonly ready: 'running' | 'healthy';
  /** Seconds; null: the container's own. */
  readonly stopTimeout: number | null;
  readonly keep: boolean;
}

const examples = `
Examples, as lines of a systemd unit of Type=notify:
  ExecStart=/usr/bin/dockvisor wrap web
  ExecStart=/usr/bin/dockvisor wrap --ready=healthy -- docker run --rm --name web nginx:1.27

"dockvisor unit web" prints a whole unit.`;

/** A number: the command line is wrong, or help was printed, and this is the exit code. */
export function parseWrapOptions(argv: readonly string[]): WrapOptions | number {
  const command = new Command('dockvisor wrap')
    .description(
      'The main process of a systemd unit: starts or adopts one container, tells systemd how it is, stops it for real, and ends with its exit code.',
    )
    .usage('[options] NAME | -- docker run|start -a|attach …')
    .argument('[words...]')
    .option('-H, --host <address>', 'the Engine: unix://, tcp:// or ssh:// (default: as docker finds it)')
    .option('--context <name>', 'the Engine of this docker context')
    .addOption(
      new Option('--ready <when>', 'when systemd is told READY=1')
        .choices(['running', 'healthy'])
        .default('running'),
    )
    .addOption(
      new Option(
        '--stop-timeout <seconds>',
        "grace before a stop becomes a kill; negative: for ever (default: the container's own, else 10)",
      ).argParser(seconds),
    )
    .option('--keep', 'on TERM leave the container running; the next start adopts it')
    .addOption(
      new Option(
        '--on-ghost <policy>',
        'what to do with a container that is in the way (default: adopt what runs, clear away what does not)',
      ).choices(['stop', 'adopt', 'remove', 'never']),
    )
    .passThroughOptions()
    .addHelpText('after', examples);
  const done = parseVerb(command, argv);
  if (done !== null) return done;
  // The types are those that the options above are parsed to.
  const { host, context, ...options } = command.opts<{
    host?: string;
    context?: string;
    ready: 'running' | 'healthy';
    stopTimeout?: number;
    keep?: true;
    onGhost?: GhostPolicy;
  }>();
  if (host !== undefined && context !== undefined) {
    process.stderr.write('error: --host and --context name two Engines; give one\n');
    return 2;
  }
  return {
    words: command.args,
    host: host ?? (context === undefined ? null : `context:${context}`),
    onGhost: options.onGhost ?? null,
    ready: options.ready,
    stopTimeout: options.stopTimeout ?? null,
    keep: options.keep === true,
  };
}

function seconds(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('wanted whole seconds.');
  return Number(text);
}
