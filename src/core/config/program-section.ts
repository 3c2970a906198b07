/** `[program:x]`, `[container:x]`, and what the other kinds have in common with them: one section, read into its processes (supervisord.md 2.5). */
import { readChannel, redirectedStderr } from './channel-options.ts';
import type { LineFormats } from './dockvisor-section.ts';
import { readDockerSpec } from './docker-spec.ts';
import { parseBackoff, parsePart, parseSeconds } from './backoff-options.ts';
import { expand } from './expand.ts';
import type { Autorestart, ProcessSpec, UserSpec } from './model.ts';
import type { FormatNames } from './percent-format.ts';
import { pyRepr, strip } from './python-text.ts';
import { mergeNames, readSection } from './section-reader.ts';
import type { DockerDefaults, ReadContext, SectionReader } from './section-reader.ts';
import { splitCommand } from './shlex.ts';
import { parseSignal } from './signals.ts';
import {
  parseAutorestart,
  parseBoolean,
  parseEnvironment,
  parseExitCodes,
  parseInteger,
  parseName,
  parseOctal,
  parseUser,
} from './values.ts';
import type { Parsed } from './values.ts';

export interface ProgramContext extends ReadContext {
  readonly docker: DockerDefaults;
  readonly lineFormats: LineFormats;
  /** `[supervisord] environment`. */
  readonly daemonEnvironment: Readonly<Record<string, string>>;
}

/** A number with a nought too many would be read for ever: supervisord's own default is 1024 open files. */
const MOST_PROCESSES = 10_000;

function parseCount(text: string): Parsed<number> {
  const count = parseInteger(text);
  if ('error' in count || count.value <= MOST_PROCESSES) return count;
  return { error: `numprocs is at most ${String(MOST_PROCESSES)}`, hint: 'is there a digit too many?' };
}

/** supervisord's suffix to every error inside a process section. */
function suffixOf(context: ReadContext, section: string): string {
  const file = context.ini.sections.get(section)?.place.file ?? context.file;
  return ` in section ${pyRepr(section)} (file: ${pyRepr(file)})`;
}

/** Options that are the same for every process of the section. */
function readShared(context: ProgramContext, reader: SectionReader, names: FormatNames) {
  const integer = (key: string, fallback: number) => reader.value(key, names, parseInteger, fallback);
  const boolean = (key: string, fallback: boolean) => reader.value(key, names, parseBoolean, fallback);
  const priority = integer('priority', 999);
  const autostart = boolean('autostart', true);
  const autorestart = reader.value<Autorestart>('autorestart', names, parseAutorestart, 'unexpected');
  const startSeconds = integer('startsecs', 1);
  const startRetries = integer('startretries', 3);
  const backoff = {
    kind: reader.value('backoff', names, parseBackoff, 'linear'),
    initialSeconds: reader.value('backoff_initial', names, parseSeconds, 1),
    maxSeconds: reader.value('backoff_max', names, parseSeconds, 0),
    jitter: reader.value('backoff_jitter', names, parsePart, 0),
    resetAfterSeconds: reader.value('backoff_reset_after', names, parseSeconds, 0),
  };
  if (backoff.maxSeconds > 0 && backoff.initialSeconds > backoff.maxSeconds)
    reader.warn(
      'backoff_initial is more than backoff_max: the first pause is cut to that already',
      'backoff_initial',
    );
  const stopSignal = reader.value('stopsignal', names, parseSignal, { name: 'TERM', number: 15 });
  const stopWaitSeconds = integer('stopwaitsecs', 10);
  const stopAsGroup = boolean('stopasgroup', false);
  const killAsGroup = boolean('killasgroup', stopAsGroup);
  const exitCodes = reader.value('exitcodes', names, parseExitCodes, [0]);
  const redirectStderr = boolean('redirect_stderr', false);
  const count = reader.value('numprocs', names, parseCount, 1);
  const first = integer('numprocs_start', 0);
  const url = reader.text('serverurl', names);
  const user = reader.value<UserSpec | null>('user', names, (text) => parseUser(text, context.world), null);
  const umask = reader.value<number | null>('umask', names, parseOctal, null);
  // A supervisord takes it, so it is no error; whoever wrote it may have meant something else.
  if (startRetries < -1)
    reader.warn(
      `startretries=${String(startRetries)} is as -1: tried for ever`,
      'startretries',
      'write -1, or 0 for no further try',
    );
  if (stopAsGroup && !killAsGroup)
    reader.error('Cannot set stopasgroup=true and killasgroup=false', 'killasgroup');
  const shared = {
    section: reader.section,
    place: reader.place,
    priority,
    autostart,
    autorestart,
    startSeconds,
    startRetries,
    backoff,
    exitCodes,
    stopSignal,
    stopSignalWritten: reader.option('stopsignal') !== null,
    stopWaitSeconds,
    stopAsGroup,
    killAsGroup,
    user,
    umask,
    redirectStderr,
    serverUrl: url === null || strip(url).toUpperCase() === 'AUTO' ? null : url,
  };
  return { shared, count, first };
}

/** Things about the command that supervisord finds only when it starts it. */
function warnAboutCommand(reader: SectionReader, command: string): void {
  const cut = reader.option('command')?.cuts.find((each) => {
    const split = splitCommand(each.kept);
    return 'error' in split && split.error === 'No closing quotation';
  });
  if (cut !== undefined) {
    const message = `an inline comment cuts this command inside quotes: ${pyRepr(cut.removed)} is taken away`;
    reader.warn(
      message,
      'command',
      'put no white space before the ; or #, or move the command into a script',
    );
    return;
  }
  const split = splitCommand(command);
  if ('error' in split)
    reader.warn(`can't parse command ${pyRepr(command)}: ${split.error}`, 'command', 'it will not start');
  else if (split.words.length === 0) reader.warn('command is empty', 'command', 'it will not start');
}

interface Naming {
  readonly group: string;
  readonly program: string;
  /** Expanded once for each process. */
  readonly processName: string;
}

function readProcess(
  context: ProgramContext,
  reader: SectionReader,
  naming: Naming,
  shared: ReturnType<typeof readShared>['shared'],
  early: FormatNames,
  numbers: FormatNames,
): ProcessSpec | null {
  const { world } = context;
  const isContainer = reader.section.startsWith('container:');
  const numbered = mergeNames(early, numbers);
  const rawEnvironment = expand(reader.option('environment')?.value ?? '', numbered, 'environment');
  const parsed = 'value' in rawEnvironment ? parseEnvironment(rawEnvironment.value) : rawEnvironment;
  if ('error' in parsed) reader.error(parsed.error, 'environment', parsed.hint);
  const own = 'value' in parsed ? parsed.value : {};
  const names = mergeNames(
    numbered,
    new Map(Object.entries(own).map(([key, value]) => [`ENV_${key}`, value])),
  );

  const directory = reader.text('directory', names);
  const stdout = readChannel(reader, 'stdout', early, names, world, context.lineFormats.stdout);
  const written = readChannel(reader, 'stderr', early, names, world, context.lineFormats.stderr);
  const stderr = shared.redirectStderr ? redirectedStderr(reader, written) : written;
  let command = '';
  if (isContainer) {
    if (context.ini.sections.get(reader.section)?.options.has('command') === true) {
      const message = `[${reader.section}] takes no command`;
      reader.error(
        message,
        'command',
        `take it out, or write [program:${naming.program}] with docker_container=`,
      );
    }
  } else if (reader.option('command') === null) {
    const hint = `add command=, or write [container:${naming.program}] for a container without one`;
    reader.error(`program section ${reader.section} does not specify a command`, null, hint);
  } else {
    const expanded = reader.text('command', names);
    if (expanded !== null) warnAboutCommand(reader, expanded);
    command = expanded ?? '';
  }
  const name = expand(naming.processName, names, 'process_name');
  if ('error' in name) {
    reader.error(name.error, 'process_name', name.hint);
    return null;
  }
  const environment = Object.fromEntries([
    ...Object.entries(context.daemonEnvironment),
    ...Object.entries(own),
  ]);
  const isListener = reader.section.startsWith('eventlistener:');
  // A listener talks on its own stdin and stdout, a FastCGI program accepts on its stdin: whatever its command is, it is our child.
  const docker =
    isListener || reader.section.startsWith('fcgi-program:')
      ? null
      : readDockerSpec({
          context,
          reader,
          defaults: context.docker,
          names,
          command,
          containerName: isContainer ? naming.program : null,
          directory,
          environment,
        });
  // A program of `docker_attach=api` has no child whose user could be set.
  if (shared.user !== null && docker?.attach !== 'api' && !world.hasSetpriv) {
    const message = `Cannot run "${naming.program}" as user ${shared.user.name}: setpriv is not installed`;
    reader.error(message, 'user', 'install util-linux, or take user= out');
  }
  // Written out, and not spread: each spread makes a shape of its own, and there may be a thousand.
  const spec: ProcessSpec = {
    group: naming.group,
    name: name.value,
    section: shared.section,
    place: shared.place,
    command,
    directory,
    environment,
    priority: shared.priority,
    autostart: shared.autostart,
    autorestart: shared.autorestart,
    startSeconds: shared.startSeconds,
    startRetries: shared.startRetries,
    backoff: shared.backoff,
    exitCodes: shared.exitCodes,
    stopSignal: shared.stopSignal,
    stopSignalWritten: shared.stopSignalWritten,
    stopWaitSeconds: shared.stopWaitSeconds,
    stopAsGroup: shared.stopAsGroup,
    killAsGroup: shared.killAsGroup,
    user: shared.user,
    umask: shared.umask,
    redirectStderr: shared.redirectStderr,
    stdout,
    stderr,
    serverUrl: shared.serverUrl,
    docker,
  };
  return isListener ? { ...spec, listener: true } : spec;
}

/**
 * The processes of one section, by (priority, name). Problems are reported; what has none is read on, so that all are told.
 *
 * @param group name of the group in which they are.
 */
export function readProgram(context: ProgramContext, section: string, group: string): readonly ProcessSpec[] {
  const reader = readSection(context, section, suffixOf(context, section));
  const named = parseName(section.slice(section.indexOf(':') + 1));
  if ('error' in named) {
    reader.error(named.error, null, named.hint);
    return [];
  }
  const common: FormatNames = new Map([
    ['here', context.here],
    ['program_name', named.value],
    ['host_node_name', context.world.hostName],
    ['group_name', group],
  ]);
  const early = mergeNames(context.environmentNames, common);
  const { shared, count, first } = readShared(context, reader, early);
  const processName = parseName(reader.option('process_name')?.value ?? '%(program_name)s');
  if ('error' in processName) {
    reader.error(processName.error, 'process_name', processName.hint);
    return [];
  }
  if (count > 1 && !processName.value.includes('%(process_num)')) {
    const message = '%(process_num) must be present within process_name when numprocs > 1';
    reader.error(message, 'numprocs', 'add process_name=%(program_name)s_%(process_num)02d');
  }
  const processes: ProcessSpec[] = [];
  const naming = { group, program: named.value, processName: processName.value };
  for (let index = 0; index < count; index += 1) {
    const numbers = new Map([
      ['process_num', first + index],
      ['numprocs', count],
    ]);
    const process = readProcess(context, reader, naming, shared, early, numbers);
    if (process !== null) processes.push(process);
  }
  return processes.sort(byPriorityAndName);
}

/** supervisord's order of everything: lower priority first, then by name. */
export function byPriorityAndName(
  first: { readonly priority: number; readonly name: string },
  second: { readonly priority: number; readonly name: string },
): number {
  if (first.priority !== second.priority) return first.priority - second.priority;
  return first.name < second.name ? -1 : first.name > second.name ? 1 : 0;
}
