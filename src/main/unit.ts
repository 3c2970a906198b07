/** `dockvisor unit`: prints a systemd unit, for a program of the configuration, for a container, or for the daemon itself. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { parseContainerName } from '../core/config/dockvisor-section.ts';
import type { Config } from '../core/config/model.ts';
import { readConfig } from '../core/config/read.ts';
import { noConfigFound, searchPath } from '../core/config/search-path.ts';
import { formatName } from '../core/names.ts';
import { unitOfContainer, unitOfDaemon, unitOfProgram } from '../core/systemd-unit.ts';
import type { UnitText } from '../core/systemd-unit.ts';
import { createConfigWorld } from '../system/config-world.ts';
import { parseVerb } from './verb-line.ts';

/** Exit code: 0, or 2 for a wrong command line or configuration. `script`: the running `dockvisor.js`. */
export function runUnit(argv: readonly string[], script: string): number {
  const command = new Command('dockvisor unit')
    .description('Prints a systemd unit for a program of the configuration, or for a container of that name.')
    .usage('NAME | --daemon [-c FILE]')
    .argument('[name]')
    .option('--daemon', 'a unit of dockvisord, which runs the whole configuration')
    .option('-c, --configuration <file>', 'configuration file (default: searched for as the daemon does)')
    .addHelpText(
      'after',
      '\nExample:\n  dockvisor unit web > /etc/systemd/system/web.service && systemctl enable --now web',
    );
  const done = parseVerb(command, argv);
  if (done !== null) return done;
  const options = command.opts<{ daemon?: true; configuration?: string }>();
  const [name] = command.args;
  if ((name === undefined) === (options.daemon === undefined)) {
    return refuse('wanted a NAME, or --daemon, and not both; see dockvisor unit --help');
  }
  const candidates = searchPath('dockvisord', process.cwd());
  const file = options.configuration ?? candidates.find((path) => existsSync(path)) ?? null;
  const read = file === null ? null : readConfig(file, createConfigWorld());
  if (
    read !== null &&
    read.config === null &&
    (options.daemon === true || options.configuration !== undefined)
  )
    return refuse(`${String(file)} cannot be read as a configuration; dockvisor check tells why`);
  const config = read?.config ?? null;
  if (read !== null && config === null)
    note(`${String(file)} is refused (dockvisor check tells why): ${String(name)} is taken for a container`);
  const text =
    name === undefined
      ? config === null
        ? noConfigFound(candidates)
        : unitOfDaemon(config, programWords(script, 'dockvisord'))
      : unitOf(name, config, programWords(script, 'dockvisor'));
  if (typeof text === 'string') return refuse(text);
  text.notes.forEach(note);
  process.stdout.write(text.text);
  return 0;
}

/** A sentence: why there is none. */
function unitOf(name: string, config: Config | null, dockvisor: readonly string[]): UnitText | string {
  const processes = config?.groups.flatMap((group) => group.processes) ?? [];
  const spec = processes.find((one) => one.name === name || formatName(one.group, one.name) === name);
  if (spec !== undefined) {
    return (
      unitOfProgram(spec, dockvisor) ??
      `"${name}" is a plain program, not a container: systemd runs it as it is, with ExecStart=${spec.command}`
    );
  }
  const parsed = parseContainerName(name);
  return 'error' in parsed
    ? `"${name}" is no program of the configuration, and cannot be the name of a container`
    : unitOfContainer(parsed.value, dockvisor);
}

function note(message: string): void {
  process.stderr.write(`dockvisor unit: note: ${message}\n`);
}

function refuse(message: string): number {
  process.stderr.write(`Error: Cannot make a unit: ${message}\n`);
  return 2;
}

/** The installed command where it is where systemd looks; else this very file under this very node. */
function programWords(script: string, name: 'dockvisor' | 'dockvisord'): readonly string[] {
  const file = join(dirname(script), `${name}.js`);
  const installed = ['/usr/local/bin', '/usr/bin']
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path) && realpathSync(path) === realpathSync(file));
  return installed === undefined ? [process.execPath, file] : [installed];
}
