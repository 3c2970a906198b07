/** The command line of `dockvisor check`. */
import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { noConfigFound, searchPath } from '../core/config/search-path.ts';
import { runCheck } from './check.ts';

/** Exit code: 0, or 2 when the daemon would refuse the file, or when the command line is wrong. */
export function runCheckHere(argv: readonly string[]): number {
  const command = new Command('dockvisor check')
    .description('Reads a configuration, prints every problem with file and line, starts nothing.')
    .option('-c, --configuration <file>', 'configuration file (default: searched for as the daemon does)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  dockvisor check -c /etc/supervisor/supervisord.conf')
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  const options = command.opts<{ configuration?: string; json?: true }>();
  const candidates = searchPath('dockvisord', process.cwd());
  const file = options.configuration ?? candidates.find((path) => existsSync(path));
  if (file === undefined) {
    process.stderr.write(`Error: ${noConfigFound(candidates)}\n`);
    return 2;
  }
  return runCheck({
    file,
    json: options.json === true,
    colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  });
}
