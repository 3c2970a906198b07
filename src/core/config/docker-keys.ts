/** The keys of a program that stands for a container; supervisord ignores them (CONTRACT section 2). */
import { key } from './key.ts';
import type { Key } from './key.ts';

const host = 'unix:///path, tcp://host:port, ssh://user@host, context:NAME';

export const dockerKeys: readonly Key[] = [
  key(
    'docker_container',
    'name or id',
    '(read from the words of command)',
    'The container that the program stands for.',
  ),
  key(
    'docker_attach',
    'cli, api',
    '(that of [dockvisor])',
    'cli: command is run as the proxy of the container, as supervisord does. api: there is no child; the daemon starts the container and attaches to it over the socket of the Engine.',
  ),
  key('docker_host', host, '(that of [dockvisor])', 'The Engine that has the container.'),
  key(
    'docker_cert_path',
    'directory',
    '(that of [dockvisor])',
    'Where ca.pem, cert.pem and key.pem for TLS are.',
  ),
  key(
    'docker_on_ghost',
    'stop, adopt, remove, never',
    '(that of [dockvisor])',
    'What is done, on BACKOFF, with a container that is in the way. One that belongs to somebody else is never touched.',
  ),
  key(
    'docker_restart_policy',
    'keep, disable',
    '(that of [dockvisor])',
    "A restart policy of the container's own is a second owner. keep warns of it, disable sets it to no at the start.",
  ),
  key(
    'docker_notify',
    'boolean',
    'false',
    'With docker run: the container gets a NOTIFY_SOCKET, and is RUNNING when it has said READY=1.',
  ),
  key(
    'docker_notify_watchdog',
    'seconds',
    '0',
    'A container that does not say WATCHDOG=1 for so long is killed; 0: it may be silent for ever. Needs docker_notify.',
  ),
];

/** `[dockvisor]`: what holds where a program says nothing. */
export const dockvisorKeys: readonly Key[] = [
  key(
    'docker_host',
    host,
    '(that of the command, DOCKER_HOST, the current context, unix:///var/run/docker.sock)',
    'The Engine that has the containers.',
  ),
  key(
    'docker_cert_path',
    'directory',
    '(DOCKER_CERT_PATH)',
    'Where ca.pem, cert.pem and key.pem for TLS are.',
  ),
  key('docker_attach', 'cli, api', 'cli', 'How programs are attached to their containers.'),
  key('docker_on_ghost', 'stop, adopt, remove, never', 'stop', 'What is done with a container in the way.'),
  key('docker_restart_policy', 'keep, disable', 'keep', "What is done about a container's restart policy."),
  key(
    'state_dir',
    'directory',
    '(STATE_DIRECTORY, /var/lib/dockvisor)',
    'Where the daemon keeps what must outlive it: the state of its containers and how far their output has been taken. The file may be deleted.',
  ),
  key('stdout_log_format', 'plain, prefix, json', 'plain', 'How lines are written to stdout logs.'),
  key('stderr_log_format', 'plain, prefix, json', 'plain', 'How lines are written to stderr logs.'),
];
