/** The steps of a hand-over, as they are told before they are taken. */
import type { ProgramPlan } from './program-plan.ts';

export interface PlannedStep {
  readonly name: 'rehearse' | 'stop-plain' | 'retire' | 'start' | 'examine';
  readonly does: string;
  readonly undone: string;
}

export function stepsOf(programs: readonly ProgramPlan[]): readonly PlannedStep[] {
  const named = (...fates: readonly ProgramPlan['fate'][]): readonly string[] =>
    programs.filter(({ fate }) => fates.includes(fate)).map(({ name }) => name);
  const adopted = named('adopted');
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
  return [
    {
      name: 'rehearse',
      does: `a second dockvisord beside the old manager takes ${count(adopted.length, 'running container')} over on sight, is checked, and is ended; nothing is started or stopped`,
      undone: 'by itself',
    },
    {
      name: 'stop-plain',
      does: `the old supervisord stops what is no container and has to be started anew: ${list(named('restarted'))}`,
      undone: 'it starts them again',
    },
    {
      name: 'retire',
      does: `the old supervisord is frozen, its docker clients are KILLed (the containers run on), and it is KILLed: never TERM, which would stop containers`,
      undone:
        'it is started again with its own command line, environment and directory, and attaches to what runs',
    },
    {
      name: 'start',
      does: `dockvisord is started with the same file, and takes over ${list(adopted)}; it starts ${list(named('restarted', 'started'))}; it leaves down ${list(named('left-stopped'))}`,
      undone:
        'its docker clients and it are KILLed (the containers run on), and the old supervisord is started again',
    },
    { name: 'examine', does: 'dockvisor doctor looks whether all is truthful', undone: 'nothing to undo' },
  ];
}

const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? '' : 's'}`;
