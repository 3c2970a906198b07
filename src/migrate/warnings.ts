/** What of a file dockvisord reads otherwise, or not at all (docs/compat.md). */
import { formatName } from '../core/names.ts';
import type { Facts } from './facts.ts';

const isOn = (value: string | undefined): boolean =>
  value !== undefined && !/^(0|false|no|off)?$/i.test(value.trim());

export function fileWarnings({ sections, problems, candidates }: Facts): readonly string[] {
  const found = problems.map(({ message, section, key, place }) => {
    const where = place === null || place.line === 0 ? '' : ` (${place.file}:${String(place.line)})`;
    return `${section === null ? '' : `[${section}] `}${key === null ? '' : `${key}: `}${message}${where}`;
  });
  const has = (section: RegExp, key: string): boolean =>
    sections.some(({ name, values }) => section.test(name) && isOn(values.get(key)));
  if (has(/^supervisord$/, 'umask') || has(/^supervisord$/, 'directory'))
    found.push('[supervisord] umask and directory hold in the foreground too');
  if (!isOn(sections.find(({ name }) => name === 'supervisord')?.values.get('nocleanup')))
    found.push(
      'AUTO log files of the old daemon are removed when the new one starts, as at every start of a supervisord',
    );
  const proxies = candidates.filter(({ evidence }) => evidence.spec?.docker?.attach === 'cli').length;
  if (proxies > 0)
    found.push(
      `${String(proxies)} ${proxies === 1 ? 'program keeps' : 'programs keep'} a docker client each (docker_attach=cli, as now); [dockvisor] docker_attach=api needs none`,
    );
  for (const { evidence } of candidates) {
    const { spec } = evidence;
    if (spec !== null && spec.startRetries < 0)
      found.push(
        `${formatName(spec.group, spec.name)}: startretries=${String(spec.startRetries)} is for ever here, and none for a supervisord (docs/restarts.md)`,
      );
  }
  return found;
}
