/** The command line of `dockvisor migrate`. */
import { Command } from 'commander';
import { runMigrate } from './migrate.ts';
import { findConfig, parseVerb, wantsColour } from './verb-line.ts';

/** `dockvisord`: the built program that is to take over. */
export async function runMigrateHere(argv: readonly string[], dockvisord: string): Promise<number> {
  const command = new Command('dockvisor migrate')
    .description(
      'From a running supervisord to dockvisord, without restarting a container. Without --write: the plan only.',
    )
    .option(
      '-c, --configuration <file>',
      "supervisord's configuration (default: searched for as the daemon does)",
    )
    .option('-s, --serverurl <url>', 'where supervisord is (default: as the configuration says)')
    .option('--plan', 'print what would be done and change nothing (the default)')
    .option('--write', 'do it; where a step fails, the old supervisord is put back')
    .option('--undo', 'put the old supervisord back, from wherever the last --write has come to')
    .option('--yes', 'do not ask')
    .option('--json', 'print the plan as one JSON object')
    .option('--state <directory>', 'where the record is kept (default: below /var/lib/dockvisor/migrate)')
    .option('--dockvisord <file>', 'the daemon to hand over to (default: the one beside this program)')
    .addHelpText(
      'after',
      '\nExit status: 0 done or nothing to do, 1 could not or was undone, 2 usage or configuration.\n\nExample:\n  dockvisor migrate -c /etc/supervisor/supervisord.conf',
    );
  const done = parseVerb(command, argv);
  if (done !== null) return done;
  const options = command.opts<{
    configuration?: string;
    serverurl?: string;
    plan?: true;
    write?: true;
    undo?: true;
    yes?: true;
    json?: true;
    state?: string;
    dockvisord?: string;
  }>();
  const modes = [options.plan, options.write, options.undo].filter((mode) => mode === true);
  if (modes.length > 1 || (options.json === true && (options.write === true || options.undo === true))) {
    process.stderr.write(
      'Error: --plan, --write and --undo go one at a time, and --json with the plan only\n',
    );
    return 2;
  }
  const file = findConfig(options.configuration, 'supervisord');
  if (file === null) return 2;
  return runMigrate({
    file,
    url: options.serverurl ?? null,
    write: options.write === true,
    undo: options.undo === true,
    yes: options.yes === true,
    json: options.json === true,
    state: options.state ?? null,
    dockvisord: options.dockvisord ?? dockvisord,
    colour: wantsColour(),
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  });
}
