/** Which sections and keys there are: what is not here gets a warning, never an error, for supervisord ignores it. */
import {
  clientKeys,
  daemonKeys,
  groupKeys,
  includeKeys,
  inetServerKeys,
  listenerKeys,
  socketKeys,
  unixServerKeys,
} from './daemon-keys.ts';
import { dockerKeys, dockvisorKeys } from './docker-keys.ts';
import { key } from './key.ts';
import type { Key } from './key.ts';
import { nearest } from './nearest.ts';
import { processKeys } from './process-keys.ts';
import type { ReadContext } from './section-reader.ts';

const command = key(
  'command',
  'a command line',
  '(must be given)',
  'What is run: words with quotes, without a shell.',
);

const noCommand = key(
  'command',
  'nothing',
  '(none)',
  'A container is started by its name: a command is refused.',
);

export interface SectionKind {
  /** How names of such sections start. */
  readonly name: string;
  readonly about: string;
  /** null: any key goes. */
  readonly keys: readonly Key[] | null;
}

const kind = (name: string, about: string, keys: readonly Key[] | null): SectionKind => ({
  name,
  about,
  keys,
});

/** Every kind of section: what is read, what the manual says, and what is warned about. */
export const sections: readonly SectionKind[] = [
  kind('supervisord', 'The daemon. There must be one.', daemonKeys),
  kind('supervisorctl', 'The client.', clientKeys),
  kind('include', 'Further files.', includeKeys),
  kind(
    'dockvisor',
    'What holds for programs that do not say it themselves. Not in supervisord.',
    dockvisorKeys,
  ),
  kind('unix_http_server', 'A unix socket to command the daemon by.', unixServerKeys),
  kind('inet_http_server', 'A TCP address to command the daemon by.', inetServerKeys),
  kind('program:', 'A program, or a container by its docker command.', [
    command,
    ...processKeys,
    ...dockerKeys,
  ]),
  kind('container:', 'A container, by its name. docker_attach is api. Not in supervisord.', [
    noCommand,
    ...processKeys,
    ...dockerKeys,
  ]),
  kind('group:', 'Programs that are commanded together.', groupKeys),
  kind('fcgi-program:', 'FastCGI processes that share one listening socket as their stdin.', [
    command,
    ...socketKeys,
    ...processKeys,
  ]),
  kind(
    'eventlistener:',
    'A pool of event listeners. What they write to stdout is their side of the talk; redirect_stderr=true is refused.',
    [command, ...listenerKeys, ...processKeys.filter(({ name }) => name !== 'priority')],
  ),
  kind(
    'rpcinterface:',
    "Taken for supervisord's sake, with supervisor.rpcinterface_factory set to supervisor.rpcinterface:make_main_rpcinterface. Any other one is Python code that cannot be loaded, and is skipped with a warning.",
    null,
  ),
  kind('ctlplugin:', 'Python code that cannot be loaded, skipped with a warning.', null),
];

const EXACT = new Set(['supervisord', 'supervisorctl', 'include', 'dockvisor']);

function kindOf(section: string): SectionKind | undefined {
  return sections.find(({ name }) => (EXACT.has(name) ? section === name : section.startsWith(name)));
}

function sectionHint(section: string): string | null {
  const colon = section.indexOf(':');
  if (colon < 0)
    return nearest(
      section,
      sections.map(({ name }) => name.replace(/:$/, ':NAME')),
    );
  const kinds = sections.map(({ name }) => name).filter((name) => name.endsWith(':'));
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
    const known = kindOf(name);
    if (known === undefined) {
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
    if (known.keys === null) continue;
    const keys = known.keys.map((each) => each.name);
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
