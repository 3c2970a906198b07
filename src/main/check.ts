/** `dockvisor check`: reads a configuration, tells every problem and what was read from each command, starts nothing. */
import type { ConfigWorld, ContainerTarget, Problem, ProcessSpec, ReadResult } from '../core/config/model.ts';
import { readConfig } from '../core/config/read.ts';
import { formatName } from '../core/names.ts';
import { createConfigWorld } from '../system/config-world.ts';

/** A line of the table: one process. */
export interface CheckedProgram {
  /** `group:process`, or one name when they are the same. */
  readonly name: string;
  readonly section: string;
  readonly kind: 'plain' | 'container';
  readonly command: string;
  /** null for a plain program. */
  readonly container: {
    readonly target: ContainerTarget;
    readonly attach: 'cli' | 'api';
    /** The Engine; null: the client's default. */
    readonly host: string | null;
  } | null;
  /** URL of what it listens on as its stdin (FastCGI). Absent: an ordinary stdin. */
  readonly socket?: string;
}

/** What `--json` prints. */
export interface CheckReport {
  readonly file: string;
  /** False when the daemon would refuse the file. */
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** Empty when it is not ok. */
  readonly programs: readonly CheckedProgram[];
}

function checkedProgram(process: ProcessSpec, world: ConfigWorld): CheckedProgram {
  const { section, command, docker, socket } = process;
  const name = formatName(process.group, process.name);
  if (docker === null) {
    const plain = { name, section, kind: 'plain', command, container: null } as const;
    return socket === undefined ? plain : { ...plain, socket: socket.url };
  }
  const { target, attach } = docker;
  const host = docker.host ?? process.environment['DOCKER_HOST'] ?? world.environment['DOCKER_HOST'] ?? null;
  return { name, section, kind: 'container', command, container: { target, attach, host } };
}

export function makeReport(file: string, result: ReadResult, world: ConfigWorld): CheckReport {
  const processes = (result.config?.groups ?? []).flatMap((group) => group.processes);
  const programs = processes.map((process) => checkedProgram(process, world));
  return { file, ok: result.config !== null, problems: result.problems, programs };
}

function targetText(target: ContainerTarget): string {
  switch (target.by) {
    case 'name':
      return `container ${target.name}`;
    case 'cidfile':
      return target.path === undefined
        ? 'container of its own, by --cidfile'
        : `container by --cidfile ${target.path}`;
    case 'compose':
      return `compose service ${target.service}${target.project === null ? '' : ` of project ${target.project}`}`;
  }
}

function kindText(program: CheckedProgram): string {
  if (program.container === null)
    return program.socket === undefined ? 'plain' : `FastCGI on ${program.socket}`;
  const { target, attach, host } = program.container;
  return `${targetText(target)} via ${attach} on ${host ?? 'the default Engine'}`;
}

const COLOURS = { error: 31, warning: 33, dim: 2 };

type Paint = (colour: keyof typeof COLOURS, text: string) => string;

function problemText(problem: Problem, file: string, paint: Paint): string {
  const { severity, place, section, key, message, hint } = problem;
  const line = place === null || place.line === 0 ? '' : `:${String(place.line)}`;
  const subject = section === null ? '' : `[${section}] ${key === null ? '' : `${key}: `}`;
  const text = message.replaceAll('\n', '\n    ');
  const head = `${place?.file ?? file}${line}: ${paint(severity, `${severity}:`)} ${subject}${text}`;
  return hint === null ? head : `${head}\n    ${paint('dim', `hint: ${hint}`)}`;
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** The report for people; ends with a newline. */
export function renderCheck(report: CheckReport, options: { readonly colour: boolean }): string {
  const paint: Paint = (colour, text) =>
    options.colour ? `\x1b[${String(COLOURS[colour])}m${text}\x1b[0m` : text;
  const lines = report.problems.map((problem) => problemText(problem, report.file, paint));
  const width = Math.max(0, ...report.programs.map((program) => program.name.length));
  lines.push(...report.programs.map((program) => `${program.name.padEnd(width)}  ${kindText(program)}`));
  const errors = report.problems.filter((problem) => problem.severity === 'error').length;
  const warnings = counted(report.problems.length - errors, 'warning');
  const count = report.programs.length;
  const processes = count === 1 ? '1 process' : `${String(count)} processes`;
  lines.push(
    report.ok
      ? `${report.file}: ok, ${processes}, ${warnings}`
      : `${report.file}: refused, ${counted(errors, 'error')}, ${warnings}`,
  );
  return lines.join('\n') + '\n';
}

export interface CheckOptions {
  readonly file: string;
  readonly json: boolean;
  readonly colour: boolean;
  readonly stdout: (text: string) => void;
  /** For chatter; the problems are what was asked for, and go to `stdout`. */
  readonly stderr: (text: string) => void;
  /** Absent: the real one. */
  readonly world?: ConfigWorld;
}

/** @returns the exit code: 0, or 2 when the daemon would refuse the file. */
export function runCheck(options: CheckOptions): 0 | 2 {
  const world = options.world ?? createConfigWorld();
  const report = makeReport(options.file, readConfig(options.file, world), world);
  options.stdout(options.json ? JSON.stringify(report, null, 2) + '\n' : renderCheck(report, options));
  return report.ok ? 0 : 2;
}
