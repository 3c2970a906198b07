/** The command line of `dockvisor doctor`. */
import { Command } from 'commander';
import { painter, renderDoctor } from '../doctor/render.ts';
import { runDoctor } from './doctor.ts';
import { findConfig, parseVerb, wantsColour } from './verb-line.ts';

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
    );
  const done = parseVerb(command, argv);
  if (done !== null) return done;
  const options = command.opts<{ configuration?: string; serverurl?: string; json?: true }>();
  const file = findConfig(options.configuration, 'dockvisord');
  if (file === null) return 2;
  const report = await runDoctor({ file, url: options.serverurl ?? null });
  const colour = wantsColour();
  process.stdout.write(
    options.json === true ? JSON.stringify(report, null, 2) + '\n' : renderDoctor(report, painter(colour)),
  );
  return report.exit;
}
