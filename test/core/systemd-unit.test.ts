import { describe, expect, it } from 'vitest';
import { recognizeContainer } from '../../src/core/config/container-command.ts';
import type { ProcessSpec } from '../../src/core/config/model.ts';
import { summarize } from '../../src/core/summary.ts';
import { assignment, commandLine, looksSecret } from '../../src/core/systemd-text.ts';
import { graceOfAll, unitOfContainer, unitOfProgram } from '../../src/core/systemd-unit.ts';
import { dockerSpecWith, specWith } from '../support/specs.ts';

describe('words of a unit', () => {
  it('are quoted where they have to be, with % and $ doubled', () => {
    expect(commandLine(['/bin/sh', '-c', 'echo "$HOME" 100%\\n', ''])).toBe(
      '/bin/sh -c "echo \\"$$HOME\\" 100%%\\\\n" ""',
    );
    expect(commandLine(['a', ';', 'b'])).toBe('a ";" b');
  });

  it('of Environment= take no $', () => {
    expect(assignment('A', '$x 1%')).toBe('"A=$x 1%%"');
    expect(assignment('A', 'two\nlines')).toBe('"A=two\\nlines"');
    expect(assignment('PLAIN', '1')).toBe('PLAIN=1');
  });

  it('hold a secret by their name', () => {
    expect(['DB_PASSWORD', 'API_KEY', 'GITHUB_TOKEN', 'PATH', 'COMPASS'].map(looksSecret)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

function program(words: string, change: Partial<ProcessSpec> = {}): ProcessSpec {
  const read = recognizeContainer(words.split(' '));
  if (read.kind === 'plain') throw new Error(words);
  const { invocation } = read;
  const docker = dockerSpecWith({ attach: 'cli', target: invocation.target, invocation });
  return specWith({ name: 'web', docker, ...change });
}
const textOf = (spec: ProcessSpec): string => unitOfProgram(spec, ['/usr/bin/dockvisor'])?.text ?? '';

describe('a unit', () => {
  it('of a container that is there is the short form, with the grace of the program', () => {
    const text = textOf(program('docker start -a web', { stopWaitSeconds: 30 }));
    expect(text).toContain('ExecStart=/usr/bin/dockvisor wrap --stop-timeout 30 web\n');
    expect(text).toContain('TimeoutStopSec=60\n');
    expect(text).toContain('After=docker.service\nWants=docker.service\n');
    expect(text).not.toMatch(/Requires=|BindsTo=|PartOf=/);
  });

  it('of a docker run has the command', () => {
    expect(textOf(program('docker -H unix:///x run --rm --name web nginx'))).toContain(
      'wrap --stop-timeout 10 -- docker -H unix:///x run --rm --name web nginx\n',
    );
  });

  it.each([
    ['never', [0], ['Restart=on-abnormal', 'SuccessExitStatus=143']],
    ['always', [0], ['Restart=always', 'SuccessExitStatus=143']],
    ['unexpected', [0, 2], ['Restart=on-failure', 'SuccessExitStatus=2 143']],
    ['unexpected', [2], ['Restart=on-failure', 'SuccessExitStatus=2 143', 'RestartForceExitStatus=0']],
  ] as const)('restarts as autorestart=%s with exitcodes %j says', (autorestart, exitCodes, lines) => {
    const text = textOf(program('docker start -a web', { autorestart, exitCodes }));
    for (const line of lines) expect(text).toContain(`${line}\n`);
  });

  it('is for what stands for a container only', () => {
    expect(unitOfProgram(specWith({ name: 'x' }), ['dockvisor'])).toBeNull();
    expect(unitOfContainer('web', ['dockvisor']).text).toContain('ExecStart=dockvisor wrap web\n');
  });

  it('tells of secrets in the environment and in the command', () => {
    const spec = program('docker run --name web -e DB_PASSWORD=x nginx', {
      environment: { TOKEN: 'y', A: 'b' },
    });
    const notes = unitOfProgram(spec, ['dockvisor'])?.notes.join('\n');
    expect(notes).toContain('TOKEN');
    expect(notes).toContain('DB_PASSWORD');
  });
});

it('the graces of all add up by priority, because those of one priority stop together', () => {
  const group = (name: string, priority: number, ...graces: number[]) => ({
    name,
    priority,
    processes: graces.map((stopWaitSeconds) => specWith({ name, stopWaitSeconds })),
  });
  expect(graceOfAll({ groups: [group('a', 1, 5, 20), group('b', 1, 10), group('c', 2, 7)] })).toBe(27);
  expect(graceOfAll({ groups: [] })).toBe(0);
});

it('the state of all in a few words', () => {
  const of = (...states: Parameters<typeof summarize>[0][number]['state'][]): string =>
    summarize(states.map((state) => ({ state })));
  expect(of('FATAL', 'RUNNING', 'RUNNING', 'STOPPED')).toBe('2 running, 1 stopped, 1 FATAL');
  expect(of()).toBe('no programs');
});
