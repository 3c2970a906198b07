import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recognizeContainer } from '../../../src/core/config/container-command.ts';
import { splitCommand } from '../../../src/core/config/shlex.ts';

function words(command: string): readonly string[] {
  const split = splitCommand(command);
  if ('error' in split) throw new Error(split.error);
  return split.words;
}

/** What was recognised, in one line: `verb target [rm] [detached] [@host] [context:x]`, `plain`, or `plain: why`. */
function summary(command: string): string {
  const result = recognizeContainer(words(command));
  if (result.kind === 'plain') return result.doubt === null ? 'plain' : `plain: ${result.doubt.message}`;
  const { verb, target, remove, detached, host, context } = result.invocation;
  const what =
    target.by === 'name'
      ? target.name
      : target.by === 'cidfile'
        ? `cidfile${target.path === undefined ? '' : `=${target.path}`}`
        : `${target.project ?? '?'}/${target.service} in ${target.projectDirectory ?? 'cwd'}`;
  const flags = [
    remove && 'rm',
    detached && 'detached',
    host !== null && `@${host}`,
    context !== null && `context:${context}`,
  ];
  return [verb, what, ...flags.filter((flag) => flag !== false)].join(' ');
}

describe('start and attach', () => {
  test.each([
    ['docker start -a web', 'start web'],
    ['/usr/bin/docker start -a web', 'start web'],
    ['docker start -ai web', 'start web'],
    ['docker start -ia web', 'start web'],
    ['docker start -i web', 'start web'],
    ['docker start --attach web', 'start web'],
    ['docker start --attach=true web', 'start web'],
    ['docker start --attach=false web', 'start web detached'],
    ['docker start --interactive web', 'start web'],
    ['docker start web', 'start web detached'],
    ['docker start web -a', 'start web'],
    ['docker start -a -- web', 'start web'],
    ['docker start --detach-keys ctrl-x -a web', 'start web'],
    ['docker start --detach-keys=ctrl-x -a web', 'start web'],
    ['docker start -a --sig-proxy web', 'start web'],
    ['docker start -a --sig-proxy=false web', 'start web'],
    ['docker start --checkpoint c1 -a web', 'start web'],
    ['docker container start -a web', 'start web'],
    ['docker attach web', 'attach web'],
    ['docker attach --no-stdin --sig-proxy=false web', 'attach web'],
    ['docker container attach web', 'attach web'],
    ['podman start -a web', 'start web'],
    ['docker start -a', 'plain: "docker start" names no container'],
    [
      'docker start -a web db',
      'plain: "docker start" names 2 containers (web, db): supervised as a plain program',
    ],
    [
      'docker start --bogus web',
      'plain: cannot read "docker start": --bogus is not known or lacks its value',
    ],
    [
      'docker start --attach=maybe web',
      'plain: cannot read "docker start": --attach=maybe is not known or lacks its value',
    ],
    ['podman start --all', 'plain: "podman start" names no container'],
  ])('%s is %s', (command, wanted) => {
    expect(summary(command)).toBe(wanted);
  });
});

describe('run', () => {
  test.each([
    ['docker run --name web nginx', 'run web'],
    ['docker run --name=web nginx', 'run web'],
    ['docker run --rm --name web nginx', 'run web rm'],
    ['docker run --name web --rm -it -p 80:80 -e A=b -v /a:/b nginx nginx -g "daemon off;"', 'run web rm'],
    ['docker run -p80:80 -eA=b --name web nginx', 'run web'],
    ['docker run -d --name web nginx', 'run web detached'],
    ['docker run -itd --name web nginx', 'run web detached'],
    ['docker run --detach --name web nginx', 'run web detached'],
    ['docker run -d=false --name web nginx', 'run web'],
    ['docker run nginx', 'run cidfile'],
    ['docker run --rm nginx', 'run cidfile rm'],
    ['docker run --rm=false nginx', 'run cidfile'],
    ['docker run --cidfile /run/x.cid nginx', 'run cidfile=/run/x.cid'],
    ['docker run --cidfile=/run/x.cid --name web nginx', 'run web'],
    ['docker run nginx --name web', 'run cidfile'],
    ['docker run -e --name web nginx', 'run cidfile'],
    ['docker run --network host --init --read-only --privileged --name web --restart no nginx', 'run web'],
    ['docker run --log-opt max-size=1m --memory 1g -m 2g --cpus 1.5 --gpus all --name web nginx', 'run web'],
    ['docker run --health-cmd "curl -f x" --add-host a:1 --ulimit nofile=1 --name web nginx', 'run web'],
    ['docker run --net host --name web nginx', 'run web'],
    ['docker run -u 1:1 -w /x -h h -l a=b -c 5 --name web nginx', 'run web'],
    ['docker container run --name web nginx', 'run web'],
    ['podman run --replace --sdnotify=conmon --name web nginx', 'run web'],
    ['podman run --tz local --secret s --name web nginx', 'run web'],
    ['docker run', 'plain: "docker run" names no image'],
    ['docker run --help', 'plain'],
    [
      'docker run --replace --name web nginx',
      'plain: cannot read "docker run": --replace is not known or lacks its value',
    ],
    ['docker run --name', 'plain: cannot read "docker run": --name is not known or lacks its value'],
  ])('%s is %s', (command, wanted) => {
    expect(summary(command)).toBe(wanted);
  });
});

describe('global options of the client', () => {
  test.each([
    ['docker -H tcp://h:2375 start -a web', 'start web @tcp://h:2375'],
    ['docker -Htcp://h:2375 start -a web', 'start web @tcp://h:2375'],
    ['docker -H=tcp://h:2375 start -a web', 'start web @tcp://h:2375'],
    ['docker --host unix:///x.sock start -a web', 'start web @unix:///x.sock'],
    ['docker --host=ssh://u@h start -a web', 'start web @ssh://u@h'],
    ['docker -c prod start -a web', 'start web context:prod'],
    ['docker --context=prod start -a web', 'start web context:prod'],
    ['docker --config /c -D -l debug --log-level=info start -a web', 'start web'],
    ['docker --tls --tlscacert a --tlscert=b --tlskey c --tlsverify start -a web', 'start web'],
    ['docker -Dl debug start -a web', 'start web'],
    ['podman --url unix:///p.sock --log-level debug start -a web', 'start web @unix:///p.sock'],
    ['podman --remote --connection c run --name web nginx', 'run web'],
    ['docker --version', 'plain'],
    ['docker --bogus start -a web', 'plain'],
    ['docker', 'plain'],
  ])('%s is %s', (command, wanted) => {
    expect(summary(command)).toBe(wanted);
  });
});

describe('compose', () => {
  test.each([
    ['docker compose up web', 'compose-up ?/web in cwd'],
    ['docker compose -f /srv/app/c.yml up web', 'compose-up ?/web in /srv/app'],
    ['docker compose -f c.yml -p proj up --no-deps web', 'compose-up proj/web in cwd'],
    ['docker compose --project-directory /srv/x --file=/a/b.yml up web', 'compose-up ?/web in /srv/x'],
    ['docker compose --profile a --env-file .env up -t 5 --pull always web', 'compose-up ?/web in cwd'],
    ['docker compose up -d web', 'compose-up ?/web in cwd detached'],
    ['docker compose up --wait web', 'compose-up ?/web in cwd detached'],
    ['docker compose up web --abort-on-container-exit', 'compose-up ?/web in cwd'],
    ['docker compose up --scale web=1 web', 'compose-up ?/web in cwd'],
    ['docker -H tcp://h:1 compose up web', 'compose-up ?/web in cwd @tcp://h:1'],
    ['docker-compose up web', 'compose-up ?/web in cwd'],
    [
      '/usr/local/bin/docker-compose -H tcp://h:1 -f /srv/app/c.yml up web',
      'compose-up ?/web in /srv/app @tcp://h:1',
    ],
    ['docker compose up', 'plain: "compose up" of every service: supervised as a plain program'],
    [
      'docker compose up web db',
      'plain: "compose up" of 2 services (web, db): supervised as a plain program',
    ],
    [
      'docker compose up --scale web=2 web',
      'plain: "compose up --scale web=2" is not one container: supervised as a plain program',
    ],
    ['docker compose up --no-start web', 'plain'],
    ['docker compose logs -f web', 'plain'],
    ['docker compose run web sh', 'plain'],
    ['docker container compose up web', 'plain'],
  ])('%s is %s', (command, wanted) => {
    expect(summary(command)).toBe(wanted);
  });
});

describe('wrappers that are looked through', () => {
  test.each([
    ['sudo docker start -a web', 'start web'],
    ['sudo -n -u root docker start -a web', 'start web'],
    ['sudo -nEu root -- docker start -a web', 'start web'],
    ['sudo --user=root --preserve-env docker start -a web', 'start web'],
    ['sudo --user root docker start -a web', 'start web'],
    ['sudo DOCKER_HOST=tcp://h:1 docker start -a web', 'start web @tcp://h:1'],
    ['exec docker start -a web', 'start web'],
    ['env A=b docker start -a web', 'start web'],
    ['env -i -u X DOCKER_HOST=tcp://h:1 docker start -a web', 'start web @tcp://h:1'],
    ['env DOCKER_CONTEXT=prod docker start -a web', 'start web context:prod'],
    ['env DOCKER_HOST=tcp://h:1 docker -c prod start -a web', 'start web context:prod'],
    ['nice -n 5 docker start -a web', 'start web'],
    ['nice -5 docker start -a web', 'start web'],
    ['nice --adjustment=5 docker start -a web', 'start web'],
    [`sh -c 'docker start -a web'`, 'start web'],
    [`bash -c 'exec docker start -a web'`, 'start web'],
    [`/bin/bash -ec "docker start -a 'web'"`, 'start web'],
    [`bash -lc 'A=b docker run --rm --name web nginx'`, 'run web rm'],
    [`sh -e -c 'docker start -a web'`, 'start web'],
    [`sudo env A=b sh -c 'exec nice docker start -a web'`, 'start web'],
    [`sh -c 'docker run --name web x sh -c "echo \\$HOME"'`, 'run web'],
  ])('%s is %s', (command, wanted) => {
    expect(summary(command)).toBe(wanted);
  });

  test.each([
    `sh -c 'docker start -a web | tee log'`,
    `sh -c 'docker start -a web && echo'`,
    `sh -c 'docker start -a web; echo'`,
    `sh -c 'docker start -a web &'`,
    `sh -c 'docker start -a web > log'`,
    `sh -c 'docker start -a web 2>&1'`,
    `sh -c 'docker start -a $NAME'`,
    `sh -c 'docker start -a "$NAME"'`,
    `sh -c 'docker start -a \`name\`'`,
    `sh -c 'docker start -a we*'`,
    `sh -c '(docker start -a web)'`,
    `sh -c '! docker start -a web'`,
    `sh -c 'docker run -v ~/x:/x --name web nginx; '`,
    `sh -c 'docker start -a web\nsleep 1'`,
    `sh -c "sh -c 'docker start -a web'"`,
    'sh docker start -a web',
    'sudo -b docker start -a web',
    'sudo -l docker',
    `env -S 'docker start -a web'`,
    'timeout 5 docker start -a web',
    'docker exec web ls',
    'docker logs -f web',
    'docker stop web',
    'docker wait web',
    'echo docker start -a web',
    'mydocker start -a web',
    '/bin/cat',
    'sudo',
    'env A=b',
  ])('%s is a plain program', (command) => {
    expect(summary(command)).toBe('plain');
  });

  test('the words before and from the verb are the whole command, with the shell opened', () => {
    const result = recognizeContainer(
      words(`sudo -u root sh -c 'A="b c" exec docker -H x run --rm --name web nginx'`),
    );
    expect(result).toMatchObject({
      invocation: {
        client: 'docker',
        prefix: ['sudo', '-u', 'root', 'env', 'A=b c', 'docker', '-H', 'x'],
        rest: ['run', '--rm', '--name', 'web', 'nginx'],
      },
    });
  });
});

test('any words are read without a throw', () => {
  const word = fc.constantFrom(
    'sudo',
    'env',
    'nice',
    'exec',
    'sh',
    '-c',
    'docker',
    'podman',
    'run',
    'start',
    '-a',
    '--name',
    'A=b',
    '-',
    '--',
    '=',
    'compose',
    'up',
    '-f',
    'x',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string())), (list) => {
      expect(['plain', 'container']).toContain(recognizeContainer(list).kind);
    }),
  );
});
