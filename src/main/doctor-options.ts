/** The command line of `dockvisor doctor`. */
import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { noConfigFound, searchPath } from '../core/config/search-path.ts';
import { painter, renderDoctor } from '../doctor/render.ts';
import { runDoctor } from './doctor.ts';

/** Exit code: 0 truthful, 1 lies, 2 could not look, or a wrong command line. */
export async function runDoctorHere(argv: readonly string[]): Promise<number> {
  const command = new Command('dockvisor doctor')
    .description(
      'What the manager (dockvisord, or a real supervisord) says of each program, beside what the Engine says.',
    )
    .option(
      '-c, --configuration <file>',
      "the manager's configuration (default: searched for as the daemon does)",
    )
    .option('-s, --serverurl <url>', 'where the manager is (default: as the configuration says)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExit status: 0 truthful, 1 lies were found, 2 could not look.\n\nExample:\n  dockvisor doctor -c /etc/supervisor/supervisord.conf',
    )
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  const options = command.opts<{ configuration?: string; serverurl?: string; json?: true }>();
  const candidates = searchPath('dockvisord', process.cwd());
  const file = options.configuration ?? candidates.find((path) => existsSync(path));
  if (file === undefined) {
    process.stderr.write(`Error: ${noConfigFound(candidates)}\n`);
    return 2;
  }
  const report = await runDoctor({ file, url: options.serverurl ?? null });
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  process.stdout.write(
    options.json === true ? JSON.stringify(report, null, 2) + '\n' : renderDoctor(report, painter(colour)),
  );
  return report.exit;
}
