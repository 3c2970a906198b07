/** The plan for people; ends with a newline. */
import type { Paint } from '../doctor/render.ts';
import type { Plan } from './plan.ts';
import type { Fate, ProgramPlan } from './program-plan.ts';

const fates: Readonly<Record<Fate, string>> = {
  adopted: 'runs on, adopted',
  restarted: 'RESTARTED (no container)',
  started: 'started',
  'left-stopped': 'stays down',
  blocked: 'BLOCKED',
};

export function renderPlan(plan: Plan, paint: Paint): string {
  const width = Math.max(0, ...plan.programs.map(({ name }) => name.length));
  const lines = [
    paint('dim', `supervisord pid ${String(plan.manager.pid)} at ${plan.manager.url}, ${plan.file}`),
  ];
  for (const program of plan.programs) {
    const fate = paint(
      program.fate === 'blocked' ? 'red' : program.fate === 'adopted' ? 'green' : 'yellow',
      fates[program.fate].padEnd(24),
    );
    lines.push(
      `${program.name.padEnd(width)}  ${(program.state ?? 'not running there').padEnd(8)}  ${fate}  ${whatOf(program)}`,
    );
    for (const note of program.notes) lines.push(`${' '.repeat(width + 12)}- ${note}`);
  }
  for (const warning of plan.warnings) lines.push(`${paint('yellow', 'warning')}  ${warning}`);
  for (const { text, mend } of plan.blockers) {
    lines.push(
      `${paint('red', 'blocker')}  ${text}`,
      ...mend.map((command) => `         mend it:  ${command}`),
    );
  }
  lines.push('', 'steps:');
  for (const [index, { does, undone }] of plan.steps.entries()) {
    lines.push(`  ${String(index + 1)}. ${does}`, paint('dim', `     undone: ${undone}`));
  }
  return lines.join('\n') + '\n';
}

function whatOf({ container, kind }: ProgramPlan): string {
  if (container === null) return kind;
  return `container ${container.name} (by ${container.by}, ${container.attach}) on ${container.engine}`;
}
