/** Which sections and keys there are: what is not here gets a warning, never an error, for supervisord ignores it. */
import { nearest } from './nearest.ts';
import type { ReadContext } from './section-reader.ts';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const PROCESS = words(`
  process_name numprocs numprocs_start priority autostart autorestart startsecs startretries backoff backoff_initial backoff_max backoff_jitter backoff_reset_after
  exitcodes stopsignal stopwaitsecs
  stopasgroup killasgroup user umask directory redirect_stderr environment serverurl
  stdout_logfile stdout_logfile_maxbytes stdout_logfile_backups stdout_capture_maxbytes stdout_events_enabled stdout_syslog stdout_log_format
  stderr_logfile stderr_logfile_maxbytes stderr_logfile_backups stderr_capture_maxbytes stderr_events_enabled stderr_syslog stderr_log_format`);
const SOCKET = words('socket socket_backlog socket_owner socket_mode');
const DOCKER = words(
  'docker_container docker_attach docker_host docker_cert_path docker_on_ghost docker_restart_policy docker_notify docker_notify_watchdog',
);

/** Sections by how their name starts; `null`: any key goes. */
const SECTIONS: readonly (readonly [string, readonly string[] | null])[] = [
  [
    'supervisord',
    words(`logfile logfile_maxbytes logfile_backups loglevel pidfile umask directory nodaemon silent minfds minprocs nocleanup
      childlogdir user identifier strip_ansi environment profile_options`),
  ],
  ['supervisorctl', words('serverurl username password prompt history_file')],
  ['include', ['files']],
  [
    'dockvisor',
    words(`docker_host docker_cert_path docker_attach docker_on_ghost docker_restart_policy state_dir
      stdout_log_format stderr_log_format`),
  ],
  ['unix_http_server', words('file chmod chown username password')],
  ['inet_http_server', words('port username password allow_unauthenticated')],
  ['program:', ['command', ...PROCESS, ...DOCKER]],
  ['container:', ['command', ...PROCESS, ...DOCKER]],
  ['group:', words('programs priority')],
  ['fcgi-program:', ['command', ...SOCKET, ...PROCESS]],
  ['eventlistener:', ['command', 'events', 'buffer_size', 'result_handler', ...PROCESS]],
  ['rpcinterface:', null],
  ['ctlplugin:', null],
];

const EXACT = new Set(['supervisord', 'supervisorctl', 'include', 'dockvisor']);

function keysOf(section: string): readonly string[] | null | undefined {
  return SECTIONS.find(([name]) => (EXACT.has(name) ? section === name : section.startsWith(name)))?.[1];
}

function sectionHint(section: string): string | null {
  const colon = section.indexOf(':');
  if (colon < 0)
    return nearest(
      section,
      SECTIONS.map(([name]) => name.replace(/:$/, ':NAME')),
    );
  const kinds = SECTIONS.map(([name]) => name).filter((name) => name.endsWith(':'));
  const hint = nearest(section.slice(0, colon + 1), kinds);
  return hint === null ? null : hint.replace(/\?$/, `${section.slice(colon + 1)}?`);
}

const OURS = 'supervisor.rpcinterface:make_main_rpcinterface';

/** supervisord's own interface is ours too; a Python factory of somebody else cannot be loaded. */
export function checkInterfaces(context: ReadContext): void {
  for (const [name, section] of context.ini.sections) {
    if (!name.startsWith('rpcinterface:')) continue;
    const key = 'supervisor.rpcinterface_factory';
    const option = section.options.get(key) ?? context.ini.defaults.get(key);
    if (option === undefined) {
      const message = `section [${name}] does not specify a supervisor.rpcinterface_factory`;
      context.problems.error({ message, place: section.place, section: name, hint: `add ${key} = ${OURS}` });
    } else if (option.value !== OURS) {
      const message = `Python plug-in ${option.value} cannot be loaded, skipped`;
      context.problems.warn({ message, place: option.place, section: name, key });
    }
  }
}

/** Unknown sections and keys, and a kind of section that is known and can do nothing here. */
export function checkNames(context: ReadContext): void {
  const { problems } = context;
  for (const [name, { place, options }] of context.ini.sections) {
    const keys = keysOf(name);
    if (keys === undefined) {
      problems.warn({ message: 'unknown section, ignored', place, section: name, hint: sectionHint(name) });
      continue;
    }
    if (name.startsWith('ctlplugin:')) {
      problems.warn({
        message: 'Python plug-ins of supervisorctl cannot be loaded, skipped',
        place,
        section: name,
      });
    }
    if (keys === null) continue;
    for (const [key, option] of options) {
      if (keys.includes(key)) continue;
      problems.warn({
        message: 'unknown key, ignored',
        place: option.place,
        section: name,
        key,
        hint: nearest(key, keys),
      });
    }
  }
}
