/** The command line of `dockvisor check`. */
import { Command } from 'commander';
import { runCheck } from './check.ts';
import { findConfig, parseVerb, wantsColour } from './verb-line.ts';

/** Exit code: 0, or 2 when the daemon would refuse the file, or when the command line is wrong. */
export function runCheckHere(argv: readonly string[]): number {
  const command = new Command('dockvisor check')
    .description('Reads a configuration, prints every problem with file and line, starts nothing.')
    .option('-c, --configuration <file>', 'configuration file (default: searched for as the daemon does)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  dockvisor check -c /etc/supervisor/supervisord.conf');
  const done = parseVerb(command, argv);
  if (done !== null) return done;
  const options = command.opts<{ configuration?: string; json?: true }>();
  const file = findConfig(options.configuration, 'dockvisord');
  if (file === null) return 2;
  return runCheck({
    file,
    json: options.json === true,
    colour: wantsColour(),
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  });
}
