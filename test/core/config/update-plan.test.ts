import { expect, test } from 'vitest';
import type { GroupSpec } from '../../../src/core/config/model.ts';
import { planUpdate } from '../../../src/core/config/update-plan.ts';
import { good, read } from './fake-world.ts';

function groups(text: string): readonly GroupSpec[] {
  return good(read('[supervisord]\n' + text)).groups;
}
const program = '[program:a]\ncommand=a\n';
const listener = (numbers: number, lines = ''): string =>
  `[eventlistener:l]\ncommand=l\nevents=TICK_5\nnumprocs=${String(numbers)}\nprocess_name=l%(process_num)d\n${lines}`;

const acts = (was: string, is: string): readonly string[] =>
  planUpdate(groups(was), groups(is)).map(
    ({ group, act, processes }) =>
      `${group} ${act}: ${processes.map((each) => `${each.process} ${each.act}`).join(', ')}`,
  );

test.each([
  ['priority=5'],
  ['autostart=false'],
  ['autorestart=true'],
  ['startsecs=3'],
  ['startretries=9'],
  ['exitcodes=3'],
  ['stopsignal=INT'],
  ['stopwaitsecs=99'],
  ['stopasgroup=true'],
  ['killasgroup=true'],
])('%s needs no restart', (line) => {
  expect(acts(program, `${program}${line}\n`)).toEqual(['a change: a change']);
});

test.each([
  ['environment=A=1'],
  ['directory=/'],
  ['umask=077'],
  ['stdout_logfile=/x'],
  ['redirect_stderr=true'],
])('%s needs a restart', (line) => {
  expect(acts(program, `${program}${line}\n`)).toEqual(['a change: a restart']);
});

test.each([['docker_on_ghost=adopt'], ['docker_restart_policy=disable']])('%s needs no restart', (line) => {
  const container = '[container:c]\n';
  expect(acts(container, `${container}${line}\n`)).toEqual(['c change: c change']);
});

test('what goes comes first, then what changes, then what comes', () => {
  expect(
    acts(`${program}[program:b]\ncommand=b\n`, '[program:c]\ncommand=c\n[program:b]\ncommand=z\n'),
  ).toEqual(['a remove: a remove', 'b change: b restart', 'c add: c add']);
});

test('more processes of a program leave those that there are', () => {
  const many = (count: number): string =>
    `${program}numprocs=${String(count)}\nprocess_name=a%(process_num)d\n`;
  expect(acts(many(2), many(3))).toEqual(['a change: a0 keep, a1 keep, a2 add']);
  expect(acts(many(3), many(1))).toEqual(['a change: a0 keep, a1 remove, a2 remove']);
});

test('the listeners of a pool are restarted together', () => {
  expect(acts(listener(2), listener(3))).toEqual(['l change: l0 restart, l1 restart, l2 add']);
  expect(acts(listener(1), listener(1, 'buffer_size=5\n'))).toEqual(['l change: l0 restart']);
  expect(acts(listener(1), listener(1, 'stopwaitsecs=5\n'))).toEqual(['l change: l0 change']);
});

test('the same text is no plan', () => {
  expect(acts(program + listener(2), program + listener(2))).toEqual([]);
});
