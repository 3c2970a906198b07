/** The report for people: a block for each program that has something, a line for each that is truthful, a closing count. */
import { isUp } from '../core/truth.ts';
import type { Remedy } from './findings.ts';
import type { DoctorReport, ProgramReport } from './report.ts';

const colours = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 } as const;
export type Paint = (colour: keyof typeof colours, text: string) => string;

export const painter =
  (colour: boolean): Paint =>
  (name, text) =>
    colour && text !== '' ? `\x1b[${String(colours[name])}m${text}\x1b[0m` : text;

/** Ends with a newline. */
export function renderDoctor(report: DoctorReport, paint: Paint): string {
  const { manager, programs, troubles, conflicts } = report;
  const width = Math.max(4, ...programs.map(({ name }) => name.length));
  const lines: string[] = [];
  if (manager !== null)
    lines.push(paint('dim', `${manager.kind} pid ${String(manager.pid)} at ${manager.url}, ${report.file}`));
  for (const trouble of troubles) {
    lines.push(`${paint('red', 'could not look')}  ${trouble.text}`, ...remedyLines(trouble, 16, paint));
  }
  for (const program of programs) lines.push(...programLines(program, width, paint, report));
  for (const conflict of conflicts) {
    lines.push(`${paint('yellow', 'conflict')}  ${conflict.text}`, ...remedyLines(conflict, 10, paint));
  }
  lines.push(closing(report, paint));
  return lines.join('\n') + '\n';
}

function programLines(program: ProgramReport, width: number, paint: Paint, report: DoctorReport): string[] {
  const { name, lies, conflicts } = program;
  const head = paint('bold', name.padEnd(width));
  const indent = width + 2;
  const label = (text: string): string => ' '.repeat(indent) + text.padEnd(10);
  if (lies.length === 0 && conflicts.length === 0) {
    const mark =
      program.says === null || program.container?.state === 'unknown' ? '' : paint('green', '  true');
    // Ours names the container itself.
    const named = program.says?.description.includes(`container ${program.container?.name ?? ''}`) === true;
    const text = named ? engineText(program).replace(/^container \S+ /, '') : engineText(program);
    return [`${head}  ${saysText(program, report)}; ${text}${mark}`];
  }
  const lines = [
    `${head}  ${'says'.padEnd(10)}${saysText(program, report)}`,
    `${label('is')}${engineText(program)}`,
  ];
  for (const lie of lies) {
    lines.push(
      `${' '.repeat(indent)}${paint('red', 'LIE'.padEnd(10))}says ${lie.says}, and ${lieText(lie.truth, program)}`,
      ...remedyLines(lie, indent + 10, paint),
    );
  }
  for (const conflict of conflicts) {
    lines.push(
      `${' '.repeat(indent)}${paint('yellow', 'conflict'.padEnd(10))}${conflict.text}`,
      ...remedyLines(conflict, indent + 10, paint),
    );
  }
  return lines;
}

const lieText = (truth: string, { container }: ProgramReport): string =>
  container === null ? truth : `container ${container.name}: ${truth}`;

function remedyLines({ mend, advice }: Remedy, indent: number, paint: Paint): string[] {
  const space = ' '.repeat(indent);
  const commands = mend.map(
    (command, index) => `${space}${index === 0 ? 'mend it:  ' : '          '}${command}`,
  );
  return advice === null ? commands : [...commands, space + paint('dim', `(${advice})`)];
}

function saysText({ says }: ProgramReport, { manager }: DoctorReport): string {
  if (says === null) return manager === null ? 'no manager to ask' : 'not known to the manager';
  return says.description === '' ? says.state : `${says.state}  ${says.description}`;
}

function engineText({ container }: ProgramReport): string {
  if (container === null) return 'plain';
  const name = `container ${container.name}`;
  if (container.state === 'unknown') return `${name} unknown: ${container.error}`;
  if (isUp(container.state)) {
    const since = container.started_at === null ? '' : ` since ${container.started_at.slice(0, 19)}Z`;
    const health = container.health === 'none' ? '' : ` (${container.health})`;
    return `${name} ${container.state}${health}${since}`;
  }
  const code = container.exit_code === null ? '' : ` ${String(container.exit_code)}`;
  return `${name} ${container.state}${code}${container.oom_killed ? ' (OOM killed)' : ''}`;
}

function closing({ summary, exit, troubles }: DoctorReport, paint: Paint): string {
  const { programs, truthful, lying, unknown, conflicts } = summary;
  const count = (number: number, one: string, many: string): string =>
    `${String(number)} ${number === 1 ? one : many}`;
  const parts = [
    count(programs, 'program', 'programs'),
    `${String(truthful)} truthful`,
    `${String(lying)} lying`,
    ...(unknown === 0 ? [] : [`${String(unknown)} unknown`]),
    count(conflicts, 'conflict', 'conflicts'),
  ];
  const colour = exit === 0 ? 'green' : 'red';
  const could = troubles.length === 0 ? '' : '; not everything could be looked at';
  return paint(colour, parts.join(', ') + could);
}
