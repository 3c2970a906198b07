/** All up, and all stopped. Beside Debian's CLI alone: with the current one supervisord comes back before its containers have ended. */
import { ratioOf } from '../row.ts';
import type { Row } from '../row.ts';
import { median, spread } from '../statistics.ts';
import { stackOf } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import type { FleetResult, Pass } from './fleet.ts';

type Time = 'upMs' | 'endedMs' | 'verifiedMs';

const oursNames = ['api', 'cli'] as const;

export function timeRows(result: FleetResult): readonly Row[] {
  const passes = (name: Stack['name']): readonly Pass[] => result.passes.get(name) ?? [];
  const seconds = (name: Stack['name'], time: Time): readonly number[] =>
    passes(name).map((pass) => pass[time] / 1000);
  const left = (name: Stack['name']): number =>
    passes(name).reduce((sum, { leftRunning }) => sum + leftRunning, 0);
  const withLeft = (name: Stack['name'], text: string): string =>
    left(name) === 0 ? text : `${text}, **${String(left(name))} left running**`;
  const beside = stackOf('classic-20').label;
  const count = String(result.containers);
  const repetitions = String(passes('api').length);

  const row = (figure: string, time: Time, name: (typeof oursNames)[number], goal: string | null): Row => {
    const [ours, theirs] = [seconds(name, time), seconds('classic-20', time)];
    const isStop = time !== 'upMs';
    const text = spread(ours, 2, 's');
    return {
      figure: `${figure}, \`docker_attach=${name}\``,
      beside: `${beside}: ${spread(theirs, 2, 's')}`,
      ours: isStop ? withLeft(name, text) : text,
      ratio: ratioOf(median(ours), median(theirs)),
      goal: goal ?? '(told)',
      reached: goal === null ? null : median(ours) <= median(theirs) && (!isStop || left(name) === 0),
      repetitions,
    };
  };
  return [
    ...oursNames.map((name) => row(`all ${count} up`, 'upMs', name, 'no slower')),
    ...oursNames.map((name) => row(`all ${count} stopped and verified`, 'verifiedMs', name, 'no slower')),
    ...oursNames.map((name) =>
      row(`all ${count} stopped: the last process has ended`, 'endedMs', name, null),
    ),
  ];
}
