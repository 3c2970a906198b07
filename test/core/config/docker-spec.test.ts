import { describe, expect, test } from 'vitest';
import type { DockerSpec } from '../../../src/core/config/model.ts';
import { errorsOf, onlyProcess, program, read, warningsOf } from './fake-world.ts';

function docker(...lines: readonly string[]): DockerSpec {
  const spec = onlyProcess(program(...lines)).docker;
  if (spec === null) throw new Error('a plain program');
  return spec;
}

test('a docker command is supervised by its proxy, with the defaults of the contract', () => {
  expect(docker('command=docker start -a web')).toMatchObject({
    attach: 'cli',
    target: { by: 'name', name: 'web' },
    invocation: { verb: 'start', prefix: ['docker'], rest: ['start', '-a', 'web'] },
    host: null,
    certPath: null,
    onGhost: 'stop',
    restartPolicy: 'keep',
  });
});

test('the keys of a program stand over [dockvisor], and that over the defaults', () => {
  const section =
    '[dockvisor]\ndocker_attach=api\ndocker_on_ghost=adopt\ndocker_restart_policy=disable\ndocker_host=tcp://d:1\nstate_dir=~/state\n';
  const result = read(
    section + program('command=docker start -a web', 'docker_on_ghost=never', 'docker_cert_path=~/certs'),
  );
  expect(result.config?.daemon.stateDir).toBe('/home/me/state');
  expect(result.config?.groups[0]?.processes[0]?.docker).toMatchObject({
    attach: 'api',
    onGhost: 'never',
    restartPolicy: 'disable',
    host: 'tcp://d:1',
    certPath: '/home/me/certs',
  });
});

test('docker_container wins over the name in the command', () => {
  const spec = docker('command=docker start -a web', 'docker_container=other%(process_num)d');
  expect(spec.target).toEqual({ by: 'name', name: 'other0' });
  expect(spec.invocation?.target).toEqual({ by: 'name', name: 'web' });
});

test('docker_container makes any command stand for a container', () => {
  expect(docker('command=/opt/start-web.sh', 'docker_container=web')).toMatchObject({
    attach: 'cli',
    invocation: null,
  });
});

describe('the Engine', () => {
  test.each([
    [['command=docker -H tcp://c:1 start -a web'], 'tcp://c:1'],
    [['command=docker -c prod start -a web'], 'context:prod'],
    [['command=docker start -a web', 'docker_host=context:prod'], 'context:prod'],
    [['command=docker -H tcp://c:1 start -a web', 'docker_host=tcp://k:1'], 'tcp://k:1'],
  ])('%j', (lines, host) => {
    expect(docker(...lines).host).toBe(host);
  });

  test('two Engines for one program are a warning', () => {
    expect(
      warningsOf(read(program('command=docker -H tcp://c:1 start -a web', 'docker_host=tcp://k:1'))),
    ).toEqual(['command talks to tcp://c:1, but the container is looked for on tcp://k:1']);
  });
});

describe('a command that comes back at once', () => {
  test.each([
    ['docker start web', '"docker start" comes back at once here: supervised as docker_attach=api'],
    [
      'docker run -d --name web nginx',
      '"docker run" comes back at once here: supervised as docker_attach=api',
    ],
    [
      'docker compose up -d web',
      '"docker compose up" comes back at once here: supervised as docker_attach=api',
    ],
  ])('%s', (command, warning) => {
    expect(docker(`command=${command}`).attach).toBe('api');
    expect(warningsOf(read(program(`command=${command}`)))).toEqual([warning]);
    expect(read(program(`command=${command}`, 'docker_attach=api')).problems).toEqual([]);
  });
});

describe('compose', () => {
  test('its project is named by the environment, its directory is absolute', () => {
    const lines = [
      'command=docker compose -f app/c.yml up web',
      'directory=/srv',
      'environment=COMPOSE_PROJECT_NAME=p',
    ];
    expect(docker(...lines).target).toEqual({
      by: 'compose',
      project: 'p',
      service: 'web',
      projectDirectory: '/srv/app',
    });
  });
});

describe('[container:NAME]', () => {
  test('stands for the container of its name, without a command', () => {
    const process = onlyProcess('[supervisord]\n[container:web]\nstartsecs=3\nstopsignal=INT\n');
    expect(process).toMatchObject({
      group: 'web',
      name: 'web',
      section: 'container:web',
      command: '',
      startSeconds: 3,
      stopSignalWritten: true,
      docker: { attach: 'api', invocation: null, target: { by: 'name', name: 'web' } },
    });
  });

  test.each([
    ['command=x', '[container:web] takes no command'],
    ['docker_attach=cli', 'Cannot set docker_attach=cli in [container:web]: it has no command to run'],
  ])('%s is an error', (line, message) => {
    expect(errorsOf(read(`[supervisord]\n[container:web]\n${line}\n`))).toEqual([
      `${message} in section 'container:web' (file: '/conf/main.conf')`,
    ]);
  });

  test('may not have the name of a program', () => {
    expect(errorsOf(read('[supervisord]\n[program:web]\ncommand=x\n[container:web]\n'))).toEqual([
      'name web is ambiguous (exists as program and container)',
    ]);
  });
});

describe('doubts', () => {
  test.each([
    [
      ['command=docker start -a a b'],
      '"docker start" names 2 containers (a, b): supervised as a plain program',
    ],
    [['docker_attach=api'], 'docker_attach has no effect: no container was read from the command'],
  ])('%j', (lines, warning) => {
    const result = read(program(...lines));
    expect(warningsOf(result)).toEqual([warning]);
    expect(result.config?.groups[0]?.processes[0]?.docker).toBeNull();
  });

  test('two programs for one container', () => {
    const result = read('[supervisord]\n[container:web]\n[program:x]\ncommand=docker start -a web\n');
    expect(warningsOf(result)).toEqual(['container web has two owners: web:web and x:x']);
  });

  test.each([
    ['docker_host=nonsense', "invalid 'docker_host' value 'nonsense'"],
    ['docker_on_ghost=kill', "invalid 'docker_on_ghost' value 'kill'"],
    ['docker_restart_policy=always', "invalid 'docker_restart_policy' value 'always'"],
    ['docker_container=a b', "invalid 'docker_container' value 'a b'"],
  ])('%s is an error', (line, message) => {
    expect(errorsOf(read(program('command=docker start -a web', line)))).toEqual([
      `${message} in section 'program:x' (file: '/conf/main.conf')`,
    ]);
  });
});

describe('docker_notify', () => {
  const run = 'command=docker run --rm --name web nginx';
  const message = (lines: readonly string[], hasDatagrams = true): string | undefined =>
    errorsOf(read(program(...lines, 'docker_notify=true'), {}, { hasDatagrams }))[0];

  test('is for a container that we make on this machine', () => {
    expect(docker(run, 'docker_notify=true').notify).toBe(true);
    expect(docker('command=docker run -d --name web nginx', 'docker_notify=yes').notify).toBe(true);
    expect(docker(run).notify).toBeUndefined();
  });

  test.each([
    ['the container is made by somebody else', ['command=docker start -a web']],
    ['the container is made by somebody else', ['command=docker compose up web']],
    ['podman', ['command=podman run --name web nginx']],
    ['on another machine', [run, 'docker_host=tcp://c:1']],
    ['on another machine', ['command=docker -H ssh://c run --name web nginx']],
  ])('is refused with its key and line: %s', (why, lines) => {
    const problems = read(program(...lines, 'docker_notify=true')).problems.filter(
      ({ severity }) => severity === 'error',
    );
    expect(problems[0]?.message).toContain(why);
    expect(problems[0]?.key).toBe('docker_notify');
    expect(problems[0]?.place?.line).toBe(lines.length + 4);
    expect(problems[0]?.hint).not.toBeNull();
  });

  test('is refused where the package for datagrams is missing', () => {
    expect(message([run], false)).toContain('node-unix-socket');
  });

  test('may have a watchdog, in seconds, that means nothing without it', () => {
    expect(docker(run, 'docker_notify=true', 'docker_notify_watchdog=30').watchdogSeconds).toBe(30);
    expect(docker(run, 'docker_notify=true', 'docker_notify_watchdog=0').watchdogSeconds).toBeUndefined();
    expect(docker(run, 'docker_notify_watchdog=30').watchdogSeconds).toBeUndefined();
    expect(warningsOf(read(program(run, 'docker_notify_watchdog=30')))[0]).toContain('docker_notify=true');
    expect(errorsOf(read(program(run, 'docker_notify=true', 'docker_notify_watchdog=-1')))[0]).toContain(
      "invalid 'docker_notify_watchdog' value -1",
    );
  });

  test('without a container it has no effect, and a warning says so', () => {
    expect(warningsOf(read(program('command=sleep 1', 'docker_notify=true')))[0]).toContain('no effect');
  });
});
